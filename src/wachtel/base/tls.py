"""The server's side of TLS: one file with key and certificates, taken anew when it changes."""

import os
import ssl
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError


class ServedCertificate:
    """Give ``context`` to a server once; `look_again` exchanges what it presents, without a restart.

    ``path`` holds the private key and the chain in PEM, the server's own certificate first.
    """

    def __init__(self, path: Path) -> None:
        """Raises `WachtelError` (not_found, bad_data)."""
        self._path = path
        self._seen = _version_of(path)
        self._current = _context_of(path)
        self.context = _context_of(path)
        self.context.sni_callback = self._choose

    def look_again(self) -> bool:
        """Reads the file if it was replaced; True when new connections get something else now.

        Raises `WachtelError` (not_found, bad_data) once for each file that cannot be used; what was there stays.
        """
        version = _version_of(self._path)
        if version == self._seen:
            return False
        self._seen = version
        self._current = _context_of(self._path)
        return True

    def _choose(self, connection: ssl.SSLObject, *_: object) -> None:
        """A fresh context for each certificate: loaded into the old one, a key of another kind would stand
        beside the old key and not in its place.
        """
        connection.context = self._current


def _context_of(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        context.load_cert_chain(path)
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise WachtelError(
            ErrorKind.BAD_DATA,
            f"{path} holds no certificate with its key.",
            hint="Make it anew with `wachtel tls create` or `wachtel tls use`.",
        ) from error
    return context


def _version_of(path: Path) -> tuple[int, int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 (with its inode)
    except OSError as error:
        raise _missing(path) from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def _missing(path: Path) -> WachtelError:
    return WachtelError(
        ErrorKind.NOT_FOUND,
        f"The certificate {path} is not there.",
        hint="Make it with `wachtel tls create` or `wachtel tls use`.",
    )
