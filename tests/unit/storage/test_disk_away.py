"""The disk goes away, changes or turns read-only while files on it are open: nothing lands where nobody finds it."""

import errno
import os
from pathlib import Path

import pytest
from archive_samples import Camera, event, volume_in
from stories import volume_on

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.journal import Closed, Entry, EventLine, Journalled, SegmentLine
from wachtel.media.journal_values import event_line
from wachtel.storage.files import Flusher, VolumeDoor
from wachtel.storage.files.disk import OpenFile, RealDisk
from wachtel.storage.files.removal import remove_listed
from wachtel.testing.simulated_disk import SimulatedDisk


def pull(root: Path) -> None:
    """The archive is gone; the empty folder below it is to be seen, and open files go on taking bytes."""
    (root / "archive").rename(root / "pulled")
    (root / "archive").mkdir()


def plug(root: Path) -> None:
    (root / "archive").rmdir()
    (root / "pulled").rename(root / "archive")


def a_round(camera: Camera) -> None:
    camera.clock.advance(2)
    camera.flusher.run_once()


def journals_in(root: Path) -> list[Path]:
    return sorted((root / "archive").glob("home/door/journal/*.jsonl"))


def test_a_disk_that_is_pulled_gets_nothing_more_and_all_that_waited_when_it_is_back(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    recording = camera.begin()
    a_round(camera)
    pull(tmp_path)
    camera.write(event_line(event()))
    a_round(camera)
    ((path, error),) = camera.abandoned
    assert path == recording.file.path and error.kind is ErrorKind.FOREIGN_VOLUME
    assert camera.flusher.stats().trouble is error and camera.flusher.stats().open_files == 0
    with pytest.raises(WachtelError, match="not there"):
        recording.file.append(b"more")
    a_round(camera)
    assert not camera.lines and not any((tmp_path / "archive").iterdir())
    assert not camera.flusher.drain(5.0), "an end of the server does not wait for a disk that is away"
    plug(tmp_path)
    a_round(camera)
    assert camera.flusher.stats().trouble is None and camera.flusher.stats().waiting == 0
    kept = {type(line.line): line.line for line in camera.lines}
    segment = kept[SegmentLine]
    assert isinstance(segment, SegmentLine) and EventLine in kept
    assert (segment.file, segment.closed, segment.frames) == (path, Closed.ABANDONED, 10)


def test_a_file_that_ended_while_the_disk_was_away_is_journalled_when_it_is_back(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    recording = camera.begin()
    a_round(camera)
    pull(tmp_path)
    camera.finish(recording)
    a_round(camera)
    assert not camera.lines and camera.flusher.stats().waiting == 1
    plug(tmp_path)
    a_round(camera)
    assert [type(line.line) for line in camera.lines][1:] == [SegmentLine]


def test_another_disk_in_its_place_is_not_touched(tmp_path: Path) -> None:
    """Not even one that has files of the same names: a copy that was made a new volume."""
    (tmp_path / "ours").mkdir()
    camera = Camera(volume_in(tmp_path / "ours"))
    kept = camera.record()
    recording = camera.begin(100)
    a_round(camera)
    (tmp_path / "other").mkdir()
    other = Camera(volume_in(tmp_path / "other"))
    other.record()
    other.journal.close()
    before = {path: path.read_bytes() for path in (tmp_path / "other").rglob("*") if path.is_file()}
    (tmp_path / "ours/archive").rename(tmp_path / "ours/pulled")
    (tmp_path / "other/archive").rename(tmp_path / "ours/archive")
    camera.write(event_line(event()))
    a_round(camera)
    assert [path for path, _ in camera.abandoned] == [recording.file.path]
    with pytest.raises(WachtelError, match="Another disk"):
        remove_listed(camera.volume, camera.journal, [kept], "space")
    with pytest.raises(WachtelError, match="Another disk"):
        camera.journal.append(event_line(event(1)))
    (tmp_path / "ours/archive").rename(tmp_path / "other/archive")
    assert {path: path.read_bytes() for path in (tmp_path / "other").rglob("*") if path.is_file()} == before


def test_a_read_only_disk_ends_the_file_and_its_rest_waits() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    camera.begin()
    a_round(camera)
    disk.is_read_only = True
    disk.fault = lambda name, path: OSError(errno.EROFS, os.strerror(errno.EROFS))
    for _ in range(5):
        a_round(camera)
    ((_, error),) = camera.abandoned
    assert error.kind is ErrorKind.DISK_ERROR and "read-only" in error.what
    disk.is_read_only, disk.fault = False, None
    a_round(camera)
    line = camera.lines[-1].line
    assert isinstance(line, SegmentLine) and line.closed == Closed.ABANDONED and line.frames == 10


def test_a_file_that_somebody_removed_is_not_journalled(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    recording = camera.begin()
    (tmp_path / "archive" / recording.file.path).unlink()
    for _ in range(5):
        a_round(camera)
    assert [path for path, _ in camera.abandoned] == [recording.file.path]
    assert camera.flusher.stats().trouble is None and not camera.lines


class _Unreadable(RealDisk):
    """Its marker cannot be read for once."""

    fails = False

    def size(self, path: str) -> int:
        if self.fails and path == "VOLUME.json":
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return super().size(path)


def test_a_marker_that_cannot_be_read_is_told_but_ends_no_file(tmp_path: Path) -> None:
    disk = _Unreadable(tmp_path / "archive")
    camera = Camera(volume_in(tmp_path, disk))
    recording = camera.begin()
    disk.fails = True
    a_round(camera)
    assert camera.flusher.stats().trouble is not None and not camera.abandoned
    assert recording.file.synced_bytes == recording.file.size_bytes
    disk.fails = False
    a_round(camera)
    assert camera.flusher.stats().trouble is None


class _Renumbered(RealDisk):
    """A disk that was pulled and came back under another number."""

    other = False

    def leads_to(self, path: str, file: OpenFile) -> bool:
        return not self.other and super().leads_to(path, file)


def test_the_journal_goes_on_in_the_same_file_after_the_disk_came_back_under_another_number(
    tmp_path: Path,
) -> None:
    disk = _Renumbered(tmp_path / "archive")
    camera = Camera(volume_in(tmp_path, disk))
    camera.record()
    recording = camera.begin(100)
    disk.other = True
    a_round(camera)
    assert [path for path, _ in camera.abandoned] == [recording.file.path]
    camera.write(event_line(event()))
    disk.other = False
    camera.write(event_line(event(1)))
    (journal,) = journals_in(tmp_path)
    assert len(journal.read_bytes().splitlines()) == len(camera.lines)


def test_the_disk_is_looked_at_with_no_file_open(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    camera.flusher = Flusher(camera.clock, look=VolumeDoor(tmp_path / "archive", tmp_path / "keys").look)
    a_round(camera)
    assert camera.flusher.stats().trouble is None
    pull(tmp_path)
    a_round(camera)
    trouble = camera.flusher.stats().trouble
    assert trouble is not None and trouble.kind is ErrorKind.FOREIGN_VOLUME


def test_a_disk_that_is_swapped_between_the_line_and_the_deletion_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    camera = Camera(volume_in(tmp_path / "ours"))
    path = camera.record()
    append = camera.journal.append

    def append_and_swap(entry: Entry) -> Journalled:
        line = append(entry)
        (tmp_path / "ours/archive").rename(tmp_path / "ours/pulled")
        (tmp_path / "ours/archive" / path).parent.mkdir(parents=True)
        (tmp_path / "ours/archive" / path).write_bytes(b"of somebody else")
        return line

    camera.journal.append = append_and_swap  # type: ignore[method-assign]
    with pytest.raises(WachtelError, match="not there"):
        remove_listed(camera.volume, camera.journal, [path], "space")
    assert (tmp_path / "ours/archive" / path).exists() and len(
        list((tmp_path / "ours/archive").iterdir())
    ) == 1
