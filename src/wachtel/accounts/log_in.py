"""Logging in with name and password, in steps, because only the middle one is slow.

`begin` and `finish` touch the database, `check` burns a tenth of a second of processor time.
"""

from dataclasses import dataclass

from wachtel.accounts.passwords import verify_password
from wachtel.accounts.sessions import BrowserSessions, NewSession
from wachtel.accounts.throttle import Attempt, Throttle
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state import State
from wachtel.storage.state.accounts import Account


@dataclass(frozen=True, slots=True)
class LogInTry:
    """A try that was let through; ``account`` is None when nobody has that name."""

    attempt: Attempt
    account: Account | None


class LogIn:
    """Blocking."""

    def __init__(self, state: State, sessions: BrowserSessions, clock: Clock) -> None:
        self._state = state
        self._sessions = sessions
        self._throttle = Throttle(state.tries, clock)

    def begin(self, name: str, address: str) -> LogInTry:
        """Raises `TooManyTries`."""
        account = self._state.accounts.named(name)
        attempt = self._throttle.admit(name, address, None if account is None else account.id)
        return LogInTry(attempt, account)

    def check(self, begun: LogInTry, password: str) -> Account:
        """Raises `WachtelError` (denied) in the same words and the same time for a wrong name and a wrong
        password.
        """
        stored = None if begun.account is None else begun.account.password_hash
        if verify_password(stored, password) and begun.account is not None:
            return begun.account
        raise WachtelError(ErrorKind.DENIED, "Name or password is wrong.", hint="Check both and try again.")

    def finish(self, begun: LogInTry, account: Account, agent: str) -> NewSession:
        """Logs in the account that `check` returned."""
        self._throttle.succeeded(begun.attempt, account.id)
        return self._sessions.begin(account, begun.attempt.address, agent)
