"""Follows things over pictures, and weighs when one is surely something that moves."""

import math
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.detectors.motion.blobs import Blob
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
from wachtel.detectors.motion.passes import NUMPY, Passes
from wachtel.detectors.motion.surroundings import Surroundings
from wachtel.detectors.motion.swaying import Swaying
from wachtel.detectors.motion.track import ASK_EVERY, Track, came
from wachtel.detectors.motion.tuning import Tuning
from wachtel.model.candidate import NEVER

_STRAIGHT = 0.7


class Tracker:
    """Follows blobs from picture to picture."""

    def __init__(self, size: tuple[int, int], tuning: Tuning, passes: Passes = NUMPY) -> None:
        self._tuning = tuning
        self._size, self._scale = size, size[0] / 320
        self._restless = passes.restlessness(size, tuning)
        self._company = passes.company(size, tuning)
        self._matcher = passes.matcher(tuning)
        self._number = 0
        self._swaying: Swaying | None = None
        self._surroundings: Surroundings | None = None
        self._light = 0.0
        self.tracks: list[Track] = []

    def clear(self) -> None:
        """Forgets all tracks; what is restless stays known."""
        self.tracks.clear()

    def remember_standing(self) -> None:
        """What stands was put where it is without being seen."""
        self._matcher.remember([track for track in self.tracks if track.stand is not None])

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
        self._matcher.remember(seen)
        self._matcher.remember(fresh)
        self._learn(dt_s, seen + fresh, fresh, gone)
        self._company.learn(at, [track.course() for track in gone if track.is_known()])
        return seen

    def _match(self, at: WallUs, blobs: list[Blob]) -> tuple[list[Track], list[Blob]]:
        """The tracks that were seen again, and the blobs that belong to none."""
        order = _by_right(self.tracks)
        for track in order:
            track.looks += 1
        seen: list[Track] = []
        taken: set[int] = set()
        for track, blob in zip(order, self._matcher.match(order, at, blobs), strict=True):
            if blob is not None:
                taken.add(id(blob))
                self._see(track, at, blob)
                seen.append(track)
        return seen, [blob for blob in blobs if id(blob) not in taken]

    def _give_up(self, at: WallUs, dt_s: float) -> list[Track]:
        """Those that are over."""
        oldest = at - math.floor(max(self._tuning.forget_s, 2.2 * dt_s) * US_PER_S)
        looks, share = self._tuning.idle_looks, self._tuning.idle_seen
        gone = [
            track
            for track in self.tracks
            if track.stand is None
            and (
                track.last < oldest
                # Seen now and then only, it will not be sure: it must not be there to take what comes by.
                or (track.looks >= looks and track.sightings < share * track.looks and track.level > MOST)
                or (track.last < at and track.recent and self._went_out(track))
            )
        ]
        if gone:
            over = set(map(id, gone))
            self.tracks = [track for track in self.tracks if id(track) not in over]
        return gone

    def _see(self, track: Track, at: WallUs, blob: Blob) -> None:
        meets = track.company > 0 and not track.sure and self._meets_its_kind(track, blob)
        track.see(at, blob, self._tuning.stride * self._scale)
        if track.entering is not None:
            track.entering.see(blob, self._size)
            if not track.entering.steady:
                track.entering = None
        if meets:
            track.start_over()

    def _meets_its_kind(self, track: Track, blob: Blob) -> bool:
        """One of many became larger at once by what another weighs: where it is now tells nothing of its way."""
        gain = blob.mass - track.blob.mass
        if gain >= self._tuning.meets_masses * self._restless.mass:
            return False
        return came(track.blob, blob) > self._tuning.meets_sizes * track.blob.size

    def _went_out(self, track: Track) -> bool:
        """Last seen at the edge to which it went, and no more since: what is found there now is another."""
        missed = track.looks - track.recent[-1][3]
        return missed >= self._tuning.out_looks and leaves(track.origin, track.blob, self._size)

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
        masses = self._company.masses(
            [track.course() for track in seen], [track.is_known() for track in seen]
        )
        proves = settled and len(fresh) < self._tuning.flash
        lightest = self._lightest(about, 0.0)
        for track, mass in zip(seen, masses, strict=True):
            track.company = mass
            may_be_sure = proves and track.usual_mass >= lightest and self._may_be_sure(track, about)
            if track.level > MOST and not may_be_sure:
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
        return track.usual_mass >= self._lightest(about, track.company)

    def _lightest(self, about: int, company: float) -> float:
        """What is lighter counts at no sensitivity, with so many about and such company."""
        mess = mess_of(self._restless.mass, about, company, self._tuning)
        return least_mass(mess, self._tuning, demands(MOST))

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
        track.may_stand = self._stands(track, evidence)
        track.stands = track.may_stand and not moves
        if moves or track.stands or track.stand is not None:
            return True
        return lingers(evidence, self._tuning, demands(NORMAL))

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
        if track.looks - track.asked >= ASK_EVERY and self._swaying is not None:
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
            sways=track.sways if track.looks - track.asked < ASK_EVERY else 0.0,
            company=track.company,
            enters=track.entering.came() if track.entering else 0.0,
            inward=track.entering.came_evenly() if track.entering else 0.0,
            fills=track.blob.fills,
            falls=track.falls(),
            light=self._light,
        )


def _by_right(tracks: list[Track]) -> list[Track]:
    """Who may choose first: what is sure, and then what was seen most often."""
    known = sorted(tracks, key=attrgetter("sightings"), reverse=True)
    sure = [track for track in known if track.sure]
    return sure + [track for track in known if not track.sure] if sure else known
