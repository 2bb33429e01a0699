"""What every detector driver must do (`wachtel.detectors.api`), as tests that a driver's author inherits.

::

    class TestMyDetector(DetectorContract):
        @pytest.fixture
        def driver(self) -> DetectorDriver: ...
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np
import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.api import Detector, DetectorDriver, Gray, Picture
from wachtel.model.camera import MotionSettings
from wachtel.model.event import Motion
from wachtel.model.zone import Zone
from wachtel.testing.contracts.drawn_walk import BEGIN, DrawnWalk

STREAM_SIZES = [(320, 240), (640, 360), (1920, 1080), (3840, 2160), (720, 1280)]
STREAM = (640, 360)
WALKS_AT = 10.0
SECONDS = 18.0

LOWER = Zone("lower", ((0.0, 0.45), (1.0, 0.45), (1.0, 1.0), (0.0, 1.0)))
UPPER = Zone("upper", ((0.0, 0.0), (1.0, 0.0), (1.0, 0.4), (0.0, 0.4)))
LINE = Zone("line", ((0.1, 0.1), (0.9, 0.9)))


class DetectorContract(ABC):
    """Inherit, fill in the fixture, and run pytest."""

    @pytest.fixture
    @abstractmethod
    def driver(self) -> DetectorDriver:
        """The driver under test."""

    @pytest.mark.parametrize("size", STREAM_SIZES)
    def test_it_asks_for_pictures_no_larger_than_the_stream(
        self, driver: DetectorDriver, size: tuple[int, int]
    ) -> None:
        detector = driver.create(MotionSettings(), *size)
        width, height = detector.picture_size
        assert 0 < width <= size[0] and 0 < height <= size[1]
        assert width / height == pytest.approx(size[0] / size[1], rel=0.1)
        assert detector.most_fps > 0

    def test_nothing_is_seen_where_nothing_moves(self, driver: DetectorDriver) -> None:
        detector = driver.create(MotionSettings(), *STREAM)
        assert seen(detector, _scene(detector, walks=False)) == []

    def test_somebody_who_walks_through_is_seen_and_described(self, driver: DetectorDriver) -> None:
        detector = driver.create(MotionSettings(), *STREAM)
        pictures = list(_scene(detector))
        found = seen(detector, pictures)
        assert found, "somebody walked through the whole picture"
        moments = {picture.at for picture in pictures}
        for motion in found:
            assert motion.at in moments and BEGIN + WALKS_AT * US_PER_S <= motion.since <= motion.at
            assert 0 <= motion.score <= 1 and motion.zones == ()
            assert motion.why.travel >= 0 and motion.why.within_s >= 0 and 0 <= motion.why.area <= 1
        assert found[0].at - BEGIN < (WALKS_AT + 3) * US_PER_S, "while they are still there"

    def test_it_becomes_quiet_when_they_are_gone(self, driver: DetectorDriver) -> None:
        detector = driver.create(MotionSettings(), *STREAM)
        found = seen(detector, _scene(detector, seconds=SECONDS + 8))
        assert found[-1].at - BEGIN < (SECONDS + 2) * US_PER_S

    def test_the_same_pictures_give_the_same_answers(self, driver: DetectorDriver) -> None:
        answers = []
        for _ in range(2):
            detector = driver.create(MotionSettings(), *STREAM)
            answers.append([(detector.look(picture), detector.suspicious()) for picture in _scene(detector)])
        assert answers[0] == answers[1]

    def test_detectors_share_nothing(self, driver: DetectorDriver) -> None:
        busy, calm = (driver.create(MotionSettings(), *STREAM) for _ in range(2))
        for moving, still in zip(_scene(busy), _scene(calm, walks=False), strict=True):
            busy.look(moving)
            assert calm.look(still) is None

    def test_only_what_touches_a_zone_counts(self, driver: DetectorDriver) -> None:
        for zone, expected in ((LOWER, True), (UPPER, False)):
            detector = driver.create(MotionSettings(zones=(zone,)), *STREAM)
            found = seen(detector, _scene(detector))
            assert bool(found) is expected, zone.name
            assert all(motion.zones == (zone.name,) for motion in found)

    def test_a_zone_that_makes_no_sense_is_refused(self, driver: DetectorDriver) -> None:
        with pytest.raises(WachtelError) as raised:
            driver.create(MotionSettings(zones=(LINE,)), *STREAM)
        assert raised.value.kind is ErrorKind.INVALID

    @pytest.mark.parametrize("sensitivity", [0, 50, 100])
    def test_every_sensitivity_is_understood(self, driver: DetectorDriver, sensitivity: int) -> None:
        detector = driver.create(MotionSettings(sensitivity=sensitivity), *STREAM)
        assert seen(detector, _scene(detector)), "somebody large and clear is seen at any sensitivity"

    def test_strange_pictures_and_times_raise_nothing(self, driver: DetectorDriver) -> None:
        detector = driver.create(MotionSettings(), *STREAM)
        width, height = detector.picture_size
        dice = np.random.default_rng(1)
        grays: list[Gray] = [
            np.zeros((height, width), np.uint8),
            np.full((height, width), 255, np.uint8),
            dice.integers(0, 256, (height, width), np.uint8),
        ]
        for number, offset in enumerate((0, 1, 2, 2, 3600, 3601, 1, 2, 10**9)):
            at = WallUs(BEGIN + offset * US_PER_S)
            detector.look(Picture(at, grays[number % len(grays)]))
            assert isinstance(detector.suspicious(), bool)


def seen(detector: Detector, pictures: Iterable[Picture]) -> list[Motion]:
    """What the detector says about pictures."""
    return [motion for picture in pictures if (motion := detector.look(picture)) is not None]


def _scene(detector: Detector, *, walks: bool = True, seconds: float = SECONDS) -> Iterable[Picture]:
    width, height = detector.picture_size
    fps = min(10.0, detector.most_fps)
    return DrawnWalk(width, height, fps, walks_at=WALKS_AT if walks else None).pictures(seconds)
