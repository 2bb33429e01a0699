"""The passes over pixels, compiled: the same answers as their NumPy twins, in a fraction of the time.

``passes.c`` is compiled when Wachtel is built (``hatch_build.py``), by any C compiler, and needs no header but the C
library's; a wheel brings the result. Where there was no compiler, `COMPILED` is None and NumPy does the work.
"""

import ctypes
from ctypes import PyDLL, c_double, c_float, c_int32, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.api import Gray
from wachtel.detectors.motion.background import LOG_OF_GRAY, Background, Rates
from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.calm import Calm
from wachtel.detectors.motion.glance import Glance, Sums
from wachtel.detectors.motion.passes import Passes
from wachtel.detectors.motion.pooling import Map16
from wachtel.detectors.motion.softness import JUMP_SHARE, LARGE_SUM_PIXELS, blocks_of, sharpen
from wachtel.detectors.motion.swaying import CLEAR, EXPLAINED, OF_SUM, Swaying
from wachtel.detectors.motion.tuning import Tuning

LIBRARY = Path(__file__).with_name("passes.so")
_RING_ROWS = 17
_NUMBERS_OF_BLOB = 9
_MARGIN = 4

Array = NDArray[Any]


class _Scene(ctypes.Structure):
    _fields_ = [
        ("height", c_int32),
        ("width", c_int32),
        *(
            (name, c_void_p)
            for name in (
                "log_of_gray", "log", "scene16", "difference", "small", "large", "limit_small", "limit_large",
                "recent", "ring", "scene", "variance_small", "variance_large", "floor", "edges", "still_s",
                "rates", "hits",
            )
        ),
    ]  # fmt: skip


class _Lesson(ctypes.Structure):
    _fields_ = [
        *((name, c_int32) for name in ("top", "bottom")),
        *(
            (name, c_float)
            for name in (
                "passed_s", "quiet", "hidden", "absorbing", "absorb_s", "noise",
                "least_small", "least_large", "sigmas", "shake_small", "shake_large",
            )
        ),
    ]  # fmt: skip


_ARGUMENTS: dict[str, list[Any]] = {
    "offset": [c_void_p] * 3,
    "compare": [c_void_p, c_void_p, c_int32, c_void_p],
    "mark_changing": [c_void_p, c_float, c_void_p],
    "learn": [c_void_p] * 4,
    "set_limits": [c_void_p] * 2,
    "count_swaying": [c_void_p, c_void_p, c_int32, c_int32, *[c_float] * 3, c_void_p, c_void_p],
    "count_in_blocks": [c_void_p, c_int32, c_int32, c_void_p],
    "block_sums": [c_void_p, c_int32, c_int32, c_void_p, c_void_p],
    "stirs": [c_void_p, c_void_p, c_void_p, c_void_p, c_int32, c_int32],
    "learn_blocks": [c_void_p] * 5 + [c_int32] + [c_float] * 4,
    "get_used_to": [c_void_p] * 3 + [c_int32] + [c_float] * 5 + [c_void_p],
    "find_blobs": [c_void_p, c_int32, c_int32, c_double, c_void_p, c_void_p, c_void_p],
    "count_changing": [c_void_p] * 3 + [c_int32] * 3 + [c_void_p] * 2,
    "look_at": [c_void_p, c_int32, c_int32, *[c_void_p] * 5, c_int32, c_double, c_double, c_void_p, c_void_p],
}


def _opened() -> PyDLL | None:
    try:
        library = PyDLL(str(LIBRARY))
        for name, arguments in _ARGUMENTS.items():
            getattr(library, name).argtypes = arguments
    except (OSError, AttributeError):
        return None
    return library


_passes: Any = _opened()


def _at(array: Array) -> int:
    """Where it lies in memory; it must be contiguous and outlive the call."""
    return array.ctypes.data


def _all_at(*arrays: Array) -> list[int]:
    return [_at(array) for array in arrays]


