"""Up to which event somebody has looked, per site."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select

from wachtel.base.units import WallUs
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import seen as table


@dataclass(frozen=True, slots=True, order=True)
class SeenMark:
    """The newest event that was seen; events are ordered by start, then by id."""

    start: WallUs
    event: str


class SeenMarks:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, principal: str) -> Mapping[str, SeenMark]:
        """The marks of one account or token, by site."""
        with self._database.read() as connection:
            rows = connection.execute(select(table).where(table.c.principal == principal)).all()
        return {row.site: SeenMark(WallUs(row.start), row.event) for row in rows}

    def advance(self, principal: str, sites: frozenset[str], mark: SeenMark) -> None:
        """Moves the marks of these sites forward; never back."""
        with self._database.write() as connection:
            rows = connection.execute(select(table).where(table.c.principal == principal)).all()
            ahead = {row.site for row in rows if SeenMark(row.start, row.event) >= mark}
            for site in sorted(sites - ahead):
                values = {"principal": principal, "site": site, "start": mark.start, "event": mark.event}
                connection.execute(insert(table).prefix_with("OR REPLACE").values(**values))
