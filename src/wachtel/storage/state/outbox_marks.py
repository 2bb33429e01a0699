"""How far events have been turned into messages, and which cameras were told to be away."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from wachtel.base.units import WallUs
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import outage as outages
from wachtel.storage.state.schema import outbox_mark as marks

EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Outage:
    """A camera is away since ``since``; at ``told`` that had lasted too long. ``reason`` is an error kind."""

    camera: str
    site: str
    since: WallUs
    told: WallUs
    reason: str
    what: str


class OutboxMarks:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self) -> WallUs | None:
        """Every event that changed before this moment has its messages in the outbox; None before the first time."""
        with self._database.read() as connection:
            at = connection.scalar(select(marks.c.at).where(marks.c.name == EVENTS))
        return None if at is None else WallUs(at)

    def set(self, at: WallUs) -> None:
        with self._database.write() as connection:
            connection.execute(insert(marks).prefix_with("OR REPLACE").values(name=EVENTS, at=at))

    def outages(self) -> list[Outage]:
        """Cameras that are away, as far as anybody was told."""
        with self._database.read() as connection:
            rows = connection.execute(select(outages).order_by(outages.c.since, outages.c.camera)).all()
        return [
            Outage(row.camera, row.site, WallUs(row.since), WallUs(row.told), row.reason, row.what)
            for row in rows
        ]

    def away(self, outage: Outage) -> None:
        """Remembers that a camera is away."""
        values = {
            "camera": outage.camera,
            "site": outage.site,
            "since": outage.since,
            "told": outage.told,
            "reason": outage.reason,
            "what": outage.what,
        }
        with self._database.write() as connection:
            connection.execute(insert(outages).prefix_with("OR REPLACE").values(**values))

    def back(self, camera: str) -> None:
        """The camera is back, or was removed."""
        with self._database.write() as connection:
            connection.execute(delete(outages).where(outages.c.camera == camera))
