"""Who stands is kept until his place is empty, or nothing has stirred there for long."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.motion.background import Background
from wachtel.detectors.motion.blobs import Blob, find_blobs
from wachtel.detectors.motion.keeping import Keeper, Shown
from wachtel.detectors.motion.passes import NUMPY
from wachtel.detectors.motion.standing import Stirring, outline
from wachtel.detectors.motion.track import Track
from wachtel.detectors.motion.tuning import Tuning

ROWS, COLUMNS = 20, 40
PLACE = (slice(8, 14), slice(10, 14))
STEP_S = 0.1


def hits_at(place: tuple[slice, slice] | None) -> NDArray[np.uint8]:
    hits = np.zeros((ROWS, COLUMNS), np.uint8)
    if place is not None:
        hits[place] = 16
    return hits


class Watched:
    """Somebody sure who came to stand, picture by picture."""

    def __init__(self) -> None:
        self.keeper = Keeper(Tuning(), NUMPY.find_things)
        (blob,) = find_blobs(hits_at(PLACE).astype(np.float32))
        self.track = Track(WallUs(0), WallUs(0), blob, blob, blob.mass, level=0, stands=True, may_stand=True)
        self.tracks = [self.track]
        self.dice = np.random.default_rng(3)
        self.moment = 1

    def look(
        self, place: tuple[slice, slice] | None = PLACE, *, stirs: bool = False, light: int = 0
    ) -> list[Blob]:
        """The outlines of what stands after the next picture."""
        at = WallUs(round(self.moment * STEP_S * US_PER_S))
        shown = Shown(hits_at(place), np.zeros((4 * ROWS, 4 * COLUMNS), np.int16), light)
        if self.track.stand is not None:
            sums = (1000 + self.dice.normal(0, 8, (ROWS, COLUMNS))).astype(np.int16)
            if stirs:
                sums[9:12, 11] += np.int16(200 * (self.moment // 7 % 2))
            self.keeper.let_go(at, STEP_S, self.tracks, shown, sums)
        self.moment += 1
        return self.keeper.keep(at, self.tracks, shown)

    def seconds_told(self, seconds: float, **shown: bool) -> float:
        """How long it was told of in so many seconds."""
        for _ in range(round(seconds / STEP_S)):
            self.look(**shown)  # type: ignore[arg-type]
        return self.track.last / US_PER_S


def test_who_stirs_is_told_of_and_who_left_is_not() -> None:
    watched = Watched()
    assert watched.seconds_told(30.0, stirs=True) == pytest.approx(30.0)
    assert watched.look(None) == []
    assert watched.track.stand is None


def test_a_thing_put_down_is_not_told_of_and_becomes_part_of_the_scene() -> None:
    watched = Watched()
    assert watched.seconds_told(1.0) == 0
    assert watched.tracks == [watched.track]
    watched.seconds_told(1.0)
    assert watched.tracks == []


def test_who_stirred_for_a_while_is_believed_to_be_there_as_long_without() -> None:
    watched = Watched()
    watched.seconds_told(6.0, stirs=True)
    assert watched.seconds_told(10.0) == pytest.approx(13.0, abs=1.5)
    assert watched.tracks == []


def test_nobody_stands_for_ever() -> None:
    watched = Watched()
    assert watched.seconds_told(310.0, stirs=True) == pytest.approx(Tuning().stands_longest_s, abs=0.5)


def test_while_the_light_changes_nothing_proves_that_it_stirs() -> None:
    watched = Watched()
    for number in range(30):
        watched.look(stirs=True, light=5 * number)
    assert watched.tracks == []


def test_who_moves_on_does_not_stand() -> None:
    watched = Watched()
    assert len(watched.look()) == 1
    watched.track.moved = WallUs(round(2 * STEP_S * US_PER_S))
    assert watched.look() == []


def test_a_part_of_what_stands_is_taken_for_it_and_somebody_else_is_not() -> None:
    watched = Watched()
    watched.look()
    (arm,) = find_blobs(hits_at((slice(9, 11), slice(13, 14))).astype(np.float32))
    (other,) = find_blobs(hits_at((slice(9, 11), slice(20, 22))).astype(np.float32))
    (whole,) = find_blobs(hits_at((slice(8, 14), slice(11, 15))).astype(np.float32))
    assert watched.keeper.without_parts(WallUs(1), [arm, other, whole], watched.tracks) == [other, whole]


def test_an_outline_is_what_has_most_of_its_blocks() -> None:
    (blob,) = find_blobs(hits_at(PLACE).astype(np.float32))
    (moved,) = find_blobs(hits_at((slice(8, 14), slice(11, 15))).astype(np.float32))
    (away,) = find_blobs(hits_at((slice(8, 14), slice(13, 17))).astype(np.float32))
    assert outline(blob, [away, moved]) is moved
    assert outline(blob, [away]) is None


def test_noise_does_not_stir_wherever_it_is() -> None:
    stirring, dice = Stirring(Tuning()), np.random.default_rng(5)
    (blob,) = find_blobs(hits_at(PLACE).astype(np.float32))
    for _ in range(600):
        sums = (1000 + dice.normal(0, 60, (ROWS, COLUMNS))).astype(np.int16)
        stirring.see(sums, hits_at(PLACE), 0, STEP_S)
        assert not stirring.stirs(blob)


def test_the_scene_is_not_learned_where_something_stands() -> None:
    background = Background(48, 64, Tuning())
    dice = np.random.default_rng(1)
    empty = dice.normal(100, 2, (48, 64)).astype(np.uint8)
    background.begin(empty)
    filled = empty.copy()
    filled[16:32, 16:32] //= 2
    held = Blob(1, 24, 24, 16, 16, 32, 32, np.array([0]))
    for number in range(200):
        background.compare(empty if number < 60 else filled)
        background.mark_changing(STEP_S)
        if number >= 60:
            background.hold(held)
        background.learn(STEP_S)
    assert background.hits[20:28, 20:28].all()
    background.compare(empty)
    assert not background.hits.any()


@pytest.mark.parametrize(
    ("speeds", "goes"),
    [
        ((0.4,) * 60, True),
        ((3.0,) * 20 + (0.0,) * 40, False),
        ((0.4, -0.4) * 30, False),
        ((0.02,) * 60, False),
    ],
)
def test_who_goes_slowly_goes_straight_and_evenly(speeds: tuple[float, ...], goes: bool) -> None:
    tuning, dice = Tuning(), np.random.default_rng(2)
    (blob,) = find_blobs(hits_at(PLACE).astype(np.float32))
    track = Track(WallUs(0), WallUs(0), blob, blob, blob.mass)
    x = blob.x
    for number, speed in enumerate(speeds):
        x += speed
        seen = replace(blob, x=x + dice.normal(0, 0.5))
        track.see(WallUs(100_000 * (number + 1)), seen, tuning.stride)
        track.comes_on(tuning)
        slowly = track.goes_slowly(tuning)
    assert slowly == goes
