"""Logging in and out."""

from http import HTTPStatus

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from wachtel.accounts.links import Links
from wachtel.accounts.log_in import LogIn, LogInTry
from wachtel.accounts.passwords import check_new_password, hash_password
from wachtel.accounts.sessions import SESSION_S, BrowserSessions, NewSession
from wachtel.accounts.throttle import TooManyTries
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission, Principal, Scope
from wachtel.storage.state.accounts import Account, Accounts
from wachtel.web.access import TheAccess, Way
from wachtel.web.answers import Answer, Name, Question, Refusal
from wachtel.web.door import Door
from wachtel.web.identify import COOKIE
from wachtel.web.threads import OneThread


class AccountAnswer(Answer):
    id: str
    name: str
    scope: Scope


class SessionAnswer(Answer):
    """``account`` is null when nobody is logged in; ``first_run`` when there is no account at all yet."""

    account: AccountAnswer | None
    first_run: bool


class Credentials(Question):
    name: str = Field(min_length=1, max_length=300)
    password: str = Field(max_length=1000)


class PasswordChange(Question):
    """``password``: the one until now."""

    password: str = Field(max_length=1000)
    new_password: str = Field(max_length=1000)


class FirstRun(Question):
    token: str = Field(max_length=200)
    name: Name
    password: str = Field(max_length=1000)


class LoginLinkUse(Question):
    token: str = Field(max_length=200)


class SessionRoutes:
    """``/api/v1/session``, ``/first-run`` and ``/login-link``."""

    def __init__(
        self,
        accounts: Accounts,
        log_in: LogIn,
        links: Links,
        sessions: BrowserSessions,
        database: OneThread,
        hashing: OneThread,
    ) -> None:
        self._accounts = accounts
        self._log_in = log_in
        self._links = links
        self._sessions = sessions
        self._database = database
        self._hashing = hashing

    def add_to(self, door: Door) -> None:
        door.route("GET", "/api/v1/session", self.show, needs=Permission.PUBLIC)
        door.route("POST", "/api/v1/session", self.log_in, needs=Permission.PUBLIC)
        door.route("PATCH", "/api/v1/session", self.change_password, needs=Permission.VIEW)
        door.route("DELETE", "/api/v1/session", self.log_out, needs=Permission.VIEW, status=204)
        door.route("POST", "/api/v1/first-run", self.first_run, needs=Permission.PUBLIC)
        door.route("POST", "/api/v1/login-link", self.login_link, needs=Permission.PUBLIC)

    async def show(self, access: TheAccess, request: Request, response: Response) -> SessionAnswer:
        """Who is logged in; a browser that asks keeps its log-in for another month."""
        if access.way is Way.COOKIE:
            _set_cookie(request.cookies[COOKIE], request, response)
        if access.principal is not None:
            return _answer(access.principal)
        return SessionAnswer(account=None, first_run=not await self._database.run(self._accounts.any))

    async def log_in(self, credentials: Credentials, request: Request, response: Response) -> SessionAnswer:
        """Logs in with name and password; 429 with ``details.wait_s`` after too many wrong ones."""
        address, agent = _sender(request)
        begun = await self._begin(credentials.name, address)
        account = await self._check(begun, credentials.password)
        session = await self._database.run(self._log_in.finish, begun, account, agent)
        return _logged_in(session, request, response)

    async def _begin(self, name: str, address: str) -> LogInTry:
        try:
            return await self._database.run(self._log_in.begin, name, address)
        except TooManyTries as error:
            wait = error.details["wait_s"]
            status, headers = HTTPStatus.TOO_MANY_REQUESTS, {"retry-after": wait}
            raise Refusal(
                status, error.what, kind=error.kind, hint=error.hint, details=error.details, headers=headers
            ) from error

    async def change_password(
        self, asked: PasswordChange, access: TheAccess, request: Request, response: Response
    ) -> SessionAnswer:
        """Changes one's own password and ends every other session of the account."""
        account = await self._database.run(self._accounts.get, access.who.id)
        if account is None:
            raise WachtelError(ErrorKind.CONFLICT, "Only somebody who logged in by name has a password.")
        check_new_password(asked.new_password, "new_password")
        begun = await self._begin(account.name, _sender(request)[0])
        await self._check(begun, asked.password)
        hashed = await self._hashing.run(hash_password, asked.new_password)
        await self._database.run(self._accounts.change_password, account.id, hashed)
        session = await self._database.run(self._log_in.finish, begun, account, _sender(request)[1])
        return _logged_in(session, request, response)

    async def _check(self, begun: LogInTry, password: str) -> Account:
        try:
            return await self._hashing.run(self._log_in.check, begun, password)
        except WachtelError as error:
            raise Refusal(HTTPStatus.UNAUTHORIZED, error.what, hint=error.hint) from error

    async def log_out(self, access: TheAccess, response: Response) -> None:
        """Ends this session."""
        await self._database.run(self._sessions.end, access.who)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")

    async def first_run(self, asked: FirstRun, request: Request, response: Response) -> SessionAnswer:
        """Makes the owner's account with the token of the first-run link, once."""
        await self._database.run(self._links.check_first_run, asked.token)
        check_new_password(asked.password)
        hashed = await self._hashing.run(hash_password, asked.password)
        account = await self._database.run(self._links.use_first_run, asked.token, asked.name, hashed)
        session = await self._database.run(self._sessions.begin, account, *_sender(request))
        return _logged_in(session, request, response)

    async def login_link(self, asked: LoginLinkUse, request: Request, response: Response) -> SessionAnswer:
        """Logs in with the token of a log-in link."""
        sender = _sender(request)
        session = await self._database.run(self._links.use_demo, asked.token, self._sessions, *sender)
        return _logged_in(session, request, response)


def _sender(request: Request) -> tuple[str, str]:
    address = request.client.host if request.client is not None else ""
    return address, request.headers.get("user-agent", "")


def _logged_in(session: NewSession, request: Request, response: Response) -> SessionAnswer:
    _set_cookie(session.secret, request, response)
    return _answer(session.principal)


def _set_cookie(secret: str, request: Request, response: Response) -> None:
    """Only for encrypted connections, when this is one; a proxy's word is enough, a lie harms only who tells
    it.
    """
    said = (request.headers.get("origin", ""), request.headers.get("x-forwarded-proto", ""))
    encrypted = request.url.scheme == "https" or any(word.startswith("https") for word in said)
    response.set_cookie(
        COOKIE, secret, max_age=SESSION_S, path="/", httponly=True, samesite="strict", secure=encrypted
    )


def _answer(principal: Principal) -> SessionAnswer:
    account = AccountAnswer(id=principal.id, name=principal.name, scope=principal.scope)
    return SessionAnswer(account=account, first_run=False)
