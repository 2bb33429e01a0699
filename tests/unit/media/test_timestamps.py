"""Whatever stamps a camera sends, decode times rise and the wall clock stays near the truth."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
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
def test_a_small_step_back_moves_the_cameras_clock_and_no_picture_is_squeezed(back_ms: int) -> None:
    stamps = [n * FRAME for n in range(50)]
    stamps[20:] = [stamp - FRAME - back_ms * 90 for stamp in stamps[20:]]
    placed = place(packet(stamp, n * 0.04) for n, stamp in enumerate(stamps))
    assert set(steps(placed)) == {FRAME}
    assert not noted(placed)


def test_stamps_that_step_back_again_and_again_do_not_run_away() -> None:
    order = (0, 3, 1, 2)
    stamps = [(n - n % 4 + order[n % 4]) * FRAME for n in range(1000)]
    placed = place(packet(stamp, n * 0.04) for n, stamp in enumerate(stamps))
    assert min(steps(placed)) >= 1
    assert placed[-1].decode == pytest.approx(999 * FRAME, abs=90_000)


def test_a_step_back_now_and_then_is_no_habit() -> None:
    stamps, back = [], 0
    for n in range(2000):
        back += FRAME + 900 if n % 200 == 199 else 0
        stamps.append(n * FRAME - back)
    placed = place(packet(stamp, n * 0.04) for n, stamp in enumerate(stamps))
    assert set(steps(placed)) == {FRAME}


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
    """An hour at five frames a second."""
    placed = place(packet(n * 5 * FRAME, n * 0.2 * (1 + 200e-6)) for n in range(5 * HOUR_S))
    late = [one.packet.arrival - one.wall for one in placed]
    assert max(late) <= 60 * 200 + 1_000
    fast = place(packet(n * 5 * FRAME, n * 0.2 * (1 - 200e-6)) for n in range(5 * HOUR_S))
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


def piece(stamp_s: float, arrival_s: float) -> Packet:
    """Sound of 8000 samples a second, its stamps on the pictures' line."""
    arrival, stamp = WallUs(START + round(arrival_s * 1_000_000)), round(stamp_s * 8000)
    return Packet(b"", stamp, stamp, Fraction(1, 8000), True, Track.AUDIO, arrival)


def both(jumps_s: float = 0.0, at: int = 100, sound_first: bool = True, count: int = 300) -> list[Packet]:
    """Pictures and sound of the same moments; the camera's clock jumps between the two."""
    found = []
    for n in range(count):
        after = jumps_s if n >= at else 0.0
        picture = packet(round((n * 0.04 + after) * 90_000), n * 0.04)
        tone = piece(n * 0.04 + (jumps_s if n >= at + (not sound_first) else 0.0), n * 0.04)
        found += [tone, picture] if sound_first else [picture, tone]
    return found


def apart_s(placed: list[Placed]) -> list[float]:
    """By how much sound and picture of the same moment are apart."""
    tracks = [[one for one in placed if one.packet.track is track] for track in (Track.VIDEO, Track.AUDIO)]
    return [(tone.decode - picture.decode) / 90_000 for picture, tone in zip(*tracks, strict=True)]


def test_sound_and_picture_of_one_moment_have_one_time() -> None:
    placed = place([packet(9000, 0.3), piece(0.6, 0.9), packet(54_000, 0.95)])
    assert [one.decode for one in placed] == [0, 45_000, 45_000]
    placed = place([piece(7.0, 0.0), packet(round(7.5 * 90_000), 0.6)])
    assert [one.decode for one in placed] == [0, 45_000]


def test_sound_whose_stamps_have_nothing_to_do_with_the_pictures_is_placed_by_its_arrival() -> None:
    placed = place([packet(0, 0.0), piece(50_000.0, 0.1), piece(50_000.1, 0.2), packet(FRAME * 5, 0.2)])
    assert [one.decode for one in placed] == [0, 9000, 18_000, 18_000]


@pytest.mark.parametrize("sound_first", [True, False])
@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S, 30.0, -30.0, -0.5, 5.0])
def test_sound_and_pictures_come_through_a_jump_of_their_clock_together(
    jump_s: float, sound_first: bool
) -> None:
    placed = place(both(jump_s, sound_first=sound_first))
    gaps = apart_s(placed)
    assert max(map(abs, gaps[:100])) < 1e-4
    assert max(map(abs, gaps[120:])) < 1e-4
    assert len(noted([one for one in placed if one.packet.track is Track.VIDEO])) == 1
    assert len(noted(placed)) <= 2


