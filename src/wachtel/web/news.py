"""``/api/v1/stream``: what happens, as server-sent events (HTML Living Standard, section 9.2)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from wachtel.base.clock import Clock
from wachtel.model.access import Permission
from wachtel.model.alarm import AlarmWord
from wachtel.model.footage import GapReason
from wachtel.model.live import (
    AlarmChanged,
    Announcement,
    EventChanged,
    GapAlarm,
    StorageAlarm,
    StorageTrouble,
)
from wachtel.model.rule import ArmState
from wachtel.storage.state.seen import SeenMarks
from wachtel.web.access import Access, TheAccess
from wachtel.web.answers import Answer, moment, moment_or_none
from wachtel.web.cameras import CameraBook
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.lasting import Lasting
from wachtel.web.ports.footage import Holds
from wachtel.web.ports.live import Announcements
from wachtel.web.shapes import event_answer
from wachtel.web.threads import OneThread

PING_S = 15.0
_PING = b": ping\n\n"


class NewsRoutes:
    """One endless answer per open page."""

    def __init__(
        self,
        announcements: Announcements,
        holds: Holds,
        book: CameraBook,
        seen: SeenMarks,
        lasting: Lasting,
        database: OneThread,
        clock: Clock,
    ) -> None:
        self._announcements = announcements
        self._holds = holds
        self._book = book
        self._seen = seen
        self._lasting = lasting
        self._database = database
        self._clock = clock

    def add_to(self, door: Door) -> None:
        door.route(
            "GET", "/api/v1/stream", self.stream, needs=Permission.VIEW, on=On.EACH, gives="text/event-stream"
        )

    async def stream(self, access: TheAccess, request: Request) -> Response:
        """``event: event`` with an event that began, changed or ended; ``event: camera`` with a camera."""
        headers = {"x-accel-buffering": "no"}
        return StreamingResponse(
            self._pieces(access, request), media_type="text/event-stream", headers=headers
        )

    async def _pieces(self, access: Access, request: Request) -> AsyncIterator[bytes]:
        news = self._announcements.subscribe()
        coming = asyncio.ensure_future(anext(news))
        pausing = asyncio.ensure_future(self._clock.sleep(PING_S))
        try:
            yield _PING
            while True:
                await asyncio.wait({coming, pausing}, return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    for piece in await self._message(coming.result(), access):
                        yield piece
                    coming = asyncio.ensure_future(anext(news))
                if pausing.done():
                    if not await self._lasting.still_allowed(request):
                        return
                    yield _PING
                    pausing = asyncio.ensure_future(self._clock.sleep(PING_S))
        finally:
            await _end(coming, pausing)
            if isinstance(news, AsyncGenerator):
                await news.aclose()

    async def _message(self, announcement: Announcement, access: Access) -> list[bytes]:
        """No message for what the reader may not see, or what is gone already."""
        if isinstance(announcement, EventChanged):
            event = announcement.event
            if not access.may(Permission.VIEW, event.site):
                return []
            marks = await self._database.run(self._seen.of, access.who.id)
            held = self._holds.of_event(event.id) is not None
            return [_message("event", event_answer(event, marks, held=held))]
        if isinstance(announcement, GapAlarm):
            if not access.may(Permission.VIEW, announcement.site):
                return []
            return [_message("gap", _gap(announcement))]
        if isinstance(announcement, AlarmChanged):
            if not access.may(Permission.VIEW, announcement.site):
                return []
            return [_message("alarm", _alarm(announcement))]
        if isinstance(announcement, StorageAlarm):
            return [_message("storage", storage_news(announcement))]
        camera = await self._book.find(announcement.camera)
        if camera is None or not access.may(Permission.VIEW, camera.site):
            return []
        return [_message("camera", await self._book.answer(camera))]


class GapNews(Answer):
    """A camera is without footage for longer than its limit; ``until`` is null while it lasts."""

    camera: str
    site: str
    since: str
    reason: GapReason
    until: str | None


class AlarmNews(Answer):
    """The alarm panel of a site does something else now; ``state`` is null when it was taken away."""

    site: str
    state: AlarmWord | None
    mode: ArmState | None = None
    since: str | None = None
    until: str | None = None
    zone: str = ""
    sources: tuple[str, ...] = ()
    siren: bool = False


class StorageNews(Answer):
    """Something about the archive that a person must look at; ``until`` is null while it lasts."""

    kind: StorageTrouble
    since: str
    what: str
    hint: str
    until: str | None


def storage_news(alarm: StorageAlarm) -> StorageNews:
    return StorageNews(
        kind=alarm.kind,
        since=moment(alarm.since),
        what=alarm.what,
        hint=alarm.hint,
        until=moment_or_none(alarm.until),
    )


def _alarm(news: AlarmChanged) -> AlarmNews:
    status = news.status
    if status is None:
        return AlarmNews(site=news.site, state=None)
    return AlarmNews(
        site=news.site,
        state=status.word,
        mode=status.mode,
        since=moment(status.since),
        until=moment_or_none(status.until),
        zone=status.zone,
        sources=status.sources,
        siren=status.siren_until is not None,
    )


def _gap(alarm: GapAlarm) -> GapNews:
    return GapNews(
        camera=alarm.camera,
        site=alarm.site,
        since=moment(alarm.since),
        reason=alarm.reason,
        until=moment_or_none(alarm.until),
    )


def _message(name: str, data: Answer) -> bytes:
    return f"event: {name}\ndata: {data.model_dump_json()}\n\n".encode()


async def _end(*tasks: asyncio.Future[Announcement] | asyncio.Future[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
