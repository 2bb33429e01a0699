"""The same thing over pictures: tracks, and when a track is surely something that moves."""

import itertools
import math
from collections import deque
from dataclasses import dataclass, field

from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.restless import Restlessness
from wachtel.detectors.motion.tuning import Tuning
from wachtel.detectors.motion.zones import ZoneMap

_LONGEST_GUESS_S = 0.5
_LEAST_GUESS = 8.0
_FRAGMENT = 0.3
_NEVER = WallUs(0)


@dataclass(slots=True)
class Track:
    """One thing on its way. Positions and speeds in pixels (a second) of the detector's picture.

    ``inside`` are the zones it counts for in the last picture; ``counts_since`` its first picture inside of one (or at
    all, without zones); ``mass`` and ``area`` the largest so far.
    """

    since: WallUs
    last: WallUs
    blob: Blob
    origin: Blob
    counts_since: WallUs
    mass: float
    area: float
    sightings: int = 1
    looks: int = 1
    speed: tuple[float, float] = (0.0, 0.0)
    usual_mass: float = 0.0
    waypoint: tuple[float, float] = (0.0, 0.0)
    walked: float = 0.0
    recent: deque[tuple[WallUs, float, float]] = field(default_factory=deque)
    moved: WallUs = _NEVER
    sure: bool = False
    inside: tuple[str, ...] = ()
    zone_sightings: int = 0

    def shift(self, at: WallUs) -> tuple[float, float]:
        """How far it should have moved since it was last seen: a guess of at most its own size."""
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
        self.recent.append((at, blob.x, blob.y))
        self.blob, self.last = blob, at
        self.sightings += 1
        self.usual_mass += (blob.mass - self.usual_mass) / 2
        self.mass, self.area = max(self.mass, blob.mass), max(self.area, blob.width * blob.height)

    def enter(self, zones: tuple[str, ...]) -> None:
        """It counts for these zones now."""
        if zones and not self.zone_sightings:
            self.counts_since = self.last
        self.zone_sightings += bool(zones)
        self.inside = zones if self.zone_sightings > 1 else ()

    def start_over(self) -> None:
        """It stopped or only sways: it has to prove again that it moves."""
        self.sure = False
        self.since = self.counts_since = self.last
        self.origin, self.waypoint, self.walked = self.blob, (self.blob.x, self.blob.y), 0.0
        self.mass, self.area = self.blob.mass, self.blob.width * self.blob.height
        self.sightings = self.looks = 1
        self.zone_sightings = int(bool(self.inside))

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
        begin = self.last - microseconds(tuning.way_s)
        while self.recent and self.recent[0][0] < begin:
            self.recent.popleft()
        places = [(x, y) for _, x, y in self.recent]
        if len(places) >= tuning.least_sightings:
            way = sum(math.dist(a, b) for a, b in itertools.pairwise(places))
            net = math.dist(places[0], places[-1])
            if (
                net >= max(tuning.way_least, tuning.way_sizes * self.blob.size)
                and net >= tuning.way_straight * way
            ):
                self.moved = self.last
        return self.last - self.moved <= microseconds(tuning.stuck_s)

    def age_s(self) -> float:
        """Time between first and last sighting."""
        return (self.last - self.since) / US_PER_S


