"""``/api/v1/timeline``: recordings, gaps and events of several cameras side by side."""

import base64
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.access import Permission
from wachtel.model.camera import Camera
from wachtel.model.event import Event, EventKind
from wachtel.storage.api import HourSummary
from wachtel.web.access import Access, TheAccess
from wachtel.web.answers import Answer, moment, moment_or_none
from wachtel.web.cameras import CameraBook
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ledger import StretchAnswer, stretch_answer
from wachtel.web.ports.footage import EventQuery, Events, Ledgers
from wachtel.web.stretch import From, To, stretch

MOST_DAYS = 8
MOST_DAYS_OF_HOURS = 400
MOST_EVENTS = 500


class MarkAnswer(Answer):
    """An event on the timeline; ``end`` is null while it runs."""

    id: str
    kind: EventKind
    start: str
    end: str | None


class HourAnswer(Answer):
    """``presence`` and ``events`` are 360 bits in base64, one for ten seconds each, the first in the highest bit."""

    hour: str
    presence: str
    events: str
    size_bytes: int


class LineAnswer(Answer):
    """One camera. ``until`` is how far the account reaches. ``more_events``: there are older ones in the range."""

    camera: str
    site: str
    until: str
    stretches: list[StretchAnswer]
    events: list[MarkAnswer]
    more_events: bool


class TimelineAnswer(Answer):
    start: str
    end: str
    cameras: list[LineAnswer]


class HoursOfCameraAnswer(Answer):
    camera: str
    site: str
    hours: list[HourAnswer]


class HoursAnswer(Answer):
    start: str
    end: str
    cameras: list[HoursOfCameraAnswer]


class TimelineRoutes:
    """The past of all cameras somebody may see, or of one."""

    def __init__(self, ledgers: Ledgers, events: Events, book: CameraBook) -> None:
        self._ledgers = ledgers
        self._events = events
        self._book = book

    def add_to(self, door: Door) -> None:
        path = "/api/v1/timeline"
        door.route("GET", path, self.timeline, needs=Permission.VIEW, on=On.EACH)
        door.route("GET", f"{path}/hours", self.hours, needs=Permission.VIEW, on=On.EACH)

    async def timeline(
        self,
        access: TheAccess,
        start: From,
        end: To,
        camera: Annotated[str | None, Query(max_length=64)] = None,
    ) -> TimelineAnswer:
        """Exact stretches and events, of eight days at most."""
        first, last = stretch(start, end, field="to", most_days=MOST_DAYS)
        lines = [await self._line(one, first, last) for one in await self._cameras(access, camera)]
        return TimelineAnswer(start=moment(first), end=moment(last), cameras=lines)

    async def hours(
        self,
        access: TheAccess,
        start: From,
        end: To,
        camera: Annotated[str | None, Query(max_length=64)] = None,
    ) -> HoursAnswer:
        """A summary of each hour in which there is anything, of 400 days at most."""
        first, last = stretch(start, end, field="to", most_days=MOST_DAYS_OF_HOURS)
        cameras = await self._cameras(access, camera)
        found = await self._ledgers.hours([one.id for one in cameras], first, last)
        lines = [
            HoursOfCameraAnswer(
                camera=one.id,
                site=one.site,
                hours=[_hour(each) for each in found if each.camera == one.id],
            )
            for one in cameras
        ]
        return HoursAnswer(start=moment(first), end=moment(last), cameras=lines)

    async def _cameras(self, access: Access, camera: str | None) -> list[Camera]:
        found = [
            one
            for one in await self._book.all()
            if access.may(Permission.VIEW, one.site) and camera in (None, one.id)
        ]
        if camera is not None and not found:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such camera.", details={"field": "camera"})
        return found

    async def _line(self, camera: Camera, start: WallUs, end: WallUs) -> LineAnswer:
        ledger = await self._ledgers.ledger(camera.id, start, end)
        query = EventQuery(camera=camera.id, start=start, end=end, limit=MOST_EVENTS)
        events = await self._events.query(query)
        until = ledger.stretches[-1].end if ledger.stretches else start
        return LineAnswer(
            camera=camera.id,
            site=camera.site,
            until=moment(until),
            stretches=[stretch_answer(one) for one in ledger.stretches],
            events=_marks(events),
            more_events=len(events) == MOST_EVENTS,
        )


def _marks(events: Sequence[Event]) -> list[MarkAnswer]:
    """In the order of time."""
    return [
        MarkAnswer(
            id=event.id,
            kind=event.kind,
            start=moment(event.start),
            end=moment_or_none(event.end),
        )
        for event in reversed(events)
    ]


def _hour(hour: HourSummary) -> HourAnswer:
    return HourAnswer(
        hour=moment(hour.hour),
        presence=base64.b64encode(hour.presence).decode(),
        events=base64.b64encode(hour.events).decode(),
        size_bytes=hour.size_bytes,
    )
