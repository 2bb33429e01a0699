"""The narrow file interface under the archive, so that a simulated disk can stand in for the real one.

Paths are relative to the disk's root and use ``/``. All methods raise `OSError`; `trouble` gives it a kind.
"""

import errno
import fcntl
import os
from pathlib import Path
from typing import Protocol

from wachtel.base.errors import ErrorKind, WachtelError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_READ_ONLY_HINT = (
    "Look at the disk's health and at the system's log: a disk that fails is often made read-only. "
    "Recording begins by itself when it can be written again."
)
_WINDOW_BYTES = 1 << 18
_FILE_MODE = 0o640
_FOLDER_MODE = 0o750


class OpenFile(Protocol):
    """A file open for appending. One thread writes; `fsync` may be called by another one."""

    @property
    def descriptor(self) -> int | None:
        """With which others may write beyond the end, where `write` will write again; None where that cannot be."""
        ...

    def write(self, data: bytes) -> int:
        """Appends with one system call and returns how many bytes went in: fewer than given when the disk is
        full."""
        ...

    def fsync(self) -> None:
        """Returns when everything written before is on the disk."""
        ...

    def truncate(self, size: int) -> None:
        """Cuts the file."""
        ...

    def close(self) -> None:
        """Closes; twice is fine."""
        ...