class Tracker:
    """Follows blobs from picture to picture."""

    def __init__(self, size: tuple[int, int], tuning: Tuning) -> None:
        self._tuning = tuning
        self._scale = size[0] / 320
        self._restless = Restlessness(size, tuning)
        self.tracks: list[Track] = []

    def clear(self) -> None:
        """Forgets all tracks; what is restless stays known."""
        self.tracks.clear()

    def follow(self, at: WallUs, dt_s: float, blobs: list[Blob], zones: ZoneMap) -> list[Track]:
        """The tracks that were seen again in this picture; blobs that belong to none begin new ones."""
        free = list(blobs)
        seen: list[Track] = []
        for track in sorted(self.tracks, key=lambda track: (-track.sure, -track.sightings)):
            track.looks += 1
            blob = _nearest(track, at, free)
            if blob is not None:
                free.remove(blob)
                track.see(at, blob, self._tuning.stride * self._scale)
                seen.append(track)
        patience_us = max(self._tuning.forget_s, 2.2 * dt_s) * US_PER_S
        self.tracks = [track for track in self.tracks if at - track.last <= patience_us]
        fresh = [_new_track(at, blob) for blob in free]
        self.tracks += fresh
        self._judge(dt_s, seen, fresh, zones)
        return seen

    def _judge(self, dt_s: float, seen: list[Track], fresh: list[Track], zones: ZoneMap) -> None:
        unsure = sum(not track.sure for track in seen) + len(fresh)
        for track in seen + fresh:
            track.enter(zones.touched(track.blob))
        for track in seen:
            if track.sure and not track.moves_on(self._tuning) and not self._lingers(track):
                track.start_over()
            track.sure = track.sure or (len(fresh) < self._tuning.flash and self._surely_moves(track, unsure))
        self._restless.learn(
            dt_s, [track.blob for track in seen + fresh if not track.sure], [t.blob for t in fresh]
        )

    def _surely_moves(self, track: Track, unsure: int) -> bool:
        tuning = self._tuning
        mess = self._restless.mass
        if track.usual_mass < tuning.least_mass + tuning.mess_masses * mess:
            return False
        alike = min(1.0, 2 * mess / track.usual_mass)
        crowd = alike * min(1.0, (unsure - 1) / tuning.crowd)
        if track.sightings < tuning.least_sightings + int(tuning.crowd_sightings * crowd):
            return False
        if track.sightings < tuning.least_seen * track.looks:
            return False
        restless = self._restless.around(track.blob) * alike
        soft = max(0.0, tuning.sharp - track.blob.sharp)
        extra = tuning.restless_travel * restless + tuning.soft_travel * soft
        need = (tuning.least_travel + extra) * self._scale + tuning.size_travel * track.blob.size
        straight = _least_straight(track.sightings)
        straight += (tuning.crowd_straight - straight) * crowd
        whole = track.blob.mass >= tuning.whole * track.mass
        if whole and track.travel() >= need and track.straightness() >= straight:
            return True
        if soft > 0:
            return False
        if self._grows(track) >= need + tuning.edge_travel * self._scale:
            return True
        return self._lingers(track)

    def _lingers(self, track: Track) -> bool:
        tuning = self._tuning
        restless = self._restless.around(track.blob)
        lingers = (
            track.age_s() >= tuning.lingering_s and track.usual_mass >= tuning.lingering_mass * self._scale**2
        )
        return lingers and restless < tuning.lingering_restless

    def _grows(self, track: Track) -> float:
        """How far the foremost edge of something came that enters the picture or comes nearer."""
        now, origin = track.blob, track.origin
        return max(
            origin.left - now.left, now.right - origin.right, origin.top - now.top, now.bottom - origin.bottom
        )


def _least_straight(sightings: int) -> float:
    """A few random steps look straight easily."""
    return 0.8 if sightings <= 4 else 0.65 if sightings <= 7 else 0.5


def _new_track(at: WallUs, blob: Blob) -> Track:
    place = (blob.x, blob.y)
    area = blob.width * blob.height
    return Track(at, at, blob, blob, at, blob.mass, area, usual_mass=blob.mass, waypoint=place)


def _nearest(track: Track, at: WallUs, blobs: list[Blob]) -> Blob | None:
    shift = track.shift(at)
    near = [blob for blob in blobs if _may_be(track, blob, shift)]
    x, y = track.blob.x + shift[0], track.blob.y + shift[1]
    return min(
        near, key=lambda blob: math.hypot(blob.x - x, blob.y - y) - 0.05 * math.sqrt(blob.mass), default=None
    )


def _may_be(track: Track, blob: Blob, shift: tuple[float, float]) -> bool:
    """Near enough; a much smaller one must lie where the thing was."""
    reach = 4 + max(track.blob.width, track.blob.height) / 2
    if blob.mass < _FRAGMENT * track.usual_mass:
        reach = 0
    return _gap(track.blob, blob, shift) <= reach


def _gap(before: Blob, now: Blob, shift: tuple[float, float]) -> float:
    """The distance between two boxes, the first one shifted; negative when they overlap."""
    return max(
        now.left - before.right - shift[0],
        before.left + shift[0] - now.right,
        now.top - before.bottom - shift[1],
        before.top + shift[1] - now.bottom,
    )
