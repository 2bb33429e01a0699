"""Many files of the archive, of which only a few are open at a time."""

import os
import threading
from collections import OrderedDict
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.clip import FileRange
from wachtel.media.fmp4_read import RandomAccess

MOST_OPEN = 32


class FilePool:
    """Opens files when they are read and closes those that were not for the longest time. Any thread may use it."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._open: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def read_at(self, path: str, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes. Raises `WachtelError` (not_found) for a file that was deleted meanwhile."""
        with self._lock:
            return os.pread(self._descriptor(path), size, offset)

    def size(self, path: str) -> int:
        """Bytes in the file now. Raises `WachtelError` (not_found)."""
        with self._lock:
            return os.fstat(self._descriptor(path)).st_size

    def close(self) -> None:
        """Closes all; harmless when done twice."""
        with self._lock:
            while self._open:
                os.close(self._open.popitem()[1])

    def __del__(self) -> None:
        self.close()

    def _descriptor(self, path: str) -> int:
        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        while len(self._open) >= MOST_OPEN:
            os.close(self._open.popitem(last=False)[1])
        self._open[path] = descriptor = open_to_read(self._archive / path)
        return descriptor


class PooledFile:
    """One file of a pool, as readers of `wachtel.media` want it."""

    def __init__(self, pool: FilePool, path: str) -> None:
        self.path = path
        self._pool = pool

    @property
    def size(self) -> int:
        """Bytes in the file now."""
        return self._pool.size(self.path)

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes; fewer at the end of the file."""
        return self._pool.read_at(self.path, offset, size)


def open_to_read(path: Path) -> int:
    """The descriptor of a file of the archive. Raises `WachtelError` (not_found) for one that was deleted meanwhile."""
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise WachtelError(
            ErrorKind.NOT_FOUND,
            f"The file {path.name} is not in the archive any more.",
            hint="`wachtel check` says what happened to it.",
        ) from error


def read_range(file: RandomAccess, piece: FileRange) -> bytes:
    """All bytes of a piece. Raises `WachtelError` (bad_data) when there are fewer by now."""
    data = file.read_at(piece.offset, piece.size)
    if len(data) < piece.size:
        raise WachtelError(ErrorKind.BAD_DATA, "A file of the archive is shorter than it was a moment ago.")
    return data
