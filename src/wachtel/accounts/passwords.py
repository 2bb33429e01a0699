"""Passwords: argon2id (RFC 9106), checked in the same time whether the account exists or not."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wachtel.base.errors import ErrorKind, WachtelError

SHORTEST = 8
LONGEST = 1000
_hasher = PasswordHasher(time_cost=2, memory_cost=47 * 1024, parallelism=1)
"""47 MiB and two passes: about 70 ms on one small core, so two log-ins at once do not disturb recording."""


def check_new_password(password: str, field: str = "password") -> None:
    """Raises `WachtelError` (invalid) for a password that is too short or too long to be taken."""
    if len(password) < SHORTEST:
        raise WachtelError(
            ErrorKind.INVALID,
            f"The password is shorter than {SHORTEST} characters.",
            details={"field": field},
        )
    if len(password) > LONGEST:
        raise WachtelError(
            ErrorKind.INVALID,
            f"The password is longer than {LONGEST} characters.",
            details={"field": field},
        )


def hash_password(password: str) -> str:
    """Slow on purpose: call it in a thread."""
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Slow on purpose, also when there is no hash to compare with: call it in a thread."""
    try:
        return _hasher.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())
