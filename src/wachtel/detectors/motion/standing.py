"""Who came, stopped and has not been seen to leave is still there: his place differs from the scene before he came.

The still scene under him is not learned meanwhile, so that what differs there is he, however still he stands, and
nothing is left when he goes. What never stirs again, a parked car or a thing put down, becomes part of the scene.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.base.units import WallUs
from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.tuning import Tuning

Sums = NDArray[np.float32]
_WINDOW_S = 0.5
_COMPARED = 3
"""The mean of one window is compared with that of the window before the last, as soon as there is one."""
_USUAL_SHARE = 0.95
_LEAST_CHANGED, _CHANGED_SHARE = 2, 0.01
_SAME_SHARE = 0.7
_LEAST_STILL = 64
"""Of so few blocks that nothing stands in, or fewer, it is not known what is usual."""


@dataclass(slots=True)
class Stand:
    """Something standing: its outline, its marks when it stopped, and when it stirred and part of it was seen last."""

    blob: Blob
    marks: float
    since: WallUs
    stirred: WallUs
    part: WallUs

    @property
    def proved(self) -> bool:
        """It stirred since it stopped: no thing put down."""
        return self.stirred > self.since


class Stirring:
    """Whether a place looks otherwise than a second ago, by means of blocks over a while.

    Noise, key frames and a change of light are the same everywhere; who stands there is not.
    """

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._means: deque[Sums] = deque(maxlen=_COMPARED)
        self._offsets: deque[tuple[int, ...]] = deque(maxlen=_COMPARED)
        self._light: list[int] = []
        self._sum: Sums | None = None
        self._passed_s = 0.0
        self._change: Sums = np.zeros(0, np.float32)
        self._limit = math.inf

    def forget(self) -> None:
        """Nothing stands any more."""
        self._means.clear()
        self._offsets.clear()
        self._sum, self._light, self._passed_s, self._limit = None, [], 0.0, math.inf

    def see(self, sums: NDArray[np.int16], hits: NDArray[np.uint8], offset: int, dt_s: float) -> None:
        """The sums of the next picture's blocks, the marks in each, and its change of light (permille)."""
        flat = sums.reshape(-1).astype(np.float32)
        self._sum = flat if self._sum is None else self._sum + flat
        self._light.append(offset)
        self._passed_s += dt_s
        self._limit = math.inf
        if self._passed_s >= _WINDOW_S:
            self._means.append(self._sum / np.float32(len(self._light)))
            self._offsets.append((min(self._light), max(self._light)))
            self._sum, self._light, self._passed_s = None, [], 0.0
            if len(self._means) > 1:
                self._compare(hits.reshape(-1) == 0)

    def _compare(self, still: NDArray[np.bool_]) -> None:
        """Finds out what changed, and how much that does where nothing is."""
        offsets = [offset for both in self._offsets for offset in both]
        steady = max(offsets) - min(offsets) <= self._tuning.stirs_light
        if not steady or np.count_nonzero(still) < _LEAST_STILL:
            return
        change = self._means[-1] - self._means[0]
        change -= np.median(change[still])
        np.abs(change, out=change)
        usual = change[still]
        usual.sort()
        least = BLOCK * BLOCK * self._tuning.stirs_least
        limit = self._tuning.stirs_more * float(usual[int(_USUAL_SHARE * usual.size)])
        self._change, self._limit = change, max(least, limit)

    def stirs(self, blob: Blob) -> bool:
        """Whether some blocks of it changed by more than anything does that stands still."""
        if self._limit == math.inf:
            return False
        changed = np.count_nonzero(self._change[blob.blocks] > self._limit)
        return bool(changed >= _LEAST_CHANGED + _CHANGED_SHARE * blob.blocks.size)


def outline(around: Blob, differing: list[Blob]) -> Blob | None:
    """Of all that differs from the still scene what has most blocks of this; None when it has too few."""
    best, most = None, _SAME_SHARE * around.blocks.size
    for blob in differing:
        if not blob.touches(around.left, around.right, around.top, around.bottom):
            continue
        shared = np.intersect1d(blob.blocks, around.blocks, assume_unique=True).size
        if shared >= most:
            best, most = blob, shared
    return best
