"""The rules that the Wemo app kept on every device: a SQLite file in a zip. Hostile input, read and never changed.

Nothing of its text ever becomes part of a statement; the connection may read the tables named here and nothing else,
for a bounded number of steps. (Public analyses of the app found that the text in this file carries SQL.)
"""

import io
import os
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wachtel.base.errors import ErrorKind, WachtelError

LARGEST_FILE_BYTES = 4 << 20
LARGEST_DATABASE_BYTES = 8 << 20
MOST_ROWS = 2000
LONGEST_TEXT = 200
MOST_STEPS = 2_000_000
_STEPS_PER_LOOK = 1000
_MAGIC = b"SQLite format 3\x00"
_ZIP = b"PK\x03\x04"
TABLES: dict[str, tuple[str, ...]] = {
    "RULES": ("RuleID", "Name", "Type", "State"),
    "RULEDEVICES": (
        "RuleID", "DeviceID", "DayID", "StartTime", "RuleDuration", "StartAction", "EndAction", "SensorDuration",
        "Type", "Value", "Level", "OnModeOffset", "OffModeOffset", "EndTime",
    ),
    "DEVICECOMBINATION": ("RuleID", "SensorID", "DeviceID"),
    "SENSORNOTIFICATION": ("RuleID", "NotifyRuleID"),
    "RULESNOTIFYMESSAGE": ("RuleID", "NotifyRuleID", "Message"),
}  # fmt: skip
"""What is read. A table or column that is not there is read as empty."""

Value = int | float | str | None
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class WemoRulesFile:
    """Rows by table, as they stand; texts are cut at 200 characters. ``cut`` names tables with more rows than read."""

    tables: dict[str, list[Row]]
    cut: tuple[str, ...] = ()

    def rows(self, table: str) -> list[Row]:
        """The rows of a table, [] when it was not there."""
        return self.tables.get(table, [])


def read_wemo_rules(data: bytes) -> WemoRulesFile:
    """Reads a file as the app or a device gave it, zipped or not. Raises `WachtelError` (bad_data)."""
    if len(data) > LARGEST_FILE_BYTES:
        raise _bad("is larger than four megabytes")
    database = _unzipped(data) if data.startswith(_ZIP) else data
    if not database.startswith(_MAGIC):
        raise _bad("is no SQLite database, and no zip with one in it")
    try:
        with _opened(_quiet(database)) as connection:
            return _read(connection)
    except (sqlite3.Error, UnicodeError) as error:
        # An error's own text is decoded strictly, and may hold bytes of the file.
        raise _bad("is damaged, or no database of the Wemo app") from error


def _unzipped(data: bytes) -> bytes:
    """The first database in it; never unpacks more than the limit, whatever its directory says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist()[:8]:
                if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    continue
                with archive.open(entry) as packed:
                    content = packed.read(LARGEST_DATABASE_BYTES + 1)
                if len(content) > LARGEST_DATABASE_BYTES:
                    raise _bad("is larger than eight megabytes when it is unpacked")
                if content.startswith(_MAGIC):
                    return content
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as error:
        raise _bad("is a damaged zip") from error
    raise _bad("is a zip without a database in it")


def _quiet(database: bytes) -> bytes:
    """With a rollback journal instead of a write-ahead log, which would have to be written (file format, 1.3)."""
    return database if len(database) < 20 else database[:18] + b"\x01\x01" + database[20:]


@contextmanager
def _opened(database: bytes) -> Iterator[sqlite3.Connection]:
    """Read-only, from a file of its own that nobody else sees."""
    with tempfile.TemporaryDirectory(prefix="wachtel-wemo-") as folder:
        path = Path(folder, "rules.db")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(database)
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            _restrict(connection)
            yield connection


def _restrict(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1 << 20)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 16 << 10)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 20)
    connection.setlimit(sqlite3.SQLITE_LIMIT_VDBE_OP, 25_000)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    steps = 0

    def tired() -> bool:
        nonlocal steps
        steps += _STEPS_PER_LOOK
        return steps > MOST_STEPS

    connection.set_progress_handler(tired, _STEPS_PER_LOOK)
    connection.set_authorizer(_allowed)


def _allowed(action: int, one: str | None, two: str | None, _database: str | None, via: str | None) -> int:
    """Reading known columns of known tables, directly: a view or trigger of the file has no say."""
    if via is not None:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ:
        known = one in TABLES and (two == "" or two in TABLES[one])
        return sqlite3.SQLITE_OK if known or one == "sqlite_master" else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if one == "table_xinfo" and two in TABLES else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_OK if two in ("substr", "typeof") else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_DENY


def _read(connection: sqlite3.Connection) -> WemoRulesFile:
    tables: dict[str, list[Row]] = {}
    cut = []
    for table, columns in TABLES.items():
        if not _is_plain_table(connection, table):
            continue
        stored = _stored_columns(connection, table)
        rows = _rows(connection, table, [one for one in columns if one in stored])
        if len(rows) > MOST_ROWS:
            cut.append(table)
        tables[table] = rows[:MOST_ROWS]
    if "RULES" not in tables:
        raise _bad("holds no rules of the Wemo app")
    return WemoRulesFile(tables, tuple(cut))


def _is_plain_table(connection: sqlite3.Connection, table: str) -> bool:
    """Neither a view nor a virtual table: those run code of the file's choosing."""
    found = connection.execute(
        "SELECT type, substr(sql, 1, 20) FROM sqlite_master WHERE name = ? LIMIT 2", (table,)
    ).fetchall()
    return len(found) == 1 and found[0][0] == "table" and str(found[0][1]).upper().startswith("CREATE TABLE")


def _stored_columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Columns that hold what was written into them; those that compute something are left alone."""
    return {row[1] for row in connection.execute(f'PRAGMA table_xinfo("{table}")') if row[6] == 0}


def _rows(connection: sqlite3.Connection, table: str, columns: list[str]) -> list[Row]:
    if not columns:
        return []
    names = ", ".join(f'"{table}"."{one}"' for one in columns)
    cursor = connection.execute(f'SELECT {names} FROM "{table}" LIMIT {MOST_ROWS + 1}')
    return [dict(zip(columns, map(_value, row), strict=True)) for row in cursor]


def _value(value: Any) -> Value:
    """Numbers as they are, texts cut and printable, anything else None."""
    if isinstance(value, str):
        return "".join(char for char in value[:LONGEST_TEXT] if char.isprintable())
    return value if isinstance(value, int | float) else None


def _bad(why: str) -> WachtelError:
    return WachtelError(
        ErrorKind.BAD_DATA,
        f"This file {why}.",
        hint="Give the file with the rules as a Wemo device gives it, zipped or unpacked.",
        code="wemo_rules_file",
    )
