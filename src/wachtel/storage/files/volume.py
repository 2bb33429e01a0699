"""The volume: which disk this archive is, and the key that signs its journals.

``VOLUME.json`` at the root of the archive says which volume it is; the folder of keys remembers which one it
must be. A disk that is not mounted, or another one in its place, is found out before anything is written to
it.
"""

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.archive_layout import FORMAT_VERSION, VOLUME_FILE
from wachtel.storage.files.disk import Disk, RealDisk, read_all, replace_file, trouble
from wachtel.storage.files.private_file import write_private

SIGNING_KEY_FILE = "signing.key"
EXPECTED_FILE = "volume.json"
_MOUNT_HINT = (
    "Nothing was written. Mount the right disk there, and recording begins by itself; "
    "to go on with this one instead, stop Wachtel and move the keys folder away."
)


class Marker(msgspec.Struct, frozen=True):
    """The content of VOLUME.json. Keys are Ed25519 public keys in hex; earlier ones signed older journals."""

    volume: str
    format: int
    created: int
    signing_key: str
    earlier_signing_keys: tuple[str, ...] = ()


class _Expected(msgspec.Struct, frozen=True):
    volume: str


@dataclass(frozen=True, slots=True)
class Volume:
    """An archive folder that was proved to be the right one."""

    id: str
    marker: Marker
    disk: Disk
    key: Ed25519PrivateKey

    @staticmethod
    def open(archive: Path, keys: Path, disk: Disk | None = None) -> "Volume":
        """Opens the volume that the keys belong to.

        Raises `WachtelError`: foreign_volume when the marker is missing, unreadable, of a newer format or of
        another volume.
        """
        disk = disk if disk is not None else RealDisk(archive)
        marker = read_marker(disk)
        expected = _read_expected(keys)
        if expected is not None and expected != marker.volume:
            raise _other(disk, marker.volume, expected)
        key = _load_key(keys)
        if key is None or public_hex(key) != marker.signing_key:
            raise _foreign(f"The key in {keys} does not belong to the archive in {archive}.")
        return Volume(marker.volume, marker, disk, key)

    def verify(self) -> None:
        """Raises `WachtelError` (foreign_volume) when the disk is no longer there or another one is in its
        place."""
        found = read_marker(self.disk)
        if found.volume != self.id:
            raise _other(self.disk, found.volume, self.id)

    def verify_writable(self) -> None:
        """Raises `WachtelError`: foreign_volume as `verify` does, disk_error when the disk has become read-only."""
        self.verify()
        try:
            if self.disk.read_only():
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        except OSError as error:
            raise trouble(error, f"write to {_where(self.disk)}") from error

    def sign(self, text: bytes) -> str:
        """An Ed25519 signature in hex."""
        return self.key.sign(text).hex()

    @property
    def public_keys(self) -> frozenset[str]:
        """All keys that ever signed journals here, in hex."""
        return frozenset((self.marker.signing_key, *self.marker.earlier_signing_keys))


class VolumeDoor:
    """The way to the archive's volume for those who must go on living while it is not there."""

    def __init__(self, archive: Path, keys: Path) -> None:
        self._archive = archive
        self._keys = keys
        self._volume: Volume | None = None

    def open(self) -> Volume:
        """The right volume. Raises `WachtelError` (foreign_volume, disk_error) as long as it is not there."""
        if self._volume is None:
            self._volume = Volume.open(self._archive, self._keys)
        self._volume.verify()
        return self._volume

    def look(self) -> None:
        """Raises `WachtelError` (foreign_volume, disk_error) while nothing can be recorded on it."""
        self.open().verify_writable()


def verify_expected(archive: Path, keys: Path) -> None:
    """Raises `WachtelError` (foreign_volume, disk_error) when the archive is not the one that the keys remember;
    where nothing is remembered, any will do."""
    disk = RealDisk(archive)
    found, expected = read_marker(disk).volume, _read_expected(keys)
    if expected is not None and found != expected:
        raise _other(disk, found, expected)