class NativeBackground(Background):
    """See `Background`."""

    def __init__(self, height: int, width: int, tuning: Tuning) -> None:
        super().__init__(height, width, tuning)
        self._sample = np.zeros((-(-height // BLOCK), -(-width // BLOCK)), np.int16)
        self._ring = np.zeros((_RING_ROWS, width), np.int16)
        self._rates = np.zeros(width, np.float32)
        limit_small, limit_large = self._limit
        variance_small, variance_large = self._variance
        maps = _all_at(
            LOG_OF_GRAY, self.log, self._scene16, self._difference, self.small, self.large, limit_small, limit_large,
            self._recent, self._ring, self._scene, variance_small, variance_large, self._floor, self._edges,
            self._still_s, self._rates, self.hits,
        )  # fmt: skip
        self._c_scene = _Scene(height, width, *maps)
        self._here = ctypes.addressof(self._c_scene)
        self._marks_at = _at(self.marks)
        self._lesson = _Lesson(
            absorb_s=tuning.absorb_s,
            sigmas=tuning.sigmas,
            least_small=self._least_variance[0].item(),
            least_large=self._least_variance[1].item(),
            shake_small=self._shake[0].item(),
            shake_large=self._shake[1].item(),
        )

    def compare(self, gray: Gray) -> None:
        gray = np.ascontiguousarray(gray)
        self.offset = _passes.offset(self._here, _at(gray), _at(self._sample))
        tone = self._find_tone((self._sample - np.int16(self.offset)).reshape(-1))
        self._tone = None if tone is None else np.ascontiguousarray(tone, np.int16)
        self.differs = bool(_passes.compare(self._here, _at(gray), self.offset, self._tone_at()))

    def swaying(self) -> Swaying:
        return NativeSwaying(self._here, self.log, self._scene16, self._variance[0], self.offset)

    def _tone_at(self) -> int | None:
        return None if self._tone is None else _at(self._tone)

    def _mark(self, rate: float) -> None:
        _passes.mark_changing(self._here, rate, self._marks_at)

    def _learn_rows(self, rows: slice, passed_s: float, rates: Rates) -> None:
        lesson = self._lesson
        lesson.top, lesson.bottom = rows.start, rows.stop
        lesson.passed_s, lesson.noise = passed_s, rates.noise
        lesson.quiet, lesson.hidden, lesson.absorbing = rates.quiet, rates.hidden, rates.absorbing
        _passes.learn(self._here, ctypes.addressof(lesson), self._marks_at, self._tone_at())

    def _set_limits(self, rows: slice) -> None:
        self._lesson.top, self._lesson.bottom = rows.start, rows.stop
        _passes.set_limits(self._here, ctypes.addressof(self._lesson))


class NativeSwaying(Swaying):
    """See `Swaying`."""

    def __init__(
        self, here: int, picture: Map16, scene: Map16, variance_small: NDArray[np.float32], offset: int
    ) -> None:
        """``here`` is where the structure of these maps lies."""
        super().__init__(picture, scene, variance_small, offset)
        self._here = here

    def _count(self, blocks: NDArray[np.intp]) -> tuple[int, int]:
        found = np.zeros(2, np.int32)
        clear, explained = _all_at(*found.reshape(2, 1))
        _passes.count_swaying(
            self._here, _at(blocks), blocks.size, self._offset, OF_SUM, CLEAR, EXPLAINED, clear, explained
        )
        return int(found[0]), int(found[1])


class NativeGlance(Glance):
    """See `Glance`."""

    def _sums_of(self, gray: Gray) -> Sums:
        gray = np.ascontiguousarray(gray)
        columns, sums = np.empty(gray.shape[1], np.uint16), np.empty(self._last.shape, np.int16)
        _passes.block_sums(_at(gray), *gray.shape, _at(columns), _at(sums))
        return sums

    def _differs(self, sums: Sums) -> bool:
        maps = _all_at(sums, self._last, self._limit, self._limit_alone)
        return bool(_passes.stirs(*maps, *sums.shape))

    def _learn_noise(self, sums: Sums) -> None:
        maps = _all_at(sums, self._last, self._variance, self._limit, self._limit_alone)
        tuning = self._tuning
        _passes.learn_blocks(*maps, sums.size, tuning.glance_step, self._least, tuning.glance_sigmas,
              tuning.glance_alone)  # fmt: skip


class NativeCalm(Calm):
    """See `Calm`."""

    def _change(self, dt_s: float, step: float) -> NDArray[np.float32]:
        tuning, change = self._tuning, np.empty_like(self._usual)
        _passes.get_used_to(
            *_all_at(self._counts, self._usual, self._quiet_s), change.size, dt_s, 1 / tuning.calm_hurry_s,
            tuning.calm_most_hurry, -step * tuning.calm_share, step * (1 - tuning.calm_share), _at(change),
        )  # fmt: skip
        return change


def count_in_blocks(marks: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """See `blobs.count_in_blocks`."""
    height, width = marks.shape
    counts = np.empty((height // BLOCK, width // BLOCK), np.uint8)
    _passes.count_in_blocks(_at(marks), height, width, _at(counts))
    return counts


class _Room:
    """Arrays that are used again by each call; the library is called without giving up the GIL, so by one at a time."""

    def __init__(self, *arrays: Array) -> None:
        self.arrays = arrays
        self.at = _all_at(*arrays)


@cache
def _room_for_blobs(height: int, width: int) -> _Room:
    tiles = (height // 2 + 2) * (width // 2 + 3)
    work, cells = np.empty(4 * tiles, np.int32), np.empty(height * width, np.intp)
    return _Room(work, cells, np.empty((tiles, _NUMBERS_OF_BLOB)))


def find_blobs(mass: NDArray[np.float32], least: float = 0.0) -> list[Blob]:
    """See `blobs.find_blobs`."""
    room = _room_for_blobs(*mass.shape)
    kept = _passes.find_blobs(_at(mass), *mass.shape, least, *room.at)
    _, cells, numbers = room.arrays
    return [_blob(one, cells) for one in numbers[:kept].tolist()]


def _blob(numbers: list[float], cells: NDArray[np.intp]) -> Blob:
    mass, x, y, left, top, right, bottom, begin, end = numbers
    return Blob(mass, x, y, left, top, right, bottom, cells[int(begin) : int(end)].copy())


def count_changing(
    hits: NDArray[np.uint8], changing: NDArray[np.uint8], open: NDArray[np.bool_] | None, least: int
) -> NDArray[np.float32]:
    """See `blobs.count_changing`."""
    wide, counts = np.empty(hits.shape, np.uint8), np.empty(hits.shape, np.float32)
    open_at = None if open is None else _at(open)
    maps = _all_at(hits, changing)
    _passes.count_changing(*maps, open_at, *hits.shape, least, *_all_at(wide, counts))
    return counts


@cache
def _room_for_looks(height: int, width: int) -> _Room:
    rows, columns = height // BLOCK, width // BLOCK
    blocks = np.empty((rows + _MARGIN, columns + _MARGIN), np.int16)
    return _Room(blocks, *np.empty((2, rows, columns), np.float32))


def look_at(blobs: list[Blob], large: Map16) -> list[float]:
    """See `softness.look_at`."""
    room = _room_for_looks(*large.shape)
    cells, sizes = blocks_of(blobs)
    found = np.empty((2, len(blobs)))
    _passes.look_at(_at(large), *large.shape, *room.at, *_all_at(cells, sizes), len(blobs), LARGE_SUM_PIXELS,
          JUMP_SHARE, *_all_at(*found))  # fmt: skip
    strengths, shares = found.tolist()
    sharpen(blobs, shares)
    return list(strengths)


COMPILED = (
    None
    if _passes is None
    else Passes(
        NativeBackground, NativeGlance, NativeCalm, count_in_blocks, find_blobs, count_changing, look_at
    )
)
