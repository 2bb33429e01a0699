"""Under which names the server answers: a foreign name that points to us is DNS rebinding."""

from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from wachtel.base.errors import ErrorKind
from wachtel.web.answers import Refusal, error_response
from wachtel.web.identify import CONTROL


def host_allowed(host: str, local_address: str, names: frozenset[str]) -> bool:
    """True when ``host`` (a Host header) is one of ``names``, a loopback name, or a plain IP address that
    fits.

    A name can be made to point anywhere, an address cannot; so any address is fine, except that a connection
    which ends at loopback was also addressed to loopback. ``local_address`` is our end of the connection.
    """
    name = _host_name(host)
    if name is None:
        return False
    if name == "localhost" or name.endswith(".localhost") or name in names:
        return True
    try:
        return ip_address(name).is_loopback or not _is_loopback(local_address)
    except ValueError:
        return False


def _host_name(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or parts.username is not None or parts.hostname is None:
        return None
    return parts.hostname.removesuffix(".")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return True


class HostCheck:
    """ASGI middleware: 421 for a name that is not ours."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope.get(CONTROL) is True or self._fits(scope):
            await self._app(scope, receive, send)
            return
        refusal = Refusal(
            HTTPStatus.MISDIRECTED_REQUEST,
            "This server does not answer under that name.",
            kind=ErrorKind.DENIED,
            hint="Open it by its address, or start it with --public-name and that name.",
        )
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.what})
        else:
            await error_response(refusal)(scope, receive, send)

    def _fits(self, scope: Scope) -> bool:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        local = (scope.get("server") or ("127.0.0.1", 0))[0]
        return len(hosts) == 1 and host_allowed(hosts[0], local, self._names)
