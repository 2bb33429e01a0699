"""What speaks against a track: it only sways, or goes the way of many; and how what comes in is measured."""

import numpy as np
import pytest

from wachtel.base.units import WallUs
from wachtel.detectors.motion.blobs import Blob, find_blobs
from wachtel.detectors.motion.company import Company, Course
from wachtel.detectors.motion.entering import Entering
from wachtel.detectors.motion.levels import NORMAL, Evidence, least_level
from wachtel.detectors.motion.light import Light
from wachtel.detectors.motion.surroundings import Surroundings
from wachtel.detectors.motion.swaying import Swaying
from wachtel.detectors.motion.tracks import Tracker
from wachtel.detectors.motion.tuning import Tuning

SIZE = (160, 96)

WALKS = Evidence(
    mass=80, mess=0, sightings=9, looks=9, about=1, restless=0, sharp=1, size=12, travel=60,
    straightness=1, whole=True, grows=60, age_s=0.8, scale=1,
)  # fmt: skip
"""Somebody walks through a quiet scene."""


def blob_of(left: int, top: int, right: int, bottom: int) -> Blob:
    """A blob of whole blocks, from block to block."""
    mass = np.zeros((SIZE[1] // 4, SIZE[0] // 4), np.float32)
    mass[top:bottom, left:right] = 16
    return find_blobs(mass)[0]


def scene() -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    return np.random.default_rng(1).integers(4000, 5000, (SIZE[1], SIZE[0])).astype(np.int16)


@pytest.mark.parametrize(("down", "across"), [(2, 0), (0, -3), (-1, 2)])
def test_a_scene_that_moved_by_a_few_pixels_sways(down: int, across: int) -> None:
    still = scene()
    moved = np.roll(still, (down, across), (0, 1)) + np.int16(50)
    swaying = Swaying(moved, still, np.full(still.shape, 900.0, np.float32), offset=50)
    assert swaying.share(blob_of(4, 4, 12, 12)) > 0.9


def test_somebody_in_front_of_the_scene_does_not_sway() -> None:
    still = scene()
    shown = still.copy()
    shown[16:48, 16:48] = 4200
    swaying = Swaying(shown, still, np.full(still.shape, 900.0, np.float32), offset=0)
    assert swaying.share(blob_of(4, 4, 12, 12)) < 0.1


def test_what_hardly_differs_proves_no_swaying() -> None:
    still = scene()
    swaying = Swaying(still, still, np.full(still.shape, 900.0, np.float32), offset=0)
    assert swaying.share(blob_of(4, 4, 12, 12)) == 0


def test_flakes_have_company_and_a_walker_among_them_has_none() -> None:
    company = Company(SIZE, Tuning())
    dice = np.random.default_rng(2)
    flakes = [Course(float(x), float(y), 2.0, 40.0, 30.0) for x, y in dice.uniform((0, 0), SIZE, (40, 2))]
    walker = Course(80.0, 60.0, 40.0, 0.0, 30.0)
    masses = company.masses([*flakes, walker], [True] * 40 + [False])
    assert min(masses[:40]) == 30
    assert masses[40] == 0


def test_company_lately_counts_by_what_its_heavy_ones_weigh_and_is_forgotten() -> None:
    company = Company(SIZE, Tuning())
    flakes = [Course(float(x), 50.0, 0.0, 40.0, 20.0 + x) for x in range(10, 160, 10)]
    company.learn(WallUs(0), flakes)
    assert company.masses([Course(20.0, 20.0, 1.0, 50.0, 30.0)], [False]) == [160.0]
    company.learn(WallUs(400_000_000), [])
    assert company.masses([Course(20.0, 20.0, 1.0, 50.0, 30.0)], [False]) == [0.0]


def test_cars_on_one_road_are_no_company() -> None:
    company = Company(SIZE, Tuning())
    cars = [Course(x, 50.0 + x / 50, 40.0 + x / 10, 0.0, 90.0) for x in (30.0, 60.0, 80.0, 100.0, 120.0)]
    assert company.masses(cars, [True] * 5) == [0.0] * 5
    assert company.masses([], []) == []


def test_what_falls_many_times_its_size_is_no_walker_unless_it_is_large() -> None:
    assert least_level(WALKS, Tuning()) < NORMAL
    assert least_level(WALKS._replace(falls=5.0), Tuning()) > NORMAL
    assert least_level(WALKS._replace(falls=5.0, mass=200), Tuning()) < NORMAL
    assert least_level(WALKS._replace(falls=1.0), Tuning()) < NORMAL


def test_what_comes_in_is_measured_from_the_edge() -> None:
    entering = Entering.at_edge(blob_of(0, 4, 1, 10), SIZE)
    assert entering is not None
    entering.see(blob_of(0, 4, 2, 10), SIZE)
    assert entering.came() == 4
    entering.see(blob_of(0, 4, 1, 10), SIZE)
    assert entering.came() == 0


def test_what_comes_in_evenly_was_outside_before_and_what_appears_at_once_was_not() -> None:
    entering, lamp = (Entering.at_edge(blob_of(0, 4, 1, 10), SIZE) for _ in range(2))
    assert entering is not None and lamp is not None
    entering.see(blob_of(0, 4, 2, 10), SIZE)
    assert entering.came_evenly() == 8
    lamp.see(blob_of(0, 4, 1, 10), SIZE)
    assert lamp.came_evenly() == 0


def test_what_was_outside_and_comes_in_evenly_needs_two_sightings_where_the_scene_is_calm() -> None:
    evidence = WALKS._replace(
        mass=60, sightings=2, looks=2, travel=1, straightness=0, grows=0, age_s=0.1, inward=3.5
    )
    assert least_level(evidence, Tuning()) < NORMAL
    doubts = (
        {"inward": 0.0},
        {"inward": 2.0},
        {"restless": 0.2},
        {"mass": 25.0},
        {"mess": 40.0},
        {"sharp": 0.2},
        {"sways": 0.6},
        {"about": 12, "mess": 20.0},
    )
    for doubt in doubts:
        assert least_level(evidence._replace(**doubt), Tuning()) > NORMAL  # type: ignore[arg-type]


def test_what_appears_inside_or_in_a_corner_does_not_come_in() -> None:
    assert Entering.at_edge(blob_of(5, 5, 8, 8), SIZE) is None
    assert Entering.at_edge(blob_of(0, 0, 3, 3), SIZE) is None


def test_what_was_faint_at_the_edge_in_the_picture_before_was_seen_there() -> None:
    tracker, blob = Tracker(SIZE, Tuning()), blob_of(0, 4, 2, 10)
    faint = np.zeros((SIZE[1] // 4, SIZE[0] // 4), np.float32)
    tracker.follow(WallUs(0), 0.1, [blob], before=faint)
    assert tracker.tracks[0].sightings == 1
    faint[5:8, 0] = 2
    tracker.clear()
    tracker.follow(WallUs(100_000), 0.1, [blob], before=faint)
    assert tracker.tracks[0].sightings == 2


def test_a_thing_ends_where_its_blob_ends_and_a_swell_of_light_goes_on() -> None:
    blob = blob_of(18, 10, 22, 14)
    thing = np.zeros((SIZE[1], SIZE[0]), np.int16)
    thing[40:56, 72:88] = -9000
    assert Surroundings(thing).goes_on(blob) == 0
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    light = 9000 * np.exp(-((rows - 48) ** 2 + (columns - 80) ** 2) / 40**2)
    assert 0.6 < Surroundings(light.astype(np.int16)).goes_on(blob) < 1
    assert Surroundings(
        (light * (1 - 2 * (np.hypot(rows - 48, columns - 80) > 14))).astype(np.int16)
    ).goes_on(blob) == pytest.approx(0)


def test_what_fills_the_picture_has_no_surroundings() -> None:
    everywhere = np.full((SIZE[1], SIZE[0]), 5000, np.int16)
    assert Surroundings(everywhere).goes_on(blob_of(0, 0, SIZE[0] // 4, SIZE[1] // 4)) == 0
    assert Surroundings(everywhere).goes_on(blob_of(0, 0, 2, 2)) == pytest.approx(1)


def test_light_that_goes_on_around_is_no_thing_at_any_normal_sensitivity() -> None:
    assert least_level(WALKS._replace(goes_on=0.4), Tuning()) < NORMAL
    assert least_level(WALKS._replace(goes_on=0.7), Tuning()) > NORMAL


@pytest.mark.parametrize(("way", "is_out"), [((12, 8, 4, 0), True), ((4, 8, 12, 16), False)])
def test_what_went_to_the_edge_and_is_not_seen_there_is_out(way: tuple[int, ...], is_out: bool) -> None:
    tracker = Tracker(SIZE, Tuning())
    for number, left in enumerate(way):
        tracker.follow(WallUs(100_000 * number), 0.1, [blob_of(left, 6, left + 5, 12)])
    assert len(tracker.tracks) == 1
    for number in (4, 5):
        tracker.follow(WallUs(100_000 * number), 0.1, [])
    assert (not tracker.tracks) == is_out


def test_what_is_rather_soft_proves_itself_by_growing_in_steady_light_only() -> None:
    evidence = WALKS._replace(
        mass=500, sightings=4, looks=4, sharp=0.25, size=50, travel=6,
        straightness=0.3, grows=30, age_s=0.3,
    )  # fmt: skip
    assert least_level(evidence, Tuning()) < NORMAL
    assert least_level(evidence._replace(light=10.0), Tuning()) > NORMAL
    assert least_level(evidence._replace(sharp=0.15), Tuning()) > NORMAL


def test_light_is_steady_again_some_time_after_it_changed() -> None:
    light = Light(0.5)
    assert light.see(-130, 0.1) == 0
    assert light.see(-118, 0.1) == 12
    assert light.see(-117, 0.1) > 5
    assert light.see(-117, 1.0) < 2


def test_who_came_and_stands_counts_as_long_as_he_stirs_but_not_for_ever() -> None:
    tuning = Tuning()
    tracker = Tracker(SIZE, tuning)
    sure = []
    for number in range(300):
        left = min(number, 20)
        tracker.follow(WallUs(100_000 * number), 0.1, [blob_of(left, 8, left + 1, 11)])
        sure.append(tracker.tracks[0].sure)
    assert all(sure[5 : 20 + int(10 * tuning.stands_s)])
    assert not any(sure[60 + int(10 * tuning.stands_s) :])


def test_a_scatter_of_pieces_is_one_thing_only_where_the_scene_is_at_rest() -> None:
    evidence = WALKS._replace(mess=10, restless=0.1)
    assert least_level(evidence, Tuning()) < NORMAL
    assert least_level(evidence._replace(fills=0.2), Tuning()) > NORMAL
    assert least_level(evidence._replace(fills=0.2, restless=0.01), Tuning()) < NORMAL


def test_a_blob_fills_a_share_of_its_box() -> None:
    assert blob_of(4, 4, 8, 12).fills == 1
    mass = np.zeros((SIZE[1] // 4, SIZE[0] // 4), np.float32)
    mass[range(4, 8), range(4, 8)] = 16
    assert find_blobs(mass)[0].fills == pytest.approx(0.25)
