"""Counters of failed log-ins, and the addresses from which somebody has logged in before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from wachtel.base.units import WallUs
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import known_address
from wachtel.storage.state.schema import log_in_try as table

MOST_COUNTERS = 10_000


@dataclass(frozen=True, slots=True)
class TryCounter:
    """Failures in a row and the time of the last."""

    failures: int
    last: WallUs


class Tries:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def update(
        self, keys: Sequence[bytes], step: Callable[[Mapping[bytes, TryCounter]], Mapping[bytes, TryCounter]]
    ) -> None:
        """Reads the counters, lets ``step`` say what they become, and stores that, all in one transaction.

        A counter with no failures is removed. What ``step`` raises changes nothing.
        """
        with self._database.write() as connection:
            rows = connection.execute(select(table).where(table.c.key.in_(keys))).all()
            changed = step({row.key: TryCounter(row.failures, WallUs(row.last)) for row in rows})
            for key, counter in changed.items():
                _store(connection, key, counter)
            _forget_the_oldest(connection)

    def forget(self, before: WallUs) -> None:
        """Removes counters that nobody touched since ``before``."""
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.last < before))

    def is_known(self, account: str, address: str) -> bool:
        with self._database.read() as connection:
            condition = (known_address.c.account == account) & (known_address.c.address == address)
            return connection.execute(select(known_address.c.last).where(condition)).first() is not None

    def remember_address(self, account: str, address: str, at: WallUs) -> None:
        with self._database.write() as connection:
            values = {"account": account, "address": address, "last": at}
            connection.execute(insert(known_address).prefix_with("OR REPLACE").values(**values))


def _store(connection: Connection, key: bytes, counter: TryCounter) -> None:
    if counter.failures <= 0:
        connection.execute(delete(table).where(table.c.key == key))
        return
    values = {"key": key, "failures": counter.failures, "last": counter.last}
    connection.execute(insert(table).prefix_with("OR REPLACE").values(**values))


def _forget_the_oldest(connection: Connection) -> None:
    surplus = (connection.scalar(select(func.count()).select_from(table)) or 0) - MOST_COUNTERS
    if surplus > 0:
        oldest = select(table.c.key).order_by(table.c.last).limit(surplus)
        connection.execute(delete(table).where(table.c.key.in_(oldest)))
