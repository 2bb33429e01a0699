"""One segment's file while it is being written."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.archive_layout import segment_path
from wachtel.media.draft import Room
from wachtel.model.stream import StreamName
from wachtel.storage.files.disk import Disk, OpenFile, parent, trouble, write_all
from wachtel.storage.files.volume import Volume


class SegmentFile:
    """A file that grows by whole fragments.

    The recorder's thread creates it and appends; the flusher's thread syncs and closes it. ``size_bytes``
    counts whole fragments only and may be read by anybody: so much of the file can be played.
    ``synced_bytes`` survive a power cut.
    """

    def __init__(self, volume: Volume, camera: str, stream: StreamName, path: str, file: OpenFile) -> None:
        self.volume = volume
        self.camera = camera
        self.stream = stream
        self.path = path
        self.size_bytes = 0
        self.synced_bytes = 0
        self.refused = False
        self.broken = False
        self._file = file
        self._closed = self._drafted = False
        self._given_up: WachtelError | None = None
        self._mutex = threading.Lock()
        self._hash = hashlib.sha256()

    @staticmethod
    def create(
        volume: Volume, site: str, camera: str, stream: StreamName, start: WallUs, head: bytes
    ) -> "SegmentFile":
        """A new file that begins with ``head`` (ftyp, moov, uuid).

        Raises `WachtelError`: foreign_volume when the disk is no longer the right one (nothing was written
        then), disk_full, disk_error.
        """
        volume.verify()
        try:
            path, file = _create(volume.disk, site, camera, stream, start)
        except OSError as error:
            raise trouble(error, f"begin a file for {camera}") from error
        segment = SegmentFile(volume, camera, stream, path, file)
        try:
            segment.append(head)
        except WachtelError:
            segment.discard()
            raise
        return segment

    @property
    def sha256(self) -> str:
        """Of the bytes so far, in hex."""
        return self._hash.hexdigest()

    def append(self, fragment: bytes) -> None:
        """Adds one whole fragment with one write.

        Raises `WachtelError` (disk_full, disk_error, or why it was given up); the file then ends with the
        fragment before, takes no more, and should be finished.
        """
        with self._mutex:
            if self._given_up is not None:
                raise self._given_up
            if self._closed or self.refused:
                raise WachtelError(ErrorKind.DISK_ERROR, f"The file {self.path} was given up.")
            try:
                written = self._file.write(fragment)
                if written < len(fragment):
                    write_all(self._file, fragment[written:])
            except OSError as error:
                self.refused = True
                self._cut_back()
                raise trouble(error, f"write footage of {self.camera}") from error
            self._hash.update(fragment)
            self.size_bytes += len(fragment)

    @contextmanager
    def room(self) -> Iterator[Room | None]:
        """Where drafts of what is appended next may be written meanwhile; None when nowhere.

        As long as that is held the file is not closed.
        """
        with self._mutex:
            descriptor = self._file.descriptor
            if descriptor is None or self._closed or self.refused or self._given_up is not None:
                yield None
            else:
                self._drafted = True
                yield Room(descriptor, self.size_bytes)

    def cut_drafts(self) -> None:
        """Takes away drafts of what was not appended after all. Raises `WachtelError` as `append` does."""
        with self._mutex:
            if not self._drafted or self._closed:
                return
            try:
                self._file.truncate(self.size_bytes)
            except OSError as error:
                self.broken = True
                raise trouble(error, f"end a file of {self.camera}") from error

    def sync(self) -> None:
        """Returns when all fragments so far are on the disk. Raises `OSError`; the file must not be synced
        again then."""
        size = self.size_bytes
        if size > self.synced_bytes:
            self._file.fsync()
            self.synced_bytes = size

    def close(self) -> None:
        """Closes the file; twice is fine. May be called while another thread appends."""
        with self._mutex:
            self._closed = True
            self._file.close()

    def give_up(self, why: WachtelError) -> None:
        """Closes the file; from now on `append` raises ``why``."""
        self._given_up = why
        self.close()

    @property
    def in_place(self) -> bool:
        """False when what is written to it goes where nobody finds it: the disk was pulled, or the file removed.

        Asked by the thread that closes it. Raises `OSError`.
        """
        # Without the mutex: the recorder, which appends, must not wait for a disk that does not answer.
        return not self._closed and self.volume.disk.leads_to(self.path, self._file)

    def discard(self) -> None:
        """Closes and removes a file into which no footage was written."""
        self.close()
        try:
            self.volume.disk.unlink(self.path)
        except OSError as error:
            raise trouble(error, f"remove the empty file {self.path}") from error

    @property
    def folder(self) -> str:
        """The folder the file lies in."""
        return parent(self.path)

    def _cut_back(self) -> None:
        try:
            self._file.truncate(self.size_bytes)
        except OSError:
            self.broken = True


def _create(disk: Disk, site: str, camera: str, stream: StreamName, start: WallUs) -> tuple[str, OpenFile]:
    for copy in count(1):
        path = segment_path(site, camera, stream, start, copy)
        try:
            return path, disk.create(path)
        except FileExistsError:
            continue
    raise AssertionError
