"""Which blob of the next picture is a thing that was seen before: the one nearest to where it should be by now."""

import math
from collections.abc import Iterable, Sequence

from wachtel.base.units import WallUs
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.levels import MOST
from wachtel.detectors.motion.track import Track
from wachtel.detectors.motion.tuning import Tuning

FRAGMENT = 0.3
"""A blob of less than this share of the usual mass must lie where the thing is."""
LEAST_REACH = 4.0
"""A blob is near when it is so many pixels away, and half of the thing's size."""
PULL = 0.05
"""A large blob counts as nearer by this share of its side."""


class Matcher:
    """Finds the tracks of one camera in its next picture."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning

    def match(self, tracks: Sequence[Track], at: WallUs, blobs: Sequence[Blob]) -> list[Blob | None]:
        """The blob that each of the tracks is now, of those that no track before it is; None when it is not seen."""
        free, found = list(blobs), []
        for track in tracks:
            blob = nearest(track.blob, track.shift(at), track.usual_mass, free) if free else None
            if blob is not None and self._is_another(track, blob):
                blob = None
            if blob is not None:
                free.remove(blob)
            found.append(blob)
        return found

    def remember(self, tracks: Iterable[Track]) -> None:
        """All is known of these in the last picture: a chance to get ready for the next one."""

    def _is_another(self, track: Track, blob: Blob) -> bool:
        """Much more than the track was, which came to nothing: somebody comes by, and has a way of his own."""
        old = track.level > MOST and track.looks >= self._tuning.another_looks
        return old and blob.mass > self._tuning.another_masses * track.usual_mass


def nearest(before: Blob, shift: tuple[float, float], usual_mass: float, blobs: list[Blob]) -> Blob | None:
    """The blob nearest to where this one is after the shift, a large one rather than a small one; None when all are too
    far away. One much smaller than is usual must lie where the thing is.
    """
    across, down = shift
    left, right, top, bottom = before.left, before.right, before.top, before.bottom
    reach = LEAST_REACH + max(right - left, bottom - top) / 2
    left, right, top, bottom = left + across, right + across, top + down, bottom + down
    from_x, to_x, from_y, to_y = left - reach, right + reach, top - reach, bottom + reach
    best, least = None, math.inf
    for blob in blobs:
        if not blob.touches(from_x, to_x, from_y, to_y):
            continue
        if blob.mass < FRAGMENT * usual_mass and not blob.touches(left, right, top, bottom):
            continue
        x, y = blob.x - (before.x + across), blob.y - (before.y + down)
        distance = math.sqrt(x * x + y * y) - PULL * math.sqrt(blob.mass)
        if distance < least:
            best, least = blob, distance
    return best
