"""A glance at a picture: whether anything differs from the one looked at last, at an eighth of the price of a look.

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
_MOST = np.float32(np.iinfo(np.int16).max)

Sums = NDArray[np.int16]


class Glance:
    """Means of blocks, compared with those of the last picture looked at.

    An encoder leaves most blocks of a quiet picture as they were and lets a few jump, one here and one there, further
    than their noise makes expect. What moves changes neighbours alike. So two of them side by side that became
    brighter, or darker, are enough, and a block alone has to differ by more.
    """

    def __init__(self, height: int, width: int, tuning: Tuning) -> None:
        self._tuning = tuning
        shape = (height // BLOCK, width // BLOCK)
        self._last = np.zeros(shape, np.int16)
        self._variance = np.full(shape, np.inf, np.float32)
        self._limit = np.full(shape, _MOST, np.int16)
        self._limit_alone = np.full(shape, _MOST, np.int16)
        self._least = np.float32((BLOCK * BLOCK * tuning.glance_noise) ** 2)
        self._known = 0
        self._glanced: tuple[Gray, Sums] | None = None

    def stirs(self, gray: Gray) -> bool:
        """True when blocks differ from the last picture remembered by more than their noise, or that is not known."""
        if self._known < self._tuning.glance_pictures:
            return True
        sums = self.sums_of(gray)
        self._glanced = gray, sums
        return self._differs(sums)

    def sums_of(self, gray: Gray) -> Sums:
        return block_sums(gray)

    def _differs(self, sums: Sums) -> bool:
        change = sums - self._last
        size = np.abs(change)
        far = size > self._limit
        if not far.any():
            return False
        if (size > self._limit_alone).any():
            return True
        brighter = far & (change > 0)
        return _touch(brighter) or _touch(far ^ brighter)

    def remember(self, gray: Gray, *, quiet: bool) -> None:
        """This picture was looked at; of a ``quiet`` one after a quiet one the noise is learned."""
        known, self._glanced = self._glanced, None
        sums = known[1] if known is not None and known[0] is gray else self.sums_of(gray)
        if quiet:
            self._learn(sums)
        self._last = sums

    def _learn(self, sums: Sums) -> None:
        self._known = min(self._known + 1, self._tuning.glance_pictures)
        if self._known == 1:
            self._variance[:] = np.square(sums - self._last, dtype=np.float32).mean()
        self._learn_noise(sums)

    def _learn_noise(self, sums: Sums) -> None:
        square = np.square(sums - self._last, dtype=np.float32)
        self._variance += (square - self._variance) * np.float32(self._tuning.glance_step)
        limit = np.sqrt(np.maximum(self._variance, self._least)) * np.float32(self._tuning.glance_sigmas)
        self._limit = np.minimum(limit, _MOST).astype(np.int16)
        limit *= np.float32(self._tuning.glance_alone)
        self._limit_alone = np.minimum(limit, _MOST).astype(np.int16)


def _touch(blocks: NDArray[np.bool_]) -> bool:
    """True when two of these lie side by side or one above the other."""
    return bool((blocks[:, 1:] & blocks[:, :-1]).any() or (blocks[1:] & blocks[:-1]).any())


def block_sums(gray: Gray) -> Sums:
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
