"""Copies of our databases for those who want to try something: consistent, whoever writes meanwhile."""

import sqlite3
from contextlib import closing
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError


def copy_database(source: Path, target: Path) -> None:
    """Copies an SQLite file with what is in its write-ahead log. Raises `WachtelError` (disk_error)."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as opened,
            closing(sqlite3.connect(target)) as copy,
        ):
            opened.backup(copy)
    except sqlite3.Error as error:
        raise WachtelError(
            ErrorKind.DISK_ERROR,
            f"{source.name} cannot be copied: {error}.",
            hint="Is there room in the folder for temporary files?",
        ) from error
    target.chmod(0o600)


def database_bytes(path: Path) -> int:
    """How much room a copy takes at most; 0 when there is no such file."""
    names = (path, path.with_name(path.name + "-wal"))
    return sum(each.stat().st_size for each in names if each.exists())
