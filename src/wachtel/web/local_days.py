"""Days as people at a site live them: 23, 24 or 25 hours long."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.web.answers import EPOCH, wall_us

_FIRST, _LAST = date(1970, 1, 2), date(9999, 12, 30)


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One day of a site, from midnight to midnight of its clock."""

    day: date
    start: WallUs
    end: WallUs


def local_day(day: date, zone: tzinfo) -> LocalDay:
    """Raises `WachtelError` (invalid) for days in which nobody recorded anything."""
    if not _FIRST <= day <= _LAST:
        raise WachtelError(ErrorKind.INVALID, f"There is no footage of {day}.", details={"field": "day"})
    return LocalDay(day, _midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def local_month(first: date, zone: tzinfo) -> list[LocalDay]:
    """All days of the month that begins with ``first``. Raises `WachtelError` (invalid)."""
    days = []
    day = first
    while (day.year, day.month) == (first.year, first.month):
        days.append(local_day(day, zone))
        day += timedelta(days=1)
    return days


def today(now: WallUs, zone: tzinfo) -> date:
    """The day it is at the site."""
    return (EPOCH + timedelta(microseconds=now)).astimezone(zone).date()


def _midnight(day: date, zone: tzinfo) -> WallUs:
    """The first moment of the day: where the clock is set forward at midnight, one that shows a later time."""
    return wall_us(datetime.combine(day, time(), zone).astimezone(UTC))
