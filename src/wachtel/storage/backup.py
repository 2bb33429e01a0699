"""A backup of everything that is not footage: state.sqlite, and the keys under a passphrase.

The file is a ZIP: ``BACKUP.json`` (what it is), ``state.sqlite``, and ``keys.sealed``: the files of the keys folder,
encrypted with AES-256-GCM under a key made from the passphrase with scrypt (RFC 7914). Without a passphrase the keys
are left out: whoever finds the file can read no camera password then, and after a restore they are asked for again.
Files of claims come along as they lie there, sealed: ``claims/CLAIM/SHA256``.
"""

import os
import re
import secrets
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from wachtel import __version__
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.storage.data_folder import Places
from wachtel.storage.files.disk import trouble
from wachtel.storage.files.private_file import write_private
from wachtel.storage.files.volume import EXPECTED_FILE
from wachtel.storage.state.database import Database
from wachtel.storage.state.migrating import migrate
from wachtel.storage.state.sealing import KEY_FILE_VARIABLE

FORMAT = 1
ABOUT, STATE, KEYS = "BACKUP.json", "state.sqlite", "keys.sealed"
STATE_KEY_FILE = "state.key"
LARGEST_BYTES = 1 << 30
LARGEST_KEY_BYTES = 1 << 20
LARGEST_CLAIM_FILE_BYTES = 16 << 20
_CLAIM_FILE = re.compile(r"claims/[0-9a-f]{32}/[0-9a-f]{64}")
_SCRYPT_COST, _SCRYPT_BLOCK = 1 << 15, 8


class About(msgspec.Struct, frozen=True):
    """The content of BACKUP.json."""

    format: int
    created: int
    version: str
    volume: str


class _Sealed(msgspec.Struct, frozen=True):
    salt: bytes
    nonce: bytes
    sealed: bytes


def back_up(places: Places, target: Path, passphrase: str | None, now: WallUs) -> tuple[str, ...]:
    """Writes a backup, also while a server runs, and returns the names in it.

    Raises `WachtelError` (not_found without a state, disk_full, disk_error).
    """
    if not places.state_path.exists():
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is nothing to back up in {places.root}.")
    about = msgspec.json.encode(About(FORMAT, now, __version__, _volume_of(places)))
    contents = {ABOUT: about, STATE: _copy_of(places.state_path)}
    if passphrase is not None:
        contents[KEYS] = _seal(msgspec.msgpack.encode(_keys_of(places)), passphrase, about)
    draft = target.with_name(target.name + ".part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, data in contents.items():
                    archive.writestr(name, data)
                for path in _claim_files(places.root):
                    archive.write(path, path.relative_to(places.root).as_posix(), zipfile.ZIP_STORED)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise trouble(error, f"write {target}") from error
    return tuple(contents)


def restore(source: Path, places: Places, passphrase: str | None, *, replace: bool) -> tuple[str, ...]:
    """Puts a backup into a data folder that no server uses; returns what was put back.

    What was there is kept beside it with the ending ``.before-restore``. Raises `WachtelError`: conflict when there is
    a state already and ``replace`` is not set, or the backup is newer than this program; wrong_password; bad_data;
    disk_full, disk_error.
    """
    contents = _contents_of(source)
    about = _about(contents)
    state = _checked_state(contents)
    keys = _opened_keys(contents, passphrase) if KEYS in contents and passphrase is not None else {}
    there = [path for path in (places.state_path, *(places.keys / name for name in keys)) if path.exists()]
    if there and not replace:
        raise WachtelError(
            ErrorKind.CONFLICT,
            f"{places.root} is in use: {there[0].name} exists.",
            hint="Say --replace to put the backup in its place; what is there now is kept beside it.",
        )
    try:
        places.root.mkdir(mode=0o750, parents=True, exist_ok=True)
        places.keys.mkdir(mode=0o700, exist_ok=True)
        _move_aside(places.state_path)
        for side in ("-wal", "-shm"):
            places.state_path.with_name(places.state_path.name + side).unlink(missing_ok=True)
        write_private(places.state_path, state)
        for name, data in keys.items():
            _move_aside(places.keys / name)
            write_private(places.keys / name, data)
        claim_files = _put_claim_files(source, places.root)
    except OSError as error:
        raise trouble(error, f"restore into {places.root}") from error
    more = (f"{claim_files} files of claims",) if claim_files else ()
    return (f"state of {about.version}", *(f"keys/{name}" for name in sorted(keys)), *more)


def _claim_files(root: Path) -> list[Path]:
    found = sorted((root / "claims").glob("*/*"))
    return [path for path in found if _CLAIM_FILE.fullmatch(path.relative_to(root).as_posix())]


def _put_claim_files(source: Path, root: Path) -> int:
    """They are named by their content: one that is there already is the same."""
    number = 0
    with zipfile.ZipFile(source) as archive:
        for info in archive.infolist():
            if not _CLAIM_FILE.fullmatch(info.filename) or info.file_size > LARGEST_CLAIM_FILE_BYTES:
                continue
            path = root / info.filename
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(path, archive.read(info))
            number += 1
    return number


def _volume_of(places: Places) -> str:
    try:
        found = msgspec.json.decode((places.keys / EXPECTED_FILE).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError):
        return ""
    return found.get("volume", "")


def _copy_of(database: Path) -> bytes:
    """A consistent copy, whoever writes to it meanwhile."""
    with tempfile.TemporaryDirectory(prefix="wachtel-backup-") as folder:
        copy = Path(folder) / STATE
        try:
            with (
                closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
            return copy.read_bytes()
        except sqlite3.Error as error:
            raise WachtelError(ErrorKind.DISK_ERROR, f"{database.name} cannot be copied: {error}.") from error


def _keys_of(places: Places) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    elsewhere = os.environ.get(KEY_FILE_VARIABLE)
    try:
        for path in sorted(places.keys.iterdir()):
            if path.is_file() and path.stat().st_size <= LARGEST_KEY_BYTES:
                found[path.name] = path.read_bytes()
        if elsewhere:
            found[STATE_KEY_FILE] = Path(elsewhere).read_bytes()
    except OSError as error:
        raise trouble(error, "read the keys") from error
    return found


def _seal(data: bytes, passphrase: str, bound_to: bytes) -> bytes:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, data, bound_to)
    return msgspec.json.encode(_Sealed(salt, nonce, sealed))


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_SCRYPT_COST, r=_SCRYPT_BLOCK, p=1).derive(passphrase.encode())


