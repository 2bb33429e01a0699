"""The still scene, compiled."""

import ctypes
from ctypes import c_float, c_int32, c_void_p

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.api import Gray
from wachtel.detectors.motion.background import LOG_OF_GRAY, Background, Rates
from wachtel.detectors.motion.blobs import BLOCK
from wachtel.detectors.motion.native.library import all_at, at, at_read_only, passes
from wachtel.detectors.motion.pooling import Map16
from wachtel.detectors.motion.swaying import CLEAR, EXPLAINED, OF_SUM, Swaying
from wachtel.detectors.motion.tuning import Tuning

_RING_ROWS = 17


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


class NativeBackground(Background):
    """See `Background`."""

    def __init__(self, height: int, width: int, tuning: Tuning) -> None:
        super().__init__(height, width, tuning)
        self._sample = np.zeros((-(-height // BLOCK), -(-width // BLOCK)), np.int16)
        self._ring = np.zeros((_RING_ROWS, width), np.int16)
        self._rates = np.zeros(width, np.float32)
        limit_small, limit_large = self._limit
        variance_small, variance_large = self._variance
        maps = all_at(
            LOG_OF_GRAY, self.log, self._scene16, self._difference, self.small, self.large, limit_small, limit_large,
            self._recent, self._ring, self._scene, variance_small, variance_large, self._floor, self._edges,
            self._still_s, self._rates, self.hits,
        )  # fmt: skip
        self._c_scene = _Scene(height, width, *maps)
        self._here = ctypes.addressof(self._c_scene)
        self._marks_at, self._sample_at = at(self.marks), at(self._sample)
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
        shown = at_read_only(gray)
        self.offset = passes.offset(self._here, shown, self._sample_at)
        tone = self._find_tone(self._rest)
        self._tone = None if tone is None else np.ascontiguousarray(tone, np.int16)
        self.differs = bool(passes.compare(self._here, shown, self.offset, self._tone_at()))

    def _rest(self) -> NDArray[np.int16]:
        return (self._sample - np.int16(self.offset)).reshape(-1)

    def swaying(self) -> Swaying:
        return NativeSwaying(self._here, self.log, self._scene16, self._variance[0], self.offset)

    def _tone_at(self) -> int | None:
        return None if self._tone is None else at(self._tone)

    def _mark(self, rate: float) -> None:
        passes.mark_changing(self._here, rate, self._marks_at)

    def _learn_rows(self, rows: slice, passed_s: float, rates: Rates) -> None:
        lesson = self._lesson
        lesson.top, lesson.bottom = rows.start, rows.stop
        lesson.passed_s, lesson.noise = passed_s, rates.noise
        lesson.quiet, lesson.hidden, lesson.absorbing = rates.quiet, rates.hidden, rates.absorbing
        passes.learn(self._here, ctypes.addressof(lesson), self._marks_at, self._tone_at())

    def _find_steps(self, room: NDArray[np.float32]) -> None:
        passes.find_edges(self._here, at(room))

    def _set_limits(self, rows: slice) -> None:
        self._lesson.top, self._lesson.bottom = rows.start, rows.stop
        passes.set_limits(self._here, ctypes.addressof(self._lesson))


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
        clear, explained = all_at(*found.reshape(2, 1))
        passes.count_swaying(
            self._here, at(blocks), blocks.size, self._offset, OF_SUM, CLEAR, EXPLAINED, clear, explained
        )
        return int(found[0]), int(found[1])
