"""A gap is journalled while it lasts, and each part of it under its own reason."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from recording_rig import START, RecordingRig

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.footage import GapReason
from wachtel.pipeline.recorder import ACCOUNT_EVERY_US, Account, Recorder

GONE = WachtelError(ErrorKind.UNREACHABLE, "Nobody answers.")
SILENT = WachtelError(ErrorKind.STALLED, "It sends nothing.")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[RecordingRig]:
    made = RecordingRig(tmp_path)
    yield made
    made.close()


def pass_time(rig: RecordingRig, seconds: int, error: WachtelError = GONE) -> None:
    """The camera is tried every ten seconds and never answers."""
    for _ in range(seconds // 10):
        rig.clock.advance(10)
        rig.gate.end_session(error)
    rig.flusher.run_once()


def test_a_camera_that_stays_away_is_accounted_for_while_it_does(rig: RecordingRig) -> None:
    pass_time(rig, 3 * 3600)
    gaps = rig.gaps()
    assert gaps[0].start == START
    assert all(one.end == two.start for one, two in pairwise(gaps))
    assert rig.clock.wall_us() - gaps[-1].end < ACCOUNT_EVERY_US
    assert len(gaps) <= 3 * 3600 * US_PER_S // ACCOUNT_EVERY_US + 5
    assert gaps[0].reason == GapReason.RESTART and gaps[0].end == START + 10 * US_PER_S
    assert {gap.reason for gap in gaps[1:]} == {GapReason.CAMERA_OFFLINE}


def test_another_reason_ends_the_gap_of_the_one_before(rig: RecordingRig) -> None:
    pass_time(rig, 60)
    pass_time(rig, 60, SILENT)
    pass_time(rig, 60)
    assert [(gap.reason, (gap.end - gap.start) // US_PER_S) for gap in rig.gaps()] == [
        (GapReason.RESTART, 10),
        (GapReason.CAMERA_OFFLINE, 60),
        (GapReason.NO_PACKETS, 60),
    ]


def test_a_break_after_footage_has_the_reason_of_the_break(rig: RecordingRig) -> None:
    rig.play([30, SILENT], [30])
    first, second = rig.segments()
    (between,) = [gap for gap in rig.gaps() if gap.start == first.end]
    assert (between.reason, between.end) == (GapReason.NO_PACKETS, second.start)


def test_how_far_the_account_reaches_can_be_asked_at_any_time(rig: RecordingRig) -> None:
    assert isinstance(rig.gate, Recorder)
    assert rig.gate.account_now == Account(None, START, GapReason.RESTART)
    seen: list[Account] = []
    rig.play([15, lambda: seen.append(rig.gate.account_now), 5])  # type: ignore[union-attr]
    (segment,) = rig.segments()
    assert seen[0].recorded_until is not None and seen[0].gap_since is None
    assert segment.start < seen[0].recorded_until < segment.end


def test_in_event_mode_a_long_absence_does_not_fill_the_journal(tmp_path: Path) -> None:
    rig = RecordingRig(tmp_path, 5.0, events=True)
    pass_time(rig, 1800)
    assert len(rig.gaps()) <= 6
    assert rig.gaps()[0].start == START
    assert rig.clock.wall_us() - rig.gaps()[-1].end < ACCOUNT_EVERY_US
    rig.close()


def test_a_connection_without_key_frames_is_a_gap_that_is_told(rig: RecordingRig) -> None:
    rig.gate.begin_session("run")
    recorder = rig.gate
    assert isinstance(recorder, Recorder)
    recorder.account(WallUs(START + ACCOUNT_EVERY_US + 1), GapReason.RESTART)
    rig.flusher.run_once()
    assert [gap.reason for gap in rig.gaps()] == [GapReason.RESTART]
