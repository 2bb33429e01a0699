"""Days and calendar months; a month later is the same day of the month, or the last one there is."""

from calendar import monthrange
from datetime import date
from functools import lru_cache


@lru_cache(maxsize=4096)
def add_months(day: date, months: int) -> date:
    """The same day of the month, ``months`` later, clipped to the month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day > 28:
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return date(year, month + 1, day.day)


@lru_cache(maxsize=4096)
def months_and_days(begin: date, end: date) -> tuple[int, int]:
    """Full calendar months from ``begin`` to before ``end``, and the days left over; nothing if ``end`` is first."""
    if end <= begin:
        return 0, 0
    months = (end.year - begin.year) * 12 + end.month - begin.month
    if add_months(begin, months) > end:
        months -= 1
    return months, (end - add_months(begin, months)).days
