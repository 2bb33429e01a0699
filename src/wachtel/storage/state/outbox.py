"""Messages still to be sent: one row per event, rule and channel, so that making one twice is harmless."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, insert, select, update

from wachtel.base.units import WallUs
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import outbox as table


class OutboxState(StrEnum):
    """Waiting for its next try, delivered, or given up."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class OutboxKey:
    """What makes a message the same message."""

    site: str
    event: str
    rule: str
    channel: str


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One message on its way."""

    key: OutboxKey
    state: OutboxState
    tries: int
    created: WallUs
    next_try: WallUs
    last_error: str = ""


class Outbox:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, key: OutboxKey, at: WallUs) -> bool:
        """True when the message is new; False when it was there already."""
        values = {
            "site": key.site,
            "event": key.event,
            "rule": key.rule,
            "channel": key.channel,
            "state": OutboxState.WAITING.value,
            "tries": 0,
            "created": at,
            "next_try": at,
            "last_error": "",
        }
        with self._database.write() as connection:
            return connection.execute(insert(table).prefix_with("OR IGNORE").values(**values)).rowcount == 1

    def due(self, now: WallUs, limit: int = 100) -> list[OutboxEntry]:
        """Messages whose next try is due, in the order they were made."""
        condition = and_(table.c.state == OutboxState.WAITING.value, table.c.next_try <= now)
        with self._database.read() as connection:
            rows = connection.execute(
                select(table).where(condition).order_by(table.c.created, table.c.event).limit(limit)
            ).all()
        return [_entry(row) for row in rows]

    def failed(self, key: OutboxKey, next_try: WallUs | None, error: str) -> None:
        """Counts a try that failed; without a next try the message is given up."""
        state = OutboxState.GIVEN_UP if next_try is None else OutboxState.WAITING
        values: dict[str, Any] = {"state": state.value, "tries": table.c.tries + 1, "last_error": error}
        if next_try is not None:
            values["next_try"] = next_try
        with self._database.write() as connection:
            connection.execute(update(table).where(_is(key)).values(**values))

    def done(self, key: OutboxKey) -> None:
        """Counts the try that delivered the message."""
        values = {"state": OutboxState.DONE.value, "tries": table.c.tries + 1, "last_error": ""}
        with self._database.write() as connection:
            connection.execute(update(table).where(_is(key)).values(**values))


def _is(key: OutboxKey) -> ColumnElement[bool]:
    return and_(
        table.c.site == key.site,
        table.c.event == key.event,
        table.c.rule == key.rule,
        table.c.channel == key.channel,
    )


def _entry(row: Row[Any]) -> OutboxEntry:
    key = OutboxKey(row.site, row.event, row.rule, row.channel)
    return OutboxEntry(
        key, OutboxState(row.state), row.tries, WallUs(row.created), WallUs(row.next_try), row.last_error
    )
