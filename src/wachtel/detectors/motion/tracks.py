"""The same thing over pictures: tracks, and when a track is surely something that moves."""

import math
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.tuning import Tuning
from wachtel.detectors.motion.zones import ZoneMap

_LONGEST_GUESS_S = 0.5


@dataclass(slots=True)
class Track:
    """One thing on its way. Positions and speeds in pixels (a second) of the detector's picture.

    ``inside`` are the zones it counts for in the last picture; ``counts_since`` its first picture inside of
    one (or at all, without zones); ``mass`` and ``area`` the largest so far.
    """

    since: WallUs
    last: WallUs
    blob: Blob
    first: tuple[float, float]
    counts_since: WallUs
    mass: float
    area: float
    sightings: int = 1
    looks: int = 1
    speed: tuple[float, float] = (0.0, 0.0)
    walked: float = 0.0
    sure: bool = False
    inside: tuple[str, ...] = ()
    zone_sightings: int = 0

    def shift(self, at: WallUs) -> tuple[float, float]:
        """How far it should have moved since it was last seen."""
        passed_s = min((at - self.last) / US_PER_S, _LONGEST_GUESS_S)
        return self.speed[0] * passed_s, self.speed[1] * passed_s

    def see(self, at: WallUs, blob: Blob) -> None:
        """It was seen again, here."""
        passed_s = max((at - self.last) / US_PER_S, 1e-3)
        step_x, step_y = blob.x - self.blob.x, blob.y - self.blob.y
        self.speed = ((self.speed[0] + step_x / passed_s) / 2, (self.speed[1] + step_y / passed_s) / 2)
        self.walked += math.hypot(step_x, step_y)
        self.blob, self.last = blob, at
        self.sightings += 1
        self.mass, self.area = max(self.mass, blob.mass), max(self.area, blob.width * blob.height)

    def enter(self, zones: tuple[str, ...]) -> None:
        """It counts for these zones now."""
        if zones and not self.zone_sightings:
            self.counts_since = self.last
        self.zone_sightings += bool(zones)
        self.inside = zones if self.zone_sightings > 1 else ()

    def reach(self) -> tuple[float, float]:
        """How far it came from where it was first seen, across and down."""
        return abs(self.blob.x - self.first[0]), abs(self.blob.y - self.first[1])

    def travel(self) -> float:
        """The same as one distance."""
        return math.hypot(*self.reach())

    def straightness(self) -> float:
        """Travel as a share of the way walked: near 1 for walkers, near 0 for what sways."""
        return self.travel() / self.walked if self.walked else 0.0


class Tracker:
    """Follows blobs from picture to picture."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self.tracks: list[Track] = []

    def clear(self) -> None:
        """Forgets all."""
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
                track.see(at, blob)
                seen.append(track)
        patience_us = max(self._tuning.forget_s, 2.2 * dt_s) * US_PER_S
        self.tracks = [track for track in self.tracks if at - track.last <= patience_us]
        fresh = [_new_track(at, blob) for blob in free]
        self.tracks += fresh
        for track in seen + fresh:
            track.enter(zones.touched(track.blob))
            track.sure = track.sure or self._surely_moves(track)
        return seen

    def _surely_moves(self, track: Track) -> bool:
        tuning = self._tuning
        if track.sightings < tuning.least_sightings or track.sightings < tuning.least_seen * track.looks:
            return False
        size = max(track.blob.width, track.blob.height)
        far = track.travel() >= max(tuning.least_travel, tuning.least_travel_sizes * size)
        if far and track.straightness() >= tuning.least_straight:
            return True
        return (
            track.last - track.since >= tuning.lingering_s * US_PER_S and track.mass >= tuning.lingering_mass
        )


def _new_track(at: WallUs, blob: Blob) -> Track:
    return Track(at, at, blob, (blob.x, blob.y), at, blob.mass, blob.width * blob.height)


def _nearest(track: Track, at: WallUs, blobs: list[Blob]) -> Blob | None:
    shift = track.shift(at)
    reach = 4 + max(track.blob.width, track.blob.height) / 2
    near = [blob for blob in blobs if _gap(track.blob, blob, shift) <= reach]
    x, y = track.blob.x + shift[0], track.blob.y + shift[1]
    return min(
        near, key=lambda blob: math.hypot(blob.x - x, blob.y - y) - 0.05 * math.sqrt(blob.mass), default=None
    )


def _gap(before: Blob, now: Blob, shift: tuple[float, float]) -> float:
    """The distance between two boxes, the first one shifted; negative when they overlap."""
    return max(
        now.left - before.right - shift[0],
        before.left + shift[0] - now.right,
        now.top - before.bottom - shift[1],
        before.top + shift[1] - now.bottom,
    )
