"""Plans, subscriptions, the ledger of money and the end of the service in state.sqlite; rows are added, hardly ever
changed: entries of the ledger, changes, notices and steps never are."""

from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, select

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state import schema
from wachtel.storage.state.database import Database


@dataclass(frozen=True, slots=True)
class PlanRow:
    """``prices`` is JSON, minor units by currency."""

    id: str
    name: str
    interval: str
    prices: str
    hosted_days: int
    cameras: int
    channels: int
    created: int


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """Days are ISO 8601, here and below."""

    id: str
    plan: str
    subscriber: str
    residence: str
    currency: str
    time_zone: str
    starts_on: str
    created: int


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What the subscriber wished, in the order in which it was said."""

    subscription: str
    kind: str
    on_day: str
    at: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry of the ledger. ``about`` is the key of the entry it answers, as a payment does a charge."""

    key: str
    kind: str
    subscription: str
    about: str
    minor: int
    currency: str
    on_day: str
    start: str
    end: str
    words_de: str
    words_en: str
    at: int


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """An announcement of the end, exactly as it was signed."""

    version: int
    body: bytes
    signature: bytes
    key: bytes
    at: int


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step towards the end, with what proves it."""

    step: str
    on_day: str
    evidence: str
    at: int


Row = TypeVar("Row", PlanRow, SubscriptionRow, ChangeRow, EntryRow, NoticeRow, StepRow)


class BusinessBooks:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plans(self) -> list[PlanRow]:
        return self._all(schema.plan, PlanRow)

    def subscriptions(self) -> list[SubscriptionRow]:
        return self._all(schema.subscription, SubscriptionRow)

    def changes(self) -> list[ChangeRow]:
        return self._all(schema.subscription_change, ChangeRow)

    def entries(self) -> list[EntryRow]:
        return self._all(schema.ledger_entry, EntryRow)

    def notices(self) -> list[NoticeRow]:
        return self._all(schema.sunset_notice, NoticeRow)

    def steps(self) -> list[StepRow]:
        return self._all(schema.sunset_step, StepRow)

    def add_plan(self, row: PlanRow) -> None:
        """Raises `WachtelError` (conflict) when the id is taken."""
        self._add(schema.plan, row)

    def add_subscription(self, row: SubscriptionRow) -> None:
        """Raises `WachtelError` (conflict) when the id is taken, or there is no such plan."""
        self._add(schema.subscription, row)

    def add_change(self, row: ChangeRow) -> None:
        self._add(schema.subscription_change, row)

    def add_notice(self, row: NoticeRow) -> None:
        """Raises `WachtelError` (conflict) when that version is there already."""
        self._add(schema.sunset_notice, row)

    def add_step(self, row: StepRow) -> None:
        """Raises `WachtelError` (conflict) when it was done already."""
        self._add(schema.sunset_step, row)

    def book(self, rows: list[EntryRow]) -> int:
        """Adds entries to the ledger, all or none, and says how many were new.

        One whose key is there already must say the same, whenever it was written. Raises `WachtelError` (conflict).
        """
        with self._database.write() as connection:
            return sum(self._book(connection, row) for row in rows)

    def _book(self, connection: Connection, row: EntryRow) -> bool:
        table = schema.ledger_entry
        known = connection.execute(select(table).where(table.c.key == row.key)).first()
        if known is None:
            connection.execute(insert(table).values(**asdict(row)))
            return True
        same = ("kind", "subscription", "about", "minor", "currency")
        if any(getattr(known, name) != getattr(row, name) for name in same):
            raise WachtelError(ErrorKind.CONFLICT, f"The entry {row.key} was booked with other content.")
        return False

    def _all(self, table: Table, kind: type[Row]) -> list[Row]:
        names = [field.name for field in fields(kind)]
        with self._database.read() as connection:
            rows = connection.execute(
                select(*(table.c[name] for name in names)).order_by(table.c.number)
            ).all()
        return [kind(*row) for row in rows]

    def _add(self, table: Table, row: Any) -> None:
        with self._database.write() as connection:
            connection.execute(insert(table).values(**asdict(row)))
