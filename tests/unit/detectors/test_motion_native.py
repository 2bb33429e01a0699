"""The compiled passes give the answers of their twins, bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motion_scenes import Scene, walker
from numpy.typing import NDArray

from wachtel.base.units import WallUs
from wachtel.detectors.api import Picture
from wachtel.detectors.judging import Judge
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.company import Course
from wachtel.detectors.motion.engine import MotionDetector
from wachtel.detectors.motion.native import COMPILED
from wachtel.detectors.motion.passes import NUMPY
from wachtel.detectors.motion.pooling import CLIP
from wachtel.detectors.motion.track import Track
from wachtel.detectors.motion.tracks import Tracker
from wachtel.detectors.motion.tuning import Tuning
from wachtel.model.camera import MotionSettings

pytestmark = pytest.mark.skipif(COMPILED is None, reason="needs a C compiler: apt-get install gcc libc6-dev")

INSIDE = (..., slice(3, -3), slice(3, -3))
"""Where sums over 7x7 pixels mean something."""


def twins(width: int, height: int, open: NDArray[np.bool_] | None = None) -> list[MotionDetector]:
    assert COMPILED is not None
    judge = Judge(MotionSettings())
    return [MotionDetector((width, height), Tuning(), judge, open, kind) for kind in (NUMPY, COMPILED)]


def agree(one: MotionDetector, other: MotionDetector, picture: Picture) -> None:
    said, said_too = one.look(picture), other.look(picture)
    assert said == said_too and one.followed == other.followed
    assert one.most_fps == other.most_fps and one.suspicious() == other.suspicious()


def sways_alike(one: MotionDetector, other: MotionDetector) -> None:
    rows, columns = one._background.hits.shape[0] // 4, one._background.hits.shape[1] // 4
    blocks = np.arange(0, rows * columns, 1 + rows * columns // 30)
    assert one._background.swaying()._count(blocks) == other._background.swaying()._count(blocks)


def same_state(one: MotionDetector, other: MotionDetector) -> None:
    first, second = one._background, other._background
    for name in ("log", "_difference", "_scene", "_scene16", "hits", "marks", "_still_s", "_limit"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    for name in ("small", "large", "_variance", "_recent"):
        assert np.array_equal(getattr(first, name)[INSIDE], getattr(second, name)[INSIDE]), name
    for name in ("_usual", "_quiet_s"):
        assert np.array_equal(getattr(one._calm, name), getattr(other._calm, name)), name
    for name in ("_variance", "_limit", "_limit_alone", "_last"):
        assert np.array_equal(getattr(one._glance, name), getattr(other._glance, name)), name


@pytest.mark.parametrize("light", [1.0, 0.3])
def test_somebody_walks_and_the_lamp_goes_on(light: float) -> None:
    def lamp(canvas: NDArray[np.float32], now: float) -> None:
        if 14 < now < 16:
            canvas[:, :160] *= 1.5
            canvas[:, 160:] *= 1.2

    scene = Scene(light=light, happenings=(walker(40, 1.0, 4.0, 20), lamp))
    one, other = twins(scene.width, scene.height)
    for picture in scene.pictures(18):
        agree(one, other, picture)
        sways_alike(one, other)
    same_state(one, other)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(4, 12).map(lambda units: 8 * units),
    st.integers(8, 20).map(lambda units: 4 * units),
    st.booleans(),
)
def test_whatever_the_pictures_show(seed: int, width: int, height: int, masked: bool) -> None:
    dice = np.random.default_rng(seed)
    one, other = twins(width, height, dice.random((height // 4, width // 4)) < 0.7 if masked else None)
    ground = dice.integers(0, 256, (height, width)).astype(np.float64)
    for number in range(40):
        shown = ground * dice.choice([1.0, 1.0, 1.0, 1.3]) + dice.normal(
            0, dice.choice([1.0, 6.0]), ground.shape
        )
        top, left = int(dice.integers(0, height)), int(dice.integers(0, width))
        shown[top : top + int(dice.integers(1, 40)), left : left + int(dice.integers(1, 40))] += dice.choice(
            [0, 30, -90]
        )
        agree(one, other, Picture(WallUs(number * 100_000), np.clip(shown, 0, 255).astype(np.uint8)))
        sways_alike(one, other)
        if number % 8 == 0:
            held = Blob(1, 16, 16, 4 * (number % 5), 8, 28, 24, np.array([0]))
            one._background.hold(held)
            other._background.hold(held)
    same_state(one, other)


@given(st.integers(0, 2**32 - 1), st.integers(2, 21), st.integers(2, 33), st.floats(0, 1), st.floats(0, 60))
def test_groups_of_blocks_are_the_same(
    seed: int, rows: int, columns: int, share: float, least: float
) -> None:
    assert COMPILED is not None
    dice = np.random.default_rng(seed)
    mass = (dice.integers(1, 17, (rows, columns)) * (dice.random((rows, columns)) < share)).astype(np.float32)
    large = dice.integers(-49 * CLIP, 49 * CLIP + 1, (4 * rows, 4 * columns)).astype(np.int16)
    blobs, blobs_too = (kind.find_things(mass, least, large) for kind in (NUMPY, COMPILED))
    assert list(map(numbers_of, blobs)) == list(map(numbers_of, blobs_too))
    for blob in blobs:
        assert NUMPY.surroundings(large).goes_on(blob) == COMPILED.surroundings(large).goes_on(blob)
    places, places_too = (kind.restlessness((4 * columns, 4 * rows), Tuning()) for kind in (NUMPY, COMPILED))
    for _ in range(3):
        stirring = [blob for blob in blobs if dice.random() < 0.7]
        places.learn(0.1, stirring, [])
        places_too.learn(0.1, stirring, [])
    assert np.array_equal(places._share, places_too._share)


def numbers_of(blob: Blob) -> list[float | list[int]]:
    sides = (blob.left, blob.top, blob.right, blob.bottom)
    return [blob.mass, blob.x, blob.y, *sides, blob.sharp, blob.strength, blob.blocks.tolist()]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.12), st.floats(0, 3))
def test_tracks_are_the_same_whatever_falls(seed: int, share: float, wind: float) -> None:
    assert COMPILED is not None
    dice, size = np.random.default_rng(seed), (160, 96)
    kinds = [(kind, Tracker(size, Tuning(), kind)) for kind in (NUMPY, COMPILED)]
    places = dice.uniform((0, 0), (40, 24), (int(960 * share), 2))
    large = np.full((96, 160), 5000, np.int16)
    for number in range(30):
        mass = np.zeros((24, 40), np.float32)
        rows, columns = (places[:, ::-1] % (24, 40)).astype(int).T
        mass[rows, columns] = dice.integers(8, 17, len(places)) * (dice.random(len(places)) < 0.9)
        for kind, tracker in kinds:
            blobs = kind.find_things(mass, 10.0, large)
            tracker.follow(WallUs(number * 100_000), 0.1, blobs, surroundings=kind.surroundings(large))
        ways, ways_too = ([way_of(track) for track in tracker.tracks] for _, tracker in kinds)
        assert ways == ways_too
        places += dice.normal((wind, 1.0), 0.3, places.shape)


def way_of(track: Track) -> tuple[float | bool, ...]:
    blob = (track.blob.mass, track.blob.x, track.blob.y)
    way = (track.sightings, track.looks, track.walked, *track.speed, track.company)
    return (track.number, track.last, track.level, track.anew, *blob, *way)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 60), st.integers(0, 40))
def test_company_is_the_same(seed: int, spread: float, most: int) -> None:
    assert COMPILED is not None
    dice, size = np.random.default_rng(seed), (320, 180)
    one, other = (kind.company(size, Tuning()) for kind in (NUMPY, COMPILED))
    for number in range(12):
        at = WallUs(number * int(dice.choice([100_000, 120_000_000])))
        courses = [
            Course(*map(float, one))
            for one in dice.normal(
                (160, 90, 2, 40, 30), (90, 50, spread, spread, 9), (dice.integers(0, most + 1), 5)
            )
        ]
        known = (dice.random(len(courses)) < 0.6).tolist()
        assert one.masses(courses, known) == other.masses(courses, known)
        one.learn(at, courses)
        other.learn(at, courses)


def test_tracks_that_were_not_remembered_are_matched_all_the_same() -> None:
    assert COMPILED is not None
    blobs = [
        Blob(20.0, 10.0 * n, 20.0, 10.0 * n - 2, 16.0, 10.0 * n + 2, 24.0, np.array([n])) for n in range(6)
    ]
    tracks = [Track(WallUs(0), WallUs(0), blob, blob, blob.mass) for blob in blobs]
    matcher, twin = COMPILED.matcher(Tuning()), NUMPY.matcher(Tuning())
    matcher.remember(tracks[1:])
    assert (
        matcher.match(tracks, WallUs(100_000), blobs) == twin.match(tracks, WallUs(100_000), blobs) == blobs
    )
