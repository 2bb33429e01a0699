"""What counts for which zone or line: things that are moved by hand over the picture."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.judging import Judge
from wachtel.model.camera import MotionSettings
from wachtel.model.candidate import GRID, NEVER, Look, Sighting
from wachtel.model.event import Motion
from wachtel.model.schedule import Day, Schedule, Stretch
from wachtel.model.zone import Heading, Line, Passing, Zone, ZoneKind

BEGIN = 1_763_712_000 * US_PER_S
"""Friday, 2025-11-21, 08:00 UTC, which is 09:00 in Berlin."""
STEP_US = 100_000
RIGHT_HALF = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
MIDDLE = Line("gate", (0.5, 0.0), (0.5, 1.0))


def thing(x: float, foot: float, *, tall: float = 0.2, level: int = 40, track: int = 1) -> Sighting:
    """As wide as half its height, standing at ``x``, ``foot``."""
    steps = [round(value * GRID) for value in (x - tall / 4, foot - tall, x + tall / 4, foot)]
    left, top, right, bottom = (min(GRID, max(0, step)) for step in steps)
    y = round((foot - tall / 2) * GRID)
    return Sighting(
        track, left, top, right, bottom, min(GRID - 1, round(x * GRID)), max(0, y), level=level, mass=200
    )


def walk(xs: Iterable[float], foot: float = 0.8, **form: float | int) -> list[Look]:
    return [
        Look(WallUs(BEGIN + number * STEP_US), (thing(x, foot, **form),))  # type: ignore[arg-type]
        for number, x in enumerate(xs)
    ]


def across(begin: float = 0.1, end: float = 0.9, steps: int = 41) -> list[float]:
    return [begin + (end - begin) * number / (steps - 1) for number in range(steps)]


def words(settings: MotionSettings, looks: list[Look]) -> list[Motion]:
    judge = Judge(settings)
    return [word for look in looks if (word := judge.look(look)) is not None]


def test_without_zones_all_that_moves_enough_counts_from_where_its_way_began() -> None:
    said = words(MotionSettings(), walk(across()))
    assert len(said) == 41
    last = said[-1]
    assert last.since == BEGIN and last.zones == ()
    assert last.why.travel == pytest.approx(0.8, abs=0.01) and last.why.within_s == 4.0
    assert (last.why.direction, last.why.line) == ("right", "")
    assert last.boxes[0].bottom == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("sensitivity", "counts"), [(0, False), (39, False), (40, True), (100, True)])
def test_the_sensitivity_decides_by_the_level(sensitivity: int, counts: bool) -> None:
    assert bool(words(MotionSettings(sensitivity=sensitivity), walk(across()))) is counts
    zone = Zone("z", RIGHT_HALF, sensitivity=sensitivity)
    assert bool(words(MotionSettings(sensitivity=100 - sensitivity, zones=(zone,)), walk(across()))) is counts


def test_a_zone_counts_from_the_first_picture_inside() -> None:
    said = words(MotionSettings(zones=(Zone("right", RIGHT_HALF),)), walk(across()))
    assert {word.zones for word in said} == {("right",)}
    assert said[0].since == BEGIN + 20 * STEP_US and said[0].at == BEGIN + 21 * STEP_US


def test_a_mask_takes_out_what_is_in_it() -> None:
    mask = Zone("street", RIGHT_HALF, ZoneKind.MASK)
    assert all(word.boxes[0].left < 0.5 for word in words(MotionSettings(zones=(mask,)), walk(across())))
    assert words(MotionSettings(zones=(mask,)), walk(across(0.6))) == []


def test_what_is_far_may_be_smaller_than_what_is_near() -> None:
    zone = Zone("yard", ((0, 0.2), (1, 0.2), (1, 1), (0, 1)), far_height=0.05, near_height=0.4)
    settings = MotionSettings(zones=(zone,))
    assert words(settings, walk(across(), foot=0.3, tall=0.15))
    assert not words(settings, walk(across(), foot=0.95, tall=0.15))
    assert words(settings, walk(across(), foot=0.95, tall=0.45))


@pytest.mark.parametrize(
    ("heading", "counts"), [(Heading.RIGHT, True), (Heading.LEFT, False), (Heading.UP, False)]
)
def test_a_zone_may_ask_for_a_direction(heading: Heading, counts: bool) -> None:
    zone = Zone("right", RIGHT_HALF, heading=heading)
    assert bool(words(MotionSettings(zones=(zone,)), walk(across()))) is counts


def test_a_zone_may_ask_for_some_time_inside_and_a_short_loss_does_not_matter() -> None:
    zone = Zone("right", RIGHT_HALF, dwell_s=3.0)
    looks = walk([0.6, 0.7] * 20)
    second = [Look(look.at, (thing(0.7, 0.8, track=2),)) for look in looks[20:]]
    said = words(MotionSettings(zones=(zone,)), [*looks[:15], *second])
    assert said[0].at == BEGIN + 30 * STEP_US and said[0].since == BEGIN
    assert words(MotionSettings(zones=(zone,)), looks[:25]) == []


@pytest.mark.parametrize(
    ("passing", "there", "back"),
    [(Passing.BOTH, True, True), (Passing.A_TO_B, False, True), (Passing.B_TO_A, True, False)],
)
def test_a_line_counts_what_passes_the_right_way(passing: Passing, there: bool, back: bool) -> None:
    # The line leads down, so who looks along it has the right half of the picture, side A, to the left.
    settings = MotionSettings(lines=(Line("gate", (0.5, 0.0), (0.5, 1.0), passing),))
    to_right, to_left = words(settings, walk(across())), words(settings, walk(across(0.9, 0.1)))
    assert (bool(to_right), bool(to_left)) == (there, back)
    for said, way in ((to_right, "b_to_a"), (to_left, "a_to_b")):
        assert all((word.why.line, word.why.direction) == ("gate", way) for word in said)


def test_a_line_counts_for_a_second_from_when_it_was_passed() -> None:
    said = words(MotionSettings(lines=(MIDDLE,)), walk(across()))
    assert BEGIN + 20 * STEP_US <= said[0].since == said[0].at <= BEGIN + 22 * STEP_US
    assert said[-1].at - said[0].at == US_PER_S


def test_who_passed_before_it_was_sure_is_told_when_it_is() -> None:
    unsure = walk(across(), level=NEVER)[:30]
    sure = [Look(look.at, (thing(0.1 + 0.02 * n, 0.8),)) for n, look in enumerate(walk(across()))][30:]
    said = words(MotionSettings(lines=(MIDDLE,)), [*unsure, *sure])
    assert said[0].at == BEGIN + 30 * STEP_US and said[0].since <= BEGIN + 22 * STEP_US


@pytest.mark.parametrize(
    "xs", [[0.45, 0.46] * 20, [0.499, 0.501] * 20, across(0.6, 0.9)], ids=["beside", "trembling", "beyond"]
)
def test_what_does_not_pass_a_line_does_not_count(xs: list[float]) -> None:
    assert words(MotionSettings(lines=(MIDDLE,)), walk(xs)) == []


def test_who_goes_round_the_end_of_a_line_does_not_pass_it() -> None:
    short = Line("gate", (0.5, 0.0), (0.5, 0.5))
    assert words(MotionSettings(lines=(short,)), walk(across(), foot=0.8)) == []


@pytest.mark.parametrize(
    ("start", "end", "counts"), [(9 * 60, 10 * 60, True), (8 * 60, 9 * 60, False), (22 * 60, 10 * 60, True)]
)
def test_a_schedule_goes_by_the_clock_of_the_site(start: int, end: int, counts: bool) -> None:
    hours = Schedule((Stretch((Day.THU, Day.FRI), start, end),))
    everywhere = MotionSettings(schedule=hours, time_zone="Europe/Berlin")
    inside = MotionSettings(zones=(Zone("z", RIGHT_HALF, schedule=hours),), time_zone="Europe/Berlin")
    line = MotionSettings(lines=(Line("l", (0.5, 0), (0.5, 1), schedule=hours),), time_zone="Europe/Berlin")
    for settings in (everywhere, inside, line):
        assert bool(words(settings, walk(across()))) is counts


def test_a_night_that_begins_on_a_day_ends_on_the_next() -> None:
    night = Stretch((Day.FRI,), 22 * 60, 6 * 60)
    assert night.covers(Day.FRI, 23 * 60) and night.covers(Day.SAT, 5 * 60)
    assert not night.covers(Day.FRI, 5 * 60) and not night.covers(Day.SAT, 22 * 60)


places = st.floats(0.0, 1.0)
corners = st.tuples(
    st.floats(0.05, 0.45), st.floats(0.05, 0.45), st.floats(0.55, 0.95), st.floats(0.55, 0.95)
)
paths = st.lists(st.tuples(places, places, st.integers(0, 100), st.integers(1, 3)), max_size=30)


@examples(deadline=None, max_examples=60)
@given(corners, paths, st.integers(0, 100), st.booleans())
def test_what_stays_outside_a_zone_is_no_event_of_it(
    corner: tuple[float, float, float, float],
    path: list[tuple[float, float, int, int]],
    level: int,
    line: bool,
) -> None:
    left, top, right, bottom = corner
    zone = Zone("z", ((left, top), (right, top), (right, bottom), (left, bottom)), sensitivity=level)
    looks = [
        Look(WallUs(BEGIN + n * STEP_US), (thing(x, foot, tall=0.02, level=its, track=track),))
        for n, (x, foot, its, track) in enumerate(path)
    ]
    lines = (Line("l", (left, top), (right, bottom)),) if line else ()
    for word in words(MotionSettings(zones=(zone,), lines=lines), looks):
        assert word.since <= word.at and 0 <= word.score <= 1
        if word.zones:
            box = word.boxes[0]
            assert left - 0.02 <= box.right and box.left <= right + 0.02
            assert top - 0.02 <= box.bottom <= bottom + 0.02


@examples(deadline=None, max_examples=60)
@given(paths, st.integers(0, 99))
def test_more_sensitive_never_finds_less(path: list[tuple[float, float, int, int]], level: int) -> None:
    looks = [
        Look(WallUs(BEGIN + n * STEP_US), (thing(x, foot, level=its, track=track),))
        for n, (x, foot, its, track) in enumerate(path)
    ]
    less = {word.at for word in words(MotionSettings(sensitivity=level), looks)}
    assert less <= {word.at for word in words(MotionSettings(sensitivity=level + 1), looks)}
