"""Matching of tracks and blobs, compiled."""

import ctypes
import math
from array import array
from collections.abc import Iterable, Sequence
from ctypes import c_double
from struct import Struct

from wachtel.base.units import WallUs
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.levels import MOST
from wachtel.detectors.motion.matching import FRAGMENT, LEAST_REACH, PULL, Matcher
from wachtel.detectors.motion.native.blocks import ROW
from wachtel.detectors.motion.native.library import at as at_of
from wachtel.detectors.motion.native.library import passes
from wachtel.detectors.motion.track import LEAST_GUESS, LONGEST_GUESS_S, Track
from wachtel.detectors.motion.tuning import Tuning

_WAY = Struct("6d")
"""Speed across and down, when it was last seen, its usual mass, and what is more is another, from which look on."""
_FEW = 4
"""For fewer tracks the call is not worth its trouble."""


class _Reach(ctypes.Structure):
    _fields_ = [(name, c_double) for name in ("least", "fragment", "pull", "longest_guess_s", "least_guess")]


class NativeMatcher(Matcher):
    """See `Matcher`. All that matching asks of a track lies in one place: of those not seen nothing else is touched."""

    def __init__(self, tuning: Tuning) -> None:
        super().__init__(tuning)
        self._reach = _Reach(LEAST_REACH, FRAGMENT, PULL, LONGEST_GUESS_S, LEAST_GUESS)
        self._here = ctypes.addressof(self._reach)
        self._looks = 0

    def match(self, tracks: Sequence[Track], at: WallUs, blobs: Sequence[Blob]) -> list[Blob | None]:
        self._looks += 1
        if len(tracks) < _FEW or not blobs:
            return super().match(tracks, at, blobs)
        places = b"".join([track.place for track in tracks])
        if len(places) != len(tracks) * (ROW.size + _WAY.size):
            # One was not remembered, and C would read past the end.
            return super().match(tracks, at, blobs)
        rows = b"".join([blob.row or _row_of(blob) for blob in blobs])
        found, taken = array("i", bytes(4 * len(tracks))), bytearray(len(blobs))
        passes.match(
            self._here, places, len(tracks), rows, len(blobs), at, self._looks, at_of(found), at_of(taken)
        )
        return [blobs[number] if number >= 0 else None for number in found]

    def remember(self, tracks: Iterable[Track]) -> None:
        tuning = self._tuning
        for track in tracks:
            most = tuning.another_masses * track.usual_mass if track.level > MOST else math.inf
            old = self._looks + tuning.another_looks - track.looks
            way = _WAY.pack(*track.speed, track.last, track.usual_mass, most, old)
            track.place = (track.blob.row or _row_of(track.blob)) + way


def _row_of(blob: Blob) -> bytes:
    return ROW.pack(blob.mass, blob.x, blob.y, blob.left, blob.top, blob.right, blob.bottom)
