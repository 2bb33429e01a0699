"""Makes the tables of a new state.sqlite, and brings an older one up to date with the migrations in this package."""

from pathlib import Path

from sqlalchemy import Connection, text

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import metadata

NEWEST = "0011"
"""The last migration; a test compares it with the folder."""

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Makes all tables of today in an empty file, in an older one runs what is missing; in one transaction.

    Raises `WachtelError` (conflict) when the file is from a newer program.
    """
    with database.read() as connection:
        if _revision(connection) == NEWEST:
            return
    with database.write() as connection:
        if _is_empty(connection):
            _make(connection)
        elif _revision(connection) != NEWEST:
            upgrade(connection)


def _is_empty(connection: Connection) -> bool:
    return connection.execute(text("SELECT 1 FROM sqlite_master")).first() is None


def _make(connection: Connection) -> None:
    # What Alembic needs to do the same stays in memory as long as the server runs: 12 MB.
    metadata.create_all(connection)
    connection.execute(
        text(
            "CREATE TABLE alembic_version"
            " (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": NEWEST})


def _revision(connection: Connection) -> str | None:
    found = connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")).first()
    return None if found is None else connection.scalar(text("SELECT version_num FROM alembic_version"))


def upgrade(connection: Connection) -> None:
    """Runs the migrations that are missing, all of them in an empty file.

    Raises `WachtelError` (conflict) when the file is from a newer program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    revision = _revision(connection)
    if revision is not None and revision not in known:
        raise WachtelError(
            ErrorKind.CONFLICT,
            "state.sqlite was written by a newer Wachtel.",
            hint="Install that version again, or put back the copy of state.sqlite from before.",
        )
    command.upgrade(config, "head")
