"""The motion detector: still scene, blobs, tracks, and the word on each picture."""

import math

import numpy as np
from numpy.typing import NDArray

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.detectors.api import Picture
from wachtel.detectors.motion.background import Background
from wachtel.detectors.motion.blobs import BLOCK, count_in_blocks, find_blobs
from wachtel.detectors.motion.tracks import Track, Tracker
from wachtel.detectors.motion.tuning import Tuning
from wachtel.detectors.motion.zones import ZoneMap
from wachtel.model.event import Motion, Why

WIDEST = 320
MOST_PIXELS = 320 * 240
SMALLEST = 32


def picture_size(width: int, height: int) -> tuple[int, int]:
    """Size of the detector's picture for a stream of this size: same aspect, whole blocks, never enlarged.

    Raises `WachtelError` (invalid) when the stream is too small to see anything.
    """
    if min(width, height) < SMALLEST:
        raise WachtelError(
            ErrorKind.INVALID, f"A picture of {width}x{height} is too small for motion detection."
        )
    scale = min(1.0, WIDEST / width, math.sqrt(MOST_PIXELS / (width * height)))
    return _whole_blocks(width * scale, 2 * BLOCK), _whole_blocks(height * scale, BLOCK)


def _whole_blocks(length: float, unit: int) -> int:
    return max(SMALLEST, round(length / unit) * unit)


class MotionDetector:
    """Watches one camera; see `wachtel.detectors.api.Detector`."""

    most_fps = 15.0

    def __init__(self, size: tuple[int, int], tuning: Tuning, zones: ZoneMap) -> None:
        width, height = size
        self.picture_size = size
        self._tuning = tuning
        self._zones = zones
        self._background = Background(height, width, tuning)
        self._tracker = Tracker(tuning)
        self._recent = np.zeros((height, width), np.int16)
        self._change = np.zeros((height, width), np.int16)
        self._marks = np.zeros((height, width), np.bool_)
        self._calm = np.zeros((height // BLOCK, width // BLOCK), np.float32)
        self._last: WallUs | None = None
        self._settled = WallUs(0)
        self._suspicious = False

    def suspicious(self) -> bool:
        """True when the last picture showed a blob, sure or not."""
        return self._suspicious

    def look(self, picture: Picture) -> Motion | None:
        """The word on the next picture; one not newer than the one before counts as a moment later."""
        if self._last is None:
            self._begin(picture)
            return None
        dt_s = max((picture.at - self._last) / US_PER_S, 1e-3)
        self._last = picture.at
        self._background.compare(picture.gray)
        if self._everything_changed():
            self._start_again(picture.at)
            return None
        seen = self._follow(picture.at, dt_s)
        self._background.learn(dt_s, self._marks)
        return self._word(picture.at, seen) if picture.at >= self._settled else None

    def _begin(self, picture: Picture) -> None:
        self._background.begin(picture.gray)
        self._last = picture.at
        self._settled = WallUs(picture.at + microseconds(self._tuning.settle_s))

    def _everything_changed(self) -> bool:
        hits = count_in_blocks(self._background.hits)
        share = int(np.count_nonzero(hits)) / hits.size
        return share > self._tuning.global_share and not any(track.sure for track in self._tracker.tracks)

    def _start_again(self, at: WallUs) -> None:
        self._background.relearn()
        self._recent[:] = 0
        self._tracker.clear()
        self._settled = WallUs(at + microseconds(self._tuning.resettle_s))
        self._suspicious = True

    def _follow(self, at: WallUs, dt_s: float) -> list[Track]:
        self._mark_changing(dt_s)
        mass = self._calmed(dt_s)
        blobs = [blob for blob in find_blobs(mass) if blob.mass >= self._tuning.least_mass]
        self._suspicious = bool(blobs)
        return self._tracker.follow(at, dt_s, blobs, self._zones)

    def _mark_changing(self, dt_s: float) -> None:
        """Marks pixels that differ from the still scene and change now: what stopped falls silent."""
        scene, change = self._background, self._change
        np.subtract(scene.small, self._recent, out=change)
        rate = -math.expm1(-dt_s / self._tuning.active_s)
        self._recent += (change * np.float32(rate)).astype(np.int16)
        np.abs(change, out=change)
        np.greater(change, scene.limit, out=self._marks)
        self._marks &= scene.hits

    def _calmed(self, dt_s: float) -> NDArray[np.float32]:
        """Marks per block, less what this block shows nearly always: leaves and water calm themselves."""
        tuning, calm = self._tuning, self._calm
        counts = count_in_blocks(self._marks).astype(np.float32)
        if self._zones.open is not None:
            counts *= self._zones.open
        mass = counts - calm
        step = min(dt_s, 0.5) * tuning.calm_step
        calm += np.where(
            mass > 0, np.float32(step * (1 - tuning.calm_share)), np.float32(-step * tuning.calm_share)
        )
        np.clip(calm, 0, BLOCK * BLOCK, out=calm)
        mass[mass < 1] = 0
        return mass

    def _word(self, at: WallUs, seen: list[Track]) -> Motion | None:
        sure = [track for track in seen if track.sure and (not self._zones.zones or track.inside)]
        if not sure:
            return None
        best = max(sure, key=lambda track: track.mass)
        return Motion(
            at=at,
            since=min(track.counts_since for track in sure),
            score=self._score(best),
            zones=tuple(sorted({name for track in sure for name in track.inside})),
            why=self._why(best),
        )

    def _score(self, track: Track) -> float:
        return 1 - math.exp(-track.mass / (8 * self._tuning.least_mass))

    def _why(self, track: Track) -> Why:
        width, height = self.picture_size
        across, down = track.reach()
        return Why(
            travel=min(1.0, max(across / width, down / height)),
            within_s=(track.last - track.since) / US_PER_S,
            area=min(1.0, track.area / (width * height)),
        )
