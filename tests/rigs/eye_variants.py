"""The same clip otherwise: mirrored, slower, faster, darker, noisier. What is tuned to a clip fails on these."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from wachtel.detectors.api import Detector, DetectorDriver, Gray, Picture
from wachtel.model.camera import MotionSettings
from wachtel.model.event import Motion

_SLOWER, _FASTER = Fraction(4, 5), Fraction(5, 4)
_GAMMA = 1.6
_NOISE_GRAY = 4.0
_DARK = np.rint(255 * (np.arange(256) / 255) ** _GAMMA).astype(np.uint8)

Change = Callable[[Gray], Gray]


@dataclass(frozen=True)
class Variant:
    """``speed`` times as fast, each picture changed by what ``change`` makes for one clip."""

    speed: Fraction = Fraction(1)
    change: Callable[[], Change] | None = None


def _mirrored() -> Change:
    return lambda gray: np.ascontiguousarray(gray[:, ::-1])


def _darker() -> Change:
    return lambda gray: _DARK[gray]


def _noisier() -> Change:
    dice = np.random.default_rng(5)
    return lambda gray: np.clip(np.rint(gray + dice.normal(0, _NOISE_GRAY, gray.shape)), 0, 255).astype(
        np.uint8
    )


VARIANTS = {
    "mirrored": Variant(change=_mirrored),
    "slower": Variant(_SLOWER),
    "faster": Variant(_FASTER),
    "darker": Variant(change=_darker),
    "noisier": Variant(change=_noisier),
}


@dataclass
class _ChangedDetector:
    detector: Detector
    change: Change
    picture_size: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.picture_size = self.detector.picture_size

    @property
    def most_fps(self) -> float:
        return self.detector.most_fps

    def suspicious(self) -> bool:
        return self.detector.suspicious()

    def look(self, picture: Picture) -> Motion | None:
        return self.detector.look(Picture(picture.at, self.change(picture.gray)))


@dataclass(frozen=True)
class ChangedDriver:
    """Makes detectors that see the variant of each picture."""

    driver: DetectorDriver
    variant: Variant

    def create(self, settings: MotionSettings, width: int, height: int) -> Detector:
        """See `wachtel.detectors.api.DetectorDriver`."""
        detector = self.driver.create(settings, width, height)
        return _ChangedDetector(detector, self.variant.change()) if self.variant.change else detector


def at_speed(source: Path, target: Path, speed: Fraction) -> Path:
    """A copy of a clip that runs this many times as fast; nothing is encoded anew."""
    with av.open(str(source)) as before, av.open(str(target), "w") as after:
        stream = before.streams.video[0]
        copy = after.add_stream_from_template(stream)
        for packet in before.demux(stream):
            if packet.dts is None:
                continue
            packet.time_base = (stream.time_base or Fraction(1, 90_000)) / speed
            packet.stream = copy
            after.mux(packet)
    return target
