"""Stretches of time that somebody asks for."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import DAY_US, WallUs
from wachtel.web.answers import Moment, wall_us

From = Annotated[Moment, Query(alias="from")]
To = Annotated[Moment, Query(alias="to")]


def stretch(
    start: datetime, end: datetime, *, field: str, most_days: int | None = None
) -> tuple[WallUs, WallUs]:
    """From ``start`` to before ``end``. Raises `WachtelError` (invalid), which names the ``field`` of the end."""
    first, last = wall_us(start), wall_us(end)
    if first >= last:
        raise WachtelError(ErrorKind.INVALID, "The end is not after the start.", details={"field": field})
    if most_days is not None and last - first > most_days * DAY_US:
        what = f"The end is more than {most_days} days after the start."
        raise WachtelError(ErrorKind.INVALID, what, details={"field": field})
    return first, last
