"""``/api/v1/cameras/{camera}/ledger`` and ``.../coverage``: what became of every minute."""

import re
from datetime import date, tzinfo
from typing import Annotated

from fastapi import Query

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.time_zones import zone_of
from wachtel.base.units import seconds
from wachtel.model.access import Permission
from wachtel.model.camera import Camera
from wachtel.model.footage import GapReason
from wachtel.storage.api import Ledger, LedgerState, Stretch
from wachtel.storage.state.sites import Sites
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.local_days import LocalDay, local_day, local_month, today
from wachtel.web.ports.footage import Ledgers
from wachtel.web.threads import OneThread

_MONTH = re.compile(r"(\d{4})-(\d{2})")


class StretchAnswer(Answer):
    """``reason`` is null unless the state is ``gap`` or ``off``."""

    start: str
    end: str
    state: LedgerState
    reason: GapReason | None


class CoverageAnswer(Answer):
    """``share`` is the part of the time in which there was footage, deleted footage included, of the time in
    which there was a camera that was not off; null when there was none.
    """

    share: float | None
    recorded_s: float
    gap_s: float
    off_s: float
    deleted_s: float
    unknown_s: float


class LedgerAnswer(Answer):
    """``until`` is how far the account reaches: of today to this moment."""

    camera: str
    day: date
    time_zone: str
    start: str
    end: str
    until: str
    coverage: CoverageAnswer
    stretches: list[StretchAnswer]


class DayAnswer(Answer):
    """One day of a month."""

    day: date
    coverage: CoverageAnswer


class MonthAnswer(Answer):
    """A month and its days as far as they have begun."""

    camera: str
    month: str
    time_zone: str
    coverage: CoverageAnswer
    days: list[DayAnswer]


class LedgerRoutes:
    """Accounts of a camera by the days of its site."""

    def __init__(self, ledgers: Ledgers, sites: Sites, database: OneThread, clock: Clock) -> None:
        self._ledgers = ledgers
        self._sites = sites
        self._database = database
        self._clock = clock

    def add_to(self, door: Door) -> None:
        one = "/api/v1/cameras/{camera}"
        door.route("GET", f"{one}/ledger", self.ledger, needs=Permission.VIEW, on=On.CAMERA)
        door.route("GET", f"{one}/coverage", self.coverage, needs=Permission.VIEW, on=On.CAMERA)

    async def ledger(self, camera: TheCamera, day: Annotated[date | None, Query()] = None) -> LedgerAnswer:
        """One day of the camera's site; today without ``day``."""
        name, zone = await self._zone(camera)
        wanted = local_day(day or today(self._clock.wall_us(), zone), zone)
        found = await self._ledgers.ledger(camera.id, wanted.start, wanted.end)
        until = found.stretches[-1].end if found.stretches else wanted.start
        return LedgerAnswer(
            camera=camera.id,
            day=wanted.day,
            time_zone=name,
            start=moment(wanted.start),
            end=moment(wanted.end),
            until=moment(until),
            coverage=_coverage(found),
            stretches=[stretch_answer(one) for one in found.stretches],
        )

    async def coverage(
        self, camera: TheCamera, month: Annotated[str | None, Query(max_length=7)] = None
    ) -> MonthAnswer:
        """One month of the camera's site, ``2026-11``; this month without ``month``."""
        name, zone = await self._zone(camera)
        now = self._clock.wall_us()
        first = today(now, zone).replace(day=1) if month is None else _first_of(month)
        days = [day for day in local_month(first, zone) if day.start < now]
        ledgers = [await self._ledgers.ledger(camera.id, day.start, day.end) for day in days]
        return MonthAnswer(
            camera=camera.id,
            month=f"{first:%Y-%m}",
            time_zone=name,
            coverage=_coverage(*ledgers),
            days=[_day_answer(day, found) for day, found in zip(days, ledgers, strict=True)],
        )

    async def _zone(self, camera: Camera) -> tuple[str, tzinfo]:
        site = await self._database.run(self._sites.get, camera.site)
        name = "UTC" if site is None else site.time_zone
        return name, zone_of(name)


def stretch_answer(stretch: Stretch) -> StretchAnswer:
    """A stretch as the API says it."""
    return StretchAnswer(
        start=moment(stretch.start), end=moment(stretch.end), state=stretch.state, reason=stretch.reason
    )


def _day_answer(day: LocalDay, found: Ledger) -> DayAnswer:
    return DayAnswer(day=day.day, coverage=_coverage(found))


def _coverage(*ledgers: Ledger) -> CoverageAnswer:
    length = {state: sum(one.length_us(state) for one in ledgers) for state in LedgerState}
    kept = length[LedgerState.RECORDED] + length[LedgerState.DELETED]
    wanted = kept + length[LedgerState.GAP] + length[LedgerState.UNKNOWN]
    return CoverageAnswer(
        share=round(kept / wanted, 6) if wanted else None,
        recorded_s=seconds(length[LedgerState.RECORDED]),
        gap_s=seconds(length[LedgerState.GAP]),
        off_s=seconds(length[LedgerState.OFF]),
        deleted_s=seconds(length[LedgerState.DELETED]),
        unknown_s=seconds(length[LedgerState.UNKNOWN]),
    )


def _first_of(month: str) -> date:
    match = _MONTH.fullmatch(month)
    try:
        if match is not None:
            return date(int(match.group(1)), int(match.group(2)), 1)
    except ValueError:
        pass
    raise WachtelError(ErrorKind.INVALID, "A month is written like 2026-11.", details={"field": "month"})
