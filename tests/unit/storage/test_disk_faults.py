"""A disk that is full, or fails, at the n-th operation, for every n."""

import errno
import os
import random

import pytest
from archive_samples import Camera, event
from stories import Story, violations, volume_on

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.journal import Closed, EventLine, SegmentLine, SignalLine
from wachtel.media.journal_values import event_line, signal_line
from wachtel.storage.files.recovery import recover_camera
from wachtel.testing.simulated_disk import SimulatedDisk


def _life(disk: SimulatedDisk, seed: int) -> tuple[Story, list[str]]:
    """A whole story with trouble in it; then the disk is well again, the server is stopped and started."""
    story = Story(disk, random.Random(seed))
    story.run()
    disk.fault, disk.room = None, None
    camera = story.camera
    for _ in range(3):
        camera.clock.advance(2)
        camera.flusher.run_once()
    assert camera.flusher.stats().waiting == 0
    camera.journal.close()
    again = Camera(volume_on(disk), clock=camera.clock)
    return story, violations(story, disk, recover_camera(again.volume, again.journal))


def _failing(number: int, code: int, times: int, only: str = "") -> SimulatedDisk:
    disk = SimulatedDisk()
    seen = 0

    def fault(operation: str, path: str) -> OSError | None:
        nonlocal seen
        if path == "VOLUME.json" or disk.operations < 5 or (only and operation != only):
            return None
        seen += 1
        return OSError(code, os.strerror(code)) if number <= seen < number + times else None

    disk.fault = fault
    return disk


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_any_operation_may_fail(code: int, times: int) -> None:
    for number in range(1, 230, 3):
        _, complaints = _life(_failing(number, code, times), seed=number % 7)
        assert complaints == [], f"operation {number}"


@pytest.mark.parametrize("room", range(0, 12_000, 250))
def test_the_disk_may_be_full_at_any_byte(room: int) -> None:
    _, complaints = _life(SimulatedDisk(room=room + 400), seed=3)
    assert complaints == []


def test_a_failed_fsync_gives_the_file_up_and_reads_it_back() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    recording = camera.begin()
    synced: list[str] = []

    def fault(operation: str, path: str) -> OSError | None:
        if operation == "fsync" and path.endswith(".mp4"):
            synced.append(path)
            return OSError(errno.EIO, os.strerror(errno.EIO)) if len(synced) == 1 else None
        return None

    disk.fault = fault
    camera.clock.advance(2)
    camera.flusher.run_once()
    ((path, error),) = camera.abandoned
    assert path == recording.file.path and error.kind is ErrorKind.DISK_ERROR
    with pytest.raises(WachtelError, match="could not save"):
        recording.file.append(b"more")
    camera.clock.advance(2)
    camera.flusher.run_once()
    line = camera.lines[-1].line
    assert isinstance(line, SegmentLine) and line.closed == Closed.ABANDONED and line.frames == 10
    assert camera.flusher.stats().abandoned == 1 and camera.flusher.stats().open_files == 0


def test_a_full_disk_leaves_whole_fragments_only() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    recording = camera.begin()
    before = disk.size(recording.file.path)
    disk.room = 10
    with pytest.raises(WachtelError) as caught:
        recording.file.append(b"x" * 50)
    assert caught.value.kind is ErrorKind.DISK_FULL and caught.value.retryable
    assert disk.size(recording.file.path) == before == recording.file.size_bytes
    disk.room = 1000
    camera.finish(recording, Closed.FULL)
    line = camera.lines[-1].line
    assert isinstance(line, SegmentLine) and line.frames == 10 and not line.recovered
    assert disk.size(recording.file.path) > before, "the index was added"


def test_a_line_that_did_not_fit_is_written_later_in_order() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    camera.record(0)
    disk.room = 0
    camera.write(signal_line(event(1, length_s=None)))
    camera.write(event_line(event(1)))
    assert camera.flusher.stats().waiting == 2 and camera.flusher.stats().failed_lines == 1
    disk.room = None
    camera.clock.advance(2)
    camera.flusher.run_once()
    assert [type(line.line) for line in camera.lines[-2:]] == [SignalLine, EventLine]
