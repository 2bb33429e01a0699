"""The same thing over pictures: tracks, and when a track is surely something that moves."""

import itertools
import math
from collections import deque
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.company import Course
from wachtel.detectors.motion.entering import Entering, leaves, marks_within
from wachtel.detectors.motion.levels import (
    MOST,
    NORMAL,
    Evidence,
    demands,
    least_level,
    least_mass,
    lingers,
    mess_of,
)
from wachtel.detectors.motion.matching import nearest
from wachtel.detectors.motion.passes import NUMPY, Passes
from wachtel.detectors.motion.surroundings import Surroundings
from wachtel.detectors.motion.swaying import Swaying
from wachtel.detectors.motion.tuning import Tuning
from wachtel.model.candidate import NEVER

_LONGEST_GUESS_S = 0.5
_LEAST_GUESS = 8.0
_KNOWN_SIGHTINGS = 4
_COURSE_STRAIGHT = 0.9
_ASK_EVERY = 2
_STRAIGHT = 0.7
_NEVER = WallUs(0)
_STILL = (0.0, 0.0)
_STEEP = 0.8


@dataclass(slots=True)
class Track:
    """One thing on its way. Positions and speeds in pixels (a second) of the detector's picture.

    ``level`` is the lowest sensitivity at which it counts; ``sure`` says that it does at the normal one, to which all
    that the engine learns from it is tied. ``anew``: its way begins in the last picture; ``mass`` is its largest;
    ``stands``: it came, stopped and still stirs.
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
    level: int = NEVER
    lapsed: bool = False
    anew: bool = True
    entering: Entering | None = None
    company: float = 0.0
    sways: float = 0.0
    asked: int = -_ASK_EVERY
    stands: bool = False

    @property
    def sure(self) -> bool:
        return self.level <= NORMAL

    def shift(self, at: WallUs) -> tuple[float, float]:
        """How far it should have moved since it was last seen: a guess of at most its own size."""
        if self.speed is _STILL:
            return self.speed
        passed_s = min((at - self.last) / US_PER_S, _LONGEST_GUESS_S)
        x, y = self.speed[0] * passed_s, self.speed[1] * passed_s
        most = max(_LEAST_GUESS, self.blob.width, self.blob.height)
        too_far = max(1.0, math.hypot(x, y) / most)
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

    def start_over(self) -> None:
        """It stopped or only sways: it has to prove again that it moves."""
        self.level, self.anew = NEVER, True
        self.since = self.last
        self.origin, self.waypoint, self.walked = self.blob, (self.blob.x, self.blob.y), 0.0
        self.mass = self.blob.mass
        self.sightings = self.looks = 1
        self.asked, self.entering = -_ASK_EVERY, None

    def grows(self) -> float:
        """How far the foremost edge of something came that enters the picture or comes nearer."""
        return _came(self.origin, self.blob)

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
        if self.comes_on(tuning):
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


class Tracker:
    """Follows blobs from picture to picture."""

    def __init__(self, size: tuple[int, int], tuning: Tuning, passes: Passes = NUMPY) -> None:
        self._tuning = tuning
        self._size, self._scale = size, size[0] / 320
        self._restless = passes.restlessness(size, tuning)
        self._company = passes.company(size, tuning)
        self._number = 0
        self._swaying: Swaying | None = None
        self._surroundings: Surroundings | None = None
        self._light = 0.0
        self.tracks: list[Track] = []

    def clear(self) -> None:
        """Forgets all tracks; what is restless stays known."""
        self.tracks.clear()

    def follow(
        self,
        at: WallUs,
        dt_s: float,
        blobs: list[Blob],
        *,
        settled: bool = True,
        swaying: Swaying | None = None,
        surroundings: Surroundings | None = None,
        before: NDArray[np.float32] | None = None,
        light: float = 0.0,
    ) -> list[Track]:
        """The tracks that were seen again in this picture; blobs that belong to none begin new ones.

        Until the scene is ``settled`` nothing is sure: first it must be known what comes and goes all the time.
        ``before`` are the marks of each block in the picture before: what comes in is found there afterwards. ``light``
        is how much the light changed lately (permille).
        """
        self._swaying, self._surroundings, self._light = swaying, surroundings, light
        if not (blobs or self.tracks):
            self._learn(dt_s, [], [], [])
            self._company.learn(at, [])
            return []
        seen, free = self._match(at, blobs)
        gone = self._give_up(at, dt_s)
        fresh = [self._new_track(at, blob, before) for blob in free]
        self.tracks += fresh
        self._judge(seen, fresh, settled=settled)
        self._learn(dt_s, seen + fresh, fresh, gone)
        self._company.learn(at, [track.course() for track in gone if _is_known(track)])
        return seen

    def _match(self, at: WallUs, blobs: list[Blob]) -> tuple[list[Track], list[Blob]]:
        """The tracks that were seen again, and the blobs that belong to none."""
        free = list(blobs)
        seen: list[Track] = []
        for track in _by_right(self.tracks):
            track.looks += 1
            blob = nearest(track.blob, track.shift(at), track.usual_mass, free) if free else None
            if blob is not None and not self._is_another(track, blob):
                free.remove(blob)
                self._see(track, at, blob)
                seen.append(track)
        return seen, free

    def _give_up(self, at: WallUs, dt_s: float) -> list[Track]:
        """Those that are over."""
        oldest = at - max(self._tuning.forget_s, 2.2 * dt_s) * US_PER_S
        looks, share = self._tuning.idle_looks, self._tuning.idle_seen
        gone = [
            track
            for track in self.tracks
            if track.last < oldest
            # Seen now and then only, it will not be sure: it must not be there to take what comes by.
            or (track.looks >= looks and track.sightings < share * track.looks and track.level > MOST)
            or (track.last < at and self._went_out(track))
        ]
        if gone:
            over = set(map(id, gone))
            self.tracks = [track for track in self.tracks if id(track) not in over]
        return gone

    def _see(self, track: Track, at: WallUs, blob: Blob) -> None:
        meets = not track.sure and self._meets_its_kind(track, blob)
        track.see(at, blob, self._tuning.stride * self._scale)
        if track.entering is not None:
            track.entering.see(blob, self._size)
            if not track.entering.steady:
                track.entering = None
        if meets:
            track.start_over()

    def _meets_its_kind(self, track: Track, blob: Blob) -> bool:
        """One of many became larger at once by what another weighs: where it is now tells nothing of its way."""
        if track.company == 0:
            return False
        leaps = _came(track.blob, blob) > self._tuning.meets_sizes * track.blob.size
        gain = blob.mass - track.blob.mass
        return leaps and gain < self._tuning.meets_masses * self._restless.mass

    def _is_another(self, track: Track, blob: Blob) -> bool:
        """Much more than the track was, which came to nothing: somebody comes by, and has a way of his own."""
        old = track.level > MOST and track.looks >= self._tuning.another_looks
        return old and blob.mass > self._tuning.another_masses * track.usual_mass

    def _went_out(self, track: Track) -> bool:
        """Last seen at the edge to which it went, and no more since: what is found there now is another."""
        if not track.recent or track.looks - track.recent[-1][3] < self._tuning.out_looks:
            return False
        return leaves(track.origin, track.blob, self._size)

    def _new_track(self, at: WallUs, blob: Blob, before: NDArray[np.float32] | None) -> Track:
        self._number = (self._number + 1) & 0xFFFF
        place = (blob.x, blob.y)
        track = Track(at, at, blob, blob, blob.mass, self._number, usual_mass=blob.mass, waypoint=place)
        track.entering = Entering.at_edge(blob, self._size)
        if track.entering is None or before is None:
            return track
        faint = marks_within(blob, before)
        if faint >= self._tuning.enters_faint:
            track.entering.seen_before(faint)
            track.sightings = track.looks = 2
        return track

    def _judge(self, seen: list[Track], fresh: list[Track], *, settled: bool) -> None:
        about = len(seen) + len(fresh)
        masses = self._company.masses([track.course() for track in seen], list(map(_is_known, seen)))
        proves = settled and len(fresh) < self._tuning.flash
        for track, mass in zip(seen, masses, strict=True):
            track.company = mass
            if track.level > MOST and not (proves and self._may_be_sure(track, about)):
                continue
            evidence = self._evidence(track, about)
            if track.level <= MOST and not self._goes_on(track, evidence):
                self._lapse(track)
                evidence = self._evidence(track, about)
            if proves:
                self._set_level(track, evidence)

    def _may_be_sure(self, track: Track, about: int) -> bool:
        """What was seen too seldom, or is too light for any sensitivity, need not be judged."""
        soon = track.entering is not None and track.entering.evenly
        least = self._tuning.inward_sightings if soon else self._tuning.least_sightings
        if track.sightings < least:
            return False
        mess = mess_of(self._restless.mass, about, track.company, self._tuning)
        return track.usual_mass >= least_mass(mess, self._tuning, demands(MOST))

    def _learn(self, dt_s: float, seen: list[Track], fresh: list[Track], gone: list[Track]) -> None:
        """What is not sure is restless; what it weighed is known when it comes, and better when it is gone.

        Where many are about, as in snow, those that are sure prove nothing against it.
        """
        unsure = [track.blob for track in seen if not track.sure]
        masses = [track.mass for track in fresh]
        many = len(seen) >= self._tuning.crowd
        masses += [track.mass for track in gone if (many or not track.sure) and track.sightings > 1]
        self._restless.learn(dt_s, unsure, masses)

    def _goes_on(self, track: Track, evidence: Evidence) -> bool:
        moves = track.moves_on(self._tuning) if track.sure else track.comes_on(self._tuning)
        track.stands = not moves and self._stands(track, evidence)
        return moves or lingers(evidence, self._tuning, demands(NORMAL)) or track.stands

    def _stands(self, track: Track, evidence: Evidence) -> bool:
        """Who came a long way, stopped inside where the scene is calm, and still stirs, is still there."""
        tuning = self._tuning
        came = track.sure and evidence.travel >= tuning.stands_sizes * evidence.size
        calm = evidence.restless < tuning.lingering_restless and evidence.sharp >= tuning.sharp
        lately = track.last - track.moved <= microseconds(tuning.stands_s)
        return came and calm and lately and not leaves(track.origin, track.blob, self._size)

    def _lapse(self, track: Track) -> None:
        """What is not sure at normal keeps its way, so that the engine learns the same at every sensitivity."""
        if track.sure:
            track.start_over()
        track.level, track.lapsed = NEVER, True

    def _set_level(self, track: Track, evidence: Evidence) -> None:
        level = min(self._level(track, evidence), self._level(track, self._lately(track, evidence)))
        if level <= NORMAL or not track.lapsed or track.comes_on(self._tuning):
            track.level = min(track.level, level)

    def _level(self, track: Track, evidence: Evidence | None) -> int:
        """The least level; what takes long to find out is asked only when all else speaks for it."""
        if evidence is None:
            return NEVER
        level = least_level(evidence, self._tuning, track.level)
        if level >= track.level:
            return NEVER
        asked = evidence._replace(sways=self._sways(track), goes_on=self._goes_on_around(track))
        return least_level(asked, self._tuning, track.level)

    def _goes_on_around(self, track: Track) -> float:
        return self._surroundings.goes_on(track.blob) if self._surroundings is not None else 0.0

    def _sways(self, track: Track) -> float:
        """The share of it that only sways, found out in every other look."""
        if track.looks - track.asked >= _ASK_EVERY and self._swaying is not None:
            track.sways, track.asked = self._swaying.share(track.blob), track.looks
        return track.sways

    def _lately(self, track: Track, evidence: Evidence) -> Evidence | None:
        """What its last steps alone prove: rain or leaves may have been its beginning."""
        if track.age_s() <= self._tuning.way_s or evidence.straightness >= _STRAIGHT:
            return None
        stride = max(self._tuning.stride * self._scale, self._tuning.long_stride * track.blob.size)
        sightings, looks, travel, straightness = track.way_lately(self._tuning, stride)
        return evidence._replace(
            sightings=sightings,
            looks=looks,
            travel=travel,
            straightness=straightness,
            grows=-math.inf,
        )

    def _evidence(self, track: Track, about: int) -> Evidence:
        return Evidence(
            mass=track.usual_mass,
            mess=self._restless.mass,
            sightings=track.sightings,
            looks=track.looks,
            about=about,
            restless=self._restless.around(track.blob),
            sharp=track.blob.sharp,
            size=track.blob.size,
            travel=track.travel(),
            straightness=track.straightness(),
            whole=track.blob.mass >= self._tuning.whole * track.mass,
            grows=track.grows(),
            age_s=track.age_s(),
            scale=self._scale,
            sways=track.sways if track.looks - track.asked < _ASK_EVERY else 0.0,
            company=track.company,
            enters=track.entering.came() if track.entering else 0.0,
            inward=track.entering.came_evenly() if track.entering else 0.0,
            fills=track.blob.fills,
            falls=track.falls(),
            light=self._light,
        )


def _came(before: Blob, now: Blob) -> float:
    """How far the foremost edge came outwards."""
    return max(
        before.left - now.left, now.right - before.right, before.top - now.top, now.bottom - before.bottom
    )


def _is_known(track: Track) -> bool:
    """Seen often enough on a straight way to tell where it goes, and never sure."""
    if track.sightings < _KNOWN_SIGHTINGS or track.sure:
        return False
    travel = track.travel()
    return travel >= track.blob.size and track.straightness() >= _COURSE_STRAIGHT


def _by_right(tracks: list[Track]) -> list[Track]:
    """Who may choose first: what is sure, and then what was seen most often."""
    known = sorted(tracks, key=attrgetter("sightings"), reverse=True)
    sure = [track for track in known if track.sure]
    return sure + [track for track in known if not track.sure] if sure else known
