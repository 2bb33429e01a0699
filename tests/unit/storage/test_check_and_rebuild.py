"""The index is rebuilt from the files alone, and `check` finds whatever does not agree."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from archive_samples import START, Camera, event, fill, volume_in

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal_values import event_line
from wachtel.storage.api import EventQuery
from wachtel.storage.check import Finding, check
from wachtel.storage.files import write_snapshot
from wachtel.storage.files.recovery import recover_camera
from wachtel.storage.index import Index, open_or_rebuild
from wachtel.storage.rebuild import rebuild, rebuild_open, swap_in

TABLES = ("segment", "gap", "event", "deleted", "hour_summary", "journal_mark")


class Place:
    """An archive with content, its index filled line by line as a running server does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.archive, self.keys, self.index_path = root / "archive", root / "keys", root / "index.sqlite"
        self.camera = Camera(volume_in(root))
        fill(self.camera)
        index = Index.open(self.index_path, self.archive)
        for line in self.camera.lines:
            index.apply([line])
        index.close()

    def stop(self) -> None:
        self.camera.journal.close()

    def findings(self, *, deep: bool = False) -> list[Finding]:
        return list(check(self.archive, self.keys, self.index_path, deep=deep))

    def kinds(self, *, deep: bool = False) -> set[str]:
        return {finding.kind for finding in self.findings(deep=deep)}

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.archive.glob(pattern))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in an index, in an order of its own."""
    connection = sqlite3.connect(path)
    try:
        return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in TABLES}
    finally:
        connection.close()


def test_a_rebuilt_index_holds_the_same_rows(place: Place) -> None:
    new = place.root / "new.sqlite"
    done: list[tuple[int, int]] = []
    report = rebuild(place.archive, new, lambda now, of: done.append((now, of)))
    assert rows(new) == rows(place.index_path)
    assert (report.segments, report.gaps, report.events) == (7, 2, 6)
    assert done[-1] == (2, 2) and report.missing == report.skipped == []
    assert not new.with_name("new.sqlite-wal").exists()


def test_the_running_server_swaps_its_index(place: Place) -> None:
    index = open_or_rebuild(place.index_path, place.archive)
    before = index.events(EventQuery())
    place.camera.record(90_000 * 5)
    assert rebuild_open(index).segments == 8
    assert index.events(EventQuery()) == before and index.counts()[0] == 8
    index.close()


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000, None])
def test_a_missing_or_damaged_index_is_made_anew(place: Place, damage: bytes | None) -> None:
    expected = rows(place.index_path)
    place.index_path.unlink()
    if damage is not None:
        place.index_path.write_bytes(damage)
    open_or_rebuild(place.index_path, place.archive).close()
    assert rows(place.index_path) == expected


def test_footage_without_journals_is_read_from_its_boxes(place: Place) -> None:
    for path in place.files("**/*.jsonl"):
        path.unlink()
    new = place.root / "new.sqlite"
    report = rebuild(place.archive, new)
    assert (report.from_boxes, report.skipped) == (7, [])
    assert rows(new)["segment"] == rows(place.index_path)["segment"]


def test_an_open_file_is_left_out_and_a_missing_one_dropped(place: Place) -> None:
    place.files("**/main/2026-11-19/*.mp4")[0].unlink()
    place.camera.begin(95_000 * 5)
    report = rebuild(place.archive, place.root / "new.sqlite")
    assert len(report.missing) == len(report.skipped) == 1 and report.segments == 6


def test_a_clean_archive_has_no_findings(place: Place) -> None:
    assert place.findings(deep=True) == []
    place.camera.begin(95_000 * 5)
    assert place.findings() == [], "a file that is being recorded is no fault"
    place.stop()
    assert place.kinds() == {"unlisted_bad_data"}


def test_check_changes_nothing(place: Place) -> None:
    place.stop()
    before = {path: path.stat().st_mtime_ns for path in place.root.rglob("*") if path.is_file()}
    place.findings(deep=True)
    assert {path: path.stat().st_mtime_ns for path in place.root.rglob("*") if path.is_file()} == before


def _change_byte(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0xFF
    path.write_bytes(bytes(data))


def _sql(statement: str) -> Callable[[Place], None]:
    def run(place: Place) -> None:
        connection = sqlite3.connect(place.index_path)
        connection.execute(statement)
        connection.commit()
        connection.close()

    return run


def _drop_line(place: Place) -> None:
    path = place.files("**/2026-11-18.jsonl")[0]
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3] + lines[4:]))


def _change_line(place: Place) -> None:
    path = place.files("**/2026-11-18.jsonl")[0]
    path.write_bytes(path.read_bytes().replace(b'"reason":"camera_offline"', b'"reason":"camera_oFFline"', 1))


def _add_line(place: Place) -> None:
    path = place.files("**/2026-11-18.jsonl")[0]
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[-2])


def _tear(place: Place) -> None:
    path = place.files("**/2026-11-19.jsonl")[0]
    path.write_bytes(path.read_bytes() + b'{"t":"ga')


def _add_stranger(place: Place) -> None:
    folder = place.archive / "home/door/main/holidays"
    folder.mkdir()
    (folder / "beach.mp4").touch()


FAULTS: list[tuple[str, bool, Callable[[Place], object]]] = [
    ("foreign_volume", False, lambda place: (place.archive / "VOLUME.json").unlink()),
    ("foreign_volume", False, lambda place: (place.keys / "signing.key").unlink()),
    ("index_missing", False, lambda place: place.index_path.write_bytes(b"no index")),
    ("file_missing", False, lambda place: place.files("**/main/*/*.mp4")[0].unlink()),
    ("size_differs", False, lambda place: place.files("**/main/*/*.mp4")[0].write_bytes(b"")),
    ("hash_differs", True, lambda place: _change_byte(place.files("**/main/*/*.mp4")[0], -200)),
    ("unknown_file", False, _add_stranger),
    (
        "unlisted_bad_data",
        False,
        lambda place: (
            place.files("**/main/*/*.mp4")[0]
            .with_name("2026-11-18T000000.000Z.mp4")
            .write_bytes(b"what is this")
        ),
    ),
    ("missing_day", False, lambda place: place.files("**/2026-11-18.jsonl")[0].unlink()),
    ("missing_lines", False, _drop_line),
    ("broken_chain", False, _change_line),
    ("lines_after_signature", False, _add_line),
    ("unreadable_line", False, lambda place: _change_byte(place.files("**/2026-11-18.jsonl")[0], 0)),
    ("torn_end", False, _tear),
    ("row_missing", False, _sql("DELETE FROM segment WHERE start = (SELECT max(start) FROM segment)")),
    ("row_differs", False, _sql("UPDATE segment SET frames = 1")),
    ("event_missing", False, _sql("DELETE FROM event")),
    ("event_differs", False, _sql("UPDATE event SET score = 0.1")),
    ("event_too_many", False, _sql("UPDATE event SET id = id || 'x'")),
    ("index_behind", False, _sql("DELETE FROM journal_mark")),
]


@pytest.mark.parametrize(
    ("kind", "deep", "damage"), FAULTS, ids=[f"{n}-{one[0]}" for n, one in enumerate(FAULTS)]
)
def test_every_fault_is_found(place: Place, kind: str, deep: bool, damage: Callable[[Place], object]) -> None:
    place.stop()
    damage(place)
    found = place.findings(deep=deep)
    assert kind in {finding.kind for finding in found}
    assert all(finding.what.endswith(".") for finding in found)
    assert all(finding.mend for finding in found)


def test_a_deleted_file_that_came_back_is_found_and_deleted_again(place: Place) -> None:
    deleted = place.camera.lines[2].line
    path = place.archive / "home/door/main/2026-11-18/2026-11-18T110640.000Z.mp4"
    path.write_bytes(b"back")
    assert deleted is not None and place.kinds() == {"not_deleted"}
    recover_camera(place.camera.volume, place.camera.journal)
    assert not path.exists() and not (place.kinds() & {"not_deleted"})


def test_a_missing_snapshot_is_found(place: Place) -> None:
    place.camera.write(event_line(replace(event(20), snapshot=True)))
    assert "snapshot_missing" in place.kinds()
    write_snapshot(place.camera.volume, "home", "door", event(20).id, b"\xff\xd8")
    assert "snapshot_missing" not in place.kinds()


def test_swap_in_replaces_a_closed_index(place: Place) -> None:
    expected = rows(place.index_path)
    rebuild(place.archive, place.root / "new.sqlite")
    place.index_path.write_bytes(b"broken")
    swap_in(place.index_path, place.root / "new.sqlite")
    assert rows(place.index_path) == expected


def test_the_ledger_knows_every_moment(place: Place) -> None:
    index = open_or_rebuild(place.index_path, place.archive)
    found = index.ledger("door", START, WallUs(START + 6000 * US_PER_S))
    assert found.stretches[0].start == START and found.stretches[-1].end == START + 6000 * US_PER_S
    assert all(a.end == b.start for a, b in zip(found.stretches, found.stretches[1:], strict=False))
    states = [stretch.state.value for stretch in found.stretches]
    assert states[0] == "deleted" and {"recorded", "gap", "unknown"} <= set(states)
    index.close()


def test_a_check_tells_how_far_it_is_and_can_be_ended(place: Place) -> None:
    place.stop()
    files, read = list[tuple[int, int]](), list[tuple[int, int]]()
    whole = place.archive, place.keys, place.index_path
    found = list(
        check(
            *whole,
            deep=True,
            progress=lambda *now: files.append(now),
            reading=lambda *now: read.append(now),
        )
    )
    assert [one.kind for one in found] == ["unsigned_day"] * len(found)
    segments = place.files("*/*/main/*/*.mp4") + place.files("*/*/sub/*/*.mp4")
    assert files == [(number, len(segments)) for number in range(1, len(segments) + 1)]
    assert read[-1] == (sum(file.stat().st_size for file in segments),) * 2

    class EnoughError(Exception):
        pass

    def enough(done: int, of: int) -> None:
        raise EnoughError

    before = {path: path.stat().st_mtime_ns for path in place.files("**/*")}
    with pytest.raises(EnoughError):
        list(check(*whole, progress=enough))
    with pytest.raises(EnoughError):
        rebuild(place.archive, place.root / "new.sqlite", enough)
    assert {path: path.stat().st_mtime_ns for path in place.files("**/*")} == before
    assert list(place.root.glob("new.sqlite*")) == []
