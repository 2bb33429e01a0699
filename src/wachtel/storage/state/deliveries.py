"""Each try to deliver a message, with its result; the newest of every channel are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, delete, insert, select

from wachtel.base.units import WallUs
from wachtel.model.message import MessageKind
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import channel as channels
from wachtel.storage.state.schema import delivery as table

MOST_PER_CHANNEL = 1000


class DeliveryResult(StrEnum):
    """The receiver took it; it did not and is asked again; it never will."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try. ``attempt`` counts from 1 for every message; ``reason`` is an error kind, "" when delivered.

    ``status`` is the receiver's own word, such as an HTTP status. ``code`` and ``details`` are those of the error, for
    a translation.
    """

    channel: str
    message: str
    kind: MessageKind
    attempt: int
    at: WallUs
    result: DeliveryResult
    status: int | None
    duration_ms: int
    reason: str = ""
    what: str = ""
    code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


class Deliveries:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, delivery: Delivery) -> None:
        """Records a try that belongs to no waiting message."""
        with self._database.write() as connection:
            insert_delivery(connection, delivery)

    def of(self, channel: str, limit: int = 50) -> list[Delivery]:
        """The newest tries of a channel, newest first."""
        question = select(table).where(table.c.channel == channel).order_by(table.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [_delivery(row) for row in connection.execute(question)]

    def sent_since(self, channel: str, since: WallUs) -> list[WallUs]:
        """When messages arrived by a channel since this moment, tests left out, oldest first."""
        condition = and_(
            table.c.channel == channel,
            table.c.at > since,
            table.c.result == DeliveryResult.DELIVERED.value,
            table.c.kind != MessageKind.TEST.value,
        )
        with self._database.read() as connection:
            rows = connection.execute(select(table.c.at).where(condition).order_by(table.c.id)).all()
        return [WallUs(row.at) for row in rows]


def insert_delivery(connection: Connection, delivery: Delivery) -> None:
    """Writes a try and forgets the oldest; nothing is written for a channel that is gone."""
    known = select(channels.c.id).where(channels.c.id == delivery.channel)
    if connection.execute(known).first() is None:
        return
    values = {
        "channel": delivery.channel,
        "message": delivery.message,
        "kind": delivery.kind.value,
        "attempt": delivery.attempt,
        "at": delivery.at,
        "result": delivery.result.value,
        "status": delivery.status,
        "duration_ms": delivery.duration_ms,
        "reason": delivery.reason,
        "what": delivery.what,
        "code": delivery.code,
        "details": msgspec.json.encode(dict(delivery.details)).decode(),
    }
    connection.execute(insert(table).values(**values))
    of_channel = table.c.channel == delivery.channel
    surplus = select(table.c.id).where(of_channel).order_by(table.c.id.desc()).offset(MOST_PER_CHANNEL)
    connection.execute(delete(table).where(table.c.id.in_(surplus)))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.channel,
        row.message,
        MessageKind(row.kind),
        row.attempt,
        WallUs(row.at),
        DeliveryResult(row.result),
        row.status,
        row.duration_ms,
        row.reason,
        row.what,
        row.code,
        msgspec.json.decode(row.details, type=dict[str, str]),
    )
