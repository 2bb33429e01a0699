"""Which pictures of a quiet scene, and of something easily kept in sight, are looked at."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from motion_scenes import Scene, walker

from wachtel.detectors.api import Gray
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


def coded(dice: np.random.Generator) -> Gray:
    """Most blocks stand nearly still and a few jump, as an encoder leaves noise."""
    blocks = np.clip(100 + dice.laplace(0, 1.5, (45, 80)), 0, 255).astype(np.uint8)
    return blocks.repeat(4, axis=0).repeat(4, axis=1)


def used_to(dice: np.random.Generator) -> Glance:
    """A glance that has seen such pictures for a while."""
    glance = Glance(180, 320, Tuning())
    for number in range(150):
        glance.remember(coded(dice), quiet=number > 0)
    return glance


def test_blocks_that_jump_here_and_there_stir_seldom() -> None:
    dice = np.random.default_rng(2)
    glance = used_to(dice)
    assert sum(glance.stirs(coded(dice)) for _ in range(50)) <= 12


def change(gray: Gray, rows: slice, columns: slice, by: int) -> Gray:
    changed = gray.copy()
    changed[rows, columns] = (changed[rows, columns].astype(int) + by).clip(0, 255).astype(np.uint8)
    return changed


def test_neighbours_that_change_alike_stir_and_one_alone_only_when_it_changes_much() -> None:
    glance, gray = Glance(64, 96, Tuning()), np.full((64, 96), 100, np.uint8)
    for number in range(30):
        glance.remember(gray, quiet=number > 0)
    block, beside, below = slice(40, 44), slice(44, 48), slice(24, 28)
    somewhat, much = 2, 4
    assert not glance.stirs(change(gray, slice(20, 24), block, somewhat))
    assert glance.stirs(change(gray, slice(20, 24), block, much))
    assert glance.stirs(change(gray, slice(20, 24), slice(40, 48), somewhat))
    assert glance.stirs(change(gray, slice(20, 28), block, -somewhat))
    not_alike = change(gray, slice(20, 24), block, somewhat)
    assert not glance.stirs(
        change(change(not_alike, slice(20, 24), beside, -somewhat), below, block, -somewhat)
    )


def test_the_picture_that_stirred_is_remembered_as_any_other() -> None:
    rng = np.random.default_rng(4)
    first, second = used_to(rng), used_to(np.random.default_rng(4))
    gray, later = coded(np.random.default_rng(5)), coded(np.random.default_rng(6))
    first.stirs(gray)
    first.remember(gray, quiet=True)
    second.remember(gray, quiet=True)
    assert first.stirs(later) == second.stirs(later)
    assert not first.stirs(gray) and not second.stirs(gray)


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
