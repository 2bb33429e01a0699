"""What goes over the blocks of a picture, compiled."""

import ctypes
from array import array
from ctypes import c_double
from functools import cache
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.api import Gray
from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.calm import LONGEST_STEP_S, Calm, around
from wachtel.detectors.motion.glance import Glance, Sums
from wachtel.detectors.motion.native.library import Room, all_at, at, at_read_only, passes
from wachtel.detectors.motion.pooling import Map16
from wachtel.detectors.motion.softness import (
    EDGE_BLOCKS,
    JUMP_SHARE,
    LARGE_SUM_PIXELS,
    MOST_CORRECTION,
    SHARP_EDGE,
)

_NUMBERS_OF_BLOB = 11
ROW = Struct("7d")
"""What `Blob.row` holds."""
_MARGIN = 4


class _Sharp(ctypes.Structure):
    _fields_ = [(name, c_double) for name in ("pixels", "jumps", "edge", "sharp_edge", "most")]


_WHAT_IS_SHARP = _Sharp(LARGE_SUM_PIXELS, JUMP_SHARE, EDGE_BLOCKS, SHARP_EDGE, MOST_CORRECTION)
_SHARP = ctypes.addressof(_WHAT_IS_SHARP)


class NativeGlance(Glance):
    """See `Glance`."""

    def sums_of(self, gray: Gray) -> Sums:
        gray = np.ascontiguousarray(gray)
        columns, sums = np.empty(gray.shape[1], np.uint16), np.empty(self._last.shape, np.int16)
        passes.block_sums(at_read_only(gray), *gray.shape, at(columns), at(sums))
        return sums

    def _differs(self, sums: Sums) -> bool:
        maps = all_at(sums, self._last, self._limit, self._limit_alone)
        return bool(passes.stirs(*maps, *sums.shape))

    def _learn_noise(self, sums: Sums) -> None:
        maps = all_at(sums, self._last, self._variance, self._limit, self._limit_alone)
        tuning = self._tuning
        passes.learn_blocks(*maps, sums.size, tuning.glance_step, self._least, tuning.glance_sigmas,
              tuning.glance_alone)  # fmt: skip


class NativeCalm(Calm):
    """See `Calm`."""

    def mass(self, counts: NDArray[np.float32]) -> NDArray[np.float32]:
        self._counts, mass = counts, np.empty(counts.shape, np.float32)
        passes.beyond_usual(*all_at(counts, self._usual), mass.size, at(mass))
        return mass

    def learn(self, dt_s: float, on_the_way: list[Blob]) -> None:
        tuning, change = self._tuning, np.empty(self._usual.shape, np.float32)
        step = min(dt_s, LONGEST_STEP_S) * tuning.calm_step
        boxes = array("i")
        for blob in on_the_way:
            boxes.extend((*around(blob.top, blob.bottom), *around(blob.left, blob.right)))
        passes.get_used_to(
            *all_at(self._counts, self._usual, self._quiet_s), *change.shape, dt_s, 1 / tuning.calm_hurry_s,
            tuning.calm_most_hurry, -step * tuning.calm_share, step * (1 - tuning.calm_share),
            at(boxes) if boxes else None, len(on_the_way), at(change),
        )  # fmt: skip


def count_in_blocks(marks: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """See `blobs.count_in_blocks`."""
    height, width = marks.shape
    counts = np.empty((height // BLOCK, width // BLOCK), np.uint8)
    passes.count_in_blocks(at(marks), height, width, at(counts))
    return counts


def count_changing(
    hits: NDArray[np.uint8], changing: NDArray[np.uint8], open: NDArray[np.bool_] | None, least: int
) -> NDArray[np.float32]:
    """See `blobs.count_changing`."""
    rows, columns = hits.shape
    wide, counts = np.empty((rows + 2, columns), np.uint8), np.empty(hits.shape, np.float32)
    open_at = None if open is None else at(open)
    passes.count_changing(*all_at(hits, changing), open_at, rows, columns, least, *all_at(wide, counts))
    return counts


@cache
def _room_for_blobs(rows: int, columns: int) -> Room:
    tiles = (rows // 2 + 2) * (columns // 2 + 3)
    places, work = np.empty(rows * columns, np.int32), np.empty(4 * tiles, np.int32)
    around, cells = np.empty((rows + _MARGIN, columns + _MARGIN), np.int16), np.empty(rows * columns, np.intp)
    return Room(places, work, around, cells, np.empty((tiles, _NUMBERS_OF_BLOB)))


def find_things(mass: NDArray[np.float32], least: float, large: Map16) -> list[Blob]:
    """See `softness.find_things`."""
    room = _room_for_blobs(*mass.shape)
    kept = passes.find_blobs(*all_at(mass, large), *large.shape, least, _SHARP, *room.at)
    if not kept:
        return []
    *_, cells, numbers = room.arrays
    found, rows = numbers[:kept].tolist(), numbers[:kept].tobytes()
    mine = cells[: int(found[-1][8])].copy()
    starts = range(0, len(rows), 8 * _NUMBERS_OF_BLOB)
    return [
        _blob(one, mine, rows[start : start + ROW.size]) for one, start in zip(found, starts, strict=True)
    ]


def _blob(numbers: list[float], cells: NDArray[np.intp], row: bytes) -> Blob:
    mass, x, y, left, top, right, bottom, begin, end, strength, sharp = numbers
    blocks = cells[int(begin) : int(end)]
    return Blob(mass, x, y, left, top, right, bottom, blocks, sharp, strength, row)
