"""Whatever stamps a camera sends, decode times rise and the wall clock stays near the truth."""

import itertools
from collections.abc import Iterable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import WallUs
from wachtel.media.timestamps import (
    SHIFT_WORTH_NOTING_US,
    Placed,
    Timeline,
    WallAnchor,
    segment_start,
    to_ticks,
    to_us,
)
from wachtel.model.stream import Packet, Track

START = 1_795_000_000_000_000
TICKS = Fraction(1, 90_000)
FRAME = 3600
HOUR_S = 3600


def packet(dts: int, arrival_s: float, *, pts: int | None = None, base: Fraction = TICKS) -> Packet:
    arrival = WallUs(START + round(arrival_s * 1_000_000))
    return Packet(b"", dts if pts is None else pts, dts, base, False, Track.VIDEO, arrival)


def place(packets: Iterable[Packet]) -> list[Placed]:
    timeline = Timeline()
    return [timeline.place(one) for one in packets]


def steps(placed: list[Placed]) -> list[int]:
    return [two.decode - one.decode for one, two in itertools.pairwise(placed)]


def noted(placed: list[Placed]) -> list[Placed]:
    return [one for one in placed if abs(one.shift_us) >= SHIFT_WORTH_NOTING_US]


def test_good_stamps_pass_unchanged() -> None:
    placed = place(packet(5000 + n * FRAME, n * 0.04, pts=5000 + n * FRAME + 7200) for n in range(100))
    assert [one.decode for one in placed] == [n * FRAME for n in range(100)]
    assert {one.composition for one in placed} == {7200}
    assert [one.wall for one in placed] == [START + n * 40_000 for n in range(100)]
    assert {one.shift_us for one in placed} == {0}


@pytest.mark.parametrize("back_ms", [3, 10, 30])
def test_a_small_step_back_is_caught_up_without_a_shift(back_ms: int) -> None:
    stamps = [n * FRAME for n in range(50)]
    stamps[20:] = [stamp - FRAME - back_ms * 90 for stamp in stamps[20:]]
    placed = place(packet(stamp, n * 0.04) for n, stamp in enumerate(stamps))
    assert min(steps(placed)) == 1
    assert placed[21].decode == stamps[21]
    assert not noted(placed)


@pytest.mark.parametrize("bits", [32, 33])
def test_a_wrap_is_no_fault(bits: int) -> None:
    first = (1 << bits) - 10 * FRAME
    placed = place(packet((first + n * FRAME) % (1 << bits), n * 0.04) for n in range(30))
    assert set(steps(placed)) == {FRAME}
    assert {one.shift_us for one in placed} == {0}


@pytest.mark.parametrize("jump_s", [5 * HOUR_S, -5 * HOUR_S, 30, -30, -0.5])
def test_a_jump_of_the_cameras_clock_is_taken_out_and_reported(jump_s: float) -> None:
    jump = round(jump_s * 90_000)
    placed = place(packet(n * FRAME + (jump if n >= 10 else 0), n * 0.04) for n in range(30))
    assert set(steps(placed)) == {FRAME}
    assert [one.shift_us for one in noted(placed)] == [-round(jump_s * 1_000_000)]


def test_a_real_pause_stays() -> None:
    placed = place(
        packet(n * FRAME + (6 * 90_000 if n >= 10 else 0), n * 0.04 + 6 * (n >= 10)) for n in range(20)
    )
    assert steps(placed)[9] == FRAME + 6 * 90_000
    assert not noted(placed)


def test_a_stall_of_the_network_followed_by_a_burst_changes_nothing() -> None:
    placed = place(packet(n * FRAME, 8.0 if 50 <= n < 200 else n * 0.04) for n in range(300))
    assert set(steps(placed)) == {FRAME}


def test_a_clock_that_stands_still_is_led_by_the_arrival() -> None:
    placed = place(packet(7, n * 0.04) for n in range(1000))
    assert min(steps(placed)) >= 1
    assert placed[-1].decode == pytest.approx(999 * FRAME, abs=90_000)


@pytest.mark.parametrize("speed", [0.1, 0.5, 2, 10])
def test_a_clock_of_the_wrong_speed_keeps_in_touch_with_the_arrival(speed: float) -> None:
    placed = place(packet(round(n * FRAME * speed), n * 0.04) for n in range(5000))
    assert abs(placed[-1].decode - 4999 * FRAME) <= 11 * 90_000
    assert min(steps(placed)) >= 1


@pytest.mark.parametrize("fps", [0.2, 1, 60, 1000])
def test_any_frame_rate_is_kept(fps: float) -> None:
    placed = place(packet(round(n * 90_000 / fps), n / fps) for n in range(100))
    assert set(steps(placed)) <= {round(90_000 / fps), round(90_000 / fps) + 1, round(90_000 / fps) - 1}


def test_other_time_bases_are_converted() -> None:
    placed = place(packet(n * 40, n * 0.04, base=Fraction(1, 1000)) for n in range(10))
    assert [one.decode for one in placed] == [n * FRAME for n in range(10)]


