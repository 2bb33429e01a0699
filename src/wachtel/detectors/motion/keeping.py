"""Keeps the tracks of what stands: they hold their place until it is seen that nothing stands there any more."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.pooling import Map16
from wachtel.detectors.motion.standing import Stand, Stirring, outline
from wachtel.detectors.motion.track import Track
from wachtel.detectors.motion.tuning import Tuning

Things = Callable[[NDArray[np.float32], float, Map16], list[Blob]]


@dataclass(frozen=True, slots=True)
class Shown:
    """How a picture differs from the still scene: marks of blocks, sums over 7x7 pixels, change of light (permille)."""

    hits: NDArray[np.uint8]
    large: Map16
    offset: int


class Keeper:
    """Tells before each look what still stands, and after it what came to stand."""

    def __init__(self, tuning: Tuning, find_things: Things) -> None:
        self._tuning = tuning
        self._find_things = find_things
        self._stirring = Stirring(tuning)

    def let_go(
        self, at: WallUs, dt_s: float, tracks: list[Track], shown: Shown, sums: NDArray[np.int16]
    ) -> None:
        """What is not there any more does not stand, and what has not stirred for long is over.

        ``sums`` are those of the picture's blocks.
        """
        self._stirring.see(sums, shown.hits, shown.offset, dt_s)
        differing = self._differing(shown)
        for track, stand in _standing(tracks):
            self._outline_again(stand, differing)
            if self._stirring.stirs(stand.blob):
                stand.stirred = at
            if shown.hits.reshape(-1)[stand.blob.blocks].sum() < self._tuning.stands_share * stand.marks:
                track.stand = None
            elif self._is_part_of_the_scene(stand, at):
                tracks.remove(track)

    def _differing(self, shown: Shown) -> list[Blob]:
        return self._find_things(shown.hits.astype(np.float32), self._tuning.least_mass, shown.large)

    def _outline_again(self, stand: Stand, differing: list[Blob]) -> None:
        """It may turn or go slowly."""
        share = self._tuning.stands_share
        now = outline(stand.blob, differing)
        if now is not None and share <= now.mass / stand.marks <= 1 / share:
            stand.blob = now

    def _is_part_of_the_scene(self, stand: Stand, at: WallUs) -> bool:
        """The longer it has stirred since it stopped, the longer it is believed to be there without."""
        least, most = microseconds(self._tuning.still_least_s), microseconds(self._tuning.still_most_s)
        patience = min(max(stand.stirred - stand.since, least), most)
        too_long = at - stand.since > microseconds(self._tuning.stands_longest_s)
        return too_long or at - stand.stirred > patience

    def without_parts(self, at: WallUs, blobs: list[Blob], tracks: list[Track]) -> list[Blob]:
        """The blobs that are more than a part of what stands: a head that turns, an arm."""
        stands = [stand for _, stand in _standing(tracks)]
        return [blob for blob in blobs if not any(self._takes(at, stand, blob) for stand in stands)]

    def _takes(self, at: WallUs, stand: Stand, blob: Blob) -> bool:
        if blob.mass >= self._tuning.whole * stand.marks:
            return False
        inside = np.intersect1d(blob.blocks, stand.blob.blocks, assume_unique=True).size
        if 2 * inside < blob.blocks.size:
            return False
        stand.part = at
        return True

    def keep(self, at: WallUs, tracks: list[Track], shown: Shown) -> list[Blob]:
        """What moves on does not stand, and what stopped does; the outlines of all that stand."""
        if not any(track.may_stand or track.stand is not None for track in tracks):
            self._stirring.forget()
            return []
        stopped = [track for track in tracks if track.stand is None and _stopped(track, at)]
        differing = self._differing(shown) if stopped else []
        for track in stopped:
            self._stop(track, at, differing)
        for track, stand in _standing(tracks):
            if track.moved == at:
                track.stand = None
            elif track.last != at and (stand.proved or self._still_seen(track, stand, at)):
                track.keep(at, stand.blob)
        held = [stand.blob for _, stand in _standing(tracks)]
        if not held:
            self._stirring.forget()
        return held

    def _still_seen(self, track: Track, stand: Stand, at: WallUs) -> bool:
        """Part of it moves now, and was never lost."""
        return stand.part == at and at - track.last <= microseconds(self._tuning.forget_s)

    def _stop(self, track: Track, at: WallUs, differing: list[Blob]) -> None:
        whole = outline(track.blob, differing)
        if whole is None or whole.mass > track.mass / self._tuning.stands_share:
            return
        track.stand = Stand(whole, whole.mass, at, at, track.last)


def _stopped(track: Track, at: WallUs) -> bool:
    """It stirs and comes no further, or it is not seen where it could not go out."""
    return track.sure and (track.stands if track.last == at else track.may_stand)


def _standing(tracks: list[Track]) -> list[tuple[Track, Stand]]:
    return [(track, track.stand) for track in tracks if track.stand is not None]
