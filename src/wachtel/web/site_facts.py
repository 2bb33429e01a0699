"""``/api/v1/sites/{site}/place``, ``presence`` and ``sensors``: what rules know of a site."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from wachtel.model.access import Permission
from wachtel.model.rule import Place
from wachtel.storage.state.site_facts import SiteFactsBook
from wachtel.web.access import TheSite
from wachtel.web.answers import Answer, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.house import RulesAtWork
from wachtel.web.threads import OneThread

SENSOR = r"^[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,99}$"
SensorName = Annotated[str, Path(pattern=SENSOR)]


class PlaceAnswer(Answer):
    """In degrees, north and east positive; both null when nobody said."""

    latitude: float | None
    longitude: float | None


class PlaceQuestion(Question):
    """In degrees, north and east positive."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class SensorAnswer(Answer):
    """What a sensor said last, and when."""

    name: str
    state: str
    at: str


class SensorQuestion(Question):
    """What the sensor says now: ``open``, ``closed``, ``on``, ``off``, or a word of its own."""

    state: Annotated[str, Field(min_length=1, max_length=100)]


class PersonAnswer(Answer):
    """Somebody of the site, and since when they are at home or away."""

    person: str
    home: bool
    at: str


class PersonQuestion(Question):
    """Somebody came home, or left."""

    person: Annotated[str, Field(min_length=1, max_length=60)]
    home: bool


class SiteFactsRoutes:
    """The place, and sensors told of by other programs."""

    def __init__(self, facts: SiteFactsBook, at_work: RulesAtWork, database: OneThread) -> None:
        self._facts = facts
        self._at_work = at_work
        self._database = database

    def add_to(self, door: Door) -> None:
        site, sensors = "/api/v1/sites/{site}", "/api/v1/sites/{site}/sensors"
        door.route("GET", f"{site}/place", self.place, needs=Permission.VIEW, on=On.SITE)
        door.route("PUT", f"{site}/place", self.set_place, needs=Permission.ADMIN, on=On.SITE)
        door.route("GET", f"{site}/presence", self.people, needs=Permission.VIEW, on=On.SITE)
        door.route("POST", f"{site}/presence", self.present, needs=Permission.CONTROL, on=On.SITE)
        door.route(
            "DELETE",
            f"{site}/presence/{{person}}",
            self.forget,
            needs=Permission.ADMIN,
            on=On.SITE,
            status=204,
        )
        door.route("GET", sensors, self.sensors, needs=Permission.VIEW, on=On.SITE)
        door.route("PUT", f"{sensors}/{{sensor}}", self.sensed, needs=Permission.CONTROL, on=On.SITE)

    async def place(self, site: TheSite) -> PlaceAnswer:
        """Where the site lies."""
        place = (await self._database.run(self._facts.get, site.id)).place
        return PlaceAnswer(
            latitude=None if place is None else place.latitude,
            longitude=None if place is None else place.longitude,
        )

    async def set_place(self, asked: PlaceQuestion, site: TheSite) -> PlaceAnswer:
        """Says where the site lies, for sunrise and sunset; it stays on this machine."""
        await self._database.run(self._facts.set_place, site.id, Place(asked.latitude, asked.longitude))
        await self._at_work.site_changed(site)
        return await self.place(site)

    async def people(self, site: TheSite) -> list[PersonAnswer]:
        """Everybody of whom is known where they are."""
        found = await self._database.run(self._facts.people, site.id)
        return [PersonAnswer(person=one.name, home=one.home, at=moment(one.at)) for one in found]

    async def present(self, asked: PersonQuestion, site: TheSite) -> PersonQuestion:
        """A person's own device, or any program, says where they are. Answers when what follows is stored."""
        await self._at_work.present(site.id, asked.person, asked.home)
        return asked

    async def forget(self, person: str, site: TheSite) -> None:
        """Forgets a person; they count as neither home nor away."""
        await self._database.run(self._facts.forget_person, site.id, person)
        await self._at_work.site_changed(site)

    async def sensors(self, site: TheSite) -> list[SensorAnswer]:
        """Every sensor of the site, with what it said last."""
        found = await self._database.run(self._facts.sensors)
        return [
            SensorAnswer(name=one.name, state=one.state, at=moment(one.at))
            for one in found
            if one.site == site.id
        ]

    async def sensed(self, asked: SensorQuestion, sensor: SensorName, site: TheSite) -> SensorQuestion:
        """A sensor says something; the first time makes it. Answers when what follows is stored."""
        await self._at_work.sensed(site.id, sensor, asked.state)
        return asked
