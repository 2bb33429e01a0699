"""From fragments to journal lines and index rows, and back after a crash."""

import hashlib
import os
from pathlib import Path

import pytest
from archive_samples import START, Camera, event, volume_in

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.journal import Closed, EventLine, SegmentLine, StartLine, StopLine
from wachtel.media.journal_values import event_line, signal_line
from wachtel.model.footage import GapReason
from wachtel.model.stream import StreamName
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.files import write_snapshot
from wachtel.storage.files.disk import RealDisk
from wachtel.storage.files.recovery import recover_camera
from wachtel.storage.index import open_or_rebuild
from wachtel.testing.clock import FakeClock


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(volume_in(tmp_path))


def _full(path: Path) -> bytes:
    return path.read_bytes()


def test_a_finished_segment_is_journalled_with_its_hash(camera: Camera, tmp_path: Path) -> None:
    path = camera.record()
    line = camera.lines[-1].line
    assert isinstance(line, SegmentLine)
    data = _full(tmp_path / "archive" / path)
    assert path == "home/door/main/2026-11-18/2026-11-18T110640.000Z.mp4"
    assert (line.file, line.bytes, line.frames, line.key_frames) == (path, len(data), 10, 2)
    assert line.sha256 == hashlib.sha256(data).hexdigest()
    assert line.end - line.start == pytest.approx(2_000_000, abs=1000)


def test_a_file_goes_on_where_it_ends_whatever_stands_behind(tmp_path: Path) -> None:
    disk = RealDisk(tmp_path)
    file = disk.create("file")
    file.write(b"one")
    os.pwrite(file.descriptor or -1, b"drafts", 3)
    file.write(b"two")
    file.truncate(4)
    file.write(b"2")
    file.close()
    again = disk.append_to("file")
    again.write(b"3")
    again.close()
    assert (tmp_path / "file").read_bytes() == b"onet23"


def test_a_taken_name_gets_a_number(camera: Camera) -> None:
    first, second = camera.record(), camera.record()
    assert second == first.replace(".mp4", "-2.mp4")


def test_only_one_process_writes_a_journal(camera: Camera) -> None:
    with pytest.raises(WachtelError) as caught:
        camera.open_journal()
    assert caught.value.kind is ErrorKind.BUSY


@pytest.mark.parametrize("cut", [1, 30, 61, 500])
def test_a_torn_file_is_completed_after_a_crash(camera: Camera, tmp_path: Path, cut: int) -> None:
    recording = camera.begin()
    whole = recording.file.size_bytes - len(recording.fragments[-1])
    with (tmp_path / "archive" / recording.file.path).open("r+b") as file:
        file.truncate(recording.file.size_bytes - min(cut, len(recording.fragments[-1]) - 1))
    camera.restart()
    found = recover_camera(camera.volume, camera.journal)
    (line,) = found.segments
    data = _full(tmp_path / "archive" / recording.file.path)
    assert line.recovered and line.closed == Closed.RECOVERED and line.frames == 9 and line.run == "run"
    assert data[:whole] == b"".join([recording.muxer.head(), *recording.fragments[:-1]])
    assert data[whole + 4 : whole + 8] == b"mfra"
    assert line.sha256 == hashlib.sha256(data).hexdigest() and line.bytes == len(data)
    assert found.reason is GapReason.CRASH and found.accounted_until == line.end
    assert recover_camera(camera.volume, camera.journal).segments == ()


def test_a_file_without_a_picture_is_removed_and_a_strange_one_stays(camera: Camera, tmp_path: Path) -> None:
    recording = camera.begin()
    ours = tmp_path / "archive" / recording.file.path
    with ours.open("r+b") as file:
        file.truncate(len(recording.muxer.head()) + 20)
    strange = ours.with_name("2026-11-18T120000.000Z.mp4")
    strange.write_bytes(b"not one of ours")
    other = ours.with_name("holiday.mp4")
    other.write_bytes(b"not even named so")
    camera.restart()
    found = recover_camera(camera.volume, camera.journal)
    assert found.emptied == (recording.file.path,) and not ours.exists()
    assert [name.rpartition("/")[2] for name in found.foreign] == [strange.name]
    assert strange.read_bytes() == b"not one of ours" and other.exists()


