"""People in state.sqlite."""

import unicodedata
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.access import Scope
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import account as table
from wachtel.storage.state.schema import link, session


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can log in. ``password_hash`` is None for an account that is only reached by a link."""

    id: str
    name: str
    scope: Scope
    password_hash: str | None
    created: WallUs
    sites: frozenset[str] | None = None


def name_key(name: str) -> str:
    """What two spellings of one name have in common: letters are compared without case, after NFKC (Unicode
    annex 15).
    """
    return unicodedata.normalize("NFKC", name).casefold().strip()


def sites_column(sites: frozenset[str] | None) -> str | None:
    """A set of sites as it is stored; None means every site."""
    return None if sites is None else msgspec.json.encode(sorted(sites)).decode()


def sites_of(stored: str | None) -> frozenset[str] | None:
    """The reverse of `sites_column`."""
    return None if stored is None else frozenset(msgspec.json.decode(stored, type=list[str]))


class Accounts:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Account]:
        with self._database.read() as connection:
            return [
                account_of(row)
                for row in connection.execute(select(table).order_by(table.c.created, table.c.id))
            ]

    def any(self) -> bool:
        """True when somebody can log in already."""
        with self._database.read() as connection:
            return connection.execute(select(table.c.id).limit(1)).first() is not None

    def get(self, account: str) -> Account | None:
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == account)).first()
        return None if row is None else account_of(row)

    def named(self, name: str) -> Account | None:
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.name_key == name_key(name))).first()
        return None if row is None else account_of(row)

    def add(self, account: Account) -> None:
        """Raises `WachtelError` (conflict) when the name is taken."""
        with self._database.write() as connection:
            _insert(connection, account)

    def add_first(self, account: Account, first_run_hash: bytes) -> None:
        """Makes the owner and uses up the first-run link, both or neither.

        Raises `WachtelError` (denied) when the link is not the one given out, or somebody has used it
        already.
        """
        with self._database.write() as connection:
            used = connection.execute(
                delete(link).where(link.c.hash == first_run_hash, link.c.kind == "first_run")
            ).rowcount
            if not used or connection.scalar(select(func.count()).select_from(table)):
                raise WachtelError(
                    ErrorKind.DENIED,
                    "This link has been used or is too old.",
                    hint="Start the server again for a new one.",
                )
            _insert(connection, account)

    def change_password(self, account: str, password_hash: str) -> None:
        """Stores a new password and ends every session of the account. Raises `WachtelError` (not_found)."""
        with self._database.write() as connection:
            if not connection.execute(
                update(table).where(table.c.id == account).values(password_hash=password_hash)
            ).rowcount:
                raise _unknown()
            connection.execute(delete(session).where(session.c.account == account))

    def change_scope(self, account: str, scope: Scope) -> None:
        """Raises `WachtelError` (not_found, or conflict for the last one who may administer everything)."""
        with self._database.write() as connection:
            if connection.execute(select(table.c.id).where(table.c.id == account)).first() is None:
                raise _unknown()
            if scope is not Scope.ADMIN:
                _require_another_owner(connection, account)
            connection.execute(update(table).where(table.c.id == account).values(scope=scope.value))

    def remove_passwordless(self) -> None:
        """Removes accounts that were only reached by a link."""
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.password_hash.is_(None)))

    def remove(self, account: str) -> None:
        """Raises `WachtelError` (not_found, or conflict for the last one who may administer everything)."""
        with self._database.write() as connection:
            row = connection.execute(select(table).where(table.c.id == account)).first()
            if row is None:
                raise _unknown()
            _require_another_owner(connection, account)
            connection.execute(delete(table).where(table.c.id == account))


def _require_another_owner(connection: Connection, account: str) -> None:
    another = (table.c.scope == Scope.ADMIN.value) & table.c.sites.is_(None) & (table.c.id != account)
    if connection.execute(select(table.c.id).where(another).limit(1)).first() is None:
        raise WachtelError(
            ErrorKind.CONFLICT, "The last administrator has to stay one.", hint="Add another one first."
        )


def _insert(connection: Connection, account: Account) -> None:
    key = name_key(account.name)
    if connection.execute(select(table.c.id).where(table.c.name_key == key)).first() is not None:
        raise WachtelError(
            ErrorKind.CONFLICT,
            f"There is an account named {account.name!r} already.",
            hint="Choose another name.",
        )
    values = {
        "id": account.id,
        "name": account.name,
        "name_key": key,
        "password_hash": account.password_hash,
        "scope": account.scope.value,
        "sites": sites_column(account.sites),
        "created": account.created,
    }
    connection.execute(insert(table).values(**values))


def account_of(row: Row[Any]) -> Account:
    """The account in a row of the table."""
    return Account(
        row.id, row.name, Scope(row.scope), row.password_hash, WallUs(row.created), sites_of(row.sites)
    )


def _unknown() -> WachtelError:
    return WachtelError(ErrorKind.NOT_FOUND, "There is no such account.")
