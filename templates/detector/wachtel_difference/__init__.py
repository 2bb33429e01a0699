"""A detector that compares each picture with the mean of those before: short, honest, and easily fooled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.api import Detector, Gray, Picture
from wachtel.model.camera import MotionSettings
from wachtel.model.event import Motion, Why
from wachtel.model.zone import Zone, ZoneKind

WIDTH = 160
FOLLOWS_IN = 20
"""The mean forgets a picture after about so many more."""

SETTLES_IN = 10
DIFFERENT = 20.0
"""Gray values."""

LEAST_AREA = 0.005
"""Share of the picture that must differ at a sensitivity of 50."""

FORGET_US = 1 * US_PER_S

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DifferenceDriver:
    """The driver: one object, no state."""

    def create(self, settings: MotionSettings, width: int, height: int) -> Detector:
        """A detector for a stream of this size. Raises `WachtelError` (invalid) for a zone of no area."""
        shown = min(WIDTH, width)
        size = (shown, max(1, round(height * shown / width)))
        masks = {zone.name: polygon(zone, size) for zone in settings.zones if zone.kind is ZoneKind.ZONE}
        hidden = [polygon(zone, size) for zone in settings.zones if zone.kind is ZoneKind.MASK]
        ignored = np.logical_or.reduce(hidden) if hidden else np.zeros((size[1], size[0]), np.bool_)
        return DifferenceDetector(size, LEAST_AREA * 4 ** ((50 - settings.sensitivity) / 50), masks, ignored)


class DifferenceDetector:
    """One camera. ``least`` is the share of the picture that must differ; no zone means all of it."""

    most_fps = 10.0

    def __init__(self, size: tuple[int, int], least: float, zones: dict[str, Mask], ignored: Mask) -> None:
        self.picture_size = size
        self._least = least
        self._zones = zones
        self._ignored = ignored
        self._mean: NDArray[np.float32] | None = None
        self._seen = 0
        self._since: WallUs | None = None
        self._last = WallUs(0)
        self._suspicious = False

    def look(self, picture: Picture) -> Motion | None:
        different = self._different(picture.gray) & ~self._ignored
        zones = {name: float((different & mask).mean()) for name, mask in self._zones.items()}
        area = max(zones.values()) if zones else float(different.mean())
        self._suspicious = area > self._least / 2
        if self._seen <= SETTLES_IN or not self._least <= area < 0.9:
            return None
        since = self._began(picture.at)
        touched = tuple(sorted(name for name, share in zones.items() if share >= self._least))
        lasted_s = (picture.at - since) / US_PER_S
        return Motion(picture.at, since, min(1.0, area / self._least / 10), touched, Why(0.0, lasted_s, area))

    def suspicious(self) -> bool:
        return self._suspicious

    def _different(self, gray: Gray) -> Mask:
        now = gray.astype(np.float32)
        if self._mean is None:
            self._mean = now
        different: Mask = np.abs(now - self._mean) > DIFFERENT
        self._mean += (now - self._mean) / FOLLOWS_IN
        self._seen += 1
        return different

    def _began(self, at: WallUs) -> WallUs:
        """Since when the thing has been seen without a pause; also when the clock was set back."""
        if self._since is None or not 0 <= at - self._last <= FORGET_US:
            self._since = at
        self._last = at
        return self._since


def polygon(zone: Zone, size: tuple[int, int]) -> Mask:
    """The pixels inside a zone, by the even-odd rule. Raises `WachtelError` (invalid) when there are none."""
    columns, rows = np.meshgrid(*((np.arange(n) + 0.5) / n for n in size))
    inside = np.zeros(rows.shape, np.bool_)
    for (x1, y1), (x2, y2) in zip(zone.polygon, zone.polygon[1:] + zone.polygon[:1], strict=True):
        if y1 != y2:
            crosses = (y1 > rows) != (y2 > rows)
            inside ^= crosses & (columns < x1 + (rows - y1) * (x2 - x1) / (y2 - y1))
    if len(zone.polygon) < 3 or not inside.any():
        raise WachtelError(
            ErrorKind.INVALID,
            f"The zone {zone.name!r} covers nothing of the picture.",
            hint="A zone has at least three corners that are not in a line.",
        )
    return inside


driver = DifferenceDriver()
"""What the entry point names."""
