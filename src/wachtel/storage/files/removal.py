"""Removing footage: first the journal says what goes and why, then the file goes.

Nothing is removed that the journal does not list, and nothing on a volume that is not the right one.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.archive_layout import EVENTS_FOLDER, is_day, journal_name, snapshot_path
from wachtel.media.journal import DeletedLine, EventLine, SegmentLine, read_lines
from wachtel.storage.files.disk import Disk, parent, read_all, trouble
from wachtel.storage.files.journal_writer import JournalWriter
from wachtel.storage.files.reading import CameraPlace, journals
from wachtel.storage.files.reserve import give_reserve, keep_reserve
from wachtel.storage.files.volume import Volume


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of files that were to be removed; ``refused`` are those that no journal lists."""

    removed: tuple[str, ...]
    refused: tuple[str, ...]


def remove_listed(volume: Volume, journal: JournalWriter, paths: Sequence[str], why: str) -> Removal:
    """Removes segments and snapshots of one camera, as far as its own journal lists them.

    First all lines are written and on the disk, then the files go, then days that became empty. On a full disk
    the room set aside makes the lines possible. Raises `WachtelError` (foreign_volume, disk_full, disk_error);
    what was removed until then is journalled.
    """
    volume.verify()
    listed = _listed(volume.disk, CameraPlace(journal.site, journal.camera), paths, why)
    removed: list[str] = []
    try:
        for path in paths:
            if path in listed:
                _append(volume.disk, journal, listed[path])
                removed.append(path)
    finally:
        # The lines may have taken a while. What is not removed now is by the next recovery.
        volume.verify()
        _unlink_all(volume, removed)
        keep_reserve(volume.disk)
    return Removal(tuple(removed), tuple(path for path in paths if path not in listed))


def unlink_deleted(volume: Volume, path: str) -> None:
    """Removes a file that the journal lists as deleted; it may be gone already. Raises `WachtelError`
    (disk_error)."""
    try:
        volume.disk.unlink(path)
        volume.disk.fsync_folder(parent(path))
    except FileNotFoundError:
        return
    except OSError as error:
        raise trouble(error, f"remove {path}") from error


def _append(disk: Disk, journal: JournalWriter, line: DeletedLine) -> None:
    try:
        journal.append(line)
    except WachtelError as error:
        if error.kind is not ErrorKind.DISK_FULL or not give_reserve(disk):
            raise
        journal.append(line)


def _unlink_all(volume: Volume, paths: Iterable[str]) -> None:
    folders: set[str] = set()
    for path in paths:
        try:
            volume.disk.unlink(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise trouble(error, f"remove {path}") from error
        folders.add(parent(path))
    for folder in sorted(folders):
        with suppress(OSError):
            volume.disk.fsync_folder(folder)
            if is_day(folder.rpartition("/")[2]):
                # A day that still holds anything stays.
                volume.disk.remove_folder(folder)


def _listed(disk: Disk, place: CameraPlace, paths: Sequence[str], why: str) -> dict[str, DeletedLine]:
    """The lines that delete these files, for those that the journals of their time list."""
    wanted = {path for path in paths if path.startswith(f"{place.site}/{place.camera}/")}
    found: dict[str, DeletedLine] = {}
    first_day = min((parent(path).rpartition("/")[2] for path in wanted), default="")
    try:
        for path in journals(disk, place):
            named = journal_name(path.rpartition("/")[2])
            # The clock may have been set back since: what is not found in its own time is looked for everywhere.
            if named is not None and named[0] >= first_day and wanted - found.keys():
                _look_in(disk, place, path, wanted, why, found)
        if wanted - found.keys():
            for path in journals(disk, place):
                _look_in(disk, place, path, wanted, why, found)
    except OSError as error:
        raise trouble(error, f"read the journal of {place.camera}") from error
    return found


def _look_in(
    disk: Disk,
    place: CameraPlace,
    journal: str,
    wanted: Collection[str],
    why: str,
    found: dict[str, DeletedLine],
) -> None:
    for line in read_lines(read_all(disk, journal)):
        match line.entry:
            case SegmentLine() as entry if entry.file in wanted:
                found[entry.file] = _deleted(entry, why)
            case EventLine(snapshot=True) as entry:
                with suppress(ValueError):
                    path = snapshot_path(place.site, place.camera, entry.id)
                    if path in wanted:
                        found[path] = _deleted_picture(disk, path, entry, why)
            case _:
                pass


def _deleted(line: SegmentLine, why: str) -> DeletedLine:
    return DeletedLine(
        file=line.file, stream=line.stream, start=line.start, end=line.end, bytes=line.bytes, why=why
    )


def _deleted_picture(disk: Disk, path: str, line: EventLine, why: str) -> DeletedLine:
    size = disk.size(path) if disk.exists(path) else 0
    return DeletedLine(file=path, stream=EVENTS_FOLDER, start=line.start, end=line.start, bytes=size, why=why)
