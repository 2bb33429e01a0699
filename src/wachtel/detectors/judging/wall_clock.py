"""Which day and minute it is at a site, asked some times a second."""

from datetime import datetime

from wachtel.base.time_zones import zone_of
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.schedule import DAYS, Day, Schedule

_MINUTE_US = 60 * US_PER_S


class WallClock:
    """The clock on the wall of a site; UTC where this machine does not know the zone."""

    def __init__(self, time_zone: str) -> None:
        self._zone = zone_of(time_zone)
        self._known = -1
        self._now: tuple[Day, int] = (Day.MON, 0)

    def covers(self, schedule: Schedule, at: WallUs) -> bool:
        """Whether the schedule is on at this moment."""
        if not schedule.stretches:
            return True
        minute = at // _MINUTE_US
        if minute != self._known:
            local = datetime.fromtimestamp(minute * 60, self._zone)
            self._known, self._now = minute, (DAYS[local.weekday()], local.hour * 60 + local.minute)
        return schedule.covers(*self._now)