@pytest.mark.parametrize("bits", [32, 33])
def test_a_wrap_does_not_part_sound_and_pictures(bits: int) -> None:
    first = ((1 << bits) - 50 * FRAME) / 90_000
    packets = []
    for n in range(100):
        stamp = (round(first * 90_000) + n * FRAME) % (1 << bits)
        packets.append(packet(stamp, n * 0.04))
        packets.append(Packet(b"", stamp, stamp, TICKS, True, Track.AUDIO, packets[-1].arrival))
    assert max(map(abs, apart_s(place(packets)))) < 1e-4


def test_better_knowledge_of_the_source_moves_the_sound_and_stays() -> None:
    packets = [
        one
        for n in range(1500)
        for one in (packet(n * FRAME, n * 0.04), piece(n * 0.04 + (0.06 if n >= 100 else 0.0), n * 0.04))
    ]
    gaps = apart_s(place(packets))
    assert max(map(abs, gaps[:100])) < 1e-4
    assert all(abs(gap - 0.06) < 1e-4 for gap in gaps[100:])


@given(
    st.lists(
        st.tuples(hostile_stamps, hostile_stamps, st.integers(0, 20_000_000), st.booleans()),
        min_size=2,
        max_size=60,
    )
)
def test_both_tracks_rise_whatever_their_stamps_are(stamps: list[tuple[int, int, int, bool]]) -> None:
    arrival, packets = 0, []
    for dts, pts, waited, sound in stamps:
        arrival += waited
        made = packet(dts, arrival / 1_000_000, pts=pts)
        packets.append(Packet(b"", pts, dts, TICKS, True, Track.AUDIO, made.arrival) if sound else made)
    placed = place(packets)
    for track in Track:
        mine = [one for one in placed if one.packet.track is track]
        assert all(step > 0 for step in steps(mine))
        assert all(one.wall <= one.packet.arrival for one in mine)
        assert all(two.wall >= one.wall for one, two in itertools.pairwise(mine))


def set_clock(by_s: float, at: int = 53, gop: int = 20, count: int = 200) -> list[Placed]:
    """Pictures of 25 a second with a key frame now and then; before picture ``at`` the machine's clock is set."""
    timeline = Timeline()
    placed = []
    for n in range(count):
        made = packet(n * FRAME, n * 0.04 + (by_s if n >= at else 0.0))
        if n == at:
            timeline.clock_was_set(round(by_s * 1_000_000))
        placed.append(timeline.place(replace(made, key=n % gop == 0)))
    return placed


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S, 5.0, -5.0, 1.5, -1.5])
def test_a_clock_that_was_set_counts_from_the_next_key_frame_on(by_s: float) -> None:
    placed = set_clock(by_s)
    assert set(steps(placed)) == {FRAME}
    assert [n for n, one in enumerate(placed) if one.clock_us] == [60]
    assert placed[60].clock_us == round(by_s * 1_000_000)
    assert [one.wall for one in placed[:60]] == [START + n * 40_000 for n in range(60)]
    assert [one.wall for one in placed[60:]] == [one.packet.arrival for one in placed[60:]]
    assert not noted(placed)


def test_a_packet_that_came_just_before_the_clock_was_set_is_not_torn_away() -> None:
    timeline = Timeline()
    timeline.place(replace(packet(0, 0.0), key=True))
    timeline.clock_was_set(3600 * 1_000_000)
    late = timeline.place(replace(packet(FRAME, 0.04), key=True))
    assert (late.wall, late.clock_us) == (START + 40_000, 0)
    after = timeline.place(replace(packet(2 * FRAME, 0.08 + HOUR_S), key=True))
    assert (after.wall, after.clock_us) == (START + 80_000 + HOUR_S * 1_000_000, HOUR_S * 1_000_000)


def test_a_clock_set_twice_before_a_key_frame_counts_once() -> None:
    timeline = Timeline()
    timeline.place(replace(packet(0, 0.0), key=True))
    timeline.clock_was_set(HOUR_S * 1_000_000)
    assert timeline.place(packet(FRAME, 0.04 + HOUR_S)).wall == START + 40_000
    timeline.clock_was_set(-2 * HOUR_S * 1_000_000)
    assert timeline.place(packet(2 * FRAME, 0.08 - HOUR_S)).wall == START + 80_000
    placed = timeline.place(replace(packet(3 * FRAME, 0.12 - HOUR_S), key=True))
    assert (placed.clock_us, placed.wall) == (-HOUR_S * 1_000_000, placed.packet.arrival)


def test_what_was_set_before_the_first_packet_is_nobodys_business() -> None:
    timeline = Timeline()
    timeline.clock_was_set(HOUR_S * 1_000_000)
    placed = timeline.place(replace(packet(0, 0.0), key=True))
    assert (placed.wall, placed.clock_us) == (START, 0)
