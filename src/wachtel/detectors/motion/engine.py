"""The motion detector: still scene, blobs, tracks, and the word on each picture."""

import math

import numpy as np
from numpy.typing import NDArray

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.detectors.api import Picture
from wachtel.detectors.judging import Judge
from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.keeping import Keeper, Shown
from wachtel.detectors.motion.light import Light
from wachtel.detectors.motion.passes import Passes
from wachtel.detectors.motion.tracks import Tracker
from wachtel.detectors.motion.tuning import Tuning
from wachtel.model.candidate import GRID, NEVER, Look, Sighting
from wachtel.model.event import Motion

WIDEST = 320
MOST_PIXELS = 320 * 240
SMALLEST = 32
MOST_SIGHTINGS = 255


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


def _grid_steps(length: int) -> dict[float, int]:
    """The step of `GRID` of each border between blocks."""
    return {float(place): round(place / length * GRID) for place in range(0, length + 1, BLOCK)}


class MotionDetector:
    """Watches one camera; see `wachtel.detectors.api.Detector`."""

    def __init__(
        self,
        size: tuple[int, int],
        tuning: Tuning,
        judge: Judge,
        open_blocks: NDArray[np.bool_] | None,
        passes: Passes,
    ) -> None:
        """``open_blocks`` are those outside of all masks, None without masks."""
        width, height = size
        self.picture_size = size
        self._tuning = tuning
        self._judge = judge
        self._open = open_blocks
        self.followed: Look | None = None
        self._passes = passes
        self._background = passes.background(height, width, tuning)
        self._tracker = Tracker(size, tuning, passes)
        self._steps = _grid_steps(width), _grid_steps(height)
        self._calm = passes.calm(height // BLOCK, width // BLOCK, tuning)
        self._mass = np.zeros((height // BLOCK, width // BLOCK), np.float32)
        self._hits = self._no_hits = np.zeros((height // BLOCK, width // BLOCK), np.uint8)
        self._light = Light(tuning.light_fades_s)
        self._keeper = Keeper(tuning, passes.find_things)
        self._changed = 0.0
        self._changed_s = 0.0
        self._last: WallUs | None = None
        self._begun = self._settled = self._stirred = WallUs(0)
        self._suspicious = False
        self._upheaval = False
        self._pictures = 0
        self._glance = passes.glance(height, width, tuning)
        self._easily_seen = self._quiet = False

    @property
    def most_fps(self) -> float:
        """Fewer while something counts that is easily kept in sight."""
        return self._tuning.sure_fps if self._easily_seen else self._tuning.most_fps

    def suspicious(self) -> bool:
        """True when the last picture showed a blob, sure or not."""
        return self._suspicious

    def look(self, picture: Picture) -> Motion | None:
        """The word on the next picture; one not newer than the one before counts as a moment later.

        Raises `WachtelError` (invalid) for a picture of another size than ``picture_size``.
        """
        width, height = self.picture_size
        if picture.gray.shape != (height, width):
            raise WachtelError(
                ErrorKind.INVALID, f"A picture of {picture.gray.shape} is not {width}x{height}."
            )
        self.followed = Look(picture.at)
        if self._last is None:
            self._begin(picture)
            return None
        dt_s = max((picture.at - self._last) / US_PER_S, 1e-3)
        if self._quiet and dt_s < self._tuning.glance_s and not self._glance.stirs(picture.gray):
            return self._judge.look(self.followed)
        motion = self._look(picture, dt_s)
        self._easily_seen = motion is not None and self._goes_slowly()
        was_quiet, self._quiet = self._quiet, self._is_quiet(picture.at)
        if self._quiet:
            self._glance.remember(picture.gray, quiet=was_quiet)
        return motion

    def _goes_slowly(self) -> bool:
        """All that is sure will still overlap itself at the next look, also when fewer are taken."""
        sure = [track for track in self._tracker.tracks if track.sure]
        share = self._tuning.sure_sizes * self._tuning.sure_fps
        return all(math.hypot(*track.speed) <= share * track.blob.size for track in sure)

    def _is_quiet(self, at: WallUs) -> bool:
        """Nothing stirred for a while: where something did, every picture tells more of it."""
        if self._suspicious or self._tracker.tracks:
            self._stirred = at
        return at - self._stirred >= microseconds(self._tuning.glance_calm_s) and self._is_settled(at)

    def _look(self, picture: Picture, dt_s: float) -> Motion | None:
        self._last = picture.at
        self._background.compare(picture.gray)
        if self._everything_changed(dt_s):
            self._start_again(picture.at)
            return self._judge.look(Look(picture.at))
        self._upheaval = False
        self._follow(picture, dt_s)
        self._background.learn(dt_s)
        self._pictures += 1
        looked = self.followed = self._sightings(picture.at)
        return self._judge.look(looked)

    def _is_settled(self, at: WallUs) -> bool:
        patience_over = at >= self._begun + microseconds(self._tuning.settle_longest_s)
        return at >= self._settled and (self._pictures >= self._tuning.settle_pictures or patience_over)

    def _begin(self, picture: Picture) -> None:
        self._background.begin(picture.gray)
        self._last = self._begun = picture.at
        self._settled = WallUs(picture.at + microseconds(self._tuning.settle_s))

    def _everything_changed(self, dt_s: float) -> bool:
        """The light or the camera, not a thing: at once, or for longer than a thing could without being followed."""
        self._hits = (
            self._passes.count_in_blocks(self._background.hits) if self._background.differs else self._no_hits
        )
        before, self._changed = self._changed, int(np.count_nonzero(self._hits)) / self._hits.size
        if self._changed <= self._tuning.global_share or any(track.sure for track in self._tracker.tracks):
            self._changed_s = 0.0
            return False
        self._changed_s += dt_s
        sudden = self._changed - before > self._tuning.sudden_share
        return sudden or self._changed_s > self._tuning.global_s

    def _start_again(self, at: WallUs) -> None:
        self._background.relearn(again=self._upheaval)
        self._tracker.clear()
        self._changed = self._changed_s = 0.0
        self._settled = max(self._settled, WallUs(at + microseconds(self._tuning.resettle_s)))
        if self._upheaval:
            self._begun, self._pictures = at, 0
        self._upheaval = True
        self._suspicious = True

    def _follow(self, picture: Picture, dt_s: float) -> None:
        at = picture.at
        self._background.mark_changing(dt_s)
        before, self._mass = self._mass, self._calm.mass(self._counts())
        blobs = self._things() if self._background.differs else []
        self._suspicious = bool(blobs)
        shown = Shown(self._hits, self._background.large, self._background.offset)
        settled = self._is_settled(at)
        seen = self._tracker.follow(
            at,
            dt_s,
            self._besides_standing(picture, dt_s, blobs, shown),
            settled=settled,
            swaying=self._background.swaying(),
            surroundings=self._passes.surroundings(self._background.large),
            before=before,
            light=self._light.see(self._background.offset, dt_s),
        )
        haste = 1.0 if settled else self._tuning.calm_haste
        there = [track.blob for track in seen if track.is_there(self._tuning)]
        self._calm.learn(dt_s * haste, there + self._hold_standing(at, shown))

    def _besides_standing(self, picture: Picture, dt_s: float, blobs: list[Blob], shown: Shown) -> list[Blob]:
        """Lets go of what stood and does not any more; the blobs that are more than a part of what still does."""
        tracks = self._tracker.tracks
        if not any(track.stand is not None for track in tracks):
            return blobs
        self._keeper.let_go(picture.at, dt_s, tracks, shown, self._glance.sums_of(picture.gray))
        return self._keeper.without_parts(picture.at, blobs, tracks)

    def _hold_standing(self, at: WallUs, shown: Shown) -> list[Blob]:
        """What stands, where nothing is learned as long as it does."""
        standing = self._keeper.keep(at, self._tracker.tracks, shown)
        for blob in standing:
            self._background.hold(blob)
        if standing:
            self._tracker.remember_standing()
        return standing

    def _things(self) -> list[Blob]:
        found = self._passes.find_things(self._mass, self._tuning.least_mass, self._background.large)
        return [blob for blob in found if not self._is_light(blob)]

    def _is_light(self, blob: Blob) -> bool:
        """The weaker the difference, the sharper must be what is no change of light."""
        tuning, strength = self._tuning, blob.strength
        if blob.sharp < tuning.weak_sharp and strength < tuning.no_light:
            weakness = min(1.0, max(0.0, (tuning.strong - strength) / (tuning.strong - tuning.weak)))
            if blob.sharp < tuning.strong_sharp + (tuning.weak_sharp - tuning.strong_sharp) * weakness:
                return True
        return strength < tuning.light_share * self._background.change_of_light(blob)

    def _counts(self) -> NDArray[np.float32]:
        """Marks per block where something changes now."""
        if not self._background.differs:
            return np.zeros(self._hits.shape, np.float32)
        changing = self._passes.count_in_blocks(self._background.marks)
        return self._passes.count_changing(self._hits, changing, self._open, self._tuning.least_changing)

    def _sightings(self, at: WallUs) -> Look:
        """What was seen, for the judge and for later; before it has settled nothing counts."""
        settled, (width, height), (across, down) = self._is_settled(at), self.picture_size, self._steps
        seen = [
            Sighting(
                track.number,
                across[blob.left],
                down[blob.top],
                across[blob.right],
                down[blob.bottom],
                int(blob.x / width * GRID),
                int(blob.y / height * GRID),
                track.level if settled else NEVER,
                min(round(track.mass), 0xFFFF),
                track.anew,
            )
            for track in self._tracker.tracks
            if track.last == at
            for blob in (track.blob,)
        ]
        return Look(at, tuple(seen[:MOST_SIGHTINGS]))