def read_marker(disk: Disk) -> Marker:
    """The volume's marker. Raises `WachtelError` (foreign_volume) when there is none that can be read."""
    try:
        marker = msgspec.json.decode(read_all(disk, VOLUME_FILE), type=Marker)
    except FileNotFoundError as error:
        raise _missing(disk) from error
    except OSError as error:
        raise trouble(error, f"read {VOLUME_FILE} in {_where(disk)}") from error
    except msgspec.MsgspecError as error:
        raise _foreign(f"{VOLUME_FILE} in {_where(disk)} cannot be read: {error}.") from error
    if marker.format > FORMAT_VERSION:
        raise _foreign(
            f"The archive has format {marker.format}; this version knows formats up to {FORMAT_VERSION}."
        )
    return marker


def prepare(archive: Path, keys: Path, now: WallUs) -> None:
    """Makes the volume at the very first start, and mends a lost key; does nothing when all is there.

    Keys that know a volume while the archive has no marker mean that its disk is missing: that raises
    `WachtelError` (foreign_volume). A marker without keys means that only the keys were lost: recording must
    not stop for that, so a new key is made and the old public key is kept for the journals it signed.
    """
    disk = RealDisk(archive)
    expected, key = _read_expected(keys), _load_key(keys)
    if not disk.exists(VOLUME_FILE):
        if expected is not None or disk.folders(""):
            raise _missing(disk)
        key = key or _make_key(keys)
        _write_marker(disk, Marker(str(uuid4()), FORMAT_VERSION, now, public_hex(key)))
    marker = read_marker(disk)
    if expected is None:
        write_private(keys / EXPECTED_FILE, msgspec.json.encode(_Expected(marker.volume)))
    elif expected != marker.volume:
        raise _other(disk, marker.volume, expected)
    if key is None:
        key = _make_key(keys)
    if public_hex(key) != marker.signing_key:
        _adopt_key(disk, marker, key)


def valid_signature(key: str, signature: str, text: bytes) -> bool:
    """True when the Ed25519 signature (hex) of the text was made with this key (hex)."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half in hex."""
    return key.public_key().public_bytes_raw().hex()


def _adopt_key(disk: Disk, marker: Marker, key: Ed25519PrivateKey) -> None:
    earlier = (*marker.earlier_signing_keys, marker.signing_key)
    new = Marker(marker.volume, marker.format, marker.created, public_hex(key), earlier)
    _write_marker(disk, new)


def _write_marker(disk: Disk, marker: Marker) -> None:
    try:
        replace_file(disk, VOLUME_FILE, msgspec.json.format(msgspec.json.encode(marker)) + b"\n")
    except OSError as error:
        raise trouble(error, f"write {VOLUME_FILE}") from error


def _load_key(keys: Path) -> Ed25519PrivateKey | None:
    try:
        return Ed25519PrivateKey.from_private_bytes(
            bytes.fromhex((keys / SIGNING_KEY_FILE).read_text().strip())
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise WachtelError(
            ErrorKind.INVALID,
            f"The signing key in {keys / SIGNING_KEY_FILE} cannot be read.",
            hint="Put it back from a backup, or move it away: a new one is made then.",
        ) from error


def _make_key(keys: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    write_private(keys / SIGNING_KEY_FILE, key.private_bytes_raw().hex().encode() + b"\n")
    return key


def _read_expected(keys: Path) -> str | None:
    try:
        return msgspec.json.decode((keys / EXPECTED_FILE).read_bytes(), type=_Expected).volume
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _missing(disk: Disk) -> WachtelError:
    return _foreign(f"The disk of the archive is not there: {_where(disk)} holds no {VOLUME_FILE}.")


def _other(disk: Disk, found: str, expected: str) -> WachtelError:
    return _foreign(
        f"Another disk is in the place of the archive: {_where(disk)} is volume {found}, not {expected}."
    )


def _where(disk: Disk) -> str:
    return str(disk.root) if isinstance(disk, RealDisk) else "the archive folder"


def _foreign(what: str) -> WachtelError:
    return WachtelError(ErrorKind.FOREIGN_VOLUME, what, hint=_MOUNT_HINT)
