"""Log-ins of browsers: a random secret in a cookie, its hash in state.sqlite."""

import hashlib
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.ids import secret
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.access import Principal
from wachtel.storage.state import State
from wachtel.storage.state.accounts import Account
from wachtel.storage.state.sessions import Session

SESSION_S = 30 * 24 * 3600
"""A session ends when it was not used for this long."""

_NOTED_EVERY_US = 300 * US_PER_S


@dataclass(frozen=True, slots=True)
class NewSession:
    """``secret`` goes into the cookie and nowhere else."""

    principal: Principal
    secret: str


def secret_hash(text: str) -> bytes:
    """What is stored of a secret with 128 random bits: SHA-256 is enough, it cannot be guessed."""
    return hashlib.sha256(text.encode(errors="replace")).digest()


def principal_of(account: Account, session: str | None = None) -> Principal:
    """Who an account is for `may`."""
    return Principal(account.id, account.name, account.scope, account.sites, session)


class BrowserSessions:
    """Blocking."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def begin(self, account: Account, address: str, agent: str) -> NewSession:
        """Logs an account in."""
        now = self._clock.wall_us()
        made = secret(256)
        self._state.sessions.end_unused(WallUs(now - SESSION_S * US_PER_S))
        self._state.sessions.add(Session(secret_hash(made), account.id, now, now, address[:64], agent[:200]))
        return NewSession(principal_of(account, secret_hash(made).hex()), made)

    def find(self, text: str) -> Principal | None:
        """Who the cookie belongs to; None when it is unknown or too old."""
        found = self._state.sessions.find(secret_hash(text))
        if found is None:
            return None
        session, account = found
        now = self._clock.wall_us()
        if now - session.last_used > SESSION_S * US_PER_S:
            self._state.sessions.end(session.hash)
            return None
        if abs(now - session.last_used) > _NOTED_EVERY_US:
            self._state.sessions.used(session.hash, now)
        return principal_of(account, session.hash.hex())

    def end(self, principal: Principal) -> None:
        """Logs out; nothing happens for somebody who came without a cookie."""
        if principal.session is not None:
            self._state.sessions.end(bytes.fromhex(principal.session))
