"""Codes for the alarm panel: argon2id like passwords (RFC 9106), and guessing is slowed down like log-ins.

All codes of a site share one salt, so that one hash tells whose code it is, in the same time for any number of codes
and for none that fits. A code of six digits withstands nobody who holds state.sqlite in their hands; it is for doors.
"""

import hmac
import itertools
import secrets

from argon2.low_level import Type, hash_secret_raw

from wachtel.accounts.throttle import Throttle, TooManyTries
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.alarm import FoundCode
from wachtel.storage.state import State
from wachtel.storage.state.alarms import AlarmCode

SHORTEST, LONGEST = 4, 12
MOST_CODES = 50
LONGEST_NAME = 60
SALT_BYTES = 16
PASSES, MEMORY_KIB = 2, 47 * 1024


def new_salt() -> bytes:
    """For a new panel."""
    return secrets.token_bytes(SALT_BYTES)


class AlarmCodes:
    """Blocking, and slow on purpose: call it in a thread."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._throttle = Throttle(state.tries, clock)

    def now(self) -> WallUs:
        """The moment by which delays are counted."""
        return self._clock.wall_us()

    def check(self, site: str, code: str, asker: str) -> FoundCode:
        """Whose code it is; ``asker`` is who is slowed down, as a person or a program.

        Raises `TooManyTries`, `WachtelError` (denied).
        """
        try:
            attempt = self._throttle.admit(f"\0alarm {site}", asker, None)
        except TooManyTries as error:
            raise TooManyTries(float(error.details["wait_s"]) - 1, "Too many wrong codes.") from None
        panel = self._state.alarms.get(site)
        hashed = _hash(code, bytes(SALT_BYTES) if panel is None else panel.salt)
        found = None
        for known in self._state.alarms.codes(site):
            if hmac.compare_digest(known.hash, hashed):
                found = FoundCode(known.name, known.duress)
        if found is None:
            raise WachtelError(ErrorKind.DENIED, "The code is wrong.", code="alarm_code_wrong")
        self._throttle.succeeded(attempt, None)
        return found

    def add(self, site: str, name: str, code: str, *, duress: bool = False) -> AlarmCode:
        """Raises `WachtelError` (invalid, conflict, not_found)."""
        panel = self._state.alarms.get(site)
        if panel is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no alarm panel at this site.")
        if not 1 <= len(name.strip()) <= LONGEST_NAME:
            raise WachtelError(ErrorKind.INVALID, "A code needs the name of a person.")
        check_code(code)
        hashed, known = _hash(code, panel.salt), self._state.alarms.codes(site)
        if any(hmac.compare_digest(one.hash, hashed) for one in known):
            raise WachtelError(ErrorKind.CONFLICT, "Choose another code.", code="alarm_code_taken")
        if len(known) >= MOST_CODES:
            raise WachtelError(ErrorKind.INVALID, f"There are {MOST_CODES} codes already.")
        made = AlarmCode(secrets.token_hex(6), site, name.strip(), hashed, duress, self._clock.wall_us())
        self._state.alarms.add_code(made)
        return made


def check_code(code: str) -> None:
    """Raises `WachtelError` (invalid) for what is no code, or the first one that anybody tries."""
    if not (code.isascii() and code.isdigit() and SHORTEST <= len(code) <= LONGEST):
        raise WachtelError(
            ErrorKind.INVALID, f"A code has {SHORTEST} to {LONGEST} digits.", code="alarm_code_form"
        )
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(code)}
    if steps in ({0}, {1}, {9}):
        raise WachtelError(
            ErrorKind.INVALID,
            "This code is the first that anybody tries.",
            hint="Take digits that do not simply go on.",
            code="alarm_code_easy",
        )


def _hash(code: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        code.encode(errors="replace")[:64], salt, time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1,
        hash_len=32, type=Type.ID,
    )  # fmt: skip
