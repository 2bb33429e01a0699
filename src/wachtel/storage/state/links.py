"""Log-in links that were given out; only hashes of their secrets are kept."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, insert, select

from wachtel.base.units import WallUs
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import link as table


class LinkKind(StrEnum):
    """First run: makes the owner, once. Demo: logs in as the demo's account while the demo runs."""

    FIRST_RUN = "first_run"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class LoginLink:
    """``account`` is who the link logs in; None for a first-run link."""

    hash: bytes
    kind: LinkKind
    account: str | None
    created: WallUs


class LoginLinks:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, link: LoginLink) -> None:
        """Makes this the only link of its kind."""
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.kind == link.kind.value))
            values = {
                "hash": link.hash,
                "kind": link.kind.value,
                "account": link.account,
                "created": link.created,
            }
            connection.execute(insert(table).values(**values))

    def withdraw(self, kind: LinkKind) -> None:
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.kind == kind.value))

    def find(self, link_hash: bytes) -> LoginLink | None:
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.hash == link_hash)).first()
        return (
            None if row is None else LoginLink(row.hash, LinkKind(row.kind), row.account, WallUs(row.created))
        )
