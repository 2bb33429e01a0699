"""Opening state.sqlite: new, old, newer, damaged; migrations and tables agree."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state import open_state
from wachtel.storage.state.database import Database
from wachtel.storage.state.migrating import MIGRATIONS, NEWEST, upgrade
from wachtel.storage.state.schema import metadata
from wachtel.storage.state.surroundings import first_site_name, system_time_zone


def test_the_migrations_lead_to_the_tables_of_today(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "state.sqlite")) as database, database.write() as connection:
        upgrade(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
        assert [found for found in differences if found[0] not in ("remove_fk", "add_fk")] == []
        assert {name: keys_of(connection, name) for name in metadata.tables} == {
            name: {
                (key.parent.name, key.target_fullname, key.ondelete or "NO ACTION")
                for key in table.foreign_keys
            }
            for name, table in metadata.tables.items()
        }


def keys_of(connection: Connection, table: str) -> set[tuple[str, str, str]]:
    """Foreign keys as SQLite knows them: SQLAlchemy does not see what a column added later says of deleting."""
    rows = connection.exec_driver_sql(f"PRAGMA foreign_key_list({table})").mappings()
    return {(row["from"], f"{row['table']}.{row['to']}", row["on_delete"]) for row in rows}


def test_the_newest_migration_is_known() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == NEWEST


def test_opening_twice_changes_nothing(data: Path) -> None:
    open_state(data).close()
    before = (data / "keys/state.key").read_bytes()
    open_state(data).close()
    assert (data / "keys/state.key").read_bytes() == before


def test_a_file_of_a_newer_program_is_left_alone(data: Path) -> None:
    open_state(data).close()
    with sqlite3.connect(data / "state.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(WachtelError) as caught:
        open_state(data)
    assert caught.value.kind is ErrorKind.CONFLICT
    assert "newer" in caught.value.what


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_file_is_named_and_kept(data: Path, content: bytes) -> None:
    data.mkdir()
    (data / "state.sqlite").write_bytes(content)
    with pytest.raises(WachtelError) as caught:
        open_state(data)
    assert caught.value.kind is ErrorKind.DISK_ERROR
    assert caught.value.hint
    assert (data / "state.sqlite").read_bytes() == content


def test_a_torn_file_never_crashes(data: Path) -> None:
    open_state(data).close()
    whole = (data / "state.sqlite").read_bytes()
    for size in range(0, len(whole), 4096 * 3 + 100):
        (data / "state.sqlite").write_bytes(whole[:size])
        try:
            open_state(data).close()
        except WachtelError as error:
            assert error.kind is ErrorKind.DISK_ERROR


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WachtelError) as caught:
        open_state(tmp_path / "file" / "data")
    assert caught.value.kind is ErrorKind.DISK_ERROR


@pytest.mark.parametrize(
    ("value", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), (":America/New_York", "America/New_York"), ("UTC", "UTC")],
)
def test_the_time_zone_of_the_environment(value: str, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", value)
    assert system_time_zone() == zone


@pytest.mark.parametrize("value", ["CET-1CEST", "/etc/localtime", "../../x/y", ""])
def test_a_time_zone_that_is_no_name(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", value)
    assert system_time_zone() != value


@pytest.mark.parametrize(("language", "name"), [("de_AT.UTF-8", "Zuhause"), ("C", "Home"), ("", "Home")])
def test_the_first_site_speaks_the_machines_language(
    language: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", language)
    assert first_site_name() == name
