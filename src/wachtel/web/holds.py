"""``/api/v1/events/{event}/hold``, ``/api/v1/cameras/{camera}/holds``, ``/api/v1/holds``: footage nothing deletes."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.model.footage import Hold
from wachtel.web.access import TheAccess, TheCamera, TheEvent
from wachtel.web.answers import Answer, Moment, Question, moment
from wachtel.web.cameras import CameraBook
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.footage import Holds
from wachtel.web.stretch import stretch

MOST_DAYS = 31


class NewHold(Question):
    """``why``: a note for whoever wonders later."""

    why: str = Field(default="", max_length=300)


class NewStretchHold(NewHold):
    """``event``: the event it is kept for, if for one."""

    start: Moment
    end: Moment
    event: str = Field(default="", max_length=100)


class HoldAnswer(Answer):
    """``event`` is the event it is kept for, "" for none."""

    camera: str
    start: str
    end: str
    event: str
    why: str


class HoldRoutes:
    """Keeping and letting go."""

    def __init__(self, holds: Holds, book: CameraBook) -> None:
        self._holds = holds
        self._book = book

    def add_to(self, door: Door) -> None:
        one = "/api/v1/events/{event}/hold"
        door.route("POST", one, self.hold, needs=Permission.CONTROL, on=On.EVENT)
        door.route("DELETE", one, self.release, needs=Permission.CONTROL, on=On.EVENT, status=204)
        path = "/api/v1/cameras/{camera}/holds"
        door.route("POST", path, self.hold_stretch, needs=Permission.CONTROL, on=On.CAMERA)
        door.route("DELETE", path, self.release_stretch, needs=Permission.CONTROL, on=On.CAMERA, status=204)
        door.route("GET", "/api/v1/holds", self.all, needs=Permission.VIEW, on=On.EACH)

    async def hold(self, event: TheEvent, asked: NewHold) -> HoldAnswer:
        """Keeps the event's footage with its rolls from deletion; answers when that is on the disk."""
        return _answer(await self._holds.hold_event(event, asked.why))

    async def release(self, event: TheEvent) -> None:
        """Lets go of the event's footage; harmless when it is not held."""
        await self._holds.release_event(event)

    async def hold_stretch(self, camera: TheCamera, asked: NewStretchHold) -> HoldAnswer:
        """Keeps any stretch of a camera's footage from deletion; answers when that is on the disk."""
        start, end = stretch(asked.start, asked.end, field="end", most_days=MOST_DAYS)
        hold = Hold(camera.id, start, end, asked.event, asked.why)
        return _answer(await self._holds.hold(camera.site, hold))

    async def release_stretch(
        self,
        camera: TheCamera,
        start: Annotated[Moment, Query()],
        end: Annotated[Moment, Query()],
        event: Annotated[str, Query(max_length=100)] = "",
    ) -> None:
        """Lets go of one of the camera's holds, named by what the list says of it."""
        wanted = (camera.id, *stretch(start, end, field="end", most_days=MOST_DAYS), event)
        known = [one for one in self._holds.all() if (one.camera, one.start, one.end, one.event) == wanted]
        if not known:
            raise WachtelError(ErrorKind.NOT_FOUND, "Nothing is held under this start and end.")
        await self._holds.release(camera.site, known[0])

    async def all(self, access: TheAccess) -> list[HoldAnswer]:
        """Everything that is held, by start."""
        cameras = {one.id for one in await self._book.all() if access.may(Permission.VIEW, one.site)}
        return [_answer(one) for one in self._holds.all() if one.camera in cameras]


def _answer(hold: Hold) -> HoldAnswer:
    return HoldAnswer(
        camera=hold.camera, start=moment(hold.start), end=moment(hold.end), event=hold.event, why=hold.why
    )
