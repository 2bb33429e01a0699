"""``/api/v1/events``: what happened."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.model.event import Event
from wachtel.storage.state.seen import SeenMark, SeenMarks
from wachtel.storage.state.sites import Sites
from wachtel.web.access import Access, TheAccess, TheEvent
from wachtel.web.answers import Answer, Moment, Question, wall_us
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.media import clip_response
from wachtel.web.ports.footage import EventQuery, Events, Footage, Holds
from wachtel.web.shapes import EventAnswer, event_answer
from wachtel.web.threads import OneThread

EVENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")


class EventsAnswer(Answer):
    """Newest first; ``next`` is the ``before`` of the next page, null on the last one."""

    events: list[EventAnswer]
    next: str | None


class SeenUpTo(Question):
    """``up_to``: this event and every older one."""

    up_to: str


class EventRoutes:
    """Events, their clips and pictures."""

    def __init__(
        self,
        events: Events,
        footage: Footage,
        holds: Holds,
        seen: SeenMarks,
        sites: Sites,
        database: OneThread,
    ) -> None:
        self._holds = holds
        self._events = events
        self._footage = footage
        self._seen = seen
        self._sites = sites
        self._database = database

    def add_to(self, door: Door) -> None:
        one = "/api/v1/events/{event}"
        door.route("GET", "/api/v1/events", self.all, needs=Permission.VIEW, on=On.EACH)
        door.route(
            "POST", "/api/v1/events/seen", self.mark_seen, needs=Permission.VIEW, on=On.EACH, status=204
        )
        door.route("GET", one, self.one, needs=Permission.VIEW, on=On.EVENT)
        door.media(f"{one}/clip.mp4", self.clip, needs=Permission.VIEW, on=On.EVENT, gives="video/mp4")
        door.media(
            f"{one}/snapshot.jpg", self.snapshot, needs=Permission.VIEW, on=On.EVENT, gives="image/jpeg"
        )

    async def find(self, event: str) -> Event | None:
        return await self._events.get(event) if EVENT_ID.fullmatch(event) else None

    async def all(
        self,
        access: TheAccess,
        camera: Annotated[str | None, Query(max_length=64)] = None,
        site: Annotated[str | None, Query(max_length=64)] = None,
        start: Annotated[Moment | None, Query(alias="from")] = None,
        end: Annotated[Moment | None, Query(alias="to")] = None,
        before: Annotated[str | None, Query(pattern=f"^{EVENT_ID.pattern}$")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> EventsAnswer:
        """Events that overlap the stretch from ``from`` to ``to``."""
        query = EventQuery(
            camera=camera,
            sites=await self._visible(access, site),
            start=None if start is None else wall_us(start),
            end=None if end is None else wall_us(end),
            before=before,
            limit=limit,
        )
        found = list(await self._events.query(query))
        marks = await self._database.run(self._seen.of, access.who.id)
        answers = [self._answer(event, marks) for event in found if access.may(Permission.VIEW, event.site)]
        return EventsAnswer(events=answers, next=found[-1].id if len(found) == limit else None)

    async def one(self, event: TheEvent, access: TheAccess) -> EventAnswer:
        """One event."""
        return self._answer(event, await self._database.run(self._seen.of, access.who.id))

    def _answer(self, event: Event, marks: Mapping[str, SeenMark]) -> EventAnswer:
        return event_answer(event, marks, held=self._holds.of_event(event.id) is not None)

    async def mark_seen(self, asked: SeenUpTo, access: TheAccess) -> None:
        """Marks an event and every older one as seen by this account."""
        event = await self.find(asked.up_to)
        if event is None or not access.may(Permission.VIEW, event.site):
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such event.", details={"field": "up_to"})
        sites = await self._visible(access, None)
        await self._database.run(self._seen.advance, access.who.id, sites, SeenMark(event.start, event.id))

    async def clip(self, event: TheEvent, request: Request) -> Response:
        """The event as MP4 with its pre- and post-roll; grows while the event runs."""
        return clip_response(request, await self._footage.clip(event), f"{event.id}.mp4")

    async def snapshot(self, event: TheEvent, request: Request) -> Response:
        """The picture kept with the event."""
        picture = await self._footage.event_snapshot(event)
        headers = {
            "etag": f'"{hashlib.sha256(picture).hexdigest()[:32]}"',
            "cache-control": "private, no-cache",
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return Response(picture, media_type="image/jpeg", headers=headers)

    async def _visible(self, access: Access, site: str | None) -> frozenset[str]:
        sites = await self._database.run(self._sites.all)
        return frozenset(
            each.id
            for each in sites
            if access.may(Permission.VIEW, each.id) and (site is None or each.id == site)
        )
