"""A disk in memory that can fill up, fail, and lose its power at any operation.

It keeps what the file system promises and nothing more: bytes are safe after fsync of their file, names after
fsync of their folder. When the power goes, everything else is there, gone, or torn, as a seeded die decides.
"""

import errno
import os
import random
from collections.abc import Callable
from dataclasses import dataclass

from wachtel.storage.files.disk import OpenFile, parent

Fault = Callable[[str, str], OSError | None]
"""Asked before every operation (its name, its path): the error it shall end with, or None."""


class PowerCut(BaseException):
    """The machine is off. Not an `Exception`, so that no handler of the product goes on after it."""


@dataclass(eq=False)
class _File:
    """One file, whatever its names: what was written, and what of it is safe."""

    data: bytes = b""
    safe: bytes = b""


class SimulatedFile:
    """A `wachtel.storage.files.disk.OpenFile`."""

    def __init__(self, disk: "SimulatedDisk", path: str, file: _File | None) -> None:
        self._disk = disk
        self._path = path
        self._file = file
        self._closed = False

    descriptor = None
    """There is no file of the system."""

    def write(self, data: bytes) -> int:
        self._disk.step("write", self._path)
        room = self._disk.take_room(len(data))
        if not room and data:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._content().data += data[:room]
        return room

    def fsync(self) -> None:
        self._disk.step("fsync", self._path)
        file = self._content()
        file.safe = file.data

    def truncate(self, size: int) -> None:
        self._disk.step("truncate", self._path)
        file = self._content()
        file.data = file.data[:size]

    def close(self) -> None:
        self._closed = True
        self._disk.locks.discard(self._path)

    def is_at(self, path: str) -> bool:
        """True while the disk has this file under this name."""
        return self._file is self._disk.found(path)

    def _content(self) -> _File:
        if self._closed or self._file is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._file


class SimulatedDisk:
    """A `wachtel.storage.files.disk.Disk`. ``cut_at`` is the operation at which the power goes."""

    def __init__(
        self, *, room: int | None = None, cut_at: int | None = None, fault: Fault | None = None
    ) -> None:
        self.room = room
        self.cut_at = cut_at
        self.fault = fault
        self.is_read_only = False
        self.operations = 0
        self.locks: set[str] = set()
        self.distrusted: set[str] = set()
        self._names: dict[str, _File | None] = {"": None}
        self._safe_names: dict[str, _File | None] = {"": None}

    def step(self, operation: str, path: str) -> None:
        """Counts an operation that changes something; this is where the power goes and faults happen."""
        self.operations += 1
        if self.cut_at is not None and self.operations >= self.cut_at:
            raise PowerCut
        error = self.fault(operation, path) if self.fault is not None else None
        if error is not None:
            raise error

    def take_room(self, wanted: int) -> int:
        """How many bytes still fit."""
        if self.room is None:
            return wanted
        taken = min(wanted, self.room)
        self.room -= taken
        return taken

    def create(self, path: str) -> SimulatedFile:
        self.step("create", path)
        if path in self._names:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        self._make_folders(path)
        file = _File()
        self._names[path] = file
        return SimulatedFile(self, path, file)

    def append_to(self, path: str) -> SimulatedFile:
        return SimulatedFile(self, path, self._file(path))

    def lock(self, path: str) -> SimulatedFile:
        if path in self.locks:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), path)
        self.locks.add(path)
        return SimulatedFile(self, path, None)

    def read_at(self, path: str, offset: int, size: int) -> bytes:
        return self._file(path).data[offset : offset + size]

    def distrust(self, path: str) -> None:
        self.distrusted.add(path)

    def leads_to(self, path: str, file: OpenFile) -> bool:
        return isinstance(file, SimulatedFile) and file.is_at(path)

    def read_only(self) -> bool:
        return self.is_read_only

    def size(self, path: str) -> int:
        return len(self._file(path).data)

    def exists(self, path: str) -> bool:
        return path in self._names

    def files(self, folder: str) -> list[str]:
        return self._children(folder, folders=False)

    def folders(self, folder: str) -> list[str]:
        return self._children(folder, folders=True)

    def fsync_folder(self, folder: str) -> None:
        self.step("fsync_folder", folder)
        inside = {path for path in self._names if path and parent(path) == folder}
        for path in [path for path in self._safe_names if path and parent(path) == folder]:
            if path not in inside:
                del self._safe_names[path]
        for path in inside:
            self._safe_names[path] = self._names[path]

    def rename(self, old: str, new: str) -> None:
        self.step("rename", new)
        moved = self._file(old)
        self._make_folders(new)
        self._names[new] = moved
        del self._names[old]

    def unlink(self, path: str) -> None:
        self.step("unlink", path)
        file = self._file(path)
        del self._names[path]
        if self.room is not None:
            self.room += len(file.data)

    def remove_folder(self, path: str) -> None:
        self.step("rmdir", path)
        if any(parent(name) == path for name in self._names if name):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), path)
        if self._names.get(path, b"") is not None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        del self._names[path]

    def after_power_cut(self, die: random.Random) -> "SimulatedDisk":
        """What a machine finds when it comes up again."""
        found = SimulatedDisk()
        for path in sorted({*self._names, *self._safe_names} - {""}):
            states = [names for names in (self._names, self._safe_names) if die.random() < 0.5]
            names = (states or [self._safe_names])[0]
            is_safe = path in self._safe_names and path in self._names
            if not (is_safe or path in names) or parent(path) not in found._names:
                continue
            file = self._safe_names.get(path, self._names.get(path)) if is_safe else names[path]
            found._names[path] = None if file is None else _File(*[_survivor(file, die)] * 2)
        found._safe_names = dict(found._names)
        return found

    def _make_folders(self, path: str) -> None:
        above = parent(path)
        while above not in self._names:
            self._names[above] = None
            above = parent(above)

    def found(self, path: str) -> _File | None:
        """The file of this name; None for folders and names nobody has."""
        return self._names.get(path)

    def _file(self, path: str) -> _File:
        file = self._names.get(path)
        if file is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return file

    def _children(self, folder: str, *, folders: bool) -> list[str]:
        inside = (path for path in self._names if path and parent(path) == folder)
        return sorted(path.rpartition("/")[2] for path in inside if (self._names[path] is None) == folders)


def _survivor(file: _File, die: random.Random) -> bytes:
    """The safe bytes, and as much of the others as the die allows: whole, cut, or with zeros at the end."""
    if not file.data.startswith(file.safe):
        return die.choice((file.data, file.safe))
    extra = file.data[len(file.safe) :]
    kept = die.randint(0, len(extra))
    zeros = die.randint(0, len(extra) - kept) if die.random() < 0.3 else 0
    return file.safe + extra[:kept] + bytes(zeros)
