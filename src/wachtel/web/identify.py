"""From a request to who sent it."""

import base64
import binascii
from http import HTTPStatus

from starlette.requests import HTTPConnection

from wachtel.accounts.sessions import BrowserSessions
from wachtel.accounts.tokens import AccessTokens
from wachtel.model.access import Principal, Scope
from wachtel.web.access import Way
from wachtel.web.answers import Refusal
from wachtel.web.threads import OneThread

COOKIE = "wachtel_session"
CONTROL = "wachtel.control"
"""Set in the ASGI scope by `wachtel.web.control.control_app` alone; no header can reach it."""

OWNER_AT_THE_BOX = Principal("control", "command line", Scope.ADMIN)


class Identities:
    """Finds the principal of a request."""

    def __init__(self, sessions: BrowserSessions, tokens: AccessTokens, database: OneThread) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._database = database

    async def of(self, connection: HTTPConnection, *, basic: bool) -> tuple[Principal | None, Way]:
        """Who it is, None for nobody.

        Raises `Refusal` (401) when an ``Authorization`` header is there but worthless.
        """
        if connection.scope.get(CONTROL) is True:
            return OWNER_AT_THE_BOX, Way.CONTROL
        header = connection.headers.get("authorization")
        if header is not None:
            return await self._by_header(header, basic), Way.HEADER
        cookie = connection.cookies.get(COOKIE)
        principal = await self._database.run(self._sessions.find, cookie) if cookie else None
        return principal, Way.NONE if principal is None else Way.COOKIE

    async def _by_header(self, header: str, basic: bool) -> Principal:
        scheme, _, rest = header.partition(" ")
        principal = None
        if scheme.lower() == "bearer":
            principal = await self._database.run(self._tokens.find, rest.strip())
        elif scheme.lower() == "basic" and basic:
            name, _, token = _decoded(rest).partition(":")
            principal = await self._database.run(self._tokens.find_named, name, token)
        if principal is None:
            raise Refusal(
                HTTPStatus.UNAUTHORIZED, "This token is not known.", hint="`wachtel token create` makes one."
            )
        return principal


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
