"""The key with which an operator signs announcements: ``DATA/keys/operator.key``, 32 bytes in hex, mode 0600."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wachtel.base.errors import ErrorKind, WachtelError

KEY_FILE = "operator.key"


class OperatorKey:
    """The key of a data folder; blocking."""

    def __init__(self, keys: Path) -> None:
        self._path = keys / KEY_FILE

    def private(self) -> Ed25519PrivateKey:
        """The key, made at first use. Raises `WachtelError` (disk_error)."""
        try:
            if not self._path.exists():
                _make(self._path)
            return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._path.read_text("ascii").strip()))
        except (OSError, ValueError) as error:
            raise WachtelError(
                ErrorKind.DISK_ERROR,
                f"The operator's key {self._path} cannot be used.",
                hint="Put it back from a backup: customers know its public half.",
            ) from error

    def public(self) -> bytes | None:
        """The public half, 32 bytes; None as long as there is no key."""
        if not self._path.exists():
            return None
        return self.private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
