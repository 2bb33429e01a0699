"""Making good what a crash has left: files without a line, events without an end, undone deletions.

A file is touched only if the box inside it names this volume, site, camera and stream. It is cut to its last
whole fragment, gets its index, and is journalled as recovered. A file of ours that holds not one whole
fragment holds no footage: it is journalled as deleted and then removed. Everything else is left alone and
reported.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.archive_layout import day_of, journal_name, snapshot_path
from wachtel.media.fmp4_read import Recovered, SegmentHead, read_head, recover
from wachtel.media.journal import (
    Closed,
    DeletedLine,
    Entry,
    EventLine,
    GapLine,
    SegmentLine,
    SignalLine,
    StartLine,
    StopLine,
    read_lines,
)
from wachtel.media.journal_values import completed
from wachtel.model.footage import GapReason
from wachtel.model.stream import StreamName
from wachtel.storage.files.disk import Disk, DiskSource, parent, read_all, trouble, write_all
from wachtel.storage.files.journal_writer import JournalWriter, newest_journals
from wachtel.storage.files.reading import CameraPlace, segment_files
from wachtel.storage.files.removal import unlink_deleted
from wachtel.storage.files.volume import Volume

_HASH_PIECE = 1 << 20
_FEWEST_FILES = 3
"""Journals read at least. More are read back to the last start, which has made good everything before it."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found and made good.

    Everything up to ``accounted_until`` is known as footage or as a gap; from there to the first new footage
    the recorder writes a gap with ``reason``. None means that this camera has no past. ``foreign`` files were
    left alone, ``emptied`` files held no footage and were removed.
    """

    accounted_until: WallUs | None
    reason: GapReason
    segments: tuple[SegmentLine, ...] = ()
    events: tuple[EventLine, ...] = ()
    foreign: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()


@dataclass(slots=True)
class _Past:
    """What the newest journals tell."""

    first_day: str = ""
    files: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    open_events: dict[str, SignalLine] = field(default_factory=dict)
    accounted_until: int | None = None
    last_footage: int | None = None
    stopped: bool = False


def recover_camera(volume: Volume, journal: JournalWriter) -> Recovery:
    """Makes one camera's archive whole; call it before anything is recorded.

    Raises `WachtelError` (foreign_volume, disk_full, disk_error); calling it again is harmless.
    """
    volume.verify()
    site, camera = journal.site, journal.camera
    past = _read_past(volume.disk, site, camera, day_of(journal.now()))
    segments: list[SegmentLine] = []
    foreign: list[str] = []
    emptied: list[str] = []
    for stream, path in segment_files(volume.disk, CameraPlace(site, camera), past.first_day):
        if path in past.deleted:
            unlink_deleted(volume, path)
        elif path not in past.files:
            _recover_file(volume, journal, stream, path, segments, foreign, emptied)
    for path in sorted(past.deleted):
        if volume.disk.exists(path):
            unlink_deleted(volume, path)
    for line in segments:
        _account(past, line)
    return Recovery(
        accounted_until=None if past.accounted_until is None else WallUs(past.accounted_until),
        reason=GapReason.RESTART if past.stopped and not segments else GapReason.CRASH,
        segments=tuple(segments),
        events=tuple(_complete_events(volume, journal, past)),
        foreign=tuple(foreign),
        emptied=tuple(emptied),
    )


def accounted_until(volume: Volume, site: str, camera: str, now: WallUs) -> WallUs | None:
    """How far a camera's newest journals account for its time, imported files left aside; None when they do not.

    Raises `WachtelError` (disk_error).
    """
    found = _read_past(volume.disk, site, camera, day_of(now)).accounted_until
    return None if found is None else WallUs(found)


def settle_file(
    volume: Volume,
    journal: JournalWriter,
    stream: StreamName,
    path: str,
    closed: Closed,
    *,
    recovered: bool = True,
) -> SegmentLine | None:
    """Completes and journals one file that has no journal line, by what the disk holds of it.

    None when it held no picture and was removed. Raises `WachtelError`: conflict or bad_data for a file that
    is not surely ours, which is left alone; disk_full, disk_error.
    """
    try:
        return _recover_segment(volume, journal, stream, path, closed, recovered=recovered)
    except WachtelError as error:
        if error.kind is ErrorKind.BAD_DATA and _remove_if_empty(volume, journal, stream, path):
            return None
        raise


def _recover_segment(
    volume: Volume, journal: JournalWriter, stream: StreamName, path: str, closed: Closed, *, recovered: bool
) -> SegmentLine:
    """Completes and journals one file.

    Raises `WachtelError`: conflict when the file is not ours, bad_data when it holds no footage, disk_full,
    disk_error.
    """
    try:
        source = DiskSource(volume.disk, path)
        head = read_head(source)
        if not _is_ours(head, volume, journal, stream):
            raise WachtelError(ErrorKind.CONFLICT, f"{path} does not belong to this camera and volume.")
        found = recover(source)
        _complete_file(volume.disk, path, found)
        size, sha256 = hash_file(volume.disk, path)
    except OSError as error:
        raise trouble(error, f"recover {path}") from error
    line = _segment_line(path, stream, head, found, size, sha256, closed, recovered)
    journal.append(line)
    return line


def hash_file(disk: Disk, path: str) -> tuple[int, str]:
    """Length and SHA-256 (hex) of a file, read piece by piece. Raises `OSError`."""
    digest, offset = hashlib.sha256(), 0
    while piece := disk.read_at(path, offset, _HASH_PIECE):
        digest.update(piece)
        offset += len(piece)
    return offset, digest.hexdigest()


def _read_past(disk: Disk, site: str, camera: str, today: str) -> _Past:
    past = _Past()
    entries: list[Entry] = []
    days: list[str] = []
    try:
        for path in reversed(newest_journals(disk, site, camera, today)):
            found = [line.entry for line in read_lines(read_all(disk, path)) if line.entry is not None]
            named = journal_name(path.rpartition("/")[2])
            days += [named[0]] if named else []
            entries += found
            if len(days) >= _FEWEST_FILES and any(isinstance(entry, StartLine) for entry in entries):
                break
    except OSError as error:
        raise trouble(error, f"read the journal of {camera}") from error
    past.first_day = min(days, default="")
    for entry in sorted(entries, key=lambda entry: entry.seq):
        _account(past, entry)
    return past


def _account(past: _Past, entry: Entry) -> None:
    match entry:
        case SegmentLine():
            past.files.add(entry.file)
            past.deleted.discard(entry.file)
            # What was imported says nothing about how far this recorder has come.
            if entry.stream == StreamName.MAIN and not entry.imported:
                past.accounted_until = max(entry.end, past.accounted_until or entry.end)
                past.last_footage = max(entry.end, past.last_footage or entry.end)
        case GapLine():
            past.accounted_until = max(entry.end, past.accounted_until or entry.end)
        case DeletedLine():
            past.deleted.add(entry.file)
        case SignalLine(on=True) if entry.event:
            past.open_events[entry.event] = entry
        case EventLine():
            past.open_events.pop(entry.id, None)
        case StartLine():
            past.stopped = False
        case StopLine():
            past.stopped = True
        case _:
            pass


def _recover_file(
    volume: Volume,
    journal: JournalWriter,
    stream: StreamName,
    path: str,
    segments: list[SegmentLine],
    foreign: list[str],
    emptied: list[str],
) -> None:
    try:
        line = settle_file(volume, journal, stream, path, Closed.RECOVERED)
    except WachtelError as error:
        if error.kind not in (ErrorKind.BAD_DATA, ErrorKind.CONFLICT):
            raise
        foreign.append(path)
        return
    if line is None:
        emptied.append(path)
    else:
        segments.append(line)


def _remove_if_empty(volume: Volume, journal: JournalWriter, stream: StreamName, path: str) -> bool:
    """Removes a file whose head proves it ours and that holds not one fragment."""
    source = DiskSource(volume.disk, path)
    try:
        head = read_head(source)
    except WachtelError:
        return False
    if not _is_ours(head, volume, journal, stream) or head.identity is None:
        return False
    start = head.identity.start
    journal.append(
        DeletedLine(
            file=path, stream=stream.value, start=start, end=start, bytes=source.size, why="no footage"
        )
    )
    unlink_deleted(volume, path)
    return True


def _is_ours(head: SegmentHead, volume: Volume, journal: JournalWriter, stream: StreamName) -> bool:
    identity = head.identity
    return identity is not None and (
        (identity.volume, identity.site, identity.camera, identity.stream)
        == (volume.id, journal.site, journal.camera, stream)
    )


def _complete_file(disk: Disk, path: str, found: Recovered) -> None:
    """Cuts the torn end off, adds the index, and saves both. Raises `OSError`."""
    file = disk.append_to(path)
    try:
        if not found.complete:
            file.truncate(found.whole_bytes)
            write_all(file, found.tail)
        file.fsync()
    finally:
        file.close()
    disk.fsync_folder(parent(path))


def _segment_line(
    path: str,
    stream: StreamName,
    head: SegmentHead,
    found: Recovered,
    size: int,
    sha256: str,
    closed: Closed,
    recovered: bool,
) -> SegmentLine:
    return SegmentLine(
        file=path,
        stream=stream.value,
        start=found.start,
        end=found.end,
        bytes=size,
        sha256=sha256,
        frames=found.frames,
        key_frames=found.key_frames,
        run="" if head.identity is None else head.identity.run,
        closed=closed.value,
        recovered=recovered,
    )


def _complete_events(volume: Volume, journal: JournalWriter, past: _Past) -> Sequence[EventLine]:
    lines = []
    for signal in past.open_events.values():
        end = WallUs(past.last_footage if past.last_footage is not None else signal.reported)
        path = snapshot_path(journal.site, journal.camera, signal.event)
        lines.append(completed(signal, end, snapshot=volume.disk.exists(path)))
        journal.append(lines[-1])
    return lines
