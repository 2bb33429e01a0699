"""The index is deleted, cut off, of last week, or of another disk: it is a cache, and afterwards nothing differs."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from archive_samples import Camera, fill, volume_in

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.journal import SegmentLine
from wachtel.storage.files.removal import remove_listed
from wachtel.storage.index import Index, catch_up, open_or_rebuild
from wachtel.storage.rebuild import rebuild, rebuild_open

TABLES = ("segment", "gap", "event", "hold")


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    camera = Camera(volume_in(tmp_path))
    fill(camera)
    return camera


def rows(path: Path) -> list[str]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        found = [f"{table} {row}" for table in TABLES for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    return sorted(found)


def opened(root: Path) -> list[str]:
    """What a start makes of the index."""
    open_or_rebuild(root / "index.sqlite", root / "archive").close()
    return rows(root / "index.sqlite")


def from_files_alone(root: Path) -> list[str]:
    rebuild(root / "archive", root / "new.sqlite")
    return rows(root / "new.sqlite")


def media(root: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in (root / "archive").rglob("*") if path.is_file()}


def test_deleted(camera: Camera, tmp_path: Path) -> None:
    before, files = opened(tmp_path), media(tmp_path)
    (tmp_path / "index.sqlite").unlink()
    assert opened(tmp_path) == before == from_files_alone(tmp_path)
    assert len(before) > 10 and media(tmp_path) == files


@pytest.mark.parametrize("part", [0.0, 0.001, 0.1, 0.4, 0.7, 0.95])
def test_cut_off(camera: Camera, tmp_path: Path, part: float) -> None:
    before, files, path = opened(tmp_path), media(tmp_path), tmp_path / "index.sqlite"
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * part))
    assert opened(tmp_path) == before
    assert media(tmp_path) == files


@pytest.mark.parametrize("offset", [0, 100, 5000, 20_000])
def test_overwritten_in_the_midst(camera: Camera, tmp_path: Path, offset: int) -> None:
    before, files, path = opened(tmp_path), media(tmp_path), tmp_path / "index.sqlite"
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(3000))
    try:
        opened(tmp_path)
    except WachtelError as error:
        assert "wachtel rebuild" in str(error)
    assert from_files_alone(tmp_path) == before
    assert media(tmp_path) == files


def test_of_last_week(camera: Camera, tmp_path: Path) -> None:
    opened(tmp_path)
    shutil.copy(tmp_path / "index.sqlite", tmp_path / "old.sqlite")
    lines = [line.line for line in camera.lines if isinstance(line.line, SegmentLine)]
    camera.clock.advance(7 * 86_400)
    camera.record(8 * 86_400 * 5)
    remove_listed(camera.volume, camera.journal, [lines[2].file], "age")
    today = opened(tmp_path)
    (tmp_path / "old.sqlite").replace(tmp_path / "index.sqlite")
    for end in ("-wal", "-shm"):
        (tmp_path / f"index.sqlite{end}").unlink(missing_ok=True)
    assert opened(tmp_path) == today == from_files_alone(tmp_path)


def test_of_another_disk(camera: Camera, tmp_path: Path) -> None:
    opened(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    stranger = Camera(volume_in(other))
    stranger.record()
    (tmp_path / "index.sqlite").replace(other / "index.sqlite")
    found = opened(other)
    assert found == from_files_alone(other)
    assert len([row for row in found if row.startswith("segment")]) == 1


def test_an_index_learns_nothing_while_its_disk_is_away_or_another_one(
    camera: Camera, tmp_path: Path
) -> None:
    before, archive, away = opened(tmp_path), tmp_path / "archive", tmp_path / "away"
    other = tmp_path / "other"
    other.mkdir()
    Camera(volume_in(other)).record()
    index = Index.open(tmp_path / "index.sqlite", archive)
    for place in (None, other / "archive"):
        archive.rename(away)
        if place is None:
            archive.mkdir()
        else:
            shutil.copytree(place, archive)
        for look in (catch_up, lambda one, where: rebuild_open(one)):
            with pytest.raises(WachtelError) as caught:
                look(index, archive)
            assert caught.value.kind is ErrorKind.FOREIGN_VOLUME and str(archive) in caught.value.what
        shutil.rmtree(archive)
        away.rename(archive)
    catch_up(index, archive)
    index.close()
    assert rows(tmp_path / "index.sqlite") == before
