"""Removing footage: first the journal says what goes and why, then the file goes."""

from wachtel.media.journal import DeletedLine, SegmentLine
from wachtel.storage.files.disk import parent, trouble
from wachtel.storage.files.journal_writer import JournalWriter
from wachtel.storage.files.volume import Volume


def remove_segment(volume: Volume, journal: JournalWriter, line: SegmentLine, why: str) -> None:
    """Removes a segment's file after its `DeletedLine` is on the disk.

    A crash in between is made good by the next recovery. Raises `WachtelError` (foreign_volume, disk_error
    ...).
    """
    volume.verify()
    journal.append(
        DeletedLine(
            file=line.file, stream=line.stream, start=line.start, end=line.end, bytes=line.bytes, why=why
        )
    )
    unlink_deleted(volume, line.file)


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
