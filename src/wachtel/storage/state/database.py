"""Transactions on state.sqlite: readers see one moment, writers take the lock at once.

A deferred transaction that turns into a writer fails when somebody else wrote meanwhile, so every writer
begins with ``BEGIN IMMEDIATE`` and waits for its turn instead.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from wachtel.base.errors import ErrorKind, WachtelError

LOCK_WAIT_S = 30.0


class Database:
    """One SQLite file, usable by any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._readers = _engine(path)
        self._writers = self._readers.execution_options(writes=True)
        self._onlooker: sqlite3.Connection | None = None
        self._looking = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction. Raises `WachtelError` (disk_error, busy)."""
        with self._translated(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction, committed at the end of the block.

        Raises `WachtelError` (disk_full, disk_error, busy, conflict).
        """
        with self._translated(), self._writers.begin() as connection:
            yield connection

    def version(self) -> int:
        """A number that is another one as soon as anybody has written, here or in another process; takes some
        microseconds. Raises `WachtelError` (disk_error).
        """
        with self._looking:
            try:
                if self._onlooker is None:
                    self._onlooker = sqlite3.connect(self._path, LOCK_WAIT_S, check_same_thread=False)
                # Of changes by its own connection it does not tell, so this one makes none.
                return int(self._onlooker.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error as error:
                raise WachtelError(
                    ErrorKind.DISK_ERROR,
                    f"{self._path.name} cannot be used: {error}.",
                    hint="Check the disk and its permissions.",
                ) from error

    def close(self) -> None:
        """Closes every connection; the object opens new ones when it is used again."""
        self._readers.dispose()
        with self._looking:
            if self._onlooker is not None:
                self._onlooker.close()
                self._onlooker = None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise WachtelError(
                ErrorKind.CONFLICT, "This contradicts something that is already stored."
            ) from error
        except DBAPIError as error:
            raise self._explained(error) from error

    def _explained(self, error: DBAPIError) -> WachtelError:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        name = self._path.name
        if code == sqlite3.SQLITE_FULL:
            return WachtelError(
                ErrorKind.DISK_FULL,
                f"There is no room left to write {name}.",
                hint="Free some space on the disk.",
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return WachtelError(
                ErrorKind.BUSY, f"Another program holds {name} for too long.", hint="Try again in a moment."
            )
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return WachtelError(
                ErrorKind.DISK_ERROR,
                f"{name} is damaged.",
                hint=f"Put back a copy of {name}, or move it away and start anew; footage is not touched.",
            )
        return WachtelError(
            ErrorKind.DISK_ERROR,
            f"{name} cannot be used: {error.orig}.",
            hint="Check the disk and its permissions.",
        )


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": LOCK_WAIT_S}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
