"""Tells a thing on a path of its own from one of a kind that has been passing all the time: flakes, drops, leaves.

What falls does so all over the picture, alike in direction and speed, one beside the other and one after the other. One
more of that kind is no news, however rarely they come; what weighs much more than they do, or goes elsewhere, is.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.motion.tuning import Tuning

_LANES = 10
"""Lanes in a picture's width."""
_MOST_LANES = 32
_ALIKE_COSINE = 0.8
_ALIKE_SPEED = 2.5
_LEAST_SPEED = 3.0
_HEAVY_SHARE = 0.1
_MOST_KEPT = 256


class Course(NamedTuple):
    """Where the middle of something's way is, how fast it went across and down, and what it weighs.

    Pixels, pixels a second, marks.
    """

    x: float
    y: float
    across: float
    down: float
    mass: float


class Company:
    """The courses of what came and went lately and was never sure."""

    def __init__(self, size: tuple[int, int], tuning: Tuning) -> None:
        self._tuning = tuning
        self._lane = size[0] / _LANES
        self._gone: deque[tuple[WallUs, Course]] = deque(maxlen=_MOST_KEPT)

    def learn(self, at: WallUs, gone: Iterable[Course]) -> None:
        """These are over."""
        oldest = at - microseconds(self._tuning.company_s)
        while self._gone and self._gone[0][0] < oldest:
            self._gone.popleft()
        self._gone.extend((at, course) for course in gone)

    def masses(self, courses: list[Course], known: list[bool]) -> list[float]:
        """For each course the mass of the heavy ones among those that go the same way beside it, or did lately.

        Others are those ``known``, and those that are gone. Lanes tell a kind from a road: where others go in few
        lanes beside it the mass is 0, where they go in twice as many it counts in full.
        """
        few = self._tuning.company_lanes
        present = [course for course, is_known in zip(courses, known, strict=True) if is_known]
        others = present + [course for _, course in self._gone]
        if not courses or len(others) <= few:
            return [0.0] * len(courses)
        others.sort(key=lambda course: -course.mass)
        mine, theirs = np.array(courses, np.float32), np.array(others, np.float32)
        lanes = self._lanes_apart(mine, theirs)
        alike = _alike(mine, theirs) & (lanes != 0)
        share = np.clip(_distinct(lanes, alike) / few - 1, 0, 1)
        masses: list[float] = (share * _heavy(alike, theirs[:, 4])).tolist()
        return masses

    def _lanes_apart(self, mine: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.intp]:
        """How many lanes beside mine (rows) theirs (columns) are, to the left or to the right."""
        speed = np.maximum(np.hypot(mine[:, 2], mine[:, 3]), 1e-3)
        left = np.stack((-mine[:, 3] / speed, mine[:, 2] / speed), axis=1)
        beside = left @ theirs[:, :2].T - (left * mine[:, :2]).sum(axis=1)[:, None]
        lanes: NDArray[np.intp] = np.rint(beside / self._lane).astype(np.intp)
        return lanes


def _distinct(lanes: NDArray[np.intp], alike: NDArray[np.bool_]) -> NDArray[np.intp]:
    """In how many lanes (of each row) there is something alike."""
    places = np.arange(lanes.shape[0])[:, None] * _MOST_LANES + np.mod(lanes, _MOST_LANES)
    taken = np.bincount(places[alike], minlength=lanes.shape[0] * _MOST_LANES) > 0
    lanes_taken: NDArray[np.intp] = taken.reshape(-1, _MOST_LANES).sum(axis=1)
    return lanes_taken


def _heavy(alike: NDArray[np.bool_], masses: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mass that a tenth of those alike exceed; ``masses`` fall."""
    reached = np.cumsum(alike, axis=1)
    place = (reached > _HEAVY_SHARE * reached[:, -1:]).argmax(axis=1)
    heavy: NDArray[np.float32] = masses[place]
    return heavy


def _alike(mine: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of mine (rows) goes about the same way and about as fast as which of theirs (columns)."""
    speed, speeds = np.hypot(mine[:, 2], mine[:, 3]), np.hypot(theirs[:, 2], theirs[:, 3])
    alike: NDArray[np.bool_] = mine[:, 2:4] @ theirs[:, 2:4].T >= _ALIKE_COSINE * np.outer(speed, speeds)
    alike &= speeds <= _ALIKE_SPEED * speed[:, None]
    alike &= speeds * _ALIKE_SPEED >= speed[:, None]
    alike &= (speed >= _LEAST_SPEED)[:, None] & (speeds >= _LEAST_SPEED)
    return alike
