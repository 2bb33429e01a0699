"""``/api/v1/actuators``: what rules drive."""

from typing import Annotated

from pydantic import Field

from wachtel.actuators.api import Command
from wachtel.automation.actuators import ActuatorBook, NewActuator
from wachtel.model.access import Permission
from wachtel.storage.state.actuators import Actuator
from wachtel.web.access import TheAccess, TheActuator
from wachtel.web.answers import Answer, Name, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.threads import OneThread


class ActuatorAnswer(Answer):
    """``address`` shows the host only."""

    id: str
    site: str
    name: str
    kind: str
    address: str
    created: str


class ActuatorQuestion(Question):
    """``fields`` are what the kind wants to know; ``allow_local``: this machine or the link is meant."""

    name: Name
    site: Annotated[str, Field(max_length=64)]
    kind: Annotated[str, Field(max_length=64)] = "http"
    fields: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=4096)]] = Field(
        default={}, max_length=16
    )
    allow_local: bool = False


class DriveQuestion(Question):
    """The state it shall be in."""

    on: bool
    level: Annotated[int, Field(ge=0, le=100)] | None = None


class ActuatorRoutes:
    """Making actuators and trying them."""

    def __init__(self, book: ActuatorBook, database: OneThread) -> None:
        self._book = book
        self._database = database

    def add_to(self, door: Door) -> None:
        every, one = "/api/v1/actuators", "/api/v1/actuators/{actuator}"
        door.route("GET", every, self.all, needs=Permission.VIEW, on=On.EACH)
        door.route("POST", every, self.add, needs=Permission.ADMIN, on=On.EACH, status=201)
        door.route("DELETE", one, self.remove, needs=Permission.ADMIN, on=On.ACTUATOR, status=204)
        door.route("POST", f"{one}/drive", self.drive, needs=Permission.CONTROL, on=On.ACTUATOR, status=204)

    async def find(self, actuator: str) -> Actuator | None:
        return await self._database.run(self._book.get, actuator)

    async def all(self, access: TheAccess) -> list[ActuatorAnswer]:
        """Every actuator, oldest first."""
        found = await self._database.run(self._book.all)
        return [_answer(one) for one in found if access.may(Permission.VIEW, one.site)]

    async def add(self, asked: ActuatorQuestion, access: TheAccess) -> ActuatorAnswer:
        """Adds something that can be switched; its addresses are stored encrypted."""
        access.require(Permission.ADMIN, asked.site)
        wanted = NewActuator(asked.name, asked.site, asked.kind, asked.fields, asked.allow_local)
        return _answer(await self._database.run(self._book.add, wanted))

    async def remove(self, actuator: TheActuator) -> None:
        """Removes it; rules that name it fail from then on, and say so."""
        await self._database.run(self._book.remove, actuator.id)

    async def drive(self, asked: DriveQuestion, actuator: TheActuator) -> None:
        """Switches it now, to try it; answers when it has said that it did."""
        await self._book.drive(actuator, Command(asked.on, asked.level))


def _answer(actuator: Actuator) -> ActuatorAnswer:
    return ActuatorAnswer(
        id=actuator.id,
        site=actuator.site,
        name=actuator.name,
        kind=actuator.kind,
        address=actuator.address,
        created=moment(actuator.created),
    )
