"""Tells a thing on a path of its own from one of many that all go the same way: flakes, drops, drifting leaves.

What falls does so all over the picture, alike in direction and speed, one after the other.
"""

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.motion.tuning import Tuning

_CELLS_ACROSS, _CELLS_DOWN = 4, 3
_ALIKE_COSINE = 0.8
_ALIKE_SPEED = 2.5
_LEAST_SPEED = 3.0
_MOST_KEPT = 64

Course = tuple[float, float, float, float]
"""Where something is and how fast it came there, across and down: pixels, and pixels a second."""


class Company:
    """The courses of what came and went lately and was never sure."""

    def __init__(self, size: tuple[int, int], tuning: Tuning) -> None:
        self._tuning = tuning
        self._cell = size[0] / _CELLS_ACROSS, size[1] / _CELLS_DOWN
        self._gone: deque[tuple[WallUs, Course]] = deque(maxlen=_MOST_KEPT)

    def learn(self, at: WallUs, gone: Iterable[Course]) -> None:
        """These are over."""
        oldest = at - microseconds(self._tuning.company_s)
        while self._gone and self._gone[0][0] < oldest:
            self._gone.popleft()
        self._gone.extend((at, course) for course in gone)

    def shares(self, courses: list[Course], known: list[bool]) -> list[float]:
        """For each course, in how much of the picture another ``known`` one leads the same way or did lately.

        0 in a few places, 1 in twice as many.
        """
        few = self._tuning.company_cells
        present = [course for course, is_known in zip(courses, known, strict=True) if is_known]
        others = present + [course for _, course in self._gone]
        if not courses or len(others) <= few:
            return [0.0] * len(courses)
        mine, theirs = np.array(courses, np.float32), np.array(others, np.float32)
        cells = self._in_cells(theirs)
        met = _alike(mine, theirs).astype(np.float32) @ cells > 0
        met &= self._in_cells(mine) == 0
        shares: list[float] = np.clip(met.sum(axis=1) / few - 1, 0, 1).tolist()
        return shares

    def _in_cells(self, courses: NDArray[np.float32]) -> NDArray[np.float32]:
        """1 where the picture's cell (columns) is that of the course (rows)."""
        across = np.clip(courses[:, 0] // self._cell[0], 0, _CELLS_ACROSS - 1)
        down = np.clip(courses[:, 1] // self._cell[1], 0, _CELLS_DOWN - 1)
        cells = down * _CELLS_ACROSS + across
        is_in: NDArray[np.bool_] = cells[:, None] == np.arange(_CELLS_ACROSS * _CELLS_DOWN)
        return is_in.astype(np.float32)


def _alike(mine: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of mine (rows) goes about the same way and about as fast as which of theirs (columns)."""
    speed, speeds = np.hypot(mine[:, 2], mine[:, 3]), np.hypot(theirs[:, 2], theirs[:, 3])
    alike: NDArray[np.bool_] = mine[:, 2:] @ theirs[:, 2:].T >= _ALIKE_COSINE * np.outer(speed, speeds)
    alike &= speeds <= _ALIKE_SPEED * speed[:, None]
    alike &= speeds * _ALIKE_SPEED >= speed[:, None]
    alike &= (speed >= _LEAST_SPEED)[:, None] & (speeds >= _LEAST_SPEED)
    return alike
