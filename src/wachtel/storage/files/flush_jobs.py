"""What the flusher brings to the disk, one job each: lines, pictures, a camera's card, what is left of a file."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.journal import Closed, Entry
from wachtel.model.camera import Camera
from wachtel.model.stream import StreamFormat, StreamName
from wachtel.storage.files.journal_writer import JournalWriter
from wachtel.storage.files.places import write_camera
from wachtel.storage.files.recovery import settle_file
from wachtel.storage.files.segment_file import SegmentFile
from wachtel.storage.files.snapshot import write_snapshot
from wachtel.storage.files.volume import Volume

_log = logging.getLogger(__name__)

LINES_AT_ONCE = 500
"""So many lines of a long gap are saved together: one fsync for each would hold up everything else."""

_DISK = frozenset({ErrorKind.DISK_FULL, ErrorKind.DISK_ERROR})

OnAbandoned = Callable[[SegmentFile, WachtelError], None]


@dataclass(frozen=True, slots=True)
class Closing:
    """What the recorder knows of a file it has finished."""

    start: WallUs
    end: WallUs
    frames: int
    key_frames: int
    run: str
    closed: Closed


class Job(Protocol):
    """Something to be put on the disk; `key` keeps the order within one journal."""

    key: object

    def run(self) -> None:
        """Raises `WachtelError` when it must be tried again."""
        ...


@dataclass(slots=True)
class OpenFile:
    """A file that still grows, or waits for its last line."""

    file: SegmentFile
    journal: JournalWriter
    on_abandoned: OnAbandoned
    folder_synced: bool = False
    closing: Closing | None = None


@dataclass(slots=True)
class WriteLines:
    """Lines of one journal, in order."""

    journal: JournalWriter
    entries: deque[Entry]
    key: object = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.journal

    def run(self) -> None:
        while self.entries:
            some = list(islice(self.entries, LINES_AT_ONCE))
            self.journal.append_all(some)
            for _ in some:
                self.entries.popleft()


@dataclass(slots=True)
class WriteSnapshot:
    """An event's picture."""

    journal: JournalWriter
    event: str
    jpeg: bytes
    key: object = field(init=False)

    def __post_init__(self) -> None:
        self.key = self

    def run(self) -> None:
        journal = self.journal
        try:
            write_snapshot(journal.volume, journal.site, journal.camera, self.event, self.jpeg)
        except WachtelError as error:
            # A picture is worth less than the footage behind it: it is not tried again.
            _log.warning("the picture of event %s is lost: %s", self.event, error)


@dataclass(slots=True)
class WriteCard:
    """What camera.json says of a camera."""

    volume: Volume
    camera: Camera
    formats: Mapping[StreamName, StreamFormat]
    key: object = field(init=False)

    def __post_init__(self) -> None:
        self.key = self

    def run(self) -> None:
        try:
            write_camera(self.volume, self.camera, self.formats)
        except WachtelError as error:
            # It is written anew with the next connection, and nothing else depends on it.
            _log.warning("camera.json of %s is not up to date: %s", self.camera.id, error)


@dataclass(slots=True)
class Salvage:
    """Reads back what the disk kept of a file that was given up, and journals it as it is."""

    opened: OpenFile
    tries_left: int = 3
    key: object = field(init=False)

    def __post_init__(self) -> None:
        self.key = self

    def run(self) -> None:
        file, journal = self.opened.file, self.opened.journal
        file.volume.verify_writable()
        self.tries_left -= 1
        try:
            with suppress(OSError):
                file.volume.disk.distrust(file.path)
            settle_file(file.volume, journal, file.stream, file.path, Closed.ABANDONED)
        except WachtelError as error:
            if error.kind in _DISK and self.tries_left:
                raise
            _log.warning("%s could not be read back; the next start tries again: %s", file.path, error)
