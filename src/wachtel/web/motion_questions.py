"""Motion settings as they are asked for and answered: zones, lines, hours, sensitivity."""

import re
from collections.abc import Callable
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from wachtel.base.errors import WachtelError
from wachtel.model.camera import Analysis, MotionSettings
from wachtel.model.schedule import MINUTES_PER_DAY, MOST_STRETCHES, Day, Schedule, Stretch
from wachtel.model.zone import Heading, Line, Passing, Zone, ZoneKind
from wachtel.model.zone_checks import (
    LONGEST_DWELL_S,
    MOST_LINES,
    MOST_POINTS,
    MOST_ZONES,
    check_line,
    check_motion,
    check_zone,
)
from wachtel.web.answers import Answer, Name, Question

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Sensitivity = Annotated[int, Field(ge=0, le=100)]
Part = TypeVar("Part")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


def _is_time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("a time is written like 08:30, at most 24:00")
    return text


Time = Annotated[str, Field(max_length=5), AfterValidator(_is_time)]


class HoursQuestion(Question):
    """``start`` and ``end`` like 08:30 by the site's clock; an end at or before the start lies on the day after."""

    days: list[Day] = Field(min_length=1, max_length=7)
    start: Time
    end: Time

    def stretch(self) -> Stretch:
        days = tuple(day for day in Day if day in self.days)
        return Stretch(days, _minute(self.start) % MINUTES_PER_DAY, _minute(self.end))


Hours = Annotated[list[HoursQuestion], Field(max_length=MOST_STRETCHES)]


class ZoneQuestion(Question):
    """``polygon``: at least three points, as shares of width and height from the top left. See `Zone` for the rest."""

    name: Name
    kind: ZoneKind = ZoneKind.ZONE
    polygon: list[tuple[Share, Share]] = Field(min_length=3, max_length=MOST_POINTS)
    sensitivity: Sensitivity | None = None
    far_height: Share = 0.0
    near_height: Share = 0.0
    heading: Heading = Heading.ANY
    dwell_s: Annotated[float, Field(ge=0, le=LONGEST_DWELL_S, allow_inf_nan=False)] = 0.0
    schedule: Hours = Field(default=[])

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        _refuse(check_zone, self.zone())
        return self

    def zone(self) -> Zone:
        return Zone(
            name=self.name,
            polygon=tuple(self.polygon),
            kind=self.kind,
            sensitivity=self.sensitivity,
            far_height=self.far_height,
            near_height=self.near_height,
            heading=self.heading,
            dwell_s=self.dwell_s,
            schedule=schedule_of(self.schedule),
        )


class LineQuestion(Question):
    """From ``start`` to ``end``; side A is to the left of who looks that way."""

    name: Name
    start: tuple[Share, Share]
    end: tuple[Share, Share]
    passing: Passing = Passing.BOTH
    sensitivity: Sensitivity | None = None
    schedule: Hours = Field(default=[])

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        _refuse(check_line, self.line())
        return self

    def line(self) -> Line:
        hours = schedule_of(self.schedule)
        return Line(self.name, self.start, self.end, self.passing, self.sensitivity, hours)


class MotionQuestion(Question):
    """No ``schedule`` means always; without zones and lines the whole picture counts."""

    enabled: bool = True
    sensitivity: Sensitivity = 50
    zones: list[ZoneQuestion] = Field(default=[], max_length=MOST_ZONES)
    lines: list[LineQuestion] = Field(default=[], max_length=MOST_LINES)
    schedule: Hours = Field(default=[])
    analysis: Analysis = Analysis.AUTO
    from_camera: bool = True

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        _refuse(check_motion, self.settings())
        return self

    def settings(self) -> MotionSettings:
        return MotionSettings(
            self.enabled,
            self.sensitivity,
            tuple(zone.zone() for zone in self.zones),
            tuple(line.line() for line in self.lines),
            schedule_of(self.schedule),
            analysis=self.analysis,
            from_camera=self.from_camera,
        )


class HoursAnswer(Answer):
    days: list[Day]
    start: str
    end: str


class ZoneAnswer(Answer):
    name: str
    kind: ZoneKind
    polygon: list[tuple[float, float]]
    sensitivity: int | None
    far_height: float
    near_height: float
    heading: Heading
    dwell_s: float
    schedule: list[HoursAnswer]


class LineAnswer(Answer):
    name: str
    start: tuple[float, float]
    end: tuple[float, float]
    passing: Passing
    sensitivity: int | None
    schedule: list[HoursAnswer]


class MotionAnswer(Answer):
    enabled: bool
    sensitivity: int
    zones: list[ZoneAnswer]
    lines: list[LineAnswer]
    schedule: list[HoursAnswer]
    analysis: Analysis
    from_camera: bool


def motion_answer(motion: MotionSettings) -> MotionAnswer:
    return MotionAnswer(
        enabled=motion.enabled,
        sensitivity=motion.sensitivity,
        zones=[_zone_answer(zone) for zone in motion.zones],
        lines=[_line_answer(line) for line in motion.lines],
        schedule=hours_answer(motion.schedule),
        analysis=motion.analysis,
        from_camera=motion.from_camera,
    )


def _zone_answer(zone: Zone) -> ZoneAnswer:
    return ZoneAnswer(
        name=zone.name,
        kind=zone.kind,
        polygon=list(zone.polygon),
        sensitivity=zone.sensitivity,
        far_height=zone.far_height,
        near_height=zone.near_height,
        heading=zone.heading,
        dwell_s=zone.dwell_s,
        schedule=hours_answer(zone.schedule),
    )


def _line_answer(line: Line) -> LineAnswer:
    return LineAnswer(
        name=line.name,
        start=line.start,
        end=line.end,
        passing=line.passing,
        sensitivity=line.sensitivity,
        schedule=hours_answer(line.schedule),
    )


def schedule_of(hours: list[HoursQuestion]) -> Schedule:
    """Hours as the model knows them."""
    return Schedule(tuple(one.stretch() for one in hours))


def hours_answer(schedule: Schedule) -> list[HoursAnswer]:
    """Hours as the API says them."""
    return [
        HoursAnswer(days=list(one.days), start=_shown(one.start), end=_shown(one.end))
        for one in schedule.stretches
    ]


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _shown(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _refuse(check: Callable[[Part], None], part: Part) -> None:
    try:
        check(part)
    except WachtelError as error:
        raise ValueError(error.what) from error
