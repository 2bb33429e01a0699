"""Places in state.sqlite."""

from sqlalchemy import Row, insert, select, update

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Site
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import site as table

FIRST_SITE = "home"


class Sites:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Site]:
        """Every site, the first one first, the others by name."""
        with self._database.read() as connection:
            return [
                _site(row)
                for row in connection.execute(select(table).order_by(table.c.id != FIRST_SITE, table.c.name))
            ]

    def get(self, site: str) -> Site | None:
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == site)).first()
        return None if row is None else _site(row)

    def first_zone(self) -> str:
        """The time zone of the first site."""
        return self.all()[0].time_zone

    def add(self, site: Site) -> None:
        """Raises `WachtelError` (conflict) when the id is taken."""
        with self._database.write() as connection:
            connection.execute(insert(table).values(id=site.id, name=site.name, time_zone=site.time_zone))

    def change(self, site: Site) -> None:
        """Raises `WachtelError` (not_found)."""
        with self._database.write() as connection:
            statement = (
                update(table).where(table.c.id == site.id).values(name=site.name, time_zone=site.time_zone)
            )
            if not connection.execute(statement).rowcount:
                raise WachtelError(ErrorKind.NOT_FOUND, f"There is no site {site.id!r}.")

    def ensure_first(self, name: str, time_zone: str) -> None:
        """Makes the first site of a new installation; nothing happens when there is one."""
        with self._database.write() as connection:
            if connection.execute(select(table.c.id).limit(1)).first() is None:
                connection.execute(insert(table).values(id=FIRST_SITE, name=name, time_zone=time_zone))


def _site(row: Row[tuple[str, str, str]]) -> Site:
    return Site(row.id, row.name, row.time_zone)
