"""Log-ins in state.sqlite; only hashes of their secrets are kept."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from wachtel.base.units import WallUs
from wachtel.storage.state.accounts import Account, account_of
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import account
from wachtel.storage.state.schema import session as table


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is logged in."""

    hash: bytes
    account: str
    created: WallUs
    last_used: WallUs
    address: str
    agent: str


class Sessions:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session) -> None:
        values = {
            name: getattr(session, name)
            for name in ("hash", "account", "created", "last_used", "address", "agent")
        }
        with self._database.write() as connection:
            connection.execute(insert(table).values(**values))

    def find(self, secret_hash: bytes) -> tuple[Session, Account] | None:
        """The session and who it belongs to."""
        with self._database.read() as connection:
            mine = connection.execute(select(table).where(table.c.hash == secret_hash)).first()
            if mine is None:
                return None
            owner = connection.execute(select(account).where(account.c.id == mine.account)).one()
        return Session(**mine._mapping), account_of(owner)

    def used(self, secret_hash: bytes, at: WallUs) -> None:
        with self._database.write() as connection:
            connection.execute(update(table).where(table.c.hash == secret_hash).values(last_used=at))

    def end(self, secret_hash: bytes) -> None:
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.hash == secret_hash))

    def end_unused(self, before: WallUs) -> None:
        """Removes sessions nobody has used since ``before``."""
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.last_used < before))
