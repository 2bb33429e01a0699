"""What rules need to know of a site, in state.sqlite: where it lies, how it is armed, what its sensors say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from wachtel.base.units import WallUs
from wachtel.model.rule import NEVER, ArmState, Place
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import presence
from wachtel.storage.state.schema import sensor as sensors
from wachtel.storage.state.schema import site_facts as table


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """``place`` None: nobody said where the site lies."""

    place: Place | None = None
    armed: ArmState = ArmState.DISARMED
    armed_at: WallUs = NEVER


@dataclass(frozen=True, slots=True)
class SensorState:
    """A sensor of a site, and what it said last."""

    site: str
    name: str
    state: str
    at: WallUs


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a site, and whether they are at home."""

    site: str
    name: str
    home: bool
    at: WallUs


class SiteFactsBook:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, site: str) -> StoredFacts:
        """The facts of a site; what nobody set is as in a new one."""
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.site == site)).first()
        if row is None:
            return StoredFacts()
        place = None if row.latitude is None else Place(row.latitude, row.longitude)
        return StoredFacts(place, ArmState(row.armed), WallUs(row.armed_at))

    def set_place(self, site: str, place: Place | None) -> None:
        """Raises `WachtelError` (conflict) when there is no such site."""
        where = {
            "latitude": None if place is None else place.latitude,
            "longitude": None if place is None else place.longitude,
        }
        self._put(site, where, {"armed": ArmState.DISARMED.value, "armed_at": 0})

    def arm(self, site: str, state: ArmState, at: WallUs) -> None:
        """Raises `WachtelError` (conflict) when there is no such site."""
        self._put(site, {"armed": state.value, "armed_at": at}, {})

    def _put(self, site: str, values: Mapping[str, object], when_new: Mapping[str, object]) -> None:
        statement = insert(table).values(site=site, **when_new, **values)
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["site"], set_=values))

    def sensors(self) -> list[SensorState]:
        """Every sensor, by site and name."""
        with self._database.read() as connection:
            rows = connection.execute(select(sensors).order_by(sensors.c.site, sensors.c.name)).all()
        return [SensorState(row.site, row.name, row.state, WallUs(row.at)) for row in rows]

    def sensed(self, found: Iterable[SensorState]) -> None:
        """Raises `WachtelError` (conflict) when there is no such site."""
        with self._database.write() as connection:
            for one in found:
                values = {"state": one.state, "at": one.at}
                statement = insert(sensors).values(site=one.site, name=one.name, **values)
                connection.execute(
                    statement.on_conflict_do_update(index_elements=["site", "name"], set_=values)
                )

    def people(self, site: str) -> list[Person]:
        """Everybody of whom is known where they are, by name."""
        question = select(presence).where(presence.c.site == site).order_by(presence.c.person)
        with self._database.read() as connection:
            return [
                Person(row.site, row.person, row.home, WallUs(row.at)) for row in connection.execute(question)
            ]

    def present(self, person: Person) -> None:
        """Raises `WachtelError` (conflict) when there is no such site."""
        values = {"home": person.home, "at": person.at}
        statement = insert(presence).values(site=person.site, person=person.name, **values)
        with self._database.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["site", "person"], set_=values)
            )

    def forget_person(self, site: str, name: str) -> None:
        """Harmless when nothing is known of them."""
        with self._database.write() as connection:
            connection.execute(delete(presence).where(presence.c.site == site, presence.c.person == name))
