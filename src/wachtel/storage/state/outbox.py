"""Messages still to be sent: one row per event, rule and channel, so that making one twice is harmless."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from wachtel.base.units import WallUs
from wachtel.model.message import Message
from wachtel.storage.state.database import Database
from wachtel.storage.state.deliveries import Delivery, insert_delivery
from wachtel.storage.state.schema import outbox as table


class OutboxState(StrEnum):
    """Waiting for its next try, delivered, given up, or told by a bundle of several."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"
    BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class OutboxKey:
    """What makes a message the same message."""

    site: str
    event: str
    rule: str
    channel: str


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One message on its way. ``message`` is None in rows of the first release."""

    key: OutboxKey
    state: OutboxState
    tries: int
    created: WallUs
    next_try: WallUs
    last_error: str = ""
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A message for the outbox."""

    key: OutboxKey
    at: WallUs
    message: Message | None = None


class Outbox:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, key: OutboxKey, at: WallUs, message: Message | None = None) -> bool:
        """True when the message is new; False when it was there already."""
        return self.put_all([NewEntry(key, at, message)]) == 1

    def put_all(self, entries: Sequence[NewEntry]) -> int:
        """Puts messages in this order, in one transaction; gives how many of them are new."""
        if not entries:
            return 0
        with self._database.write() as connection:
            return insert_entries(connection, entries)

    def due(self, now: WallUs, limit: int = 100) -> list[OutboxEntry]:
        """Messages whose next try is due, in the order they were made."""
        condition = and_(table.c.state == OutboxState.WAITING.value, table.c.next_try <= now)
        with self._database.read() as connection:
            rows = connection.execute(
                select(table).where(condition).order_by(table.c.created, table.c.number).limit(limit)
            ).all()
        return [_entry(row) for row in rows]

    def first(self, channel: str) -> OutboxEntry | None:
        """The message whose turn it is in a channel, due or not."""
        condition = and_(table.c.channel == channel, table.c.state == OutboxState.WAITING.value)
        question = select(table).where(condition).order_by(table.c.number).limit(1)
        with self._database.read() as connection:
            row = connection.execute(question).first()
        return None if row is None else _entry(row)

    def waiting_of(self, channel: str, limit: int) -> list[OutboxEntry]:
        """The messages whose turn comes next in a channel, due or not, in order."""
        condition = and_(table.c.channel == channel, table.c.state == OutboxState.WAITING.value)
        question = select(table).where(condition).order_by(table.c.number).limit(limit)
        with self._database.read() as connection:
            return [_entry(row) for row in connection.execute(question)]

    def replace(self, keys: Sequence[OutboxKey], bundle: NewEntry) -> None:
        """One message takes the place of several that wait, in one transaction: after a crash it is them or it."""
        with self._database.write() as connection:
            for key in keys:
                mine = and_(_is(key), table.c.state == OutboxState.WAITING.value)
                connection.execute(update(table).where(mine).values(state=OutboxState.BUNDLED.value))
            number = connection.scalar(select(func.coalesce(func.max(table.c.number), 0))) or 0
            _put(connection, bundle, number + 1)

    def waiting(self) -> dict[str, int]:
        """How many messages wait, by channel; channels where none waits are left out."""
        question = (
            select(table.c.channel, func.count())
            .where(table.c.state == OutboxState.WAITING.value)
            .group_by(table.c.channel)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(question)}

    def failed(
        self, key: OutboxKey, next_try: WallUs | None, error: str, delivery: Delivery | None = None
    ) -> None:
        """Counts a try that failed; without a next try the message is given up."""
        state = OutboxState.GIVEN_UP if next_try is None else OutboxState.WAITING
        values: dict[str, Any] = {"state": state.value, "tries": table.c.tries + 1, "last_error": error}
        if next_try is not None:
            values["next_try"] = next_try
        self._tried(key, values, delivery)

    def done(self, key: OutboxKey, delivery: Delivery | None = None) -> None:
        """Counts the try that delivered the message."""
        values = {"state": OutboxState.DONE.value, "tries": table.c.tries + 1, "last_error": ""}
        self._tried(key, values, delivery)

    def hurry(self, channel: str, now: WallUs) -> None:
        """Lets whatever waits in a channel be tried at once."""
        condition = and_(table.c.channel == channel, table.c.state == OutboxState.WAITING.value)
        with self._database.write() as connection:
            connection.execute(update(table).where(condition, table.c.next_try > now).values(next_try=now))

    def forget(self, before: WallUs) -> None:
        """Removes messages made before this moment that are delivered or given up.

        A message that is made anew after that is sent anew.
        """
        settled = and_(table.c.state != OutboxState.WAITING.value, table.c.created < before)
        with self._database.write() as connection:
            connection.execute(delete(table).where(settled))

    def _tried(self, key: OutboxKey, values: dict[str, Any], delivery: Delivery | None) -> None:
        with self._database.write() as connection:
            connection.execute(update(table).where(_is(key)).values(**values))
            if delivery is not None:
                insert_delivery(connection, delivery)


def insert_entries(connection: Connection, entries: Sequence[NewEntry]) -> int:
    """Puts messages as part of somebody else's transaction; gives how many of them are new."""
    number = connection.scalar(select(func.coalesce(func.max(table.c.number), 0))) or 0
    return sum(_put(connection, entry, number + place) for place, entry in enumerate(entries, 1))


def _put(connection: Connection, entry: NewEntry, number: int) -> int:
    values = {
        "site": entry.key.site,
        "event": entry.key.event,
        "rule": entry.key.rule,
        "channel": entry.key.channel,
        "state": OutboxState.WAITING.value,
        "tries": 0,
        "created": entry.at,
        "next_try": entry.at,
        "last_error": "",
        "number": number,
        "message": "" if entry.message is None else msgspec.json.encode(entry.message).decode(),
    }
    return connection.execute(insert(table).prefix_with("OR IGNORE").values(**values)).rowcount


def _is(key: OutboxKey) -> ColumnElement[bool]:
    return and_(
        table.c.site == key.site,
        table.c.event == key.event,
        table.c.rule == key.rule,
        table.c.channel == key.channel,
    )


def _entry(row: Row[Any]) -> OutboxEntry:
    key = OutboxKey(row.site, row.event, row.rule, row.channel)
    message = msgspec.json.decode(row.message, type=Message) if row.message else None
    return OutboxEntry(
        key,
        OutboxState(row.state),
        row.tries,
        WallUs(row.created),
        WallUs(row.next_try),
        row.last_error,
        message,
    )
