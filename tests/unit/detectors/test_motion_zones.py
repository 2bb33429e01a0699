import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.detectors.motion import driver
from wachtel.detectors.motion.blobs import BLOCK
from wachtel.detectors.motion.zones import open_blocks
from wachtel.model.camera import MotionSettings
from wachtel.model.schedule import Day, Schedule, Stretch
from wachtel.model.zone import Line, Point, Zone, ZoneKind
from wachtel.model.zone_checks import check_motion

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
WIDTH, HEIGHT = 320, 160


def refusal(settings: MotionSettings) -> str:
    with pytest.raises(WachtelError) as caught:
        driver.create(settings, 640, 360)
    assert caught.value.kind is ErrorKind.INVALID
    return str(caught.value)


@pytest.mark.parametrize(
    ("polygon", "reason"),
    [
        ((), "0 points"),
        (((0.1, 0.1), (0.9, 0.9)), "2 points"),
        (tuple((i / 100, 0.5) for i in range(65)), "65 points"),
        (((0.5, 0.5),) * 1_000_000, "1000000 points"),
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
    said = refusal(MotionSettings(zones=(Zone("yard", polygon),)))
    assert "yard" in said and reason in said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (Line("gate", (0.5, 0.5), (0.5, 0.5)), "too near"),
        (Line("gate", (0.5, 0.5), (1.5, 0.5)), "outside the picture"),
        (Line("gate", (0.5, math.nan), (0.5, 0.5)), "not a number"),
        (Line("gate", (0.1, 0.1), (0.5, 0.5), sensitivity=101), "sensitivity"),
    ],
)
def test_a_line_that_is_none_is_refused_with_the_reason(line: Line, reason: str) -> None:
    assert reason in refusal(MotionSettings(lines=(line,)))


@pytest.mark.parametrize(
    ("zone", "reason"),
    [
        (Zone("z", SQUARE, sensitivity=-1), "sensitivity"),
        (Zone("z", SQUARE, near_height=1.5), "height"),
        (Zone("z", SQUARE, far_height=math.nan), "height"),
        (Zone("z", SQUARE, dwell_s=math.inf), "time inside"),
        (Zone("z", SQUARE, dwell_s=601), "time inside"),
        (Zone("z", SQUARE, schedule=Schedule((Stretch((), 0, 60),))), "no day"),
        (Zone("z", SQUARE, schedule=Schedule((Stretch((Day.MON,), 0, 1441),))), "outside of the day"),
    ],
)
def test_what_a_zone_cannot_ask_for_is_refused(zone: Zone, reason: str) -> None:
    assert reason in refusal(MotionSettings(zones=(zone,)))


def test_too_many_of_them_and_the_same_name_twice_are_refused() -> None:
    many = tuple(Zone(str(number), SQUARE) for number in range(33))
    assert "33 zones" in refusal(MotionSettings(zones=many))
    lines = tuple(Line(str(number), (0, 0), (1, 1)) for number in range(17))
    assert "17 lines" in refusal(MotionSettings(lines=lines))
    assert "same name" in refusal(MotionSettings(zones=many[:1], lines=lines[:1]))


@pytest.mark.parametrize("sensitivity", [-1, 101])
def test_a_sensitivity_outside_its_scale_is_refused(sensitivity: int) -> None:
    assert "sensitivity" in refusal(MotionSettings(sensitivity=sensitivity))


def test_a_picture_too_small_is_refused() -> None:
    with pytest.raises(WachtelError, match="too small"):
        driver.create(MotionSettings(), 640, 8)


def test_masks_open_the_rest() -> None:
    opened = open_blocks([Zone("m", SQUARE, ZoneKind.MASK)], WIDTH, HEIGHT)
    expected = np.ones((HEIGHT // BLOCK, WIDTH // BLOCK), np.bool_)
    expected[10:30, 20:60] = False
    assert opened is not None and np.array_equal(opened, expected)
    assert open_blocks([Zone("z", SQUARE)], WIDTH, HEIGHT) is None


numbers = st.one_of(st.floats(), st.floats(0, 1))
points = st.lists(st.tuples(numbers, numbers), max_size=12)


@examples(deadline=None, max_examples=60)
@given(points, points, st.integers() | st.none(), st.floats(), st.floats())
def test_any_zone_and_line_is_either_used_or_refused(
    polygon: list[Point], ends: list[Point], sensitivity: int | None, height: float, dwell_s: float
) -> None:
    zone = Zone("z", tuple(polygon), ZoneKind.ZONE, sensitivity, height, height, dwell_s=dwell_s)
    lines = (Line("l", ends[0], ends[1], sensitivity=sensitivity),) if len(ends) > 1 else ()
    settings = MotionSettings(zones=(zone,), lines=lines)
    try:
        check_motion(settings)
    except WachtelError as error:
        assert error.kind is ErrorKind.INVALID
    else:
        driver.create(settings, 640, 360)
