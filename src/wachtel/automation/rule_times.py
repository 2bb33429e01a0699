"""When the triggers by the clock come round, on the clock of the site's wall. Pure."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.rule import Place, Trigger, TriggerKind
from wachtel.model.schedule import DAYS, Day
from wachtel.model.sun import sunrise, sunset

_DAYS_AHEAD = 9
"""A day of the week comes round within eight days; sun and zone may put it into the next day of the calendar."""


def occurrence(trigger: Trigger, day: date, zone: ZoneInfo, place: Place | None) -> WallUs | None:
    """When the trigger comes on this day; None when it does not.

    A time that a day leaves out comes as much later as the clock was put forward; one that a day has twice comes the
    first time (PEP 495), so that each comes once a day.
    """
    if DAYS[day.weekday()] not in trigger.days:
        return None
    if trigger.kind is TriggerKind.TIME:
        assert trigger.minute is not None
        hour, minute = divmod(trigger.minute, 60)
        return _wall(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone))
    if place is None:
        return None
    crossing = sunrise(place, day) if trigger.kind is TriggerKind.SUNRISE else sunset(place, day)
    return None if crossing is None else _wall(crossing + timedelta(minutes=trigger.offset_min))


def next_occurrence(
    trigger: Trigger, after: WallUs, zone: ZoneInfo, place: Place | None
) -> tuple[WallUs, date] | None:
    """The first time after this moment, with the day it belongs to; None when there is none in the next days."""
    first = local(after, zone).date() - timedelta(days=1)
    found = []
    for number in range(_DAYS_AHEAD + 1):
        day = first + timedelta(days=number)
        at = occurrence(trigger, day, zone, place)
        if at is not None and at > after:
            found.append((at, day))
    return min(found, default=None)


def local(at: WallUs, zone: ZoneInfo) -> datetime:
    """A moment on the wall of the site."""
    return datetime.fromtimestamp(at // US_PER_S, UTC).astimezone(zone)


def day_and_minute(at: WallUs, zone: ZoneInfo) -> tuple[Day, int]:
    """Day of the week and minute of the day there."""
    there = local(at, zone)
    return DAYS[there.weekday()], there.hour * 60 + there.minute


def _wall(at: datetime) -> WallUs:
    return WallUs(round(at.timestamp()) * US_PER_S)
