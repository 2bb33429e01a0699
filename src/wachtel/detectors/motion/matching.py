"""Which blob of the next picture is the thing that was seen before: the one nearest to where it should be by now."""

import math

from wachtel.detectors.motion.blobs import Blob

_FRAGMENT = 0.3
_LEAST_REACH = 4
_PULL = 0.05
"""A large blob counts as nearer by this share of its side."""


def nearest(before: Blob, shift: tuple[float, float], usual_mass: float, blobs: list[Blob]) -> Blob | None:
    """The blob nearest to where this one is after the shift, a large one rather than a small one; None when all are too
    far away. One much smaller than is usual must lie where the thing is.
    """
    across, down = shift
    left, right, top, bottom = before.left, before.right, before.top, before.bottom
    reach = _LEAST_REACH + max(right - left, bottom - top) / 2
    left, right, top, bottom = left + across, right + across, top + down, bottom + down
    from_x, to_x, from_y, to_y = left - reach, right + reach, top - reach, bottom + reach
    best, least = None, math.inf
    for blob in blobs:
        if blob.left > to_x or blob.right < from_x or blob.top > to_y or blob.bottom < from_y:
            continue
        if blob.mass < _FRAGMENT * usual_mass and not _overlaps(blob, left, right, top, bottom):
            continue
        away = math.hypot(blob.x - (before.x + across), blob.y - (before.y + down))
        distance = away - _PULL * math.sqrt(blob.mass)
        if distance < least:
            best, least = blob, distance
    return best


def _overlaps(blob: Blob, left: float, right: float, top: float, bottom: float) -> bool:
    return blob.left <= right and blob.right >= left and blob.top <= bottom and blob.bottom >= top
