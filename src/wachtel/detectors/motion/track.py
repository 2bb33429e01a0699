"""One thing over pictures: where it was first and last seen, and what that tells of its way."""

import itertools
import math
from collections import deque
from dataclasses import dataclass, field

from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.company import Course
from wachtel.detectors.motion.entering import Entering
from wachtel.detectors.motion.levels import NORMAL
from wachtel.detectors.motion.standing import Stand
from wachtel.detectors.motion.tuning import Tuning
from wachtel.model.candidate import NEVER

LONGEST_GUESS_S = 0.5
LEAST_GUESS = 8.0
"""Where something should be by now is guessed for so long at most, and so far or its own size."""
ASK_EVERY = 2
"""Whether it sways is asked in each of so many looks."""
_KNOWN_SIGHTINGS = 4
_COURSE_STRAIGHT = 0.9
_NEVER = WallUs(0)
_STILL = (0.0, 0.0)
_STEEP = 0.8


@dataclass(slots=True)
class Track:
    """One thing on its way. Positions and speeds in pixels (a second) of the detector's picture.

    ``level`` is the lowest sensitivity at which it counts; ``sure`` says that it does at the normal one, to which all
    that the engine learns from it is tied. ``anew``: its way begins in the last picture; ``mass`` is its largest;
    ``may_stand``: it came and may stop here; ``stands``: it did and still stirs; ``stand``: what is known of that.
    ``paces``: where it was in the last seconds, and ``paced`` when it was put down last.
    """

    since: WallUs
    last: WallUs
    blob: Blob
    origin: Blob
    mass: float
    number: int = 0
    sightings: int = 1
    looks: int = 1
    speed: tuple[float, float] = _STILL
    usual_mass: float = 0.0
    waypoint: tuple[float, float] = (0.0, 0.0)
    walked: float = 0.0
    recent: deque[tuple[WallUs, float, float, int]] = field(default_factory=deque)
    moved: WallUs = _NEVER
    paced: WallUs = _NEVER
    paces: deque[tuple[float, float]] = field(default_factory=deque)
    level: int = NEVER
    lapsed: bool = False
    anew: bool = True
    entering: Entering | None = None
    company: float = 0.0
    sways: float = 0.0
    asked: int = -ASK_EVERY
    stands: bool = False
    may_stand: bool = False
    stand: Stand | None = None
    place: bytes = b""
    """Where it is and goes, as compiled matching wants it; see `native.matching`."""

    @property
    def sure(self) -> bool:
        return self.level <= NORMAL

    def shift(self, at: WallUs) -> tuple[float, float]:
        """How far it should have moved since it was last seen: a guess of at most its own size."""
        if self.speed is _STILL:
            return self.speed
        passed_s = min((at - self.last) / US_PER_S, LONGEST_GUESS_S)
        x, y = self.speed[0] * passed_s, self.speed[1] * passed_s
        most = max(LEAST_GUESS, self.blob.width, self.blob.height)
        too_far = max(1.0, math.sqrt(x * x + y * y) / most)
        return x / too_far, y / too_far

    def see(self, at: WallUs, blob: Blob, stride: float) -> None:
        """It was seen again, here; only steps of at least ``stride`` make its way longer, the rest is trembling."""
        passed_s = max((at - self.last) / US_PER_S, 1e-3)
        step_x, step_y = blob.x - self.blob.x, blob.y - self.blob.y
        self.speed = ((self.speed[0] + step_x / passed_s) / 2, (self.speed[1] + step_y / passed_s) / 2)
        step = math.hypot(blob.x - self.waypoint[0], blob.y - self.waypoint[1])
        if step >= stride:
            self.walked += step
            self.waypoint = (blob.x, blob.y)
        self.recent.append((at, blob.x, blob.y, self.looks))
        self.blob, self.last = blob, at
        self.sightings += 1
        self.usual_mass += (blob.mass - self.usual_mass) / 2
        self.mass = max(self.mass, blob.mass)
        self.anew = False

    def keep(self, at: WallUs, blob: Blob) -> None:
        """It still stands here, though it was not seen to move."""
        self.blob, self.last, self.speed = blob, at, _STILL

    def start_over(self) -> None:
        """It stopped or only sways: it has to prove again that it moves."""
        self.level, self.anew, self.may_stand = NEVER, True, False
        self.since = self.last
        self.origin, self.waypoint, self.walked = self.blob, (self.blob.x, self.blob.y), 0.0
        self.mass = self.blob.mass
        self.sightings = self.looks = 1
        self.asked, self.entering = -ASK_EVERY, None

    def grows(self) -> float:
        """How far the foremost edge of something came that enters the picture or comes nearer."""
        return came(self.origin, self.blob)

    def falls(self) -> float:
        """How many times its own size it goes down in a second; 0 for what rather goes aside."""
        across, down = self.reach()
        if self.blob.y <= self.origin.y or down < _STEEP * math.hypot(across, down):
            return 0.0
        return down / max(self.age_s(), 1e-3) / self.blob.size

    def reach(self) -> tuple[float, float]:
        """How far it came from where it was first seen, across and down."""
        return abs(self.blob.x - self.origin.x), abs(self.blob.y - self.origin.y)

    def travel(self) -> float:
        """The same as one distance."""
        return math.hypot(*self.reach())

    def straightness(self) -> float:
        """Travel as a share of the way walked: near 1 for walkers, near 0 for what sways."""
        return min(1.0, self.travel() / self.walked) if self.walked else 0.0

    def moves_on(self, tuning: Tuning) -> bool:
        """It came some way lately, and straight; what sways or stands does not."""
        if self.comes_on(tuning) or self.goes_slowly(tuning):
            self.moved = self.last
        return self.last - self.moved <= microseconds(tuning.stuck_s)

    def is_there(self, tuning: Tuning) -> bool:
        """Surely something, on its way or standing: what it shows is not what is usual where it is."""
        return self.sure and (self.stands or self.moves_on(tuning))

    def comes_on(self, tuning: Tuning) -> bool:
        """The same in this very picture."""
        self._forget_before(self.last - microseconds(tuning.way_s))
        places = [(x, y) for _, x, y, _ in self.recent]
        if len(places) < tuning.least_sightings:
            return False
        way = sum(math.dist(a, b) for a, b in itertools.pairwise(places))
        net = math.dist(places[0], places[-1])
        least = max(tuning.way_least, tuning.way_sizes * self.blob.size)
        return net >= least and net >= tuning.way_straight * way

    def goes_slowly(self, tuning: Tuning) -> bool:
        """It came some way in the last seconds, straight and by about as much in each."""
        pace_us = microseconds(tuning.pace_s)
        if self.last - self.paced >= pace_us:
            if self.last - self.paced > 2 * pace_us:
                self.paces.clear()
            self._pace(tuning)
        if len(self.paces) < tuning.paces:
            return False
        steps = [math.dist(a, b) for a, b in itertools.pairwise(self.paces)]
        net = math.dist(self.paces[0], self.paces[-1])
        least = max(tuning.way_least, tuning.way_sizes * self.blob.size, tuning.paces_straight * sum(steps))
        return net >= least and min(steps) >= tuning.paces_even * max(steps)

    def _pace(self, tuning: Tuning) -> None:
        """Where it was lately: the mean trembles less than the last place."""
        count = max(1, len(self.recent))
        x, y = sum(x for _, x, _, _ in self.recent), sum(y for _, _, y, _ in self.recent)
        self.paces.append((x / count, y / count))
        self.paced = self.last
        if len(self.paces) > tuning.paces:
            self.paces.popleft()

    def _forget_before(self, begin: int) -> None:
        while self.recent and self.recent[0][0] < begin:
            self.recent.popleft()

    def way_lately(self, tuning: Tuning, stride: float) -> tuple[int, int, float, float]:
        """Sightings, looks, travel and straightness of the last ``way_s`` alone, whatever was before."""
        self._forget_before(self.last - microseconds(tuning.way_s))
        _, x, y, looks = self.recent[0]
        walked, place = 0.0, (x, y)
        for _, *now, _ in self.recent:
            step = math.dist(place, now)
            if step >= stride:
                walked, place = walked + step, (now[0], now[1])
        travel = math.dist((x, y), (self.blob.x, self.blob.y))
        straight = min(1.0, travel / walked) if walked else 0.0
        return len(self.recent), self.looks - looks + 1, travel, straight

    def course(self) -> Course:
        """Where its way leads, how fast, and what it weighs."""
        age_s = max(self.age_s(), 1e-3)
        across, down = self.blob.x - self.origin.x, self.blob.y - self.origin.y
        x, y = self.blob.x - across / 2, self.blob.y - down / 2
        return Course(x, y, across / age_s, down / age_s, self.usual_mass)

    def age_s(self) -> float:
        """Time between first and last sighting."""
        return (self.last - self.since) / US_PER_S

    def is_known(self) -> bool:
        """Seen often enough on a straight way to tell where it goes, and never sure."""
        if self.sightings < _KNOWN_SIGHTINGS or self.sure:
            return False
        return self.travel() >= self.blob.size and self.straightness() >= _COURSE_STRAIGHT


def came(before: Blob, now: Blob) -> float:
    """How far the foremost edge came outwards."""
    return max(
        before.left - now.left, now.right - before.right, before.top - now.top, now.bottom - before.bottom
    )
