"""A backup brings everything back but the footage; keys travel under a passphrase only."""

import io
import shutil
import sqlite3
import sys
import zipfile
from pathlib import Path

import pytest

from wachtel.app.cli import main
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.camera import Camera
from wachtel.storage.backup import ABOUT, KEYS, STATE, back_up, restore
from wachtel.storage.data_folder import Places, places
from wachtel.storage.state import open_state

NOW = WallUs(1_795_000_000_000_000)
URL = "rtsp://anna:geheim-canary@192.168.1.20:554/stream1"
PHRASE = "correct horse battery"


@pytest.fixture
def filled(data: Path) -> Places:
    state = open_state(data)
    state.cameras.add(Camera("door", "home", "Tür", URL, keep_days=3))
    state.settings.put("keep_free_bytes", 7)
    state.close()
    (data / "keys/signing.key").write_text("signing")
    (data / "keys/volume.json").write_text('{"volume": "abc"}')
    return places(data)


@pytest.fixture
def other(tmp_path: Path) -> Places:
    return places(tmp_path / "other")


def camera_of(where: Places) -> Camera:
    state = open_state(where.root)
    found = state.cameras.get("door")
    state.close()
    assert found is not None
    return found


def names_in(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as found:
        return set(found.namelist())


def test_everything_comes_back(filled: Places, other: Places, tmp_path: Path) -> None:
    file = tmp_path / "wachtel.backup"
    assert back_up(filled, file, PHRASE, NOW) == (ABOUT, STATE, KEYS)
    assert file.stat().st_mode & 0o777 == 0o600 and b"geheim-canary" not in file.read_bytes()
    put = restore(file, other, PHRASE, replace=False)
    assert {"keys/signing.key", "keys/state.key", "keys/volume.json"} < set(put)
    assert camera_of(other) == camera_of(filled) and camera_of(other).main_url == URL
    assert (other.keys / "signing.key").read_text() == "signing"
    assert other.keys.stat().st_mode & 0o777 == 0o700


def test_without_keys_the_camera_asks_for_its_password(filled: Places, other: Places, tmp_path: Path) -> None:
    file = tmp_path / "wachtel.backup"
    assert back_up(filled, file, None, NOW) == (ABOUT, STATE)
    restore(file, other, None, replace=False)
    state = open_state(other.root)
    assert state.cameras.without_password() == {"door"}
    state.close()


@pytest.mark.parametrize("phrase", ["", "wrong horse battery", PHRASE + " "])
def test_a_wrong_passphrase_changes_nothing(
    filled: Places, other: Places, tmp_path: Path, phrase: str
) -> None:
    file = tmp_path / "wachtel.backup"
    back_up(filled, file, PHRASE, NOW)
    with pytest.raises(WachtelError) as caught:
        restore(file, other, phrase, replace=False)
    assert caught.value.kind is ErrorKind.WRONG_PASSWORD
    assert not other.root.exists()


def test_what_is_there_is_kept_beside(filled: Places, other: Places, tmp_path: Path) -> None:
    file = tmp_path / "wachtel.backup"
    back_up(filled, file, PHRASE, NOW)
    open_state(other.root).close()
    before = other.state_path.read_bytes()
    with pytest.raises(WachtelError) as caught:
        restore(file, other, PHRASE, replace=False)
    assert caught.value.kind is ErrorKind.CONFLICT and other.state_path.read_bytes() == before
    restore(file, other, PHRASE, replace=True)
    assert camera_of(other).name == "Tür"
    assert other.state_path.with_name("state.sqlite.before-restore").read_bytes() == before
    assert (other.keys / "state.key.before-restore").exists()


def test_a_state_that_is_written_meanwhile_is_copied_whole(filled: Places, tmp_path: Path) -> None:
    state = open_state(filled.root)
    state.settings.put("a", 1)
    back_up(filled, tmp_path / "b", None, NOW)
    state.settings.put("a", 2)
    state.close()
    with zipfile.ZipFile(tmp_path / "b") as found:
        (tmp_path / "copy.sqlite").write_bytes(found.read(STATE))
    with sqlite3.connect(tmp_path / "copy.sqlite") as connection:
        assert connection.execute("SELECT value FROM setting WHERE name = 'a'").fetchone() == ("1",)
    connection.close()


def changed(file: Path, name: str, data: bytes) -> None:
    """The same backup with one part exchanged."""
    with zipfile.ZipFile(file) as found:
        contents = {one: found.read(one) for one in found.namelist()}
    contents[name] = data
    with zipfile.ZipFile(file, "w") as made:
        for one, content in contents.items():
            made.writestr(one, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (STATE, b"SQLite format 3\x00" + b"\xff" * 5000),
        (STATE, b"no database at all" * 300),
        (ABOUT, b"{}"),
        (ABOUT, b'{"format": 99, "created": 1, "version": "9", "volume": ""}'),
        (KEYS, b"{}"),
        (KEYS, b'{"salt": "", "nonce": "", "sealed": ""}'),
    ],
)
def test_damaged_backups_change_nothing(
    filled: Places, other: Places, tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / "wachtel.backup"
    back_up(filled, file, PHRASE, NOW)
    changed(file, name, content)
    with pytest.raises(WachtelError):
        restore(file, other, PHRASE, replace=False)
    assert not other.root.exists()


def test_files_that_are_no_backups(other: Places, tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04 nonsense", bytes(1000)):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(WachtelError):
            restore(tmp_path / "x", other, None, replace=False)
    with pytest.raises(WachtelError) as caught:
        restore(tmp_path / "not-there", other, None, replace=False)
    assert caught.value.kind is ErrorKind.NOT_FOUND
    with pytest.raises(WachtelError) as caught:
        back_up(other, tmp_path / "y", None, NOW)
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_a_backup_of_a_newer_program_is_refused(filled: Places, other: Places, tmp_path: Path) -> None:
    with sqlite3.connect(filled.state_path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    back_up(filled, tmp_path / "b", None, NOW)
    with pytest.raises(WachtelError) as caught:
        restore(tmp_path / "b", other, None, replace=False)
    assert caught.value.kind is ErrorKind.CONFLICT


def test_the_commands(
    filled: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "b")
    there, new = ["--data", str(filled.root)], ["--data", str(tmp_path / "new")]
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert main(["backup", "-o", file, "--passphrase-stdin", *there]) == 1
    assert "at least 8" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PHRASE}\n"))
    assert main(["backup", "-o", file, "--passphrase-stdin", *there]) == 0
    assert names_in(Path(file)) == {ABOUT, STATE, KEYS}
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PHRASE}\n"))
    assert main(["restore", file, "--passphrase-stdin", *new]) == 0
    assert camera_of(places(tmp_path / "new")).main_url == URL
    assert main(["restore", file, "--without-keys", *new]) == 1
    assert main(["restore", file, "--without-keys", "--replace", *new]) == 0
    assert main(["backup", "-o", file, *there]) == 1
    assert "no terminal" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "new")


def test_receipts_of_claims_come_along_sealed(filled: Places, other: Places, tmp_path: Path) -> None:
    state = open_state(filled.root)
    name = state.claim_files.keep("7KPM-29QX", b"%PDF a receipt")
    state.close()
    (filled.root / "claims/stray").write_bytes(b"x")
    file = tmp_path / "wachtel.backup"
    back_up(filled, file, PHRASE, NOW)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("claims/../../evil", b"x")
    assert "1 files of claims" in restore(file, other, PHRASE, replace=False)
    again = open_state(other.root)
    assert again.claim_files.read("7KPM-29QX", name) == b"%PDF a receipt"
    again.close()
    assert b"a receipt" not in file.read_bytes()
    assert not (tmp_path / "evil").exists()
