"""Who is to be quiet for a while."""

from sqlalchemy import delete, insert, select

from wachtel.base.units import WallUs
from wachtel.model.wishes import Snooze
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import snooze as table


class Snoozes:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Snooze]:
        """Those that run, and those that ended lately, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.since)).all()
        return [Snooze(row.channel, row.camera, WallUs(row.since), WallUs(row.until)) for row in rows]

    def put(self, snooze: Snooze) -> None:
        """Begins one, in place of an older one for the same."""
        values = {
            "channel": snooze.channel,
            "camera": snooze.camera,
            "since": snooze.since,
            "until": snooze.until,
        }
        with self._database.write() as connection:
            connection.execute(insert(table).prefix_with("OR REPLACE").values(**values))

    def remove(self, channel: str, camera: str) -> None:
        """Ends one; harmless when there is none."""
        mine = (table.c.channel == channel) & (table.c.camera == camera)
        with self._database.write() as connection:
            connection.execute(delete(table).where(mine))

    def forget(self, before: WallUs) -> None:
        """Removes those that ended before this moment."""
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.until < before))
