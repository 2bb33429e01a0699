"""Brings an older state.sqlite up to date with the migrations in this package."""

from pathlib import Path

from sqlalchemy import Connection, text

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state.database import Database

NEWEST = "0011"
"""The last migration; a test compares it with the folder."""

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Runs what is missing, in one transaction.

    Raises `WachtelError` (conflict) when the file is from a newer program.
    """
    with database.read() as connection:
        if _revision(connection) == NEWEST:
            return
    with database.write() as connection:
        _upgrade(connection)


def _revision(connection: Connection) -> str | None:
    found = connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")).first()
    return None if found is None else connection.scalar(text("SELECT version_num FROM alembic_version"))


def _upgrade(connection: Connection) -> None:
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
