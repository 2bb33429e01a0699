"""What every block shows nearly always: leaves, water and flicker calm themselves here."""

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.tuning import Tuning

_MARGIN = 2
LONGEST_STEP_S = 0.5


class Calm:
    """A running quantile of the marks of each block, which is taken off a blob's mass."""

    def __init__(self, rows: int, columns: int, tuning: Tuning) -> None:
        self._tuning = tuning
        self._usual = np.zeros((rows, columns), np.float32)
        self._quiet_s = np.zeros((rows, columns), np.float32)
        self._counts = np.zeros((rows, columns), np.float32)

    def mass(self, counts: NDArray[np.float32]) -> NDArray[np.float32]:
        """The marks of each block beyond what is usual there."""
        self._counts = counts
        mass = counts - self._usual
        mass *= mass >= 1
        return mass

    def learn(self, dt_s: float, on_the_way: list[Blob]) -> None:
        """Gets used to the last counts, but not to what things on their way did where they are."""
        tuning, usual = self._tuning, self._usual
        if not (self._counts.any() or usual.any()):
            self._quiet_s += np.float32(dt_s)
            return
        change = self._change(dt_s, min(dt_s, LONGEST_STEP_S) * tuning.calm_step)
        for blob in on_the_way:
            rows, columns = slice(*around(blob.top, blob.bottom)), slice(*around(blob.left, blob.right))
            box = change[rows, columns]
            np.minimum(box, 0, out=box)
        usual += change
        np.maximum(usual, np.float32(0), out=usual)
        np.minimum(usual, np.float32(BLOCK * BLOCK), out=usual)

    def _change(self, dt_s: float, step: float) -> NDArray[np.float32]:
        """How much more or less becomes usual: less ever faster, the longer it was not reached."""
        tuning = self._tuning
        above = self._counts > self._usual
        self._quiet_s += np.float32(dt_s)
        self._quiet_s *= ~above
        change = self._quiet_s * np.float32(1 / tuning.calm_hurry_s)
        change += np.float32(1)
        np.minimum(change, np.float32(tuning.calm_most_hurry), out=change)
        change *= np.float32(-step * tuning.calm_share)
        np.copyto(change, np.float32(step * (1 - tuning.calm_share)), where=above)
        return change


def around(begin: float, end: float) -> tuple[int, int]:
    """The first block near what reaches from here to there (pixels), and the one after the last."""
    return max(0, int(begin) // BLOCK - _MARGIN), int(end) // BLOCK + _MARGIN
