"""What rules made in state.sqlite: orders to be done, their log, what they hold, and how far they have looked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from wachtel.base.units import WallUs
from wachtel.model.rule import Held, Order, RuleNote, Why
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import outbox_mark as marks
from wachtel.storage.state.schema import rule_held as helds
from wachtel.storage.state.schema import rule_note as notes
from wachtel.storage.state.schema import rule_order as orders

MOST_NOTES = 500
"""Lines of log that are kept of each rule."""


class OrderState(StrEnum):
    """Waiting for its next try, done, given up, or overtaken by a newer order for the same thing."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order with its way so far. ``lane`` names what it is for: those of one lane are done in their order."""

    number: int
    lane: str
    order: Order
    state: OrderState
    tries: int
    next_try: WallUs
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What one look at the world made, stored as one: ``held`` None leaves what is held as it was."""

    orders: Sequence[tuple[str, Order]] = ()
    notes: Sequence[RuleNote] = ()
    held: Sequence[Held] | None = None
    marks: dict[str, WallUs] = field(default_factory=dict)


class RuleWork:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, made: Made) -> int:
        """Stores it in one transaction; gives how many orders are new, each pair being a lane and an order."""
        with self._database.write() as connection:
            new = sum(_put_order(connection, lane, order) for lane, order in made.orders)
            if made.notes:
                _put_notes(connection, made.notes)
            if made.held is not None:
                _put_held(connection, made.held)
            for name, at in made.marks.items():
                connection.execute(insert(marks).prefix_with("OR REPLACE").values(name=name, at=at))
        return new

    def waiting(self) -> list[StoredOrder]:
        """Orders not done yet, in the order of their making."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(orders).where(orders.c.state == OrderState.WAITING.value).order_by(orders.c.number)
            ).all()
        return [_stored(row) for row in rows]

    def newest(self, rule: str, limit: int = 50) -> list[StoredOrder]:
        """The newest orders of a rule, newest first."""
        question = select(orders).where(orders.c.rule == rule).order_by(orders.c.number.desc()).limit(limit)
        with self._database.read() as connection:
            return [_stored(row) for row in connection.execute(question)]

    def settle(self, numbers: Iterable[int], state: OrderState, error: str = "") -> None:
        """The last word on these orders."""
        with self._database.write() as connection:
            connection.execute(
                update(orders)
                .where(orders.c.number.in_(list(numbers)))
                .values(state=state.value, tries=orders.c.tries + 1, last_error=error)
            )

    def retry(self, number: int, at: WallUs, error: str) -> None:
        """The order failed and is tried again then."""
        with self._database.write() as connection:
            connection.execute(
                update(orders)
                .where(orders.c.number == number)
                .values(tries=orders.c.tries + 1, next_try=at, last_error=error)
            )

    def forget(self, before: WallUs) -> None:
        """Removes orders made before this moment that have had their last word."""
        settled = orders.c.state != OrderState.WAITING.value
        with self._database.write() as connection:
            connection.execute(delete(orders).where(settled, orders.c.made < before))

    def log(self, rule: str, limit: int = 50) -> list[RuleNote]:
        """Why the rule did or did not fire, newest first."""
        question = select(notes).where(notes.c.rule == rule).order_by(notes.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [
                RuleNote(row.rule, WallUs(row.at), row.cause, Why(row.why), row.detail, row.times)
                for row in connection.execute(question)
            ]

    def causes(self, since: WallUs) -> list[tuple[str, str]]:
        """Rules with the causes that they made up their minds about since then."""
        ordered = select(orders.c.rule, orders.c.cause).where(orders.c.made >= since)
        noted = select(notes.c.rule, notes.c.cause).where(notes.c.at >= since)
        with self._database.read() as connection:
            return [(row.rule, row.cause) for row in connection.execute(ordered.union(noted))]

    def held(self) -> list[Held]:
        """What rules keep switched on."""
        with self._database.read() as connection:
            rows = connection.execute(select(helds.c.body)).all()
        return [msgspec.json.decode(row.body, type=Held) for row in rows]

    def mark(self, name: str) -> WallUs | None:
        """How far something was looked at; None before the first time."""
        with self._database.read() as connection:
            at = connection.scalar(select(marks.c.at).where(marks.c.name == name))
        return None if at is None else WallUs(at)


def _put_order(connection: Connection, lane: str, order: Order) -> int:
    values = {
        "rule": order.rule,
        "cause": order.cause,
        "place": order.place,
        "lane": lane,
        "body": msgspec.json.encode(order).decode(),
        "state": OrderState.WAITING.value,
        "tries": 0,
        "made": order.made,
        "next_try": order.made,
        "last_error": "",
    }
    return connection.execute(insert(orders).prefix_with("OR IGNORE").values(**values)).rowcount


def _put_notes(connection: Connection, lines: Sequence[RuleNote]) -> None:
    connection.execute(
        insert(notes),
        [
            {
                "rule": line.rule,
                "at": line.at,
                "cause": line.cause,
                "why": line.why.value,
                "detail": line.detail,
                "times": line.times,
            }
            for line in lines
        ],
    )
    for rule in {line.rule for line in lines}:
        mine = notes.c.rule == rule
        surplus = select(notes.c.id).where(mine).order_by(notes.c.id.desc()).offset(MOST_NOTES)
        connection.execute(delete(notes).where(notes.c.id.in_(surplus)))


def _put_held(connection: Connection, held: Sequence[Held]) -> None:
    connection.execute(delete(helds))
    for one in held:
        body = msgspec.json.encode(one).decode()
        connection.execute(
            insert(helds).values(actuator=one.actuator, rule=one.rule, place=one.place, body=body)
        )


def _stored(row: Row[Any]) -> StoredOrder:
    return StoredOrder(
        row.number,
        row.lane,
        msgspec.json.decode(row.body, type=Order),
        OrderState(row.state),
        row.tries,
        WallUs(row.next_try),
        row.last_error,
    )
