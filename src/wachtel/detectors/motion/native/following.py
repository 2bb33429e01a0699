"""What tells tracks from each other and from their surroundings, compiled."""

import ctypes
from array import array
from ctypes import c_double, c_float
from functools import cache
from itertools import chain

import numpy as np

from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.company import (
    ALIKE_COSINE,
    ALIKE_SPEED,
    HEAVY_SHARE,
    LEAST_SPEED,
    Company,
    Course,
)
from wachtel.detectors.motion.native.library import Room, all_at, at, passes
from wachtel.detectors.motion.restless import Restlessness
from wachtel.detectors.motion.surroundings import LEAST_BLOCKS, Surroundings
from wachtel.detectors.motion.tuning import Tuning

_NUMBERS_OF_OTHER = 7


class _Kind(ctypes.Structure):
    _fields_ = [
        *((name, c_float) for name in ("lane", "cosine", "speed", "least_speed")),
        *((name, c_double) for name in ("few", "heavy")),
    ]


class NativeCompany(Company):
    """See `Company`."""

    def __init__(self, size: tuple[int, int], tuning: Tuning) -> None:
        super().__init__(size, tuning)
        self._kind = _Kind(
            self._lane, ALIKE_COSINE, ALIKE_SPEED, LEAST_SPEED, tuning.company_lanes, HEAVY_SHARE
        )
        self._order = np.arange(len(self._gone), dtype=np.int32)
        """Of those that are gone, by mass: it changes little from picture to picture."""
        self._here = ctypes.addressof(self._kind)
        self._past = all_at(self._gone, self._order)

    def _masses(self, courses: list[Course], known: list[bool]) -> list[float]:
        many = len(courses)
        mine = array("f", chain.from_iterable(courses))
        room, masses = np.empty(_NUMBERS_OF_OTHER * (many + self._used), np.float32), np.empty(many)
        passes.company(
            self._here, at(mine), bytes(known), many, *self._past, self._used, *all_at(room, masses)
        )
        found: list[float] = masses.tolist()
        return found


class NativeRestlessness(Restlessness):
    """See `Restlessness`."""

    def __init__(self, size: tuple[int, int], tuning: Tuning) -> None:
        super().__init__(size, tuning)
        self._room = np.empty(2 * self._share.size, np.int32)
        self._maps = all_at(self._share, self._tile, self._room)

    def _stir(self, rate: float, unsure: list[Blob]) -> None:
        share, tile, room = self._maps
        blocks = [blob.blocks for blob in unsure]
        cells, sizes = np.concatenate(blocks), array("q", map(len, blocks))
        passes.stir_tiles(
            share, self._share.size, 1 - rate, rate, tile, at(cells), at(sizes), len(unsure), room
        )


@cache
def _room_around(height: int, width: int) -> Room:
    blocks = height // BLOCK * (width // BLOCK)
    return Room(np.empty(blocks, np.uint8), np.empty(blocks, np.float32))


class NativeSurroundings(Surroundings):
    """See `Surroundings`."""

    def goes_on(self, blob: Blob) -> float:
        height, width = self._large.shape
        around: float = passes.goes_on(
            at(self._large), height, width, at(blob.blocks), blob.blocks.size, LEAST_BLOCKS,
            *_room_around(height, width).at,
        )  # fmt: skip
        return around
