"""Access tokens of other programs in state.sqlite: hashes, and sealed what RTSP digest needs."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, delete, insert, select

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.access import Scope
from wachtel.storage.state.accounts import name_key, sites_column, sites_of
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import token as table
from wachtel.storage.state.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Token:
    """A program's right to come in; the token itself is not kept."""

    id: str
    name: str
    scope: Scope
    created: WallUs
    sites: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class DigestSecret:
    """HA1 of RFC 7616 section 3.4.2, in hexadecimal, for both algorithms RTSP clients know."""

    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RtspSecret:
    """What the RTSP door needs to check basic (``hash``: SHA-256 of the token) and digest log-ins of one
    token.
    """

    token: Token
    hash: bytes
    digest: DigestSecret | None


class Tokens:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def all(self) -> list[Token]:
        with self._database.read() as connection:
            return [
                _token(row) for row in connection.execute(select(table).order_by(table.c.created, table.c.id))
            ]

    def add(self, token: Token, token_hash: bytes, digest: DigestSecret) -> None:
        """Raises `WachtelError` (conflict) when the name is taken: it is the user name at the RTSP door."""
        place = _place(token.id)
        sealed = (
            self._sealer.seal(msgspec.json.encode(digest).decode(), place) if self._sealer.ready else None
        )
        with self._database.write() as connection:
            if (
                connection.execute(select(table.c.id).where(table.c.name_key == name_key(token.name))).first()
                is not None
            ):
                raise WachtelError(
                    ErrorKind.CONFLICT,
                    f"There is a token named {token.name!r} already.",
                    hint="Choose another name.",
                )
            values = {
                "id": token.id,
                "name": token.name,
                "name_key": name_key(token.name),
                "hash": token_hash,
                "scope": token.scope.value,
                "sites": sites_column(token.sites),
                "rtsp_secret": sealed,
                "created": token.created,
            }
            connection.execute(insert(table).values(**values))

    def find(self, token_hash: bytes) -> Token | None:
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.hash == token_hash)).first()
        return None if row is None else _token(row)

    def rtsp_secret(self, name: str) -> RtspSecret | None:
        """For the RTSP door; ``digest`` is None when the key is lost (basic still works)."""
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.name_key == name_key(name))).first()
        if row is None:
            return None
        opened = None if row.rtsp_secret is None else self._sealer.open(row.rtsp_secret, _place(row.id))
        digest = None if opened is None else msgspec.json.decode(opened, type=DigestSecret)
        return RtspSecret(_token(row), row.hash, digest)

    def remove(self, token: str) -> None:
        """Raises `WachtelError` (not_found)."""
        with self._database.write() as connection:
            if not connection.execute(delete(table).where(table.c.id == token)).rowcount:
                raise WachtelError(ErrorKind.NOT_FOUND, "There is no such token.")


def _place(token: str) -> str:
    return f"token/{token}/rtsp"


def _token(row: Row[Any]) -> Token:
    return Token(row.id, row.name, Scope(row.scope), WallUs(row.created), sites_of(row.sites))
