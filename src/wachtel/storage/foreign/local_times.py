"""From what a clock on the wall showed to the moment: where summer time ends, one hour is shown twice. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from wachtel.base.units import US_PER_S, WallUs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WRITTEN_WITHIN_US = 600 * US_PER_S
"""A file that was last written so near to where it should end tells by that which of two hours it is from."""


@dataclass(frozen=True, slots=True)
class Moments:
    """What a time may mean: one moment, or two in the hour that is shown twice, the earlier first.

    ``skipped``: no clock ever showed it, because summer time had just begun; it is read as if it had not.
    """

    candidates: tuple[WallUs, ...]
    skipped: bool = False


def moments_of(begins: datetime, zone: ZoneInfo) -> Moments:
    """The moments at which a clock in ``zone`` showed this; a time with a zone of its own is one moment."""
    if begins.tzinfo is not None:
        return Moments((_us(begins),))
    first, second = (begins.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Moments((_us(first),))
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == begins
    return Moments((_us(first), _us(second))) if exists else Moments((_us(first),), skipped=True)


def by_last_writing(candidates: Sequence[WallUs], length_us: int, written: WallUs) -> WallUs | None:
    """The candidate that fits the time at which the file was last written; None when none does, as after copying."""
    best = min(candidates, key=lambda start: abs(start + length_us - written))
    return best if abs(best + length_us - written) <= _WRITTEN_WITHIN_US else None


def _us(at: datetime) -> WallUs:
    return WallUs((at - _EPOCH) // timedelta(microseconds=1))
