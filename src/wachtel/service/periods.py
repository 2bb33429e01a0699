"""Periods of a subscription: half-open, counted from its first day, so that 31 January is followed by 28 or 29
February and then by 31 March."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.service.days import add_months, months_and_days
from wachtel.service.money import Money
from wachtel.service.plans import MONTHS_OF, Interval


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to before ``end``; ``number`` counts from 0."""

    number: int
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days


def period(starts_on: date, interval: Interval, number: int) -> Period:
    """The period of that number of a subscription that begins on ``starts_on``."""
    months = MONTHS_OF[interval]
    return Period(
        number, add_months(starts_on, months * number), add_months(starts_on, months * (number + 1))
    )


def period_on(starts_on: date, interval: Interval, day: date) -> Period:
    """The period that holds a day; the first one for a day before it."""
    months, _ = months_and_days(starts_on, day)
    return period(starts_on, interval, months // MONTHS_OF[interval])


def parts_of(price: Money, whole: Period, cuts: Sequence[date]) -> tuple[Money, ...]:
    """The price by days, cut at some days of the period, in order of time; the parts add up to the price exactly."""
    inside = sorted({day for day in cuts if whole.start < day < whole.end})
    ends = [whole.start, *inside, whole.end]
    return price.split([(end - begin).days for begin, end in pairwise(ends)])


def day_in(now: WallUs, time_zone: str) -> date:
    """The day it is in a time zone (IANA). Raises `WachtelError` (invalid) for a zone that does not exist."""
    return datetime.fromtimestamp(now / US_PER_S, UTC).astimezone(zone(time_zone)).date()


@cache
def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises `WachtelError` (invalid)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WachtelError(
            ErrorKind.INVALID,
            f"There is no time zone {name[:60]!r}.",
            hint="Use a name such as Europe/Berlin.",
            details={"field": "time_zone"},
        ) from error
