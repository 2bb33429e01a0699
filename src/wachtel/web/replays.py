"""``/api/v1/cameras/{camera}/replay``: what other motion settings would have made of past days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from pydantic import Field

from wachtel.base.clock import Clock
from wachtel.base.time_zones import zone_of
from wachtel.model.access import Permission
from wachtel.model.camera import Camera, MotionSettings
from wachtel.model.event import Event
from wachtel.pipeline.replay import Wanted
from wachtel.storage.state.sites import Sites
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.local_days import LocalDay, local_day, today
from wachtel.web.motion_questions import MotionQuestion
from wachtel.web.ports.footage import Replays
from wachtel.web.threads import OneThread

MOST_DAYS = 14
MOST_FOUND = 500


class ReplayQuestion(Question):
    """``days`` local days of the site up to and including ``day``, which is today when left out."""

    motion: MotionQuestion
    day: date | None = None
    days: int = Field(default=1, ge=1, le=MOST_DAYS)


class ReplayedDay(Answer):
    """``events`` with the settings asked about, ``instead_of`` with those that are saved."""

    day: str
    events: int
    instead_of: int


class FoundEvent(Answer):
    start: str
    end: str
    score: float
    zones: list[str]
    line: str
    direction: str


class ReplayAnswer(Answer):
    """``since``: the first UTC day of which anything is kept, null when nothing is. ``found``: the newest events."""

    events: int
    instead_of: int
    days: list[ReplayedDay]
    since: str | None
    found: list[FoundEvent]


class ReplayRoutes:
    """Trying settings on the past before they are saved."""

    def __init__(self, replays: Replays, sites: Sites, database: OneThread, clock: Clock) -> None:
        self._replays = replays
        self._sites = sites
        self._database = database
        self._clock = clock

    def add_to(self, door: Door) -> None:
        path = "/api/v1/cameras/{camera}/replay"
        door.route("POST", path, self.replay, needs=Permission.ADMIN, on=On.CAMERA)

    async def replay(self, asked: ReplayQuestion, camera: TheCamera) -> ReplayAnswer:
        """Judges what was followed on past days anew; nothing is saved."""
        sites = await self._database.run(self._sites.all)
        zone_name = next((site.time_zone for site in sites if site.id == camera.site), "UTC")
        zone = zone_of(zone_name)
        last = asked.day or today(self._clock.wall_us(), zone)
        days = [local_day(last - timedelta(days=back), zone) for back in reversed(range(asked.days))]
        then = await self._judged(camera, asked.motion.settings(), zone_name, days)
        now = await self._judged(camera, camera.motion, zone_name, days)
        answers = [
            ReplayedDay(day=day.day.isoformat(), events=len(one), instead_of=len(other))
            for day, one, other in zip(days, then, now, strict=True)
        ]
        found = [event for events in then for event in events]
        return ReplayAnswer(
            events=len(found),
            instead_of=sum(map(len, now)),
            days=answers,
            since=await self._replays.kept_since(camera.id),
            found=[_found(event) for event in reversed(found[-MOST_FOUND:])],
        )

    async def _judged(
        self, camera: Camera, motion: MotionSettings, time_zone: str, days: Sequence[LocalDay]
    ) -> list[list[Event]]:
        """Day by day, because days that are over are remembered. An event belongs to the day in which it began."""
        settings = replace(motion, time_zone=time_zone)
        found = []
        for day in days:
            replayed = await self._replays.replay(camera, Wanted(day.start, day.end, settings))
            found.append([event for event in replayed.events if event.start >= day.start])
        return found


def _found(event: Event) -> FoundEvent:
    return FoundEvent(
        start=moment(event.start),
        end=moment(event.end or event.start),
        score=event.score,
        zones=list(event.zones),
        line=event.why.line,
        direction=event.why.direction,
    )
