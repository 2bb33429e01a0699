"""Compares volume, files, journals and index in all directions; changes nothing; may run beside the server.

The index is read before the journals and the journals before the folders, so that what is recorded meanwhile
does not look like a fault.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wachtel.base.errors import WachtelError
from wachtel.media.archive_layout import is_day, segment_name_start, snapshot_path, stream_folder
from wachtel.media.journal import Journalled
from wachtel.media.journal_chain import ChainHead, Fault, FaultKind, JournalIdentity, verify_day
from wachtel.model.event import Event
from wachtel.model.footage import Segment
from wachtel.model.stream import StreamName
from wachtel.storage.files.adoption import RUN_PREFIX
from wachtel.storage.files.disk import RealDisk, read_all, trouble
from wachtel.storage.files.reading import CameraPlace, cameras, journals, read_journal, segment_files
from wachtel.storage.files.recovery import hash_file
from wachtel.storage.files.volume import Volume, valid_signature
from wachtel.storage.index import Index
from wachtel.storage.index.batch import Batch, batch_of
from wachtel.storage.index.filling import segment_from_boxes

_REBUILD = "Run: wachtel rebuild"
_START = "Start the server: it completes and journals the file by itself."
_IMPORT = "An import was interrupted: run the same `wachtel import` again."
_BACKUP = "Put it back from a backup if there is one."
_JUST_CLOSED = 2

_MENDS = {
    FaultKind.TORN: "Start the server: it cuts the torn end off and notes it.",
    FaultKind.UNSIGNED: "Nothing can be done; lines of this day cannot be proved by a signature.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be: where, what, and what would mend it."""

    kind: str
    place: str
    what: str
    mend: str


Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is in all."""


def check(
    archive: Path,
    keys: Path,
    index_path: Path,
    *,
    deep: bool = False,
    progress: Progress | None = None,
    reading: Progress | None = None,
) -> Iterator[Finding]:
    """Yields what is wrong, each with what would mend it; nothing means clean.

    ``deep`` reads every file and compares its hash. ``progress`` is told of every file, ``reading`` of the bytes that a
    deep check has read; what they raise ends the check, which has changed nothing. Raises `WachtelError` (disk_error)
    when the archive cannot be read.
    """
    disk = RealDisk(archive)
    try:
        volume = Volume.open(archive, keys)
    except WachtelError as error:
        yield Finding(error.kind.value, str(archive), error.what, error.hint)
        return
    index = Index.look(index_path, archive)
    if index is None:
        yield Finding("index_missing", str(index_path), "There is no index that can be read.", _REBUILD)
    try:
        places = list(cameras(disk))
        walk = _Walk(disk, places, deep, progress, reading if deep else None)
        for place in places:
            yield from _check_camera(disk, volume, place, index, walk)
    except OSError as error:
        raise trouble(error, "read the archive") from error
    finally:
        if index is not None:
            index.close()


class _Walk:
    """Counts what was looked at."""

    def __init__(
        self,
        disk: RealDisk,
        places: list[CameraPlace],
        deep: bool,
        progress: Progress | None,
        reading: Progress | None,
    ) -> None:
        self.deep = deep
        self._progress, self._reading = progress, reading
        self._files = self._bytes = 0
        paths = [path for place in places for _, path in segment_files(disk, place)] if progress else []
        self._all_files = len(paths)
        self._all_bytes = sum(disk.size(path) for path in paths) if reading else 0

    def passed(self, size_bytes: int) -> None:
        """One more file. Those recorded meanwhile were not counted before."""
        self._files, self._bytes = self._files + 1, self._bytes + size_bytes
        if self._progress is not None:
            self._progress(self._files, max(self._files, self._all_files))
        if self._reading is not None:
            self._reading(self._bytes, max(self._bytes, self._all_bytes))


def _check_camera(
    disk: RealDisk, volume: Volume, place: CameraPlace, index: Index | None, walk: _Walk
) -> Iterator[Finding]:
    live = disk.is_locked(f"{place.site}/{place.camera}/journal/.lock")
    marks = {} if index is None else index.marks()
    rows = {} if index is None else {row.path: row for row in index.all_segments(place.camera)}
    events = {} if index is None else {event.id: event for event in index.all_events(place.camera)}
    seen, missed = Batch(), list[Journalled]()
    for path in journals(disk, place):
        for line in read_journal(disk, place, path):
            if line.end <= marks.get(path, 0):
                seen.add(line)
            else:
                missed.append(line)
    batch = seen.followed_by(missed)
    yield from _check_chain(disk, volume, place, live=live)
    yield from _check_listed(disk, batch, walk)
    yield from _check_folders(disk, volume, place, batch, live=live)
    if index is not None:
        yield from _check_rows(disk, batch, seen, rows)
        yield from _check_events(batch, seen, events)
        yield from _check_marks(disk, place, marks, missed, live=live)


def _check_chain(disk: RealDisk, volume: Volume, place: CameraPlace, *, live: bool) -> Iterator[Finding]:
    identity = JournalIdentity(volume.id, place.site, place.camera)
    head, paths = ChainHead(), _in_order(disk, place)
    for path in paths:
        report = verify_day(read_all(disk, path), head, identity, lambda *signed: _is_signed(volume, *signed))
        head = report.head
        newest = path == paths[-1]
        for fault in report.faults:
            if not (fault.kind is FaultKind.TORN and newest and live):
                yield _journal_finding(path, fault)
        if not report.signed and not newest:
            yield _journal_finding(
                path, Fault(FaultKind.UNSIGNED, 0, "The day was closed without a signature.")
            )


def _in_order(disk: RealDisk, place: CameraPlace) -> list[str]:
    """Journals in the order of the chain, which the clock may have mixed up."""
    first = {}
    for path in journals(disk, place):
        lines = read_journal(disk, place, path)
        first[path] = lines[0].line.seq if lines and _reads(lines[0]) else 0
    return sorted(first, key=lambda path: (first[path], path))


def _reads(line: Journalled) -> bool:
    try:
        return line.line.seq > 0
    except WachtelError:
        return False


def _is_signed(volume: Volume, key: str, signature: str, text: bytes) -> bool:
    return key in volume.public_keys and valid_signature(key, signature, text)


def _journal_finding(path: str, fault: Fault) -> Finding:
    where = f"{path}:{fault.line}" if fault.line else path
    return Finding(fault.kind.value, where, fault.what, _MENDS.get(fault.kind, _BACKUP))


def _check_listed(disk: RealDisk, batch: Batch, walk: _Walk) -> Iterator[Finding]:
    """Every file the journal lists must be there as it was written; deleted ones must be gone."""
    for segment in batch.segments.values():
        yield from _check_file(disk, segment, deep=walk.deep)
        walk.passed(segment.size_bytes)
    for path in batch.deletions:
        if path not in batch.segments and disk.exists(path):
            what = "The journal says that this file was deleted, but it is there."
            yield Finding("not_deleted", path, what, "Start the server: it deletes the file by itself.")
    for event in batch.ended.values():
        if event.snapshot and not disk.exists(snapshot_path(event.site, event.camera, event.id)):
            yield Finding("snapshot_missing", event.id, "The picture of this event is missing.", _BACKUP)


def _check_file(disk: RealDisk, segment: Segment, *, deep: bool) -> Iterator[Finding]:
    path = segment.path
    try:
        size = disk.size(path)
    except FileNotFoundError:
        yield Finding("file_missing", path, "The journal lists this file, but it is not there.", _BACKUP)
        return
    if size != segment.size_bytes:
        what = f"The file has {size} bytes; the journal says {segment.size_bytes}."
        yield Finding("size_differs", path, what, _BACKUP)
    elif deep and hash_file(disk, path)[1] != segment.sha256:
        yield Finding(
            "hash_differs", path, "The content of this file has changed since it was recorded.", _BACKUP
        )


def _check_folders(
    disk: RealDisk, volume: Volume, place: CameraPlace, batch: Batch, *, live: bool
) -> Iterator[Finding]:
    """Every file that is there must be listed."""
    newest: dict[StreamName, list[str]] = {}
    for stream, path in segment_files(disk, place):
        if path not in batch.segments and path not in batch.deletions:
            newest.setdefault(stream, []).append(path)
    for stream, paths in newest.items():
        for path in paths[: max(0, len(paths) - _JUST_CLOSED)] if live else paths:
            yield _unlisted(disk, volume, place, stream, path)
    for stream in StreamName:
        yield from _strangers(disk, stream_folder(place.site, place.camera, stream))


def _unlisted(disk: RealDisk, volume: Volume, place: CameraPlace, stream: StreamName, path: str) -> Finding:
    try:
        found = segment_from_boxes(disk, place, stream, path, volume.id)
    except WachtelError as error:
        return Finding(
            f"unlisted_{error.kind.value}", path, f"No journal lists this file. {error.what}", _START
        )
    mend = _IMPORT if found.run.startswith(RUN_PREFIX) else _START
    return Finding("unlisted", path, "No journal lists this file of ours.", mend)


def _strangers(disk: RealDisk, folder: str) -> Iterator[Finding]:
    what = "This file was not made by Wachtel."
    for day in disk.folders(folder):
        for name in disk.files(f"{folder}/{day}"):
            if not (is_day(day) and segment_name_start(name) is not None):
                mend = "Move it away if it does not belong here; Wachtel never removes it."
                yield Finding("unknown_file", f"{folder}/{day}/{name}", what, mend)


def _check_rows(disk: RealDisk, all_lines: Batch, seen: Batch, rows: dict[str, Segment]) -> Iterator[Finding]:
    for path, segment in seen.segments.items():
        row = rows.get(path)
        if row is None and path in all_lines.segments and disk.exists(path):
            yield Finding("row_missing", path, "The index does not know this file.", _REBUILD)
        elif row is not None and row != segment:
            yield Finding("row_differs", path, "The index says something else than the journal.", _REBUILD)
    for path in rows.keys() - all_lines.segments.keys():
        just_deleted = path in all_lines.deletions and path not in seen.deletions
        if not disk.exists(path) and not just_deleted:
            yield Finding("row_too_many", path, "The index knows a file that is not there.", _REBUILD)


def _check_events(all_lines: Batch, seen: Batch, events: dict[str, Event]) -> Iterator[Finding]:
    expected = seen.begun | seen.ended
    for event in expected.values():
        found = events.get(event.id)
        if found is None:
            yield Finding("event_missing", event.id, "The index does not know this event.", _REBUILD)
        elif found != event and event.id not in all_lines.ended.keys() - seen.ended.keys():
            yield Finding(
                "event_differs", event.id, "The index says something else than the journal.", _REBUILD
            )
    for event_id in events.keys() - (all_lines.begun | all_lines.ended).keys():
        yield Finding("event_too_many", event_id, "The index knows an event that no journal knows.", _REBUILD)


def _check_marks(
    disk: RealDisk, place: CameraPlace, marks: dict[str, int], missed: list[Journalled], *, live: bool
) -> Iterator[Finding]:
    for path in journals(disk, place):
        mark, size = marks.get(path, 0), disk.size(path)
        if mark > size:
            yield Finding("journal_shorter", path, "The journal is shorter than it was.", _REBUILD)
    behind = batch_of(missed)
    if not live and (behind.hours or behind.gaps):
        where = f"{place.site}/{place.camera}"
        yield Finding(
            "index_behind", where, "The index has not seen the newest lines.", "Start the server, or rebuild."
        )
