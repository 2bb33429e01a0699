"""Writes one camera's journal: the only place where a line gets its number, its hash and its place on the
disk."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import DAY_US, WallUs
from wachtel.media.archive_layout import JOURNAL_LOCK, day_of, journal_folder, journal_name, journal_path
from wachtel.media.journal import (
    FIRST_PREV,
    DayLine,
    Entry,
    Journalled,
    SignatureLine,
    TornLine,
    encode,
    line_hash,
    read_lines,
    signed_text,
)
from wachtel.storage.files.disk import Disk, OpenFile, parent, read_all, trouble, write_all
from wachtel.storage.files.volume import Volume

_TAIL_BYTES = 1 << 16
_NEWEST_FILES = 8
"""So many days may the clock have been wrong, unnoticed, before the end of the chain is sought in the wrong
file."""


@dataclass(slots=True)
class _Head:
    """The newest line of the chain, and the file that holds it."""

    path: str = ""
    day: str = ""
    size: int = 0
    seq: int = 0
    hash: str = FIRST_PREV
    closed: bool = True


class JournalWriter:
    """One camera's journal, opened for writing. `append` may be called by any thread."""

    def __init__(
        self, volume: Volume, site: str, camera: str, clock: Clock, on_line: Callable[[Journalled], None]
    ) -> None:
        self.volume = volume
        self.site = site
        self.camera = camera
        self._clock = clock
        self._on_line = on_line
        self._mutex = threading.Lock()
        self._lock: OpenFile | None = None
        self._file: OpenFile | None = None
        self._head = _Head()
        self._leftovers: dict[str, int] = {}

    @staticmethod
    def open(
        volume: Volume, site: str, camera: str, clock: Clock, on_line: Callable[[Journalled], None]
    ) -> "JournalWriter":
        """Takes the camera's lock, finds the end of the chain, and cuts off and notes what a crash has torn.

        ``on_line`` gets every line in order, once it is on the disk; it must not block. Raises
        `WachtelError`: busy when another process writes this journal, foreign_volume, disk_full, disk_error.
        """
        volume.verify()
        journal = JournalWriter(volume, site, camera, clock, on_line)
        journal._lock = _take_lock(volume.disk, site, camera)
        try:
            journal._resume()
        except BaseException:
            journal.close()
            raise
        return journal

    def append(self, entry: Entry) -> Journalled:
        """Writes one line and returns when it is on the disk. Raises `WachtelError` (disk_full,
        disk_error)."""
        return self.append_all([entry])[0]

    def append_all(self, entries: Sequence[Entry]) -> list[Journalled]:
        """Writes several lines and returns when all are on the disk; none counts when it fails.

        Raises `WachtelError` (foreign_volume, disk_full, disk_error).
        """
        with self._mutex:
            if self._lock is None:
                raise WachtelError(ErrorKind.CONFLICT, f"The journal of {self.camera} is closed.")
            at = self._clock.wall_us()
            self.volume.verify()
            self._clear_leftovers()
            self._find_again()
            if self._is_over(at):
                self._begin_file(at)
            return self._write(entries, at)

    def now(self) -> WallUs:
        """The journal's clock."""
        return self._clock.wall_us()

    def close(self) -> None:
        """Gives the lock back; the day stays open and may be continued."""
        with self._mutex:
            for file in (self._file, self._lock):
                if file is not None:
                    file.close()
            self._file = self._lock = None

    def _resume(self) -> None:
        today = day_of(self._clock.wall_us())
        try:
            torn = _remove_stillborn(self.volume.disk, self.site, self.camera, today)
            self._head = _find_head(self.volume.disk, self.site, self.camera, today)
            torn += self._cut_torn_end()
        except OSError as error:
            raise trouble(error, f"open the journal of {self.camera}") from error
        for piece in filter(None, torn):
            self.append(TornLine(bytes=len(piece), sha256=hashlib.sha256(piece).hexdigest()))

    def _cut_torn_end(self) -> list[bytes]:
        """Makes the newest file end with its last line; returns what was cut off."""
        head, disk = self._head, self.volume.disk
        if not head.path:
            return []
        self._file = disk.append_to(head.path)
        torn = disk.read_at(head.path, head.size, max(0, disk.size(head.path) - head.size))
        if torn:
            self._file.truncate(head.size)
        return [torn]

    def _find_again(self) -> None:
        """A disk that was pulled and is back under another number has the same file, but not the one that is open."""
        head, disk, file = self._head, self.volume.disk, self._file
        try:
            if file is None or disk.leads_to(head.path, file):
                return
            file.close()
            self._file = None
            if disk.exists(head.path) and disk.size(head.path) == head.size:
                self._file = disk.append_to(head.path)
        except OSError as error:
            raise trouble(error, f"open the journal of {self.camera}") from error

    def _is_over(self, at: WallUs) -> bool:
        """True when a new file is due: a new day, or the clock stepped back by more than a day."""
        if self._head.closed or self._file is None or day_of(at) > self._head.day:
            return True
        return day_of(WallUs(at + DAY_US)) < self._head.day

    def _begin_file(self, at: WallUs) -> None:
        if not self._head.closed and self._file is not None:
            self._sign(at)
        day = day_of(at)
        self.volume.verify()
        try:
            file, path = self._create(day)
        except OSError as error:
            raise trouble(error, f"begin a journal for {self.camera}") from error
        if self._file is not None:
            self._file.close()
        self._file = file
        self._head = _Head(path, day, 0, self._head.seq, self._head.hash, closed=True)
        try:
            self._sync_folders(path)
            self._write([DayLine(day=day, volume=self.volume.id, site=self.site, camera=self.camera)], at)
        except (OSError, WachtelError) as error:
            self._leftovers[path] = 0
            self._clear_leftovers()
            raise trouble(error, f"begin {path}") if isinstance(error, OSError) else error from error
        self._head.closed = False

    def _create(self, day: str) -> tuple[OpenFile, str]:
        """A new file for the day; another one if the clock has come back to a day already closed."""
        disk = self.volume.disk
        for copy in count(1):
            path = journal_path(self.site, self.camera, day, copy)
            try:
                return disk.create(path), path
            except FileExistsError:
                continue
        raise AssertionError

    def _sign(self, at: WallUs) -> None:
        text = signed_text(self.volume.id, self.site, self.camera, self._head.day, self._head.hash)
        self._write([SignatureLine(key=self.volume.marker.signing_key, signature=self.volume.sign(text))], at)
        self._head.closed = True

    def _write(self, entries: Sequence[Entry], at: WallUs) -> list[Journalled]:
        head, file = self._head, self._file
        assert file is not None
        done = self._encoded(entries, at)
        try:
            write_all(file, b"".join(one.raw + b"\n" for one in done))
        except OSError as error:
            self._cut_back(file)
            raise trouble(error, f"write the journal of {self.camera}") from error
        try:
            file.fsync()
        except OSError as error:
            # What a failed fsync left on the disk is unknown: the next line begins another file.
            self._cut_back(file)
            head.closed = True
            raise trouble(error, f"save the journal of {self.camera}") from error
        head.size = done[-1].end
        head.seq, head.hash = head.seq + len(done), line_hash(done[-1].raw)
        for one in done:
            self._on_line(one)
        return done

    def _encoded(self, entries: Sequence[Entry], at: WallUs) -> list[Journalled]:
        """The lines as they will stand in the file, each behind the one before."""
        size, prev, lines = self._head.size, self._head.hash, list[Journalled]()
        for number, entry in enumerate(entries, self._head.seq + 1):
            raw = encode(entry, at, number, prev)
            start, size, prev = size, size + len(raw) + 1, line_hash(raw)
            lines.append(Journalled(self.site, self.camera, self._head.path, start, size, raw))
        return lines

    def _cut_back(self, file: OpenFile) -> None:
        try:
            file.truncate(self._head.size)
        except OSError:
            self._head.closed = True
            self._leftovers[self._head.path] = self._head.size

    def _clear_leftovers(self) -> None:
        """Takes back what failed writes have left behind the last good line, as soon as the disk lets us."""
        disk = self.volume.disk
        for path, size in list(self._leftovers.items()):
            with suppress(OSError):
                if size == 0:
                    disk.unlink(path)
                else:
                    file = disk.append_to(path)
                    file.truncate(size)
                    file.close()
                del self._leftovers[path]

    def _sync_folders(self, path: str) -> None:
        """A new name is safe before the first line behind it is; raises `OSError`."""
        folder = parent(path)
        while folder:
            self.volume.disk.fsync_folder(folder)
            folder = parent(folder)
        self.volume.disk.fsync_folder("")


