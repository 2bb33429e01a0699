"""Every schema that was ever shipped is brought up to date, keeps what is in it, and then equals a fresh one, which is
made without the migrations.

The schemas are kept as they were in ``schemas/REVISION.sql``; a new revision without its file fails here.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from wachtel.model.camera import Camera, RecordingMode
from wachtel.storage.state import open_state
from wachtel.storage.state.database import Database
from wachtel.storage.state.migrating import MIGRATIONS, NEWEST, upgrade

SCHEMAS = Path(__file__).parent / "schemas"
PRAGMAS = {"table": ("table_info", "foreign_key_list"), "index": ("index_xinfo",)}
OLD_CAMERA = {
    "id": "door",
    "site": "home",
    "name": "Tür",
    "main_url": "rtsp://192.168.1.20:554/stream1",
    "mode": "events",
    "record": "main",
    "record_audio": 0,
    "transport": "tcp",
    "allow_local": 0,
    "pre_roll_s": 5.0,
    "post_roll_s": 4.0,
    "gap_limit_s": 30.0,
    "motion": '{"enabled":true,"sensitivity":70,"zones":[]}',
}


def revisions() -> list[str]:
    """From the first to the newest."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return [script.revision for script in scripts][::-1]


def schema_of(path: Path) -> list[tuple[str, str, list[tuple[object, ...]]]]:
    """Tables with their columns, and indexes, in an order of their own."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute(
            "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
        ).fetchall()
        return [
            (
                kind,
                name,
                _without_order(
                    row
                    for pragma in PRAGMAS[kind]
                    for row in connection.execute(f"PRAGMA {pragma}({name!r})").fetchall()
                ),
            )
            for kind, name in names
        ]


def _without_order(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Columns added later stand at the end; which number they have does not matter."""
    return sorted((row[1:] for row in rows), key=repr)


def dump(path: Path) -> str:
    """The statements that make this schema."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name"
        )
        return "".join(f"{row[0]};\n" for row in rows)


def made_of(revision: str, path: Path) -> None:
    """A file as that release left it, with a site and a camera in it."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript((SCHEMAS / f"{revision}.sql").read_text())
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute("INSERT INTO site VALUES ('home', 'Zuhause', 'Europe/Berlin')")
        marks = ", ".join("?" for _ in OLD_CAMERA)
        connection.execute(
            f"INSERT INTO camera ({', '.join(OLD_CAMERA)}) VALUES ({marks})", list(OLD_CAMERA.values())
        )


def test_every_shipped_schema_is_kept(tmp_path: Path) -> None:
    assert {path.stem for path in SCHEMAS.glob("*.sql")} == set(revisions())
    assert revisions()[-1] == NEWEST
    with closing(Database(tmp_path / "state.sqlite")) as database, database.write() as connection:
        upgrade(connection)
    fresh = dump(tmp_path / "state.sqlite")
    kept = SCHEMAS / f"{NEWEST}.sql"
    assert kept.read_text() == fresh, (
        f"{kept.name} is the shipped schema: add a migration instead of changing one"
    )


@pytest.mark.parametrize("revision", revisions())
def test_every_shipped_schema_becomes_the_newest_and_keeps_its_content(revision: str, tmp_path: Path) -> None:
    made_of(revision, tmp_path / "old/state.sqlite")
    state = open_state(tmp_path / "old")
    camera = state.cameras.get("door")
    state.cameras.add(Camera("yard", "home", "Hof", "rtsp://192.168.1.21/"))
    assert [site.name for site in state.sites.all()] == ["Zuhause"]
    state.close()
    assert camera is not None
    assert camera == Camera(
        "door",
        "home",
        "Tür",
        "rtsp://192.168.1.20:554/stream1",
        mode=RecordingMode.EVENTS,
        pre_roll_s=5.0,
        motion=camera.motion,
    )
    assert camera.motion.sensitivity == 70
    open_state(tmp_path / "new").close()
    assert schema_of(tmp_path / "old/state.sqlite") == schema_of(tmp_path / "new/state.sqlite")
