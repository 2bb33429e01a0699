"""Deleting: only what the journal lists, journalled before it goes, possible on a full disk; and holds."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from archive_samples import START, Camera, event, volume_in
from stories import PLACE, volume_on

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.archive_layout import EVENTS_FOLDER, snapshot_path
from wachtel.media.journal import DeletedLine, HoldLine, SegmentLine
from wachtel.media.journal_values import event_line
from wachtel.model.event import Event
from wachtel.model.footage import Hold
from wachtel.model.stream import StreamName
from wachtel.storage.check import check
from wachtel.storage.files import write_snapshot
from wachtel.storage.files.reading import segment_files
from wachtel.storage.files.recovery import recover_camera
from wachtel.storage.files.removal import remove_listed
from wachtel.storage.files.reserve import RESERVE_BYTES, RESERVE_FILE, give_reserve, keep_reserve
from wachtel.storage.index import Index, open_or_rebuild
from wachtel.storage.rebuild import rebuild_open
from wachtel.testing.simulated_disk import PowerCut, SimulatedDisk


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(volume_in(tmp_path))


def deletions(camera: Camera) -> list[DeletedLine]:
    return [line for line in (one.line for one in camera.lines) if isinstance(line, DeletedLine)]


def with_picture(camera: Camera, number: int = 0) -> Event:
    """An event that has ended, with its picture on the disk."""
    seen = replace(event(number), snapshot=True)
    write_snapshot(camera.volume, "home", "door", seen.id, b"\xff\xd8 picture")
    camera.write(event_line(seen))
    return seen


def test_files_go_after_their_lines_and_take_their_empty_day_along(tmp_path: Path, camera: Camera) -> None:
    first, second = camera.record(0), camera.record(100)
    camera.clock.advance(86_400)
    later = camera.record(86_400 * 5)
    result = remove_listed(camera.volume, camera.journal, [first, second], "age")
    assert result.removed == (first, second) and result.refused == ()
    assert [(line.file, line.why) for line in deletions(camera)] == [(first, "age"), (second, "age")]
    assert [path for _, path in segment_files(camera.volume.disk, PLACE)] == [later]
    assert not (tmp_path / "archive" / first).parent.exists()
    assert (tmp_path / "archive" / later).parent.exists()


def test_what_no_journal_lists_stays(tmp_path: Path, camera: Camera) -> None:
    listed = camera.record(0)
    stranger = tmp_path / "archive" / Path(listed).with_name("2026-11-18T000000.000Z.mp4")
    stranger.write_bytes(b"somebody else's")
    other = Camera(camera.volume, name="yard")
    foreign = other.record(0)
    asked = [stranger.relative_to(tmp_path / "archive").as_posix(), foreign, "../../etc/passwd", listed]
    result = remove_listed(camera.volume, camera.journal, asked, "space")
    assert result.removed == (listed,) and set(result.refused) == set(asked) - {listed}
    assert stranger.exists() and (tmp_path / "archive" / foreign).exists()


def test_nothing_goes_on_another_volume(tmp_path: Path, camera: Camera) -> None:
    path = camera.record(0)
    marker = tmp_path / "archive/VOLUME.json"
    marker.write_text(marker.read_text().replace(camera.volume.id, "11111111-2222-4333-8444-555555555555"))
    with pytest.raises(WachtelError) as caught:
        remove_listed(camera.volume, camera.journal, [path], "age")
    assert caught.value.kind is ErrorKind.FOREIGN_VOLUME
    assert (tmp_path / "archive" / path).exists() and deletions(camera) == []


def test_lines_of_files_are_found_when_the_clock_was_set_back_in_between(camera: Camera) -> None:
    camera.clock.jump_wall(-10 * 86_400)
    camera.write(HoldLine(start=0, end=1, on=True))
    path = camera.record(0)
    assert remove_listed(camera.volume, camera.journal, [path], "age").removed == (path,)


def test_a_picture_goes_with_its_event_and_the_event_stays(tmp_path: Path, camera: Camera) -> None:
    seen = with_picture(camera)
    path = snapshot_path("home", "door", seen.id)
    index = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    known = index.event(seen.id)
    assert known is not None and known.snapshot
    assert [one.id for one in index.pictures_before("door", WallUs(START + 9 * US_PER_S))] == [seen.id]
    before = len(camera.lines)
    assert remove_listed(camera.volume, camera.journal, [path], "age").removed == (path,)
    index.apply(camera.lines[before:])
    assert deletions(camera)[0].stream == EVENTS_FOLDER
    bare = index.event(seen.id)
    assert bare is not None and not bare.snapshot
    assert index.pictures_before("door", WallUs(START + 9 * US_PER_S)) == []
    rebuild_open(index)
    assert index.event(seen.id) == bare
    camera.journal.close()
    index.close()
    assert list(check(tmp_path / "archive", tmp_path / "keys", tmp_path / "index.sqlite")) == []


def test_on_a_full_disk_the_room_set_aside_makes_deleting_possible() -> None:
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    paths = [camera.record(number * 50) for number in range(4)]
    keep_reserve(disk)
    assert disk.size(RESERVE_FILE) == RESERVE_BYTES
    disk.room = 0
    with pytest.raises(WachtelError):
        camera.journal.append(HoldLine(start=0, end=1, on=True))
    assert remove_listed(camera.volume, camera.journal, paths[:2], "space").removed == tuple(paths[:2])
    assert disk.room > 0
    assert [path for _, path in segment_files(disk, PLACE)] == paths[2:]
    disk.room = None
    keep_reserve(disk)
    assert disk.exists(RESERVE_FILE) and give_reserve(disk) and not give_reserve(disk)


def test_a_reserve_that_does_not_fit_takes_no_room() -> None:
    disk = SimulatedDisk(room=1000)
    keep_reserve(disk)
    assert not disk.exists(RESERVE_FILE) and disk.room == 1000


@pytest.mark.parametrize("seed", range(60))
def test_a_power_cut_while_deleting_leaves_no_row_without_file_and_no_file_without_row(seed: int) -> None:
    die = random.Random(seed)
    disk = SimulatedDisk()
    camera = Camera(volume_on(disk))
    paths = [camera.record(number * 50) for number in range(5)]
    disk.cut_at = disk.operations + die.randint(1, 40)
    try:
        remove_listed(camera.volume, camera.journal, paths[:4], "age")
    except PowerCut:
        pass
    else:
        disk.cut_at = None
    after = disk.after_power_cut(die)
    again = Camera(volume_on(after))
    recover_camera(again.volume, again.journal)
    gone = {line.file for line in deletions(camera)}
    there = {path for _, path in segment_files(after, PLACE)}
    assert paths[4] in there and gone & there == set()
    assert {path for path in paths if path not in there} <= set(paths[:4])


def test_a_file_recorded_again_under_a_deleted_name_is_not_deleted_at_the_next_start(camera: Camera) -> None:
    path = camera.record(0)
    remove_listed(camera.volume, camera.journal, [path], "age")
    assert camera.record(0) == path
    camera.restart()
    assert recover_camera(camera.volume, camera.journal).segments == ()
    assert [found for _, found in segment_files(camera.volume.disk, PLACE)] == [path]


def held(index: Index) -> list[Hold]:
    return index.holds("door")


def test_holds_are_rows_as_long_as_they_stand(tmp_path: Path, camera: Camera) -> None:
    index = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    one = HoldLine(start=START, end=START + 5, on=True, event="e1", why="police")
    two = HoldLine(start=START, end=START + 5, on=True, event="e2")
    for line in (one, two, HoldLine(start=START, end=START + 5, on=False, event="e1"), two):
        camera.write(line)
    index.apply(camera.lines)
    expected = [Hold("door", START, WallUs(START + 5), "e2")]
    assert held(index) == expected == index.holds() and index.holds("yard") == []
    rebuild_open(index)
    assert held(index) == expected
    camera.write(one)
    index.apply(camera.lines)
    assert {hold.event: hold.why for hold in held(index)} == {"e1": "police", "e2": ""}
    index.close()


def test_a_hold_in_the_same_batch_as_its_end_leaves_nothing(tmp_path: Path, camera: Camera) -> None:
    index = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    camera.write(HoldLine(start=1, end=2, on=True, event="e"))
    camera.write(HoldLine(start=1, end=2, on=False, event="e"))
    index.apply(camera.lines)
    assert index.holds() == []
    index.close()


def test_the_index_knows_places_sizes_and_the_oldest(tmp_path: Path, camera: Camera) -> None:
    index = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    assert index.newest() is None and index.places() == []
    paths = [camera.record(number * 100) for number in range(3)]
    index.apply(camera.lines)
    assert index.places() == [("home", "door")]
    (size,) = index.sizes(WallUs(0))
    lines = [line for line in (one.line for one in camera.lines) if isinstance(line, SegmentLine)]
    assert size.size_bytes == size.recent_bytes == sum(line.bytes for line in lines)
    assert index.newest() == lines[-1].end
    first = index.oldest("door", StreamName.MAIN, limit=2)
    assert [one.path for one in first] == paths[:2]
    rest = index.oldest("door", StreamName.MAIN, (first[-1].start, first[-1].path))
    assert [one.path for one in rest] == paths[2:]
    index.close()
