"""Files that wait become footage: only whole ones of ours, and a power cut leaves nothing half done."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from archive_samples import FORMAT, START, Camera, fill, picture, volume_in

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.fmp4 import Muxer, SegmentIdentity
from wachtel.media.journal import GapLine, SegmentLine
from wachtel.media.timestamps import Placed
from wachtel.model.stream import StreamName
from wachtel.storage.check import check
from wachtel.storage.files.adoption import (
    Adoptable,
    Adoption,
    adopt,
    begin_waiting,
    end_waiting,
    waiting_folder,
)
from wachtel.storage.files.reading import CameraPlace, journals, read_journal
from wachtel.storage.files.recovery import accounted_until, hash_file, recover_camera
from wachtel.storage.files.removal import remove_listed
from wachtel.storage.files.volume import Volume
from wachtel.storage.index.filling import open_or_rebuild
from wachtel.testing.simulated_disk import PowerCut, SimulatedDisk

PAST = WallUs(START - 400 * 86_400 * US_PER_S)
WAITING = waiting_folder("home", "door")
FILE = Adoptable("import-1-0.mp4", "frigate:2025-10-01/13/door/05.10.mp4")
HOLE = (WallUs(PAST + 2 * US_PER_S), WallUs(PAST + 3 * US_PER_S))


def film(volume: Volume, run: str = "import-1", camera: str = "door", start: WallUs = PAST) -> bytes:
    identity = SegmentIdentity(volume.id, "home", camera, StreamName.MAIN, run, 0, start)
    muxer = Muxer(FORMAT, identity)
    body = muxer.head()
    for number in range(10):
        packet = picture(number, key=number % 5 == 0)
        body += muxer.add(Placed(packet, packet.dts, 0, WallUs(start + number * US_PER_S // 5)))
    return body + muxer.tail()


def put_waiting(volume: Volume, data: bytes, name: str = FILE.name) -> None:
    file = volume.disk.create(f"{WAITING}/{name}")
    file.write(data)
    file.fsync()
    file.close()


def test_a_closed_day_stays_closed_and_everybody_sees_what_came(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    fill(camera)
    put_waiting(camera.volume, film(camera.volume))
    before = {path: path.read_bytes() for path in (tmp_path / "archive").rglob("*.jsonl")}
    done = adopt(camera.volume, camera.journal, [FILE], [HOLE])
    camera.journal.close()
    assert [(line.start, line.end, line.imported) for line in done.taken] == [
        (PAST, PAST + 2 * US_PER_S, FILE.imported)
    ]
    after = {path: path.read_bytes() for path in (tmp_path / "archive").rglob("*.jsonl")}
    assert sum(after[path] != data for path, data in before.items()) <= 1
    assert all(after[path].startswith(data) for path, data in before.items())
    index = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    rows = index.segments("door", StreamName.MAIN, PAST, WallUs(PAST + 1))
    assert [row.path for row in rows] == [done.taken[0].file]
    index.close()
    assert list(check(tmp_path / "archive", tmp_path / "keys", tmp_path / "index.sqlite", deep=True)) == []


def test_imported_footage_is_deleted_like_any_other(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    put_waiting(camera.volume, film(camera.volume))
    (line,) = adopt(camera.volume, camera.journal, [FILE], []).taken
    done = remove_listed(camera.volume, camera.journal, [line.file], "age")
    assert done.removed == (line.file,)
    assert not (tmp_path / "archive" / line.file).exists()


def test_a_file_whose_line_is_missing_is_found_with_what_would_mend_it(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    put_waiting(camera.volume, film(camera.volume))
    (line,) = adopt(camera.volume, camera.journal, [FILE], []).taken
    camera.journal.close()
    journal = next((tmp_path / "archive").rglob("*.jsonl"))
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive").close()
    found = list(check(tmp_path / "archive", tmp_path / "keys", tmp_path / "index.sqlite"))
    assert [(one.kind, one.place) for one in found] == [("unlisted", line.file)]
    assert "import" in found[0].mend


def test_what_was_recorded_is_accounted_for_as_before(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    put_waiting(camera.volume, film(camera.volume))
    adopt(camera.volume, camera.journal, [FILE], [])
    assert accounted_until(camera.volume, "home", "door", camera.clock.wall_us()) is None
    assert recover_camera(camera.volume, camera.journal).accounted_until is None


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda data: data[:-40], FILE.name),
        (lambda data: data.replace(b'"run":"import-1"', b'"run":"recorded"'), FILE.name),
        (lambda data: data.replace(b'"camera":"door"', b'"camera":"gate"'), FILE.name),
        (lambda _: b"no film", FILE.name),
        (lambda data: data, "../main/other.mp4"),
        (lambda data: data, "missing.mp4"),
    ],
)
def test_what_is_not_whole_or_not_ours_is_refused(tmp_path: Path, change: object, name: str) -> None:
    assert callable(change)
    camera = Camera(volume_in(tmp_path))
    put_waiting(camera.volume, change(film(camera.volume)))
    done = adopt(camera.volume, camera.journal, [replace(FILE, name=name)], [])
    assert (done.taken, [one[0] for one in done.refused]) == ((), [name])
    assert not (tmp_path / "archive/home/door/main").exists()


def test_a_closed_journal_is_no_fault_of_a_file(tmp_path: Path) -> None:
    camera = Camera(volume_in(tmp_path))
    put_waiting(camera.volume, film(camera.volume))
    camera.journal.close()
    with pytest.raises(WachtelError) as caught:
        adopt(camera.volume, camera.journal, [FILE], [])
    assert caught.value.kind is ErrorKind.CONFLICT


def test_an_import_begins_with_an_empty_folder_and_alone(tmp_path: Path) -> None:
    volume = volume_in(tmp_path)
    put_waiting(volume, b"left over")
    lock = begin_waiting(volume, "home", "door")
    assert volume.disk.files(WAITING) == [".lock"]
    with pytest.raises(WachtelError, match="Another import"):
        begin_waiting(volume, "home", "door")
    end_waiting(volume, "home", "door", lock)
    assert not volume.disk.exists(WAITING)


def _try(camera: Camera, data: bytes) -> Adoption:
    """As the next import does: what waits is made anew, then taken in."""
    if camera.volume.disk.exists(f"{WAITING}/{FILE.name}"):
        camera.volume.disk.unlink(f"{WAITING}/{FILE.name}")
    put_waiting(camera.volume, data)
    return adopt(camera.volume, camera.journal, [FILE], [HOLE])


@pytest.mark.parametrize("seed", range(3))
def test_a_power_cut_at_any_operation_is_made_good_by_the_next_import(tmp_path: Path, seed: int) -> None:
    die = random.Random(seed)
    base = volume_in(tmp_path)
    cut_at, finished = 0, False
    while not finished:
        cut_at += 1
        disk = SimulatedDisk()
        marker = disk.create("VOLUME.json")
        marker.write((tmp_path / "archive/VOLUME.json").read_bytes())
        marker.fsync()
        disk.fsync_folder("")
        volume = replace(base, disk=disk)
        data = film(volume)
        disk.cut_at = disk.operations + cut_at
        try:
            _try(Camera(volume), data)
            finished = True
            continue
        except PowerCut:
            pass
        again = Camera(replace(base, disk=disk.after_power_cut(die)))
        for line in _listed(again.volume):
            assert hash_file(again.volume.disk, line.file) == (line.bytes, line.sha256), cut_at
        done = _try(again, data)
        assert [line.file for line in done.taken] == [
            f"home/door/main/{path}" for path in _files(again.volume)
        ], cut_at
        gaps = [line.line for line in again.lines if isinstance(line.line, GapLine)]
        assert [(gap.start, gap.end) for gap in gaps] == [HOLE]
    assert cut_at > 10


def _listed(volume: Volume) -> list[SegmentLine]:
    place = CameraPlace("home", "door")
    paths = journals(volume.disk, place)
    lines = [line.line for path in paths for line in read_journal(volume.disk, place, path)]
    return [line for line in lines if isinstance(line, SegmentLine)]


def _files(volume: Volume) -> list[str]:
    folder = "home/door/main"
    return [
        f"{day}/{name}"
        for day in volume.disk.folders(folder)
        for name in volume.disk.files(f"{folder}/{day}")
    ]
