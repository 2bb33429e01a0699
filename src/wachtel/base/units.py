"""Units that must not be mixed up: wall clock, monotonic clock and media time are different types."""

from typing import NewType

WallUs = NewType("WallUs", int)
"""A moment by the wall clock: integer microseconds since 1970-01-01 UTC."""

MonoS = NewType("MonoS", float)
"""A moment by the monotonic clock: seconds since some fixed but unknown point."""

US_PER_S = 1_000_000
HOUR_US = 3600 * US_PER_S
DAY_US = 24 * HOUR_US


def seconds(us: int) -> float:
    """A duration in microseconds as seconds."""
    return us / US_PER_S


def microseconds(s: float) -> int:
    """A duration in seconds as whole microseconds."""
    return round(s * US_PER_S)
