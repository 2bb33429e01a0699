"""``/api/v1/events/{event}/hold`` and ``/api/v1/holds``: footage that nothing deletes."""

from pydantic import Field

from wachtel.model.access import Permission
from wachtel.model.footage import Hold
from wachtel.web.access import TheAccess, TheEvent
from wachtel.web.answers import Answer, Question, moment
from wachtel.web.cameras import CameraBook
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports import Holds


class NewHold(Question):
    """``why``: a note for whoever wonders later."""

    why: str = Field(default="", max_length=300)


class HoldAnswer(Answer):
    """``event`` is the event it is kept for."""

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
        door.route("GET", "/api/v1/holds", self.all, needs=Permission.VIEW, on=On.EACH)

    async def hold(self, event: TheEvent, asked: NewHold) -> HoldAnswer:
        """Keeps the event's footage with its rolls from deletion; answers when that is on the disk."""
        return _answer(await self._holds.hold_event(event, asked.why))

    async def release(self, event: TheEvent) -> None:
        """Lets go of the event's footage; harmless when it is not held."""
        await self._holds.release_event(event)

    async def all(self, access: TheAccess) -> list[HoldAnswer]:
        """Everything that is held, by start."""
        cameras = {one.id for one in await self._book.all() if access.may(Permission.VIEW, one.site)}
        return [_answer(one) for one in self._holds.all() if one.camera in cameras]


def _answer(hold: Hold) -> HoldAnswer:
    return HoldAnswer(
        camera=hold.camera, start=moment(hold.start), end=moment(hold.end), event=hold.event, why=hold.why
    )
