"""Claims in state.sqlite: what was handed in, what became known since, and which files belong to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state import schema
from wachtel.storage.state.database import Database
from wachtel.storage.state.sealing import Sealer


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """``body`` is JSON as it was handed in, ``stage`` where it stands until the day ``until`` (None: until somebody
    does something). ``source`` says how it came: by ``form`` or ``import``. ``number`` is given when it is added."""

    id: str
    key_hash: bytes | None
    body: str
    stage: str
    until: str | None
    source: str
    at: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimFactRow:
    """Rows are only added."""

    kind: str
    item: str
    on_day: str
    by: str
    minor: int | None
    currency: str | None
    note: str
    at: int


@dataclass(frozen=True, slots=True)
class ClaimFileRow:
    """``purpose`` is ``receipt`` or ``label``; the bytes lie elsewhere under ``sha256``."""

    sha256: str
    item: str
    purpose: str
    name: str
    media_type: str
    size: int
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """Some claims, newest first; ``next`` goes on with the following ones, None at the end."""

    rows: list[ClaimRow]
    next: int | None


class ClaimBooks:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def add(self, row: ClaimRow, serials: Iterable[str], secrets: Mapping[str, str]) -> None:
        """``secrets`` are ``contact`` and ``bank`` in clear; they are sealed here. Serial numbers that another claim
        has stay with that one. Raises `WachtelError` (conflict) when the id is taken, (disk_error) without a key."""
        sealed = {name: self._sealer.seal(text, _place(row.id, name)) for name, text in secrets.items()}
        with self._database.write() as connection:
            connection.execute(insert(schema.claim).values(**asdict(row), **sealed))
            for serial in serials:
                statement = insert(schema.claim_serial).prefix_with("OR IGNORE")
                connection.execute(statement.values(serial=serial, claim=row.id))

    def get(self, claim: str) -> ClaimRow | None:
        with self._database.read() as connection:
            row = connection.execute(_select().where(schema.claim.c.id == claim)).first()
        return None if row is None else ClaimRow(*row)

    def id_of(self, number: int) -> str | None:
        """The id of the claim with this number."""
        table = schema.claim
        with self._database.read() as connection:
            return connection.scalar(select(table.c.id).where(table.c.number == number))

    def owners(self, serials: Sequence[str]) -> dict[str, str]:
        """Which claim has each of these serial numbers."""
        table = schema.claim_serial
        with self._database.read() as connection:
            rows = connection.execute(select(table).where(table.c.serial.in_(serials))).all()
        return {row.serial: row.claim for row in rows}

    def facts(self, claim: str) -> list[ClaimFactRow]:
        """In the order in which they became known."""
        table = schema.claim_fact
        with self._database.read() as connection:
            rows = connection.execute(
                select(*(table.c[field.name] for field in fields(ClaimFactRow)))
                .where(table.c.claim == claim)
                .order_by(table.c.number)
            ).all()
        return [ClaimFactRow(*row) for row in rows]

    def note(self, claim: str, facts: Iterable[ClaimFactRow], stage: str, until: str | None) -> None:
        """Adds facts, and where the claim stands now."""
        with self._database.write() as connection:
            for fact in facts:
                connection.execute(insert(schema.claim_fact).values(claim=claim, **asdict(fact)))
            connection.execute(
                update(schema.claim).where(schema.claim.c.id == claim).values(stage=stage, until=until)
            )

    def page(self, stages: Sequence[str] | None, text: str, before: int | None, most: int) -> ClaimPage:
        """Claims of some stages (None: all) whose id holds ``text``, newest first."""
        table = schema.claim
        query = select(*_columns()).order_by(table.c.number.desc()).limit(most + 1)
        if stages is not None:
            query = query.where(table.c.stage.in_(stages))
        if text:
            query = query.where(table.c.id.contains(text, autoescape=True))
        if before is not None:
            query = query.where(table.c.number < before)
        with self._database.read() as connection:
            rows = [ClaimRow(*row) for row in connection.execute(query).all()]
        return ClaimPage(rows[:most], rows[most - 1].number if len(rows) > most else None)

    def by_stage(self) -> dict[str, int]:
        """How many claims stand where."""
        table = schema.claim
        with self._database.read() as connection:
            rows = connection.execute(select(table.c.stage, func.count()).group_by(table.c.stage)).all()
        return {row[0]: row[1] for row in rows}

    def look_again(self) -> None:
        """The rules changed: every claim may stand otherwise."""
        with self._database.write() as connection:
            connection.execute(update(schema.claim).values(until=""))

    def overdue(self, day: str, most: int) -> list[ClaimRow]:
        """Claims that may stand otherwise since a day up to ``day``."""
        query = _select().where(schema.claim.c.until <= day).limit(most)
        with self._database.read() as connection:
            return [ClaimRow(*row) for row in connection.execute(query).all()]

    def secret(self, claim: str, name: str) -> str | None:
        """``contact`` or ``bank`` in clear; None when there is none, or the key file is gone."""
        table = schema.claim
        with self._database.read() as connection:
            sealed = connection.scalar(select(table.c[name]).where(table.c.id == claim))
        return None if sealed is None else self._sealer.open(sealed, _place(claim, name))

    def put_secret(self, claim: str, name: str, text: str | None) -> None:
        """Replaces ``contact`` or ``bank``; None deletes it. Raises `WachtelError` (disk_error) without a key."""
        sealed = None if text is None else self._sealer.seal(text, _place(claim, name))
        with self._database.write() as connection:
            connection.execute(update(schema.claim).where(schema.claim.c.id == claim).values({name: sealed}))

    def files(self, claim: str) -> list[ClaimFileRow]:
        """In the order in which they came."""
        table = schema.claim_file
        with self._database.read() as connection:
            rows = connection.execute(
                select(*(table.c[field.name] for field in fields(ClaimFileRow)))
                .where(table.c.claim == claim)
                .order_by(table.c.number)
            ).all()
        return [ClaimFileRow(*row) for row in rows]

    def add_file(self, claim: str, row: ClaimFileRow, most: int) -> bool:
        """False when the same file is there already for the same thing. Raises `WachtelError` (conflict) when the
        claim has ``most`` files."""
        with self._database.write() as connection:
            if self._has_file(connection, claim, row):
                return False
            table = schema.claim_file
            number = connection.scalar(select(func.count()).where(table.c.claim == claim)) or 0
            if number >= most:
                raise WachtelError(
                    ErrorKind.CONFLICT,
                    f"A claim can have {most} files.",
                    hint="Put several pages into one PDF.",
                )
            connection.execute(insert(table).values(claim=claim, **asdict(row)))
            return True

    def forget(self, claim: str) -> None:
        """Deletes bank details, contact and the list of files."""
        with self._database.write() as connection:
            connection.execute(delete(schema.claim_file).where(schema.claim_file.c.claim == claim))
            connection.execute(
                update(schema.claim).where(schema.claim.c.id == claim).values(contact=None, bank=None)
            )

    def _has_file(self, connection: Connection, claim: str, row: ClaimFileRow) -> bool:
        table = schema.claim_file
        same = (table.c.claim == claim) & (table.c.sha256 == row.sha256) & (table.c.item == row.item)
        return connection.scalar(select(func.count()).where(same & (table.c.purpose == row.purpose))) != 0


def _columns() -> list[Any]:
    return [schema.claim.c[field.name] for field in fields(ClaimRow)]


def _select() -> Any:
    return select(*_columns()).order_by(schema.claim.c.number)


def _place(claim: str, name: str) -> str:
    return f"claim {claim} {name}"
