"""Links that let somebody in without a password: the owner at first run (once), and the demo's visitor."""

from wachtel.accounts.sessions import BrowserSessions, NewSession, secret_hash
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import secret
from wachtel.model.access import Scope
from wachtel.storage.state import State
from wachtel.storage.state.accounts import Account
from wachtel.storage.state.links import LinkKind, LoginLink

DEMO_ACCOUNT = "Demo"


class Links:
    """Blocking."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def offer_first_run(self) -> str | None:
        """A new single-use token for the owner's account, the only one that is good; None when there is an
        account.

        What a demo left behind is withdrawn: its account has no password and must not keep the owner out.
        """
        self.withdraw_demo()
        if self._state.accounts.any():
            self._state.links.withdraw(LinkKind.FIRST_RUN)
            return None
        return self._replace(LinkKind.FIRST_RUN, None)

    def offer_demo(self) -> str:
        """A token that logs in as the demo's account as often as wanted, until `withdraw_demo`."""
        account = self._state.accounts.named(DEMO_ACCOUNT)
        if account is None:
            account = Account(secret(64), DEMO_ACCOUNT, Scope.ADMIN, None, self._clock.wall_us())
            self._state.accounts.add(account)
        return self._replace(LinkKind.DEMO, account.id)

    def withdraw_demo(self) -> None:
        """Makes the demo's link worthless and removes its account."""
        self._state.links.withdraw(LinkKind.DEMO)
        self._state.accounts.remove_passwordless()

    def check_first_run(self, token: str) -> None:
        """Raises `WachtelError` (denied) when the token cannot make the owner's account."""
        link = self._state.links.find(secret_hash(token))
        if link is None or link.kind is not LinkKind.FIRST_RUN or self._state.accounts.any():
            raise _refusal()

    def use_first_run(self, token: str, name: str, password_hash: str) -> Account:
        """Makes the owner's account. Raises `WachtelError` (denied)."""
        account = Account(secret(64), name, Scope.ADMIN, password_hash, self._clock.wall_us())
        self._state.accounts.add_first(account, secret_hash(token))
        return account

    def use_demo(self, token: str, sessions: BrowserSessions, address: str, agent: str) -> NewSession:
        """Logs in by link. Raises `WachtelError` (denied)."""
        link = self._state.links.find(secret_hash(token))
        if link is None or link.kind is not LinkKind.DEMO or link.account is None:
            raise _refusal()
        account = self._state.accounts.get(link.account)
        if account is None:
            raise _refusal()
        return sessions.begin(account, address, agent)

    def _replace(self, kind: LinkKind, account: str | None) -> str:
        token = secret()
        self._state.links.replace(LoginLink(secret_hash(token), kind, account, self._clock.wall_us()))
        return token


def _refusal() -> WachtelError:
    return WachtelError(
        ErrorKind.DENIED,
        "This link has been used or is too old.",
        hint="The server prints a new one when it starts.",
    )
