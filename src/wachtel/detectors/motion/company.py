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
ALIKE_COSINE = 0.8
ALIKE_SPEED = 2.5
LEAST_SPEED = 3.0
HEAVY_SHARE = 0.1
_MOST_KEPT = 256

Courses = NDArray[np.float32]
"""A `Course` in each row."""


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
        self._gone = np.zeros((_MOST_KEPT, len(Course._fields)), np.float32)
        """A ring; what is too long ago stands still in it, and so is nobody's company."""
        self._times: deque[WallUs] = deque(maxlen=_MOST_KEPT)
        self._next = self._used = 0

    def learn(self, at: WallUs, gone: Iterable[Course]) -> None:
        """These are over."""
        oldest = at - microseconds(self._tuning.company_s)
        while self._times and self._times[0] < oldest:
            self._gone[(self._next - len(self._times)) % _MOST_KEPT] = 0
            self._times.popleft()
        for course in gone:
            self._gone[self._next] = course
            self._times.append(at)
            self._used = max(self._used, self._next + 1)
            self._next = (self._next + 1) % _MOST_KEPT

    def masses(self, courses: list[Course], known: list[bool]) -> list[float]:
        """For each course the mass of the heavy ones among those that go the same way beside it, or did lately.

        Others are those ``known``, and those that are gone. Lanes tell a kind from a road: where others go in few
        lanes beside it the mass is 0, where they go in twice as many it counts in full.
        """
        if not courses or sum(known) + len(self._times) <= self._tuning.company_lanes:
            return [0.0] * len(courses)
        return self._masses(courses, known)

    def _masses(self, courses: list[Course], known: list[bool]) -> list[float]:
        mine = np.array(courses, np.float32)
        theirs = np.concatenate((mine[known], self._gone[: self._used]))
        theirs = theirs[np.argsort(-theirs[:, 4])]
        lanes = self._lanes_apart(mine, theirs)
        alike = _alike(mine, theirs) & (lanes != 0)
        share = np.clip(_distinct(lanes, alike) / self._tuning.company_lanes - 1, 0, 1)
        masses: list[float] = (share * _heavy(alike, theirs[:, 4])).tolist()
        return masses

    def _lanes_apart(self, mine: Courses, theirs: Courses) -> NDArray[np.intp]:
        """How many lanes beside mine (rows) theirs (columns) are, to the left or to the right."""
        x, y, across, down, _ = mine.T[:, :, None]
        speed = np.maximum(_speeds(mine), np.float32(1e-3))[:, None]
        left, ahead = -down / speed, across / speed
        beside = left * theirs[:, 0] + ahead * theirs[:, 1] - (left * x + ahead * y)
        lanes: NDArray[np.intp] = np.rint(beside / np.float32(self._lane)).astype(np.intp)
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
    place = (reached > HEAVY_SHARE * reached[:, -1:]).argmax(axis=1)
    heavy: NDArray[np.float32] = masses[place]
    return heavy


def _alike(mine: Courses, theirs: Courses) -> NDArray[np.bool_]:
    """Which of mine (rows) goes about the same way and about as fast as which of theirs (columns)."""
    across, down = mine[:, 2:4].T[:, :, None]
    speed, speeds = _speeds(mine)[:, None], _speeds(theirs)
    alike: NDArray[np.bool_] = across * theirs[:, 2] + down * theirs[:, 3] >= ALIKE_COSINE * (speed * speeds)
    alike &= speeds <= ALIKE_SPEED * speed
    alike &= speeds * ALIKE_SPEED >= speed
    alike &= (speed >= LEAST_SPEED) & (speeds >= LEAST_SPEED)
    return alike


def _speeds(courses: Courses) -> NDArray[np.float32]:
    speeds: NDArray[np.float32] = np.sqrt(np.square(courses[:, 2]) + np.square(courses[:, 3]))
    return speeds
