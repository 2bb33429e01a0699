"""``/api/v1/sites``: places, each with one line on how things are there."""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from wachtel.base.ids import slug
from wachtel.model.access import Permission
from wachtel.model.camera import Camera, CameraCondition, Site
from wachtel.model.stream import StreamName
from wachtel.storage.state.seen import SeenMark, SeenMarks
from wachtel.storage.state.sites import Sites
from wachtel.web.access import TheAccess, TheSite
from wachtel.web.answers import Answer, Change, Name, Question, moment
from wachtel.web.cameras import CameraBook
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.cameras import Recording
from wachtel.web.ports.footage import EventQuery, Events
from wachtel.web.ports.live import States
from wachtel.web.shapes import is_seen
from wachtel.web.threads import OneThread

MOST_NEW_EVENTS = 100
"""New events are counted up to here."""

_TROUBLE = frozenset({CameraCondition.OFFLINE, CameraCondition.STALLED, CameraCondition.REFUSED})
_ZONE = re.compile(r"UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}")


class SiteStateKind(StrEnum):
    """All quiet, something new to look at, or a camera in trouble."""

    QUIET = "quiet"
    EVENTS = "events"
    TROUBLE = "trouble"


class TroubleAnswer(Answer):
    camera: str
    name: str
    condition: CameraCondition
    reason: str
    since: str


class SiteStateAnswer(Answer):
    """``new_events`` counts what this account has not seen, up to 100."""

    kind: SiteStateKind
    new_events: int
    trouble: list[TroubleAnswer]


class SiteAnswer(Answer):
    id: str
    name: str
    time_zone: str
    state: SiteStateAnswer


def _known_zone(name: str) -> str:
    known = available_timezones()
    if name in known or (not known and _ZONE.fullmatch(name)):
        return name
    raise ValueError("this is not the name of a time zone, such as Europe/Berlin")


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]


class NewSite(Question):
    """``time_zone``: an IANA name."""

    name: Name
    time_zone: TimeZone


class SiteChange(Change):
    """Only the fields that are sent are changed."""

    name: Name | None = None
    time_zone: TimeZone | None = None


class SiteRoutes:
    """Places and their state."""

    def __init__(
        self,
        sites: Sites,
        book: CameraBook,
        states: States,
        events: Events,
        seen: SeenMarks,
        database: OneThread,
        recording: Recording,
    ) -> None:
        self._recording = recording
        self._sites = sites
        self._book = book
        self._states = states
        self._events = events
        self._seen = seen
        self._database = database

    def add_to(self, door: Door) -> None:
        door.route("GET", "/api/v1/sites", self.all, needs=Permission.VIEW, on=On.EACH)
        door.route("POST", "/api/v1/sites", self.add, needs=Permission.ADMIN, on=On.INSTALLATION, status=201)
        door.route("PATCH", "/api/v1/sites/{site}", self.change, needs=Permission.ADMIN, on=On.SITE)

    async def find(self, site: str) -> Site | None:
        return await self._database.run(self._sites.get, site)

    async def all(self, access: TheAccess) -> list[SiteAnswer]:
        """Every site with its state."""
        sites = [
            site for site in await self._database.run(self._sites.all) if access.may(Permission.VIEW, site.id)
        ]
        return [await self._answer(site, access.who.id) for site in sites]

    async def add(self, asked: NewSite, access: TheAccess) -> SiteAnswer:
        """Adds a site."""
        taken = [site.id for site in await self._database.run(self._sites.all)]
        site = Site(slug(asked.name, taken, fallback="site"), asked.name, asked.time_zone)
        await self._database.run(self._sites.add, site)
        await self._recording.site_changed(site)
        return await self._answer(site, access.who.id)

    async def change(self, asked: SiteChange, site: TheSite, access: TheAccess) -> SiteAnswer:
        """Changes name or time zone."""
        changed = replace(site, **{name: getattr(asked, name) for name in asked.model_fields_set})
        await self._database.run(self._sites.change, changed)
        await self._recording.site_changed(changed)
        return await self._answer(changed, access.who.id)

    async def _answer(self, site: Site, who: str) -> SiteAnswer:
        trouble = self._trouble(await self._cameras_of(site))
        new = await self._new_events(site, await self._database.run(self._seen.of, who))
        kind = SiteStateKind.TROUBLE if trouble else SiteStateKind.EVENTS if new else SiteStateKind.QUIET
        state = SiteStateAnswer(kind=kind, new_events=new, trouble=trouble)
        return SiteAnswer(id=site.id, name=site.name, time_zone=site.time_zone, state=state)

    async def _cameras_of(self, site: Site) -> list[Camera]:
        return [camera for camera in await self._book.all() if camera.site == site.id]

    async def _new_events(self, site: Site, marks: Mapping[str, SeenMark]) -> int:
        mark = marks.get(site.id)
        start = None if mark is None else mark.start
        query = EventQuery(sites=frozenset({site.id}), start=start, limit=MOST_NEW_EVENTS)
        return sum(not is_seen(event, marks) for event in await self._events.query(query))

    def _trouble(self, cameras: list[Camera]) -> list[TroubleAnswer]:
        found = ((camera, self._states.of(camera.id).get(StreamName.MAIN)) for camera in cameras)
        return [
            TroubleAnswer(
                camera=camera.id,
                name=camera.name,
                condition=state.condition,
                reason=state.reason,
                since=moment(state.since),
            )
            for camera, state in found
            if state is not None and state.condition in _TROUBLE
        ]