def test_impossible_composition_offsets_become_zero() -> None:
    placed = place(
        [packet(0, 0, pts=-5), packet(FRAME, 0.04, pts=1 << 40), packet(2 * FRAME, 0.08, pts=3 * FRAME)]
    )
    assert [one.composition for one in placed] == [0, 0, FRAME]


def test_the_wall_clock_follows_the_fastest_packet() -> None:
    delays = [0.2, 0.05, 0.3, 0.01, 0.25, 0.2]
    placed = place(packet(n * FRAME, n * 0.04 + delays[n % 6]) for n in range(100))
    assert [one.wall for one in placed[10:]] == [START + n * 40_000 + 10_000 for n in range(10, 100)]


def test_a_burst_of_old_pictures_at_the_start_does_not_run_ahead() -> None:
    placed = place(packet(n * FRAME, max(0.0, (n - 100) * 0.04)) for n in range(300))
    assert {one.wall for one in placed[:101]} == {START}
    assert placed[-1].wall == placed[-1].packet.arrival
    assert not noted(placed)


def test_skew_between_the_clocks_does_not_add_up() -> None:
    skewed = [packet(n * FRAME, n * 0.04 * (1 + 200e-6)) for n in range(25 * HOUR_S)]
    placed = place(skewed)
    late = [one.packet.arrival - one.wall for one in placed]
    assert max(late) <= 60 * 200 + 1_000
    fast = place(packet(n * FRAME, n * 0.04 * (1 - 200e-6)) for n in range(25 * HOUR_S))
    assert max(one.packet.arrival - one.wall for one in fast) <= 1_000


def test_a_change_of_the_network_is_learnt_within_a_minute() -> None:
    placed = place(packet(n * FRAME, n * 0.04 + (0.3 if n > 500 else 0.0)) for n in range(3000))
    assert placed[-1].packet.arrival - placed[-1].wall <= 1


def test_setting_the_machines_clock_forward_moves_the_wall_clock_at_once() -> None:
    placed = place(packet(n * FRAME, n * 0.04 + (HOUR_S if n >= 50 else 0)) for n in range(100))
    assert placed[50].wall == placed[50].packet.arrival
    assert set(steps(placed)) == {FRAME}


def test_setting_it_back_lets_the_wall_clock_fall_and_segments_start_before_the_last_end() -> None:
    placed = place(packet(n * FRAME, n * 0.04 - (HOUR_S if n >= 50 else 0)) for n in range(100))
    assert placed[50].wall == placed[50].packet.arrival
    assert segment_start(placed[50], placed[49].wall) == placed[50].wall
    assert set(steps(placed)) == {FRAME}


def test_a_segment_starts_at_the_end_of_the_previous_one_at_the_earliest() -> None:
    (placed,) = place([packet(0, 0)])
    assert segment_start(placed, None) == START
    assert segment_start(placed, WallUs(START + 500)) == START + 500
    assert segment_start(placed, WallUs(START - 500)) == START


hostile_stamps = st.one_of(
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.integers(-9000, 9000),
    st.integers((1 << 32) - 9000, (1 << 33) + 9000),
)


@given(
    st.lists(st.tuples(hostile_stamps, hostile_stamps, st.integers(0, 20_000_000)), min_size=2, max_size=60),
    st.sampled_from([TICKS, Fraction(1, 1000), Fraction(1, 1_000_000), Fraction(1), Fraction(1001, 30000)]),
)
def test_decode_times_always_rise_and_stay_near_the_arrival(
    stamps: list[tuple[int, int, int]], base: Fraction
) -> None:
    arrival, packets = 0, []
    for dts, pts, waited in stamps:
        arrival += waited
        packets.append(packet(dts, arrival / 1_000_000, pts=pts, base=base))
    placed = place(packets)
    assert all(step > 0 for step in steps(placed))
    assert all(0 <= one.composition <= 900_000 for one in placed)
    assert all(one.wall <= one.packet.arrival for one in placed)
    assert all(two.wall >= one.wall for one, two in itertools.pairwise(placed))
    for one in placed:
        assert one.decode <= to_ticks(one.packet.arrival - START) + 900_000 + len(placed)


@given(st.lists(st.tuples(st.integers(1, 100_000), st.integers(0, 3_000_000)), min_size=1, max_size=200))
def test_the_wall_clock_never_falls_and_is_never_late(moves: list[tuple[int, int]]) -> None:
    anchor, decode, arrival, last = WallAnchor(), 0, START, 0
    for ticks, waited in moves:
        decode, arrival = decode + ticks, arrival + waited
        wall = anchor.wall(decode, WallUs(arrival))
        assert last <= wall <= arrival
        last = wall


@given(st.integers(-(1 << 50), 1 << 50))
def test_ticks_and_microseconds_convert_back(ticks: int) -> None:
    assert abs(to_ticks(to_us(ticks)) - ticks) <= 1
