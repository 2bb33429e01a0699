"""Somebody sets the machine's clock while a camera is recorded."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from recording_rig import FPS, GOP, START, RecordingRig

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.footage import GapReason
from wachtel.pipeline.clock_watch import ClockWatch
from wachtel.testing.clock import FakeClock

HOUR_S = 3600.0
LOST = WachtelError(ErrorKind.STREAM_ENDED, "The camera is gone.")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[RecordingRig]:
    made = RecordingRig(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("by_s", [0.5, -0.5, 0.0])
def test_small_corrections_are_no_step(by_s: float) -> None:
    clock = FakeClock()
    watch = ClockWatch(clock)
    clock.advance(HOUR_S)
    clock.jump_wall(by_s)
    assert watch.step() == 0


@pytest.mark.parametrize("by_s", [1.5, -2.0, HOUR_S, -HOUR_S])
def test_a_step_is_seen_once(by_s: float) -> None:
    clock = FakeClock()
    watch = ClockWatch(clock)
    clock.advance(1.0)
    clock.jump_wall(by_s)
    clock.advance(1.0)
    assert [watch.step(), watch.step()] == [round(by_s * US_PER_S), 0]


@pytest.mark.parametrize("by_s", [HOUR_S, 5.0])
def test_a_clock_set_forward_begins_a_file_and_leaves_a_gap_of_its_own(
    rig: RecordingRig, by_s: float
) -> None:
    rig.play([47, by_s, 43])
    first, second = rig.segments()
    assert (first.closed, first.frames, second.frames) == ("clock", 60, 30)
    assert second.start == START + round((by_s + 6.1) * US_PER_S)
    gaps = [gap for gap in rig.gaps() if gap.reason == GapReason.CLOCK]
    assert (gaps[0].start, gaps[-1].end) == (first.end, second.start)
    assert rig.pictures() == 90


def test_a_clock_set_back_by_an_hour_begins_a_file_in_the_past(rig: RecordingRig) -> None:
    rig.play([47, -HOUR_S, 43])
    first, second = rig.segments()
    assert (first.closed, first.frames, second.frames) == ("clock", 60, 30)
    assert second.start == START + round((6.1 - HOUR_S) * US_PER_S)
    assert rig.pictures() == 90
    assert all(segment.end > segment.start for segment in rig.segments())
    assert all(gap.end > gap.start for gap in rig.gaps())


def test_a_clock_set_back_by_seconds_overlaps_nothing(rig: RecordingRig) -> None:
    rig.play([47, -5.0, 143])
    first, second = rig.segments()
    assert second.start == first.end
    assert second.end > second.start
    assert rig.pictures() == 190
    walls = [fragment.wall for segment in rig.segments() for fragment in rig.fragments(segment)]
    assert all(two >= one for one, two in pairwise(walls))
    assert walls[-1] == rig.clock.wall_us() - _idle_us(rig, walls[-1])


def _idle_us(rig: RecordingRig, last: int) -> int:
    """How long the rig went on after the last picture; only that the clock was caught up matters."""
    idle = rig.clock.wall_us() - last
    assert idle < 60 * US_PER_S
    return idle


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S, 5.0, -5.0])
def test_within_a_file_the_wall_clock_never_falls(rig: RecordingRig, by_s: float) -> None:
    rig.play([47, by_s, 3, -by_s, 200, by_s, 43])
    for segment in rig.segments():
        walls = [fragment.wall for fragment in rig.fragments(segment)]
        assert all(two >= one for one, two in pairwise(walls))
        assert segment.start == walls[0]
    assert rig.pictures() == 293


def test_a_clock_set_while_the_camera_is_away_is_told_apart_from_its_absence(rig: RecordingRig) -> None:
    rig.play([40, LOST], [HOUR_S, 40])
    offline = [gap for gap in rig.gaps() if gap.reason == GapReason.CAMERA_OFFLINE]
    assert sum(gap.end - gap.start for gap in offline) < 30 * US_PER_S

    def total(reason: GapReason) -> int:
        return sum(gap.end - gap.start for gap in rig.gaps() if gap.reason == reason)

    assert total(GapReason.CLOCK) == pytest.approx(HOUR_S * US_PER_S, rel=0.01)


def test_the_ring_before_an_event_survives_a_clock_set_back(tmp_path: Path) -> None:
    rig = RecordingRig(tmp_path, 5.0, events=True)
    wanted: list[WallUs] = []

    def event() -> None:
        now = rig.clock.wall_us()
        wanted.append(WallUs(now - 5 * US_PER_S))
        rig.gate.keep(wanted[0], WallUs(now + 3 * US_PER_S))

    rig.play([200, -HOUR_S, 200, event, 100])
    (segment,) = rig.segments()
    assert wanted[0] - GOP * US_PER_S // FPS <= segment.start <= wanted[0]
    assert all(gap.end > gap.start for gap in rig.gaps())
    assert {gap.reason for gap in rig.gaps()} <= {"schedule", "restart", "camera_offline"}
    rig.close()


def test_a_wanted_stretch_moves_with_the_clock(tmp_path: Path) -> None:
    rig = RecordingRig(tmp_path, 5.0, events=True)
    rig.gate.keep(START, WallUs(START + 30 * US_PER_S))
    rig.play([100, -HOUR_S, 400])
    assert rig.pictures() == pytest.approx(300, abs=GOP + FPS)
    rig.close()
