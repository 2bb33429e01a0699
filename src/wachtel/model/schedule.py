"""Hours in which something counts, by the clock on the site's wall."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.errors import ErrorKind, WachtelError

MINUTES_PER_DAY = 1440
MOST_STRETCHES = 28


class Day(StrEnum):
    """Days of the week; the order is that of ISO 8601."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


DAYS = tuple(Day)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From minute ``start`` to ``end`` of these days (0..1440, 0 is midnight).

    An end at or before the start lies on the day after.
    """

    days: tuple[Day, ...]
    start: int
    end: int

    def covers(self, day: Day, minute: int) -> bool:
        """Whether this minute of this day lies in it."""
        if self.start < self.end:
            return day in self.days and self.start <= minute < self.end
        before = DAYS[DAYS.index(day) - 1]
        return (day in self.days and minute >= self.start) or (before in self.days and minute < self.end)


@dataclass(frozen=True, slots=True)
class Schedule:
    """All stretches together; none at all means always."""

    stretches: tuple[Stretch, ...] = ()

    def covers(self, day: Day, minute: int) -> bool:
        """Whether something counts in this minute."""
        return not self.stretches or any(one.covers(day, minute) for one in self.stretches)


ALWAYS = Schedule()


def check_schedule(schedule: Schedule) -> None:
    """Raises `WachtelError` (invalid) for hours that cannot be meant, with the reason."""
    if len(schedule.stretches) > MOST_STRETCHES:
        raise WachtelError(ErrorKind.INVALID, f"A schedule has at most {MOST_STRETCHES} stretches.")
    for one in schedule.stretches:
        if not one.days:
            raise WachtelError(ErrorKind.INVALID, "A stretch of the schedule has no day.")
        if not (0 <= one.start < MINUTES_PER_DAY and 0 <= one.end <= MINUTES_PER_DAY):
            raise WachtelError(ErrorKind.INVALID, "A time of the schedule lies outside of the day.")
