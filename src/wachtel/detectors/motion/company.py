"""Tells a thing on a path of its own from one of many that all go the same way: flakes, drops, drifting leaves.

What falls does so all over the picture, alike in direction and speed, one after the other.
"""

import math
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

    def lately(self) -> list[Course]:
        """The courses of what is over."""
        return [course for _, course in self._gone]

    def share(self, course: Course, others: NDArray[np.float64]) -> float:
        """In how much of the picture one of these courses leads the same way: 0 in a few places, 1 in twice as many."""
        x, y, across, down = course
        speed = math.hypot(across, down)
        if speed < _LEAST_SPEED or not others.size:
            return 0.0
        speeds = np.hypot(others[:, 2], others[:, 3])
        alike = others[:, 2] * across + others[:, 3] * down >= _ALIKE_COSINE * speed * speeds
        alike &= (speeds >= max(_LEAST_SPEED, speed / _ALIKE_SPEED)) & (speeds <= speed * _ALIKE_SPEED)
        cells = set(self._cells(others[alike, 0], others[alike, 1]).tolist())
        cells -= set(self._cells(np.array([x]), np.array([y])).tolist())
        few = self._tuning.company_cells
        return min(1.0, max(0.0, len(cells) / few - 1))

    def _cells(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        return (y // self._cell[1]).astype(np.int64) * _CELLS_ACROSS + (x // self._cell[0]).astype(np.int64)
