"""People who may log in."""

from wachtel.base.clock import Clock
from wachtel.base.ids import secret
from wachtel.model.access import Scope
from wachtel.storage.state import State
from wachtel.storage.state.accounts import Account


class Members:
    """Blocking."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def add(
        self, name: str, scope: Scope, password_hash: str, sites: frozenset[str] | None = None
    ) -> Account:
        """Raises `WachtelError` (conflict) when the name is taken."""
        account = Account(secret(64), name, scope, password_hash, self._clock.wall_us(), sites)
        self._state.accounts.add(account)
        return account