class Disk(Protocol):
    """Folders and files below one root."""

    def create(self, path: str) -> OpenFile:
        """A new file, missing folders included. Raises `FileExistsError`."""
        ...

    def append_to(self, path: str) -> OpenFile:
        """An existing file, to be continued at its end."""
        ...

    def lock(self, path: str) -> OpenFile:
        """Takes the lock that the file stands for until it is closed. Raises `BlockingIOError` if another has
        it."""
        ...

    def read_at(self, path: str, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes; fewer at the end of the file."""
        ...

    def distrust(self, path: str) -> None:
        """What is read of this file from now on comes from the disk: after a failed fsync the memory of the system
        holds what the disk may not have."""
        ...

    def leads_to(self, path: str, file: OpenFile) -> bool:
        """False when the path is not there any more, or on another device than the open file: what is written to
        it then goes where nobody finds it."""
        ...

    def read_only(self) -> bool:
        """True while nothing can be written, whatever the rights say."""
        ...

    def size(self, path: str) -> int:
        """Length in bytes. Raises `FileNotFoundError`."""
        ...

    def exists(self, path: str) -> bool:
        """True for a file or folder."""
        ...

    def files(self, folder: str) -> list[str]:
        """Names of the files in a folder, sorted; [] when there is no such folder."""
        ...

    def folders(self, folder: str) -> list[str]:
        """Names of the folders in a folder, sorted; [] when there is no such folder. "" is the root."""
        ...

    def fsync_folder(self, folder: str) -> None:
        """Returns when the folder's entries are on the disk. "" is the root."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Puts ``old`` in the place of ``new``, missing folders included."""
        ...

    def unlink(self, path: str) -> None:
        """Removes a file."""
        ...

    def remove_folder(self, path: str) -> None:
        """Removes an empty folder; raises `OSError` for any other."""
        ...


def trouble(error: OSError, doing: str) -> WachtelError:
    """An error of the disk as a person may read it: ``doing`` completes "could not"."""
    if error.errno in _FULL:
        what = f"The disk is full: could not {doing}."
        return WachtelError(ErrorKind.DISK_FULL, what, hint="Free some space or keep footage for fewer days.")
    if error.errno == errno.EROFS:
        what = f"The disk is read-only: could not {doing}."
        return WachtelError(ErrorKind.DISK_ERROR, what, hint=_READ_ONLY_HINT)
    reason = os.strerror(error.errno) if error.errno else str(error)
    return WachtelError(
        ErrorKind.DISK_ERROR,
        f"The disk failed: could not {doing} ({reason}).",
        hint="Look at the disk's health and at the system's log.",
    )


def is_read_only(error: WachtelError) -> bool:
    """True for what `trouble` makes of a disk that takes nothing at all."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EROFS


def parent(path: str) -> str:
    """The folder of a path; "" for the root."""
    return path.rpartition("/")[0]


def write_all(file: OpenFile, data: bytes) -> None:
    """Appends everything, or raises `OSError` (no space) with part of it written."""
    view = memoryview(data)
    while view:
        written = file.write(bytes(view) if len(view) != len(data) else data)
        if written <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        view = view[written:]


def replace_file(disk: Disk, path: str, data: bytes) -> None:
    """Puts a whole new file in the place of an old one, so that either the old or the new one survives a
    crash."""
    draft = f"{path}.new"
    if disk.exists(draft):
        disk.unlink(draft)
    file = disk.create(draft)
    try:
        write_all(file, data)
        file.fsync()
    finally:
        file.close()
    disk.rename(draft, path)
    disk.fsync_folder(parent(path))


def read_all(disk: Disk, path: str) -> bytes:
    """The whole file."""
    return disk.read_at(path, 0, disk.size(path))


class RealFile:
    """An `OpenFile` of the operating system."""

    def __init__(self, descriptor: int, end: int = 0) -> None:
        self._descriptor = descriptor
        self._end = end

    @property
    def descriptor(self) -> int | None:
        return self._descriptor

    def write(self, data: bytes) -> int:
        written = os.pwrite(self._descriptor, data, self._end)
        self._end += written
        return written

    def fsync(self) -> None:
        os.fsync(self._descriptor)

    def truncate(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)
        self._end = min(self._end, size)

    def device(self) -> int:
        """The device it lies on."""
        return os.fstat(self._descriptor).st_dev

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class RealDisk:
    """A `Disk` on a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def create(self, path: str) -> RealFile:
        full = self.root / path
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            return RealFile(os.open(full, flags, _FILE_MODE))
        except FileNotFoundError:
            self._make_folders(full.parent)
            return RealFile(os.open(full, flags, _FILE_MODE))

    def append_to(self, path: str) -> RealFile:
        descriptor = os.open(self.root / path, os.O_WRONLY | os.O_CLOEXEC)
        return RealFile(descriptor, os.fstat(descriptor).st_size)

    def lock(self, path: str) -> RealFile:
        full = self.root / path
        self._make_folders(full.parent)
        descriptor = os.open(full, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        return RealFile(descriptor)

    def is_locked(self, path: str) -> bool:
        """True while somebody holds the lock that the file stands for."""
        try:
            descriptor = os.open(self.root / path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def read_at(self, path: str, offset: int, size: int) -> bytes:
        with (self.root / path).open("rb", buffering=0) as file:
            return _read_fully(file.fileno(), offset, size)

    def distrust(self, path: str) -> None:
        if not hasattr(os, "posix_fadvise"):
            return
        descriptor = os.open(self.root / path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)

    def leads_to(self, path: str, file: OpenFile) -> bool:
        # Numbers of inodes are not compared: some file systems of networks change them under an open file.
        assert isinstance(file, RealFile)
        try:
            return (self.root / path).stat().st_dev == file.device()
        except FileNotFoundError:
            return False

    def read_only(self) -> bool:
        return bool(os.statvfs(self.root).f_flag & os.ST_RDONLY)

    def size(self, path: str) -> int:
        return (self.root / path).stat().st_size

    def exists(self, path: str) -> bool:
        return (self.root / path).exists()

    def files(self, folder: str) -> list[str]:
        return self._names(folder, folders=False)

    def folders(self, folder: str) -> list[str]:
        return self._names(folder, folders=True)

    def fsync_folder(self, folder: str) -> None:
        descriptor = os.open(self.root / folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: str, new: str) -> None:
        try:
            (self.root / old).replace(self.root / new)
        except FileNotFoundError:
            self._make_folders((self.root / new).parent)
            (self.root / old).replace(self.root / new)

    def unlink(self, path: str) -> None:
        (self.root / path).unlink()

    def remove_folder(self, path: str) -> None:
        (self.root / path).rmdir()

    def _names(self, folder: str, *, folders: bool) -> list[str]:
        try:
            with os.scandir(self.root / folder) as entries:
                return sorted(e.name for e in entries if e.is_dir(follow_symlinks=False) == folders)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _make_folders(self, folder: Path) -> None:
        if not self.root.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.root))
        missing = [folder, *folder.parents]
        for path in reversed(missing[: missing.index(self.root)] if self.root in missing else []):
            path.mkdir(mode=_FOLDER_MODE, exist_ok=True)


def _read_fully(descriptor: int, offset: int, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := os.pread(descriptor, min(size, 1 << 20), offset)):
        pieces.append(piece)
        offset += len(piece)
        size -= len(piece)
    return b"".join(pieces)


class DiskSource:
    """A file of a disk for readers of `wachtel.media` (its ``RandomAccess``), which ask for many small
    pieces."""

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk = disk
        self._path = path
        self._size = disk.size(path)
        self._window_at = 0
        self._window = b""

    @property
    def size(self) -> int:
        """Length in bytes when it was opened."""
        return self._size

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes; fewer at the end of the file. Raises `OSError`."""
        size = max(0, min(size, self._size - offset))
        skip = offset - self._window_at
        if not 0 <= skip <= len(self._window) - size:
            self._window_at, skip = offset, 0
            self._window = self._disk.read_at(self._path, offset, max(size, _WINDOW_BYTES))
        return self._window[skip : skip + size]