def newest_journals(
    disk: Disk, site: str, camera: str, today: str, past_files: int = _NEWEST_FILES
) -> list[str]:
    """Paths of the journals in which the end of the chain can be, oldest first.

    Normally it is in the newest day; after the clock had been ahead, files of days to come exist as well.
    """
    folder = journal_folder(site, camera)
    known = sorted((found, name) for name in disk.files(folder) if (found := journal_name(name)) is not None)
    past = [name for (day, _), name in known if day <= today]
    ahead = [name for (day, _), name in known if day > today]
    return [f"{folder}/{name}" for name in past[-past_files:] + ahead]


def _remove_stillborn(disk: Disk, site: str, camera: str, today: str) -> list[bytes]:
    """Removes journals that a crash left before their first line was whole; returns what was in them.

    Anything that holds a line feed is more than that and is left for `wachtel check` to report.
    """
    removed = []
    for path in newest_journals(disk, site, camera, today):
        if disk.size(path) < _TAIL_BYTES and b"\n" not in (data := read_all(disk, path)):
            disk.unlink(path)
            disk.fsync_folder(parent(path))
            removed.append(data)
    return removed


def _find_head(disk: Disk, site: str, camera: str, today: str) -> _Head:
    heads = [_head_of(disk, path) for path in newest_journals(disk, site, camera, today)]
    return max((head for head in heads if head is not None), key=lambda head: head.seq, default=_Head())


def _head_of(disk: Disk, path: str) -> _Head | None:
    size = disk.size(path)
    for offset in (max(0, size - _TAIL_BYTES), 0):
        data = disk.read_at(path, offset, size - offset)
        skip = 0 if offset == 0 else data.find(b"\n") + 1
        sound = [line for line in read_lines(data[skip:], offset + skip) if line.entry is not None]
        if sound and sound[-1].entry is not None:
            entry, last = sound[-1].entry, sound[-1]
            named = journal_name(path.rpartition("/")[2])
            day = named[0] if named else ""
            closed = isinstance(entry, SignatureLine)
            return _Head(path, day, last.end, entry.seq, line_hash(last.raw), closed)
    return None


def _take_lock(disk: Disk, site: str, camera: str) -> OpenFile:
    try:
        return disk.lock(f"{journal_folder(site, camera)}/{JOURNAL_LOCK}")
    except BlockingIOError as error:
        raise WachtelError(
            ErrorKind.BUSY,
            f"Another process already writes the journal of {camera}.",
            hint="Only one recorder may run per camera; end the other one.",
        ) from error
    except OSError as error:
        raise trouble(error, f"lock the journal of {camera}") from error
