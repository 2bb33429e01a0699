"""An account of every moment, checked against a slow one that looks at each second by itself."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import HOUR_US, US_PER_S, WallUs
from wachtel.model.footage import Gap, GapReason
from wachtel.storage.api import SLOTS_PER_HOUR, LedgerState
from wachtel.storage.index.hours import SLOT_US, bitmap, hours_of
from wachtel.storage.index.ledger import Layers, ledger

SECONDS = 40
_OFF = {GapReason.SCHEDULE, GapReason.PRIVACY}
_range = st.tuples(st.integers(-5, SECONDS + 5), st.integers(0, 20)).map(
    lambda pair: (pair[0] * US_PER_S, (pair[0] + pair[1]) * US_PER_S)
)
_gaps = st.builds(
    lambda span, reason: Gap("home", "door", WallUs(span[0]), WallUs(span[1]), reason),
    _range,
    st.sampled_from(GapReason),
)
_layers = st.builds(
    Layers, st.lists(_range, max_size=5), st.lists(_range, max_size=2), st.lists(_gaps, max_size=4)
)


def _slow(layers: Layers, second: int) -> set[LedgerState]:
    """What may be said of a second; a seam may close what nothing else explains."""
    at = second * US_PER_S
    if any(start <= at < end for start, end in layers.footage):
        return {LedgerState.RECORDED}
    if any(start <= at < end for start, end in layers.deleted):
        return {LedgerState.DELETED}
    here = [gap for gap in layers.gaps if gap.start <= at < gap.end]
    if here:
        return {LedgerState.OFF if gap.reason in _OFF else LedgerState.GAP for gap in here}
    return {LedgerState.UNKNOWN, LedgerState.RECORDED}


@given(_layers)
def test_every_second_is_accounted_for(layers: Layers) -> None:
    found = ledger(layers, WallUs(0), WallUs(SECONDS * US_PER_S))
    stretches = found.stretches
    assert stretches[0].start == 0 and stretches[-1].end == SECONDS * US_PER_S
    assert all(a.end == b.start for a, b in pairwise(stretches))
    for second in range(SECONDS):
        (one,) = [s for s in stretches if s.start <= second * US_PER_S < s.end]
        assert one.state in _slow(layers, second)
    assert 0 <= found.recorded_share <= 1


def test_seams_close_and_gaps_that_were_noted_stay() -> None:
    footage = [(0, 10 * US_PER_S), (12 * US_PER_S, 20 * US_PER_S), (23 * US_PER_S, 30 * US_PER_S)]
    noted = Gap("home", "door", WallUs(10 * US_PER_S), WallUs(11 * US_PER_S), GapReason.NO_PACKETS)
    states = [
        (s.state.value, (s.end - s.start) // US_PER_S)
        for s in ledger(Layers(footage, [], [noted]), WallUs(0), WallUs(30 * US_PER_S)).stretches
    ]
    assert states == [("recorded", 10), ("gap", 1), ("recorded", 9), ("unknown", 3), ("recorded", 7)]


def test_time_off_by_wish_does_not_lower_the_share() -> None:
    off = Gap("home", "door", WallUs(5), WallUs(10), GapReason.PRIVACY)
    assert ledger(Layers([(0, 5)], [], [off]), WallUs(0), WallUs(10)).recorded_share == 1.0
    assert ledger(Layers([], [], [off]), WallUs(5), WallUs(10)).recorded_share == 1.0


@given(st.lists(st.tuples(st.integers(-10, 3700), st.integers(0, 500)), max_size=5))
def test_bitmaps_say_what_touches_a_slot(spans: list[tuple[int, int]]) -> None:
    hour = 100 * HOUR_US
    stretches = [(hour + at * US_PER_S, hour + (at + length) * US_PER_S) for at, length in spans]
    bits = int.from_bytes(bitmap(hour, stretches), "big")
    for slot in range(0, SLOTS_PER_HOUR, 7):
        low, high = hour + slot * SLOT_US, hour + (slot + 1) * SLOT_US
        touched = any(start < high and max(end, start + 1) > low for start, end in stretches)
        assert bool(bits >> (SLOTS_PER_HOUR - 1 - slot) & 1) == touched


def test_a_moment_has_an_hour() -> None:
    assert list(hours_of(HOUR_US, HOUR_US)) == [HOUR_US]
    assert list(hours_of(HOUR_US - 1, HOUR_US)) == [0]
    assert list(hours_of(HOUR_US - 1, HOUR_US + 1)) == [0, HOUR_US]
