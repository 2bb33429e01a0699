"""The thread that makes things safe: rounds, a slow disk, work that fails."""

import errno
import os
from pathlib import Path

import pytest
from archive_samples import Camera, event, volume_in
from stories import volume_on

from wachtel.base.clock import SystemClock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.archive_layout import snapshot_path
from wachtel.media.journal import EventLine, GapLine, SegmentLine, StopLine
from wachtel.media.journal_values import event_line, split_gap
from wachtel.model.footage import GapReason
from wachtel.storage.files import Flusher
from wachtel.testing.simulated_disk import SimulatedDisk


def test_an_open_file_is_synced_every_two_seconds() -> None:
    camera = Camera(volume_on(SimulatedDisk()))
    recording = camera.begin()
    for _ in range(3):
        camera.clock.advance(2)
        camera.flusher.run_once()
        assert recording.file.synced_bytes == recording.file.size_bytes
        camera.add_pictures(recording, 0, 0)
        recording.file.append(recording.fragments[-1])
    camera.clock.advance(1)
    camera.flusher.run_once()
    assert recording.file.synced_bytes < recording.file.size_bytes
    assert camera.flusher.stats().rounds == 3


def test_a_slow_disk_is_seen_and_given_time() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    camera.begin()

    def slow(operation: str, path: str) -> OSError | None:
        if operation == "fsync":
            camera.clock.advance(5)
        return None

    disk.fault = slow
    camera.clock.advance(2)
    camera.flusher.run_once()
    stats = camera.flusher.stats()
    assert stats.late_rounds == 1 and stats.last_round_s == pytest.approx(5)
    camera.flusher.run_once()
    assert camera.flusher.stats().rounds == 1, "it waits its interval from the end of the slow round"


def test_a_line_does_not_wait_for_the_round() -> None:
    camera = Camera(volume_on(SimulatedDisk()))
    camera.clock.advance(2)
    camera.flusher.run_once()
    camera.write(event_line(event()))
    assert isinstance(camera.lines[-1].line, EventLine) and camera.flusher.stats().rounds == 1


def test_work_that_cannot_be_done_does_not_stop_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    camera = Camera(volume_on(SimulatedDisk()))
    camera.flusher.snapshot(camera.journal, "../../etc", b"\xff\xd8")
    camera.write(StopLine())
    assert isinstance(camera.lines[-1].line, StopLine) and camera.flusher.stats().waiting == 0


def test_a_recorder_that_stumbles_does_not_stop_the_flusher() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    recording = camera.begin()

    def stumble(*_: object) -> None:
        raise ValueError

    camera.flusher.add(recording.file, camera.journal, stumble)
    disk.fault = lambda name, path: OSError(errno.EIO, os.strerror(errno.EIO)) if name == "fsync" else None
    camera.clock.advance(2)
    camera.flusher.run_once()
    disk.fault = None
    camera.write(StopLine())
    assert isinstance(camera.lines[-1].line, StopLine)


def test_the_thread_does_it_all_on_a_real_disk(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    camera.flusher = Flusher(SystemClock(), interval_s=0.02)
    camera.flusher.start()
    recording = camera.begin()
    camera.flusher.write(camera.journal, GapLine(start=1, end=2, reason="crash"))
    camera.flusher.snapshot(camera.journal, event().id, b"\xff\xd8")
    camera.flusher.finish(recording.file, camera.closing(recording))
    assert camera.flusher.drain(10)
    camera.flusher.write(camera.journal, StopLine())
    camera.flusher.stop()
    kinds = [type(line.line) for line in camera.lines]
    assert kinds[1:] == [GapLine, SegmentLine, StopLine]
    assert (tmp_path / "archive" / snapshot_path("home", "door", event().id)).read_bytes() == b"\xff\xd8"
    assert camera.flusher.stats().open_files == 0


def test_a_file_whose_fsync_failed_is_not_synced_again_and_read_back_from_the_disk() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    recording = camera.begin()
    fails = [OSError(errno.EIO, os.strerror(errno.EIO))]

    def fault(operation: str, path: str) -> OSError | None:
        return fails.pop() if fails and operation == "fsync" and path == recording.file.path else None

    disk.fault = fault
    camera.clock.advance(2)
    camera.flusher.run_once()
    assert not fails and recording.file.synced_bytes == 0
    assert [path for path, _ in camera.abandoned] == [recording.file.path]
    camera.finish(recording)
    for _ in range(3):
        camera.clock.advance(2)
        camera.flusher.run_once()
    assert recording.file.synced_bytes == 0, "its owner syncs it no more"
    assert disk.distrusted == {recording.file.path}
    (line,) = [line.line for line in camera.lines if isinstance(line.line, SegmentLine)]
    assert line.closed == "abandoned"


def test_many_lines_of_one_gap_are_saved_together() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    camera.write(StopLine())
    before = disk.operations
    gaps = split_gap(WallUs(0), WallUs(40 * 365 * 86_400 * US_PER_S), GapReason.CLOCK)
    camera.flusher.write(camera.journal, *gaps)
    camera.flusher.run_once()
    written = [line.line for line in camera.lines if isinstance(line.line, GapLine)]
    assert [(line.start, line.end) for line in written] == [(gap.start, gap.end) for gap in gaps]
    assert len(gaps) == 40 * 365 and disk.operations - before < 100
