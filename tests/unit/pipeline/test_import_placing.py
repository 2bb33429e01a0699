"""Where recordings belong whose names are cut to the second."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import US_PER_S, WallUs
from wachtel.pipeline.importing.placing import RESOLUTION_US, Placement, Taken, place

S = US_PER_S
NAMED = WallUs(1_700_000_000 * S)


def test_a_recording_alone_begins_as_named() -> None:
    assert place(NAMED, 10 * S, [], None) == Placement(NAMED, 1.0)


def test_a_recording_begins_where_the_one_before_ended_within_its_second() -> None:
    before = (NAMED - 10 * S, NAMED + 400_000)
    assert place(NAMED, 10 * S, [before], None) == Placement(WallUs(NAMED + 400_000), 1.0)
    assert place(NAMED, 10 * S, [(NAMED - 10 * S, NAMED + 1_100_000)], None) == (
        NAMED - 10 * S,
        NAMED + 1_100_000,
    )


def test_a_recording_ends_where_the_next_one_must_have_begun() -> None:
    found = place(NAMED, 10_500_000, [(NAMED - S, NAMED + 900_000)], WallUs(NAMED + 10 * S))
    assert isinstance(found, Placement)
    assert found.end(10_500_000) == NAMED + 11 * S
    assert 0.9 < found.pace < 1


def test_footage_in_the_way_is_named() -> None:
    there = (NAMED + 5 * S, NAMED + 60 * S)
    assert place(NAMED, 10 * S, [there], None) == there
    inside = (NAMED - 5 * S, NAMED + 60 * S)
    assert place(NAMED, 10 * S, [inside], None) == inside


STRETCHES = st.lists(
    st.tuples(st.integers(-30 * S, 30 * S), st.integers(1, 20 * S)).map(
        lambda one: (one[0], one[0] + one[1])
    ),
    max_size=6,
)


def merged(stretches: list[tuple[int, int]]) -> Taken:
    taken = Taken()
    for start, end in stretches:
        taken.add(NAMED + start, NAMED + end)
    return taken


@given(STRETCHES, st.integers(1, 25 * S), st.none() | st.integers(0, 30).map(lambda s: WallUs(NAMED + s * S)))
def test_what_is_placed_overlaps_nothing(
    stretches: list[tuple[int, int]], length: int, following: WallUs | None
) -> None:
    taken = merged(stretches)
    found = place(NAMED, length, taken.all(), following)
    if not isinstance(found, Placement):
        assert found in taken.all()
        return
    assert NAMED <= found.start <= NAMED + RESOLUTION_US
    end = found.end(length)
    assert 0 <= found.start + length - end <= RESOLUTION_US
    assert all(high <= found.start or low >= end for low, high in taken.all())


@given(STRETCHES)
def test_stretches_are_kept_apart_and_nothing_is_lost(stretches: list[tuple[int, int]]) -> None:
    found = merged(stretches).all()
    assert all(one[1] < two[0] for one, two in pairwise(found))
    for start, end in stretches:
        assert any(low <= NAMED + start and NAMED + end <= high for low, high in found)
    assert list(merged(stretches).near(NAMED - 100 * S, NAMED + 100 * S)) == found
