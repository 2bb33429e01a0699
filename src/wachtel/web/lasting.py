"""Connections that last: whoever is logged out meanwhile sees nothing more."""

from starlette.requests import HTTPConnection

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.web.guard import Guard, declared_of

LOOK_AGAIN_S = 0.8
"""Whoever loses the right to look sees nothing more a second later."""


class Lasting:
    """Asks the guard again from time to time."""

    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard = guard
        self._clock = clock

    async def still_allowed(self, connection: HTTPConnection) -> bool:
        """True when the same request would be let in now."""
        try:
            await self._guard.admit(connection, declared_of(connection))
        except WachtelError:
            return False
        return True

    async def until_lost(self, connection: HTTPConnection) -> None:
        """Ends when the right is lost."""
        while True:
            await self._clock.sleep(LOOK_AGAIN_S)
            if not await self.still_allowed(connection):
                return