def _contents_of(source: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(source) as archive:
            known = [info for info in archive.infolist() if info.filename in (ABOUT, STATE, KEYS)]
            if any(info.file_size > LARGEST_BYTES for info in known):
                raise _no_backup(source)
            return {info.filename: archive.read(info) for info in known}
    except FileNotFoundError as error:
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no file {source}.") from error
    except OSError as error:
        raise trouble(error, f"read {source}") from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as error:
        raise _no_backup(source) from error


def _about(contents: dict[str, bytes]) -> About:
    try:
        about = msgspec.json.decode(contents.get(ABOUT, b""), type=About)
    except msgspec.MsgspecError as error:
        raise WachtelError(ErrorKind.BAD_DATA, "This is no backup of Wachtel.") from error
    if about.format > FORMAT or STATE not in contents:
        raise WachtelError(ErrorKind.CONFLICT, "This backup was made by a newer Wachtel, or is not whole.")
    return about


def _checked_state(contents: dict[str, bytes]) -> bytes:
    """The state, after it was opened and brought up to date in a place of its own."""
    with tempfile.TemporaryDirectory(prefix="wachtel-restore-") as folder:
        path = Path(folder) / STATE
        path.write_bytes(contents[STATE])
        database = Database(path)
        try:
            migrate(database)
        finally:
            database.close()
        with closing(sqlite3.connect(path)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()
            connection.execute("PRAGMA journal_mode = DELETE")
        if sound != ("ok",):
            raise WachtelError(ErrorKind.BAD_DATA, "The state in this backup is damaged.")
        return path.read_bytes()


def _opened_keys(contents: dict[str, bytes], passphrase: str) -> dict[str, bytes]:
    try:
        sealed = msgspec.json.decode(contents[KEYS], type=_Sealed)
        data = AESGCM(_key(passphrase, sealed.salt)).decrypt(sealed.nonce, sealed.sealed, contents[ABOUT])
        found = msgspec.msgpack.decode(data, type=dict[str, bytes])
    except InvalidTag as error:
        raise WachtelError(
            ErrorKind.WRONG_PASSWORD, "The passphrase does not open the keys in this backup."
        ) from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise WachtelError(ErrorKind.BAD_DATA, "The keys in this backup are damaged.") from error
    return {name: key for name, key in found.items() if name and "/" not in name and name not in (".", "..")}


def _move_aside(path: Path) -> None:
    if path.exists():
        path.replace(path.with_name(path.name + ".before-restore"))


def _no_backup(source: Path) -> WachtelError:
    return WachtelError(ErrorKind.BAD_DATA, f"{source} is no backup of Wachtel.")
