"""Who comes in by which way, and with what in view."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

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


def _camera(connection: HTTPConnection) -> Camera:
    thing = _access(connection).thing
    assert isinstance(thing, Camera)
    return thing


def _site(connection: HTTPConnection) -> Site:
    thing = _access(connection).thing
    assert isinstance(thing, Site)
    return thing


def _event(connection: HTTPConnection) -> Event:
    thing = _access(connection).thing
    assert isinstance(thing, Event)
    return thing


def _channel(connection: HTTPConnection) -> Channel:
    thing = _access(connection).thing
    assert isinstance(thing, Channel)
    return thing


def _rule(connection: HTTPConnection) -> Rule:
    thing = _access(connection).thing
    assert isinstance(thing, Rule)
    return thing


def _actuator(connection: HTTPConnection) -> Actuator:
    thing = _access(connection).thing
    assert isinstance(thing, Actuator)
    return thing


TheAccess = Annotated[Access, Depends(_access)]
TheCamera = Annotated[Camera, Depends(_camera)]
TheSite = Annotated[Site, Depends(_site)]
TheEvent = Annotated[Event, Depends(_event)]
TheChannel = Annotated[Channel, Depends(_channel)]
TheRule = Annotated[Rule, Depends(_rule)]
TheActuator = Annotated[Actuator, Depends(_actuator)]
"""What the address names, already found and allowed by the guard."""