def test_a_file_of_another_volume_is_left_alone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    theirs = Camera(volume_in(tmp_path / "one")).begin().file
    camera = Camera(volume_in(tmp_path / "two"))
    data = (tmp_path / "one/archive" / theirs.path).read_bytes()
    place = tmp_path / "two/archive" / theirs.path
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    assert recover_camera(camera.volume, camera.journal).foreign == (theirs.path,)
    assert place.read_bytes() == data


def test_an_event_cut_short_gets_its_end_from_the_footage(camera: Camera) -> None:
    running = event(length_s=None)
    camera.write(StartLine(run="r"))
    camera.write(signal_line(running))
    write_snapshot(camera.volume, "home", "door", running.id, b"\xff\xd8")
    recording = camera.begin(pictures=20)
    camera.restart()
    found = recover_camera(camera.volume, camera.journal)
    (line,) = found.events
    assert line.recovered and line.snapshot and line.id == running.id and line.zones == ("gate",)
    assert line.end == found.segments[0].end >= recording.muxer.end - 1_000_000
    assert recover_camera(camera.volume, camera.journal).events == ()


def test_a_clean_stop_is_told_from_a_crash(camera: Camera) -> None:
    assert recover_camera(camera.volume, camera.journal).accounted_until is None
    camera.write(StartLine(run="r"))
    camera.record()
    assert recover_camera(camera.volume, camera.journal).reason is GapReason.CRASH
    camera.write(StopLine())
    found = recover_camera(camera.volume, camera.journal)
    assert found.reason is GapReason.RESTART and found.accounted_until is not None


def test_the_index_follows_the_journal(camera: Camera, tmp_path: Path) -> None:
    index = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    path = camera.record()
    camera.write(signal_line(event(length_s=None)))
    applied = index.apply(camera.lines)
    assert [one.path for one in applied.segments] == [path] and applied.events[0].end is None
    assert len(index.open_events()) == 1
    camera.write(event_line(event()))
    assert index.apply(camera.lines[-1:]).events[0].end == event().end
    assert index.event(event().id) == event() and index.open_events() == []
    found = index.segments("door", StreamName.MAIN, START, WallUs(START + 1))
    assert [one.path for one in found] == [path]
    index.close()


def test_a_lost_message_is_read_from_the_journal(camera: Camera, tmp_path: Path) -> None:
    index = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    camera.record(0)
    last = camera.record(100)
    applied = index.apply(camera.lines[-1:])
    assert len(applied.segments) == 2 and applied.segments[-1].path == last
    assert index.apply(camera.lines).segments == ()
    index.close()


def test_nothing_is_written_to_a_foreign_disk(tmp_path: Path) -> None:
    clock = FakeClock(START)
    data = DataFolder.open(tmp_path / "data", clock)
    assert (tmp_path / "data/keys").stat().st_mode & 0o777 == 0o700
    camera = Camera(data.volume)
    (data.archive / "VOLUME.json").rename(data.archive / "hidden.json")
    with pytest.raises(WachtelError) as caught:
        camera.record()
    assert caught.value.kind is ErrorKind.FOREIGN_VOLUME
    assert not list(data.archive.glob("**/*.mp4"))
    with pytest.raises(WachtelError, match="Another Wachtel"):
        DataFolder.open(tmp_path / "data", clock)
    data.close()
    with pytest.raises(WachtelError) as caught:
        DataFolder.open(tmp_path / "data", clock)
    assert caught.value.kind is ErrorKind.FOREIGN_VOLUME


def test_a_missing_mount_is_not_replaced_by_a_new_folder(tmp_path: Path) -> None:
    DataFolder.open(tmp_path, FakeClock(START)).close()
    (tmp_path / "archive").rename(tmp_path / "unplugged")
    with pytest.raises(WachtelError) as caught:
        DataFolder.open(tmp_path, FakeClock(START))
    assert caught.value.kind is ErrorKind.FOREIGN_VOLUME and not (tmp_path / "archive").exists()


def test_a_lost_key_does_not_stop_recording(tmp_path: Path) -> None:
    first = DataFolder.open(tmp_path, FakeClock(START))
    old = first.volume.marker.signing_key
    first.close()
    (tmp_path / "keys/signing.key").unlink()
    second = DataFolder.open(tmp_path, FakeClock(START))
    assert second.volume.id == first.volume.id
    assert old in second.volume.public_keys and second.volume.marker.signing_key != old
    second.close()


def test_event_lines_come_back_as_written(camera: Camera) -> None:
    camera.write(event_line(event()))
    line = camera.lines[-1].line
    assert isinstance(line, EventLine) and line.why == event().why
