"""Rules in state.sqlite."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.rule import Action, Conditions, Rule, Trigger
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import rule as table
from wachtel.storage.state.schema import rule_note as notes
from wachtel.storage.state.schema import rule_order as orders


@dataclass(frozen=True, slots=True)
class _Definition:
    triggers: tuple[Trigger, ...]
    actions: tuple[Action, ...]
    conditions: Conditions


class Rules:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Rule]:
        """Every rule, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.created, table.c.id)).all()
        return [_rule(row) for row in rows]

    def get(self, rule: str) -> Rule | None:
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == rule)).first()
        return None if row is None else _rule(row)

    def add(self, rule: Rule) -> None:
        """Raises `WachtelError` (conflict) when the id is taken or there is no such site."""
        with self._database.write() as connection:
            connection.execute(insert(table).values(id=rule.id, **_values(rule)))

    def change(self, rule: Rule) -> None:
        """Raises `WachtelError` (not_found)."""
        with self._database.write() as connection:
            statement = update(table).where(table.c.id == rule.id).values(**_values(rule))
            if not connection.execute(statement).rowcount:
                raise _unknown(rule.id)

    def remove(self, rule: str) -> None:
        """Forgets the rule, its log and its orders; what it holds is let go by whoever runs rules.

        Raises `WachtelError` (not_found).
        """
        with self._database.write() as connection:
            connection.execute(delete(notes).where(notes.c.rule == rule))
            connection.execute(delete(orders).where(orders.c.rule == rule, orders.c.state != "waiting"))
            if not connection.execute(delete(table).where(table.c.id == rule)).rowcount:
                raise _unknown(rule)


def _values(rule: Rule) -> dict[str, Any]:
    definition = _Definition(rule.triggers, rule.actions, rule.conditions)
    return {
        "site": rule.site,
        "name": rule.name,
        "definition": msgspec.json.encode(definition).decode(),
        "enabled": rule.enabled,
        "created": rule.created,
        "hears_from": rule.hears_from,
    }


def _rule(row: Row[Any]) -> Rule:
    read = msgspec.json.decode(row.definition, type=_Definition)
    return Rule(
        row.id,
        row.site,
        row.name,
        read.triggers,
        read.actions,
        read.conditions,
        row.enabled,
        WallUs(row.created),
        WallUs(row.hears_from),
    )


def _unknown(rule: str) -> WachtelError:
    return WachtelError(ErrorKind.NOT_FOUND, f"There is no rule {rule!r}.")
