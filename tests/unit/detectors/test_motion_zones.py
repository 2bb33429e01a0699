import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.detectors.motion import driver
from wachtel.detectors.motion.blobs import BLOCK, find_blobs
from wachtel.detectors.motion.zones import map_zones
from wachtel.model.camera import MotionSettings
from wachtel.model.zone import Point, Zone, ZoneKind

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
WIDTH, HEIGHT = 320, 160


@pytest.mark.parametrize(
    ("polygon", "reason"),
    [
        ((), "0 points"),
        (((0.1, 0.1), (0.9, 0.9)), "2 points"),
        (tuple((i / 100, 0.5) for i in range(65)), "65 points"),
        (((0.1, 0.1), (math.nan, 0.5), (0.5, 0.9)), "not a number"),
        (((0.1, 0.1), (math.inf, 0.5), (0.5, 0.9)), "not a number"),
        (((0.1, 0.1), (1.2, 0.5), (0.5, 0.9)), "outside the picture"),
        (((-0.1, 0.1), (0.2, 0.5), (0.5, 0.9)), "outside the picture"),
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), "cross"),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), "one line"),
        (((0.5, 0.5), (0.5, 0.5), (0.5, 0.5)), "one line"),
        (((0.5, 0.5), (0.505, 0.5), (0.505, 0.505)), "too small"),
    ],
)
def test_what_is_no_area_on_the_picture_is_refused_with_the_reason(
    polygon: tuple[Point, ...], reason: str
) -> None:
    with pytest.raises(WachtelError, match=reason) as caught:
        map_zones([Zone("yard", polygon)], WIDTH, HEIGHT)
    assert caught.value.kind is ErrorKind.INVALID
    assert "yard" in str(caught.value)


def test_too_many_zones_are_refused() -> None:
    with pytest.raises(WachtelError, match="33 zones"):
        map_zones([Zone(str(number), SQUARE) for number in range(33)], WIDTH, HEIGHT)


@pytest.mark.parametrize("sensitivity", [-1, 101])
def test_a_sensitivity_outside_its_scale_is_refused(sensitivity: int) -> None:
    with pytest.raises(WachtelError, match="sensitivity"):
        driver.create(MotionSettings(sensitivity=sensitivity), 640, 360)


def test_a_picture_too_small_is_refused() -> None:
    with pytest.raises(WachtelError, match="too small"):
        driver.create(MotionSettings(), 640, 8)


def test_blocks_inside_are_those_whose_middle_is() -> None:
    inside = map_zones([Zone("z", SQUARE)], WIDTH, HEIGHT).zones[0][1]
    expected = np.zeros((HEIGHT // BLOCK, WIDTH // BLOCK), np.bool_)
    expected[10:30, 20:60] = True
    assert np.array_equal(inside, expected)


def test_masks_open_the_rest() -> None:
    zones = map_zones([Zone("m", SQUARE, ZoneKind.MASK)], WIDTH, HEIGHT)
    assert zones.zones == ()
    assert zones.open is not None
    assert not zones.open[20, 40]
    assert zones.open[0, 0]


@pytest.mark.parametrize(
    ("box", "counts"),
    [
        ((12, 22, 20, 30), True),
        ((0, 22, 12, 30), True),
        ((0, 22, 8, 30), False),
        ((25, 30, 39, 34), False),
        ((2, 2, 8, 8), False),
    ],
    ids=["inside", "foot inside", "feet above", "mostly below", "far"],
)
def test_a_thing_counts_by_its_foot_or_half_its_area(box: tuple[int, int, int, int], counts: bool) -> None:
    top, left, bottom, right = box
    mass = np.zeros((HEIGHT // BLOCK, WIDTH // BLOCK), np.float32)
    mass[top:bottom, left:right] = 5
    (blob,) = find_blobs(mass)
    assert (map_zones([Zone("z", SQUARE)], WIDTH, HEIGHT).touched(blob) == ("z",)) is counts


numbers = st.one_of(st.floats(), st.floats(0, 1))


@given(st.lists(st.tuples(numbers, numbers), max_size=12))
def test_any_polygon_is_either_used_or_refused(points: list[tuple[float, float]]) -> None:
    try:
        zones = map_zones([Zone("z", tuple(points))], WIDTH, HEIGHT)
    except WachtelError as error:
        assert error.kind is ErrorKind.INVALID
    else:
        assert zones.zones[0][1].any()
