"""The newest minute of the ledger, which no journal tells yet, and the alarm about a gap that lasts."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from recording_rig import START, RecordingRig

from wachtel.base.units import US_PER_S, MonoS, WallUs
from wachtel.model.camera import Camera
from wachtel.model.footage import GapReason, LastingGap
from wachtel.model.live import GapAlarm
from wachtel.model.stream import StreamName
from wachtel.pipeline.gap_alarm import GapAlarms
from wachtel.pipeline.ledger import LedgerDesk
from wachtel.pipeline.messages import RecordingAccount, SegmentOpened
from wachtel.storage.api import LedgerState, Stretch
from wachtel.storage.index import Index, open_or_rebuild
from wachtel.testing.clock import FakeClock

NOW = 1_795_000_000
CAMERA = Camera("door", "home", "Door", "rtsp://192.168.1.20/", gap_limit_s=30.0)


def at(second: float) -> WallUs:
    return WallUs(round((NOW + second) * US_PER_S))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    (tmp_path / "archive").mkdir()
    RecordingRig(tmp_path).close()
    opened = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(at(0))


@pytest.fixture
def desk(index: Index, clock: FakeClock) -> LedgerDesk:
    return LedgerDesk(index, clock)


def recorded(desk: LedgerDesk, until: float) -> None:
    desk.heard(RecordingAccount("door", at(until), None, None))


def gone(desk: LedgerDesk, since: float | None, reason: GapReason = GapReason.CAMERA_OFFLINE) -> None:
    desk.heard(RecordingAccount("door", None, None if since is None else at(since), reason))


def states(stretches: tuple[Stretch, ...]) -> list[tuple[str, int]]:
    assert all(one.end == two.start for one, two in pairwise(stretches))
    return [(one.reason or one.state.value, (one.end - one.start) // US_PER_S) for one in stretches]


def ask(desk: LedgerDesk, start: float, end: float) -> list[tuple[str, int]]:
    return states(desk._ledger("door", at(start), min(at(end), desk.settled("door"))).stretches)


def test_open_files_and_files_on_their_way_to_the_disk_are_recorded(
    desk: LedgerDesk, clock: FakeClock
) -> None:
    desk.opened(SegmentOpened("door", StreamName.MAIN, "a.mp4", at(10)))
    desk.opened(SegmentOpened("door", StreamName.SUB, "s.mp4", at(0)))
    desk.opened(SegmentOpened("door", StreamName.MAIN, "b.mp4", at(70)))
    recorded(desk, 95)
    clock.advance(96)
    recorded(desk, 95.5)
    assert ask(desk, 0, 200) == [("before", 10), ("recorded", 85)]
    desk.closed("a.mp4")
    assert ask(desk, 0, 200) == [("before", 70), ("recorded", 25)]


def test_a_gap_that_lasts_reaches_to_this_moment(desk: LedgerDesk, clock: FakeClock) -> None:
    desk.opened(SegmentOpened("door", StreamName.MAIN, "a.mp4", at(0)))
    gone(desk, 20)
    clock.advance(50)
    assert ask(desk, 0, 200) == [("recorded", 20), (GapReason.CAMERA_OFFLINE, 30)]
    assert desk.lasting_gap("door") == LastingGap(at(20), GapReason.CAMERA_OFFLINE)


def test_what_is_paused_on_purpose_is_no_gap(desk: LedgerDesk, clock: FakeClock) -> None:
    gone(desk, 0, GapReason.SCHEDULE)
    clock.advance(5)
    assert desk.lasting_gap("door") is None
    ledger = desk._ledger("door", at(0), at(5))
    assert [one.state for one in ledger.stretches] == [LedgerState.OFF]


def test_a_worker_that_tells_nothing_new_is_not_believed(desk: LedgerDesk, clock: FakeClock) -> None:
    for _ in range(6):
        recorded(desk, 0)
        clock.advance(1)
    assert desk.lasting_gap("door") == LastingGap(at(0), GapReason.NO_PACKETS)
    assert ask(desk, 0, 100) == [(GapReason.NO_PACKETS, 6)]


def test_a_dead_worker_leaves_a_gap(desk: LedgerDesk, clock: FakeClock) -> None:
    desk.opened(SegmentOpened("door", StreamName.MAIN, "a.mp4", at(0)))
    recorded(desk, 5)
    clock.advance(6)
    desk.worker_died(["door", "unknown"])
    assert desk.lasting_gap("door") == LastingGap(at(5), GapReason.CRASH)
    desk.forget("door")
    assert desk.lasting_gap("door") is None


def test_the_future_is_not_accounted_for(desk: LedgerDesk, clock: FakeClock) -> None:
    found = asyncio.run(desk.ledger("door", at(10), at(20)))
    assert found.stretches == ()
    clock.advance(30)
    assert asyncio.run(desk.ledger("door", at(10), at(20))).stretches[0].state is LedgerState.UNKNOWN


def test_journal_and_present_join_without_a_seam(tmp_path: Path) -> None:
    rig = RecordingRig(tmp_path)
    rig.play([600, 30])
    index = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    index.apply(rig.lines)
    desk = LedgerDesk(index, rig.clock)
    known = index.accounted_until("door")
    assert known is not None
    desk.opened(SegmentOpened("door", StreamName.MAIN, "next.mp4", known))
    rig.clock.advance(10)
    desk.heard(RecordingAccount("door", WallUs(known + 9 * US_PER_S), None, None))
    found = desk._ledger("door", WallUs(START - US_PER_S), desk.settled("door"))
    kinds = [one.state for one in found.stretches]
    assert kinds[0] is LedgerState.BEFORE and kinds[-1] is LedgerState.RECORDED
    assert LedgerState.UNKNOWN not in kinds
    index.close()
    rig.close()


class Alarms:
    """An alarm desk and everything it has told."""

    def __init__(self, desk: LedgerDesk, clock: FakeClock) -> None:
        self.told: list[tuple[float, GapAlarm]] = []
        self.desk = desk
        self.clock = clock
        self.alarms = GapAlarms(clock, desk, lambda alarm: self.told.append((self.second, alarm)))
        self.alarms.watch(CAMERA)
        self._began: MonoS = clock.monotonic_s()

    @property
    def second(self) -> float:
        return self.clock.monotonic_s() - self._began

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            self.alarms.look()


@pytest.fixture
def alarms(desk: LedgerDesk, clock: FakeClock) -> Alarms:
    return Alarms(desk, clock)


def test_a_gap_raises_one_alarm_when_the_limit_is_passed_and_one_end(alarms: Alarms) -> None:
    recorded(alarms.desk, 0)
    gone(alarms.desk, 0)
    alarms.wait(29)
    assert alarms.told == [] and not alarms.alarms.alarmed("door")
    alarms.wait(60)
    ((second, alarm),) = alarms.told
    assert 30 <= second <= 32 and alarm.reason is GapReason.CAMERA_OFFLINE and alarm.until is None
    assert list(alarms.alarms.standing()) == [alarm] and alarms.alarms.raised["door"] == 1
    recorded(alarms.desk, 90)
    alarms.wait(1)
    assert alarms.told[1][1].until == at(90) and not alarms.alarms.alarmed("door")


def test_a_camera_that_falls_silent_is_noticed_without_a_word_from_its_worker(alarms: Alarms) -> None:
    recorded(alarms.desk, 0)
    alarms.wait(60)
    ((second, alarm),) = alarms.told
    assert second <= 31 and alarm.reason is GapReason.NO_PACKETS


def test_short_gaps_alarm_nobody(alarms: Alarms) -> None:
    for number in range(20):
        gone(alarms.desk, number * 30)
        alarms.wait(20)
        recorded(alarms.desk, number * 30 + 20)
        alarms.wait(2)
    assert alarms.told == []


@pytest.mark.parametrize("by_s", [3600.0, -3600.0, 315_360_000.0])
def test_setting_the_clock_alarms_nobody(alarms: Alarms, by_s: float) -> None:
    for second in range(20):
        recorded(alarms.desk, second)
        alarms.wait(1)
    alarms.clock.jump_wall(by_s)
    for second in range(20, 60):
        recorded(alarms.desk, second + (by_s if second > 25 else 0))
        alarms.wait(1)
    assert alarms.told == []


def test_a_night_lost_by_a_crash_is_told_at_once_and_a_restart_is_not(alarms: Alarms) -> None:
    gone(alarms.desk, -8 * 3600, GapReason.RESTART)
    alarms.wait(5)
    assert alarms.told == []
    gone(alarms.desk, -8 * 3600, GapReason.CRASH)
    alarms.alarms.forget("door")
    alarms.alarms.watch(CAMERA)
    alarms.wait(1)
    assert alarms.told[0][1].since == at(-8 * 3600)


def test_a_removed_camera_ends_its_alarm(alarms: Alarms) -> None:
    gone(alarms.desk, 0)
    alarms.wait(40)
    alarms.alarms.forget("door")
    assert [alarm.until is None for _, alarm in alarms.told] == [True, False]
