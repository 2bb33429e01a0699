"""Secrets at rest: AES-256-GCM with a key that lies in a file of its own.

The key lies beside the data (``DATA/keys/state.key``), or where ``WACHTEL_KEY_FILE`` says, for example on a
stick. It protects copies and backups of the database, not a stolen box. Without the key everything works
except what was sealed.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wachtel.base.errors import ErrorKind, WachtelError

KEY_FILE_VARIABLE = "WACHTEL_KEY_FILE"
SHORTEST_KEY_BYTES = 16
_NONCE_BYTES = 12


class Sealer:
    """Seals and opens texts; each is bound to its place, so that one cannot be moved to another row."""

    def __init__(self, key: bytes | None) -> None:
        self._cipher = None if key is None else AESGCM(key)

    @property
    def ready(self) -> bool:
        """True when there is a key to seal with."""
        return self._cipher is not None

    def seal(self, text: str, place: str) -> bytes:
        """Raises `WachtelError` (disk_error) when there is no key."""
        return self.seal_bytes(text.encode(), place)

    def seal_bytes(self, content: bytes, place: str) -> bytes:
        """The same for anything. Raises `WachtelError` (disk_error)."""
        if self._cipher is None:
            raise WachtelError(
                ErrorKind.DISK_ERROR,
                "There is no key file, so a password cannot be stored safely.",
                hint=f"Make the keys folder writable, or point {KEY_FILE_VARIABLE} to 16 random bytes.",
            )
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, place: str) -> str | None:
        """The text, or None when it was sealed with another key, for another place, or is damaged."""
        content = self.open_bytes(sealed, place)
        return None if content is None else content.decode()

    def open_bytes(self, sealed: bytes, place: str) -> bytes | None:
        """The same for anything."""
        if self._cipher is None or len(sealed) <= _NONCE_BYTES:
            return None
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except InvalidTag:
            return None


def open_sealer(keys: Path) -> Sealer:
    """The sealer of a data folder; makes the key at first use and never fails: without a key nothing can be
    opened.
    """
    elsewhere = os.environ.get(KEY_FILE_VARIABLE)
    path = Path(elsewhere) if elsewhere else keys / "state.key"
    try:
        if not elsewhere and not path.exists():
            _make_key(path)
        material = path.read_bytes().strip()
    except OSError:
        return Sealer(None)
    return Sealer(_derived(material) if len(material) >= SHORTEST_KEY_BYTES else None)


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _derived(material: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"wachtel state.sqlite").derive(material)
