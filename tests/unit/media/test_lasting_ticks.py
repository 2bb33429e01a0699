"""A client that stays sees one time over all sessions of the camera."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import WallUs
from wachtel.media.lasting_ticks import LastingTicks
from wachtel.media.timestamps import Placed
from wachtel.model.stream import Packet, Track


def placed(decode: int, wall: int) -> Placed:
    packet = Packet(b"", decode, decode, Fraction(1, 90000), True, Track.VIDEO, WallUs(wall))
    return Placed(packet, decode, 0, WallUs(wall))


def test_the_first_session_begins_where_it_is_told() -> None:
    assert LastingTicks(700).of(placed(0, 5_000_000)) == 700


def test_the_pause_between_sessions_is_as_long_as_the_wall_clock_says() -> None:
    ticks = LastingTicks()
    ticks.of(placed(90_000, 1_000_000))
    ticks.begin_session()
    assert ticks.of(placed(0, 3_000_000)) == 270_000


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**12)), min_size=1, max_size=20))
def test_a_new_session_never_begins_before_the_old_one_ended(sessions: list[tuple[int, int]]) -> None:
    ticks, last = LastingTicks(), -1
    for decode, wall in sessions:
        ticks.begin_session()
        now = ticks.of(placed(decode, wall))
        assert now > last or last == -1
        last = now
