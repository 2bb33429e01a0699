"""Slows down guessing without locking anybody out.

Three counters are kept for every failed try: for this account from this address, for the address, for the
account. Whoever has logged in to an account from an address before is slowed down only by the first of them,
so that a stranger who guesses (even at the same account) never keeps the owner out of the browser they always
use. A try counts as failed before its password is checked, so that many at once do not get through.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs, seconds
from wachtel.storage.state.accounts import name_key
from wachtel.storage.state.tries import Tries, TryCounter

FORGET_AFTER_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` tries cost nothing; then the wait doubles from one second up to ``longest_s``."""

    free: int
    longest_s: float

    def wait_s(self, counter: TryCounter, now: WallUs) -> float:
        """How long the next try has to wait; a failure in the future (the clock was set back) counts as long
        ago.
        """
        over = counter.failures - self.free
        if over < 0 or counter.last > now:
            return 0.0
        return max(0.0, min(self.longest_s, 2.0 ** min(over, 30)) - seconds(now - counter.last))


PAIR = Limit(free=5, longest_s=900.0)
ADDRESS = Limit(free=20, longest_s=900.0)
ACCOUNT = Limit(free=50, longest_s=60.0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that was let through."""

    limits: Mapping[bytes, Limit]
    address: str


class TooManyTries(WachtelError):
    """Raised with the whole seconds to wait in ``details["wait_s"]``."""

    def __init__(self, wait_s: float, what: str = "Too many wrong passwords.") -> None:
        whole = int(wait_s) + 1
        super().__init__(
            ErrorKind.BUSY,
            what,
            hint=f"Try again in {whole} seconds.",
            details={"wait_s": str(whole)},
        )


class Throttle:
    """Blocking; counts are kept in state.sqlite, so that a restart does not forgive."""

    def __init__(self, tries: Tries, clock: Clock) -> None:
        self._tries = tries
        self._clock = clock

    def admit(self, name: str, address: str, account: str | None) -> Attempt:
        """Counts a try as failed, or raises `TooManyTries`.

        ``account`` is the id behind the name, if there is one.
        """
        network = network_of(address)
        known = account is not None and self._tries.is_known(account, network)
        attempt = Attempt(_limits(name_key(name), network, known), network)
        now = self._clock.wall_us()
        self._tries.forget(WallUs(now - int(FORGET_AFTER_S * US_PER_S)))

        def count(counters: Mapping[bytes, TryCounter]) -> Mapping[bytes, TryCounter]:
            limits = attempt.limits.items()
            longest = max(
                (limit.wait_s(counters[key], now) for key, limit in limits if key in counters), default=0.0
            )
            if longest > 0:
                raise TooManyTries(longest)
            return {key: TryCounter(_failures(counters, key) + 1, now) for key in attempt.limits}

        self._tries.update(list(attempt.limits), count)
        return attempt

    def succeeded(self, attempt: Attempt, account: str | None) -> None:
        """Takes the try back: the pair starts anew, the wider counters only forget this one.

        ``account`` None: there is nobody whose address could be remembered.
        """

        def forgive(counters: Mapping[bytes, TryCounter]) -> Mapping[bytes, TryCounter]:
            return {
                key: TryCounter(0 if attempt.limits[key] is PAIR else counter.failures - 1, counter.last)
                for key, counter in counters.items()
            }

        self._tries.update(list(attempt.limits), forgive)
        if account is not None:
            self._tries.remember_address(account, attempt.address, self._clock.wall_us())


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, the /64 of an IPv6 address (one household), else the text
    itself.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"


def _limits(name: str, network: str, known: bool) -> dict[bytes, Limit]:
    pair = {_key("pair", name, network): PAIR}
    return pair if known else pair | {_key("address", network): ADDRESS, _key("account", name): ACCOUNT}


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).digest()


def _failures(counters: Mapping[bytes, TryCounter], key: bytes) -> int:
    return counters[key].failures if key in counters else 0
