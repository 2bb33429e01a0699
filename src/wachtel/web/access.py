"""Who comes in by which way, and with what in view."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import Depends
from starlette.requests import HTTPConnection

from wachtel.accounts.authorisation import may
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission, Principal
from wachtel.model.camera import Camera, Site
from wachtel.model.event import Event
from wachtel.model.rule import Rule
from wachtel.storage.state.actuators import Actuator
from wachtel.storage.state.channels import Channel

ACCESS = "wachtel.access"
"""Where the guard leaves its decision in the ASGI scope."""

T = TypeVar("T")

Thing = Camera | Site | Event | Channel | Rule | Actuator


class Way(StrEnum):
    """How somebody proved who they are. Only a cookie is sent by a browser without being asked."""

    NONE = "none"
    COOKIE = "cookie"
    HEADER = "header"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Access:
    """The guard's decision: who, by which way, and the thing the address names."""

    principal: Principal | None
    way: Way
    thing: Thing | None = None

    def may(self, permission: Permission, site: str | None) -> bool:
        """For the rows of a list."""
        return may(self.principal, permission, site)

    def require(self, permission: Permission, site: str | None) -> None:
        """For a site named in a body.

        Raises `WachtelError` (not_found): what somebody may not see is not there.
        """
        if not self.may(permission, site):
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no site {site!r}.")

    @property
    def who(self) -> Principal:
        """The principal of a route that is not public."""
        if self.principal is None:
            raise WachtelError(ErrorKind.DENIED, "Nobody is logged in.")
        return self.principal


def site_of(thing: Thing) -> str | None:
    """The site something belongs to; None for what belongs to all of them."""
    return thing.id if isinstance(thing, Site) else thing.site


def _access(connection: HTTPConnection) -> Access:
    found = connection.scope[ACCESS]
    assert isinstance(found, Access)
    return found


def _named(kind: type[T]) -> Callable[[HTTPConnection], T]:
    """What the address names, already found and allowed by the guard."""

    def found(connection: HTTPConnection) -> T:
        thing = _access(connection).thing
        assert isinstance(thing, kind)
        return thing

    return found


TheAccess = Annotated[Access, Depends(_access)]
TheCamera = Annotated[Camera, Depends(_named(Camera))]
TheSite = Annotated[Site, Depends(_named(Site))]
TheEvent = Annotated[Event, Depends(_named(Event))]
TheChannel = Annotated[Channel, Depends(_named(Channel))]
TheRule = Annotated[Rule, Depends(_named(Rule))]
TheActuator = Annotated[Actuator, Depends(_named(Actuator))]
