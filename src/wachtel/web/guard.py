"""Stands before every route: who is it, did the request come from our own page, may they."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from wachtel.accounts.authorisation import may, may_somewhere
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission, Principal
from wachtel.web.access import ACCESS, Access, Thing, Way, site_of
from wachtel.web.answers import Refusal, close_reason, error_response
from wachtel.web.identify import Identities

_DECLARED = "wachtel.declared"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_A_PAGE = frozenset({"empty", "image", "video", "audio", "script", "style"})


class On(StrEnum):
    """What a route acts on; the last ones, from a site on, are named in its path."""

    NOTHING = "nothing"
    INSTALLATION = "installation"
    EACH = "each"
    SITE = "site"
    CAMERA = "camera"
    EVENT = "event"
    CHANNEL = "channel"
    RULE = "rule"
    ACTUATOR = "actuator"


IN_PATH = frozenset({On.SITE, On.CAMERA, On.EVENT, On.CHANNEL, On.RULE, On.ACTUATOR})


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route declares. ``basic``: name and token by HTTP Basic are accepted too."""

    needs: Permission
    on: On
    basic: bool = False


Finder = Callable[[str], Awaitable[Thing | None]]


class Guard:
    """Decides about one request. Everything it does not allow is refused."""

    def __init__(self, identities: Identities, finders: Mapping[On, Finder]) -> None:
        self._identities = identities
        self._finders = finders

    async def admit(self, connection: HTTPConnection, declared: Declared) -> Access:
        """Raises `WachtelError`: 401 for nobody, 403 for too little, 404 for what somebody may not know
        of.
        """
        try:
            principal, way = await self._identities.of(connection, basic=declared.basic)
        except Refusal as refusal:
            refusal.headers.update(_challenge(connection, declared))
            raise
        _check_origin(connection, way)
        if declared.needs is Permission.PUBLIC:
            return Access(principal, way)
        if principal is None:
            headers = _challenge(connection, declared)
            raise Refusal(
                HTTPStatus.UNAUTHORIZED, "Nobody is logged in.", hint="Log in first.", headers=headers
            )
        self._check_reach(principal, declared)
        thing = await self._thing(connection, principal, declared) if declared.on in IN_PATH else None
        return Access(principal, way, thing)

    def _check_reach(self, principal: Principal, declared: Declared) -> None:
        everywhere = declared.on is On.INSTALLATION
        allowed = (
            may(principal, declared.needs, None) if everywhere else may_somewhere(principal, declared.needs)
        )
        if not allowed:
            scope = declared.needs.name.lower()
            raise WachtelError(ErrorKind.DENIED, f"This takes the scope {scope!r}.", details={"scope": scope})

    async def _thing(self, connection: HTTPConnection, principal: Principal, declared: Declared) -> Thing:
        name = str(connection.path_params[declared.on.value])
        thing = await self._finders[declared.on](name)
        if thing is None or not may(principal, declared.needs, site_of(thing)):
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no such {declared.on.value}.")
        return thing


def declared_of(connection: HTTPConnection) -> Declared:
    """What the route of this request declares."""
    declared = connection.scope[_DECLARED]
    assert isinstance(declared, Declared)
    return declared


class Guarded:
    """The ASGI application of one route, with the guard before it."""

    def __init__(self, inner: ASGIApp, guard: Guard, declared: Declared) -> None:
        self._inner = inner
        self._guard = guard
        self.declared = declared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        scope[_DECLARED] = self.declared
        if scope["type"] == "websocket":
            try:
                scope[ACCESS] = await self._guard.admit(connection, self.declared)
            except WachtelError as error:
                await _turn_away(WebSocket(scope, receive, send), error)
                return
        else:
            scope[ACCESS] = await self._guard.admit(connection, self.declared)
        await self._inner(scope, receive, send)


async def _turn_away(socket: WebSocket, error: WachtelError) -> None:
    await socket.receive()
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(error_response(error))
    else:
        await socket.close(code=1008, reason=close_reason(error))


def _check_origin(connection: HTTPConnection, way: Way) -> None:
    """A browser sends the cookie along with any page's request, but only our own page has our host as its
    origin.

    Public routes that change something (logging in) are checked when a browser calls them, so that no other
    page can log somebody in as somebody else.
    """
    if connection.scope["type"] == "http" and connection.scope["method"] in _READING:
        return
    origin = connection.headers.get("origin")
    must = way is Way.COOKIE
    may_be_foreign = origin is None or way in (Way.HEADER, Way.CONTROL)
    if (must and origin is None) or (not may_be_foreign and not _same_host(origin or "", connection)):
        raise WachtelError(ErrorKind.DENIED, "The request did not come from this server's own page.")


def _same_host(origin: str, connection: HTTPConnection) -> bool:
    """Compares host and port; a proxy with TLS before us makes the page's scheme https while ours is http."""
    try:
        theirs = urlsplit(origin)
        ours = urlsplit(f"//{connection.headers.get('host', '')}")
        default = _DEFAULT_PORTS[theirs.scheme]
        same = (theirs.hostname, theirs.port or default) == (ours.hostname, ours.port or default)
    except (ValueError, KeyError):
        return False
    downgraded = theirs.scheme == "http" and connection.scope["scheme"] in ("https", "wss")
    return same and not downgraded


def _challenge(connection: HTTPConnection, declared: Declared) -> dict[str, str]:
    """Which log-in would help; Basic is not offered to our own page, where it would open the browser's own
    window.
    """
    if declared.basic and connection.headers.get("sec-fetch-dest") not in _OF_A_PAGE:
        return {"www-authenticate": 'Basic realm="Wachtel", charset="UTF-8"'}
    return {"www-authenticate": 'Bearer realm="Wachtel"'}
