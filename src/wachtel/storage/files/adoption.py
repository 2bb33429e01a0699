"""Takes files that were made aside into the archive: each is proved whole and ours, put in its place, journalled.

Files wait in a folder of their camera whose name begins with a dot, so no reader takes them for footage. A crash
leaves them there, and the next import begins by removing them. One crash is different: a file may be in its place
while its line is missing. It is told by its run, and the next import puts the same footage in its place again.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.archive_layout import camera_folder, segment_path
from wachtel.media.fmp4_read import Recovered, read_head, recover
from wachtel.media.identity import SegmentIdentity
from wachtel.media.journal import Closed, SegmentLine
from wachtel.media.journal_values import split_gap
from wachtel.model.footage import GapReason
from wachtel.model.stream import StreamName
from wachtel.storage.files.disk import Disk, DiskSource, OpenFile, parent, trouble
from wachtel.storage.files.journal_writer import JournalWriter
from wachtel.storage.files.recovery import hash_file
from wachtel.storage.files.volume import Volume

WAITING_FOLDER = ".import"
"""Below a camera's folder: files that are not footage yet."""

RUN_PREFIX = "import-"
"""What the runs of imported files begin with."""

_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Adoptable:
    """A file that waits: its name in the waiting folder, and what it was made from, as the journal shall say it."""

    name: str
    imported: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """What became of waiting files: the lines of those taken, and why others were not."""

    taken: tuple[SegmentLine, ...]
    refused: tuple[tuple[str, str], ...]


def waiting_folder(site: str, camera: str) -> str:
    """Where files wait, relative to the archive."""
    return f"{camera_folder(site, camera)}/{WAITING_FOLDER}"


def begin_waiting(volume: Volume, site: str, camera: str) -> OpenFile:
    """Makes the waiting folder, removes what an import before has left in it, and keeps others out until the lock
    that is returned is closed.

    Raises `WachtelError`: busy when another import works for this camera, foreign_volume, disk_full, disk_error.
    """
    volume.verify()
    folder, disk = waiting_folder(site, camera), volume.disk
    try:
        lock = disk.lock(f"{folder}/{_LOCK}")
    except BlockingIOError as error:
        raise WachtelError(
            ErrorKind.BUSY, f"Another import already works for {camera}.", hint="Wait until it is done."
        ) from error
    except OSError as error:
        raise trouble(error, f"make a folder for the import of {camera}") from error
    try:
        for name in disk.files(folder):
            if name != _LOCK:
                disk.unlink(f"{folder}/{name}")
    except OSError as error:
        lock.close()
        raise trouble(error, f"clear the folder for the import of {camera}") from error
    return lock


def end_waiting(volume: Volume, site: str, camera: str, lock: OpenFile) -> None:
    """Removes the waiting folder if nothing is left in it, and lets others in."""
    folder = waiting_folder(site, camera)
    with suppress(OSError):
        for name in volume.disk.files(folder):
            volume.disk.unlink(f"{folder}/{name}")
        volume.disk.remove_folder(folder)
    lock.close()


def adopt(
    volume: Volume, journal: JournalWriter, files: Sequence[Adoptable], holes: Sequence[tuple[WallUs, WallUs]]
) -> Adoption:
    """Takes waiting files into the main stream of the journal's camera, and journals holes as gaps nobody can explain.

    A file that is not whole, or not of this camera, is refused and stays. Raises `WachtelError` (foreign_volume,
    disk_full, disk_error); what was taken until then is journalled.
    """
    volume.verify()
    taken: list[SegmentLine] = []
    refused: list[tuple[str, str]] = []
    safe: set[str] = set()
    for file in files:
        try:
            line = _put_in_place(volume, journal, file, safe)
        except WachtelError as error:
            if error.kind not in (ErrorKind.BAD_DATA, ErrorKind.CONFLICT, ErrorKind.NOT_FOUND):
                raise
            refused.append((file.name, error.what))
        else:
            journal.append(line)
            taken.append(line)
    for start, end in holes:
        for gap in split_gap(start, end, GapReason.UNKNOWN):
            journal.append(gap)
    return Adoption(tuple(taken), tuple(refused))


def _put_in_place(volume: Volume, journal: JournalWriter, file: Adoptable, safe: set[str]) -> SegmentLine:
    """The line for a file that is in its place now, on the disk with its folders."""
    if "/" in file.name or file.name.startswith("."):
        raise WachtelError(ErrorKind.NOT_FOUND, f"{file.name!r} is no file that waits.")
    waiting = f"{waiting_folder(journal.site, journal.camera)}/{file.name}"
    disk = volume.disk
    try:
        found, identity = _examined(volume, journal, waiting)
        size, sha256 = hash_file(disk, waiting)
        path = _free_place(disk, identity)
        _move(disk, waiting, path, safe)
    except FileNotFoundError as error:
        raise WachtelError(ErrorKind.NOT_FOUND, f"No file {file.name} waits.") from error
    except OSError as error:
        raise trouble(error, f"import {file.imported}") from error
    return SegmentLine(
        file=path, stream=StreamName.MAIN.value, start=found.start, end=found.end, bytes=size, sha256=sha256,
        frames=found.frames, key_frames=found.key_frames, run=identity.run, closed=Closed.IMPORTED.value,
        imported=file.imported,
    )  # fmt: skip


def _examined(volume: Volume, journal: JournalWriter, path: str) -> tuple[Recovered, SegmentIdentity]:
    source = DiskSource(volume.disk, path)
    identity = read_head(source).identity
    if identity is None or not identity.run.startswith(RUN_PREFIX):
        raise WachtelError(ErrorKind.CONFLICT, f"{path} was not made by an import.")
    belongs = (identity.volume, identity.site, identity.camera, identity.stream)
    if belongs != (volume.id, journal.site, journal.camera, StreamName.MAIN):
        raise WachtelError(ErrorKind.CONFLICT, f"{path} does not belong to this camera and volume.")
    found = recover(source)
    if not found.complete:
        raise WachtelError(ErrorKind.BAD_DATA, f"{path} is not whole.")
    return found, identity


def _free_place(disk: Disk, identity: SegmentIdentity) -> str:
    """A name nobody has, or that of the same footage that a crash has left without its line."""
    for copy in count(1):
        path = segment_path(identity.site, identity.camera, StreamName.MAIN, identity.start, copy)
        if not disk.exists(path) or _identity_at(disk, path) == identity:
            return path
    raise AssertionError


def _identity_at(disk: Disk, path: str) -> SegmentIdentity | None:
    try:
        return read_head(DiskSource(disk, path)).identity
    except WachtelError:
        return None


def _move(disk: Disk, waiting: str, path: str, safe: set[str]) -> None:
    """File, then folders; those above a day that is ``safe`` are on the disk already."""
    file = disk.append_to(waiting)
    try:
        file.fsync()
    finally:
        file.close()
    disk.rename(waiting, path)
    folder = parent(path)
    disk.fsync_folder(folder)
    if folder not in safe:
        safe.add(folder)
        while folder:
            folder = parent(folder)
            disk.fsync_folder(folder)
