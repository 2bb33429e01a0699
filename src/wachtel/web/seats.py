"""How many lasting views one account or token may have open at a time, so that none takes the room of the others."""

from collections import Counter
from collections.abc import Callable

from wachtel.base.errors import ErrorKind, WachtelError


class Seats:
    """``most`` for each principal; ``what`` names them in the sentence of the refusal."""

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._taken: Counter[str] = Counter()

    def take(self, principal: str) -> Callable[[], None]:
        """Gives what makes the seat free again. Raises `WachtelError` (busy)."""
        if self._taken[principal] >= self._most:
            raise WachtelError(
                ErrorKind.BUSY, f"You watch {self._most} {self._what} already.", hint="Close one of them."
            )
        self._taken[principal] += 1
        return lambda: self._leave(principal)

    def _leave(self, principal: str) -> None:
        self._taken[principal] -= 1
        if not self._taken[principal]:
            del self._taken[principal]
