"""Which pictures of a quiet scene, and of something easily kept in sight, are looked at."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from motion_scenes import Scene, walker

from wachtel.detectors.motion import driver
from wachtel.detectors.motion.engine import MotionDetector
from wachtel.detectors.motion.glance import Glance, block_sums
from wachtel.detectors.motion.tuning import Tuning
from wachtel.model.camera import MotionSettings


@given(st.integers(0, 2**32 - 1))
def test_sums_are_those_of_each_block(seed: int) -> None:
    gray = np.random.default_rng(seed).integers(0, 256, (16, 24), np.uint8)
    assert np.array_equal(block_sums(gray), gray.reshape(4, 4, 6, 4).sum(axis=(1, 3)))


def test_what_differs_from_the_last_picture_stirs_and_noise_does_not() -> None:
    dice = np.random.default_rng(1)
    glance = Glance(64, 96, Tuning())
    for number in range(40):
        gray = dice.normal(100, 3, (64, 96)).astype(np.uint8)
        glance.remember(gray, quiet=number > 0)
    quiet = [glance.stirs(dice.normal(100, 3, (64, 96)).astype(np.uint8)) for _ in range(20)]
    gray[20:28, 40:44] += 30
    assert sum(quiet) <= 8
    assert glance.stirs(gray)


def test_everything_stirs_until_the_noise_is_known() -> None:
    glance = Glance(64, 96, Tuning())
    assert glance.stirs(np.zeros((64, 96), np.uint8))


def test_fewer_pictures_are_wanted_while_something_slow_counts() -> None:
    detector = driver.create(MotionSettings(), 640, 360)
    assert isinstance(detector, MotionDetector)
    rates = []
    for picture in Scene(happenings=(walker(60, 1.0, 6.0, 12.0, left=60.0),)).pictures(9.0):
        counts = detector.look(picture) is not None
        rates.append((counts, detector.most_fps))
    assert {rate for counts, rate in rates if not counts} == {Tuning().most_fps}
    assert Tuning().sure_fps in {rate for counts, rate in rates if counts}
