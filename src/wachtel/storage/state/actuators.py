"""What rules drive, in state.sqlite: what may be shown in plain columns, the driver's settings sealed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import actuator as table
from wachtel.storage.state.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Actuator:
    """Something that can be switched. ``kind`` names its driver, ``address`` is what may be shown of where it is."""

    id: str
    site: str
    name: str
    kind: str
    address: str
    created: WallUs


class Actuators:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def all(self) -> list[Actuator]:
        """Every actuator, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.created, table.c.id)).all()
        return [_actuator(row) for row in rows]

    def get(self, actuator: str) -> Actuator | None:
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == actuator)).first()
        return None if row is None else _actuator(row)

    def settings(self, actuator: str) -> str | None:
        """The driver's settings as JSON; None when the key is lost, or there is no such actuator."""
        with self._database.read() as connection:
            sealed = connection.scalar(select(table.c.settings).where(table.c.id == actuator))
        return None if sealed is None else self._sealer.open(sealed, _place(actuator))

    def add(self, actuator: Actuator, settings: str) -> None:
        """Raises `WachtelError` (conflict: id taken or no such site; disk_error: no key to seal with)."""
        with self._database.write() as connection:
            connection.execute(
                insert(table).values(
                    id=actuator.id,
                    site=actuator.site,
                    name=actuator.name,
                    kind=actuator.kind,
                    address=actuator.address,
                    created=actuator.created,
                    settings=self._sealer.seal(settings, _place(actuator.id)),
                )
            )

    def remove(self, actuator: str) -> None:
        """Raises `WachtelError` (not_found)."""
        with self._database.write() as connection:
            if not connection.execute(delete(table).where(table.c.id == actuator)).rowcount:
                raise WachtelError(ErrorKind.NOT_FOUND, f"There is no actuator {actuator!r}.")


def _place(actuator: str) -> str:
    return f"actuator/{actuator}/settings"


def _actuator(row: Row[Any]) -> Actuator:
    return Actuator(row.id, row.site, row.name, row.kind, row.address, WallUs(row.created))
