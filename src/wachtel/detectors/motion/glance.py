"""A glance at a picture: whether anything differs from the one before, at an eighth of the price of a look.

In a quiet scene every other picture is only glanced at. What a glance misses the next look finds, one picture later.
"""

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.api import Gray
from wachtel.detectors.motion.blobs import BLOCK
from wachtel.detectors.motion.tuning import Tuning

_EVEN = np.uint32(0x00FF00FF)
_HALF = np.uint32(16)
_BYTE = np.uint32(8)


class Glance:
    """Means of blocks, compared with those of the last picture looked at."""

    def __init__(self, height: int, width: int, tuning: Tuning) -> None:
        self._tuning = tuning
        shape = (height // BLOCK, width // BLOCK)
        self._last = np.zeros(shape, np.int16)
        self._variance = np.full(shape, np.inf, np.float32)
        self._limit = np.full(shape, np.iinfo(np.int16).max, np.int16)
        self._known = 0

    def stirs(self, gray: Gray) -> bool:
        """True when a block differs from the last picture remembered by more than its noise, or that is not known."""
        if self._known < self._tuning.glance_pictures:
            return True
        change = block_sums(gray)
        change -= self._last
        np.abs(change, out=change)
        return bool((change > self._limit).any())

    def remember(self, gray: Gray, *, quiet: bool) -> None:
        """This picture was looked at; of a ``quiet`` one after a quiet one the noise is learned."""
        sums = block_sums(gray)
        if quiet:
            self._learn(sums)
        self._last = sums

    def _learn(self, sums: NDArray[np.int16]) -> None:
        square = np.square(sums - self._last, dtype=np.float32)
        self._known = min(self._known + 1, self._tuning.glance_pictures)
        if self._known == 1:
            self._variance[:] = square.mean()
        self._variance += (square - self._variance) * np.float32(self._tuning.glance_step)
        least = np.float32((BLOCK * BLOCK * self._tuning.glance_noise) ** 2)
        limit = np.sqrt(np.maximum(self._variance, least)) * np.float32(self._tuning.glance_sigmas)
        np.minimum(limit, np.float32(np.iinfo(np.int16).max), out=limit)
        self._limit = limit.astype(np.int16)


def block_sums(gray: Gray) -> NDArray[np.int16]:
    """The sum of each block of 4x4 pixels; four pixels are added at once."""
    fours = np.ascontiguousarray(gray).view(np.uint32)
    pairs = fours & _EVEN
    pairs += (fours >> _BYTE) & _EVEN
    rows = pairs[0::4] + pairs[1::4]
    rows += pairs[2::4]
    rows += pairs[3::4]
    rows += rows >> _HALF
    rows &= np.uint32(0xFFFF)
    return rows.astype(np.int16)
