"""The word on each picture: which of the things followed count for whole picture, zone or line.

Pure: the same looks and settings give the same words, live and days later. Masks, too small things and those that go
elsewhere are out; so is everything outside of a schedule.
"""

import math
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.judging.area import Area
from wachtel.detectors.judging.followed import Followed, Stay, Whereabouts, foot_of
from wachtel.detectors.judging.wall_clock import WallClock
from wachtel.model.camera import MotionSettings
from wachtel.model.candidate import GRID, NEVER, Look, Sighting
from wachtel.model.event import Motion, Why
from wachtel.model.zone import Box, Heading, Line, Passing, Point, Zone, ZoneKind
from wachtel.model.zone_checks import check_motion, turn

INSIDE_SHARE = 0.5
"""A thing is in a zone when its foot or this share of its box is inside."""
MASKED_SHARE = 0.6
"""A thing is masked when this share of its box is inside of a mask."""
FORGET_US = 3 * US_PER_S
"""What was not seen for this long is another thing when it is seen again; a zone is then empty."""
LINE_MARGIN = 0.008
"""A foot is on a side of a line when it is so far from it: it trembles."""
PASSED_US = 5 * US_PER_S
"""A thing may become sure so long after it passed a line."""
LINGER_US = US_PER_S
"""A thing that passed a line counts for so long."""
_NOWHERE = Whereabouts()
_SHARES = tuple(round(step / GRID, 4) for step in range(GRID + 1))
"""Each step of the grid as a share of the picture."""
_MASS_OF_SCORE = 80.0
_MASS_FACTOR = 4.0


@dataclass(frozen=True, slots=True)
class _Counts:
    """One thing that counts: since when, for which zone or line, which way over it."""

    thing: Followed
    since: WallUs
    zone: str = ""
    line: str = ""
    passing: str = ""


class Judge:
    """Judges one camera's looks, which must come in order of time. Raises `WachtelError` (invalid) for bad settings."""

    def __init__(self, settings: MotionSettings) -> None:
        check_motion(settings)
        self._settings = settings
        self._clock = WallClock(settings.time_zone)
        zones = [(zone, Area(zone.polygon)) for zone in settings.zones]
        self._zones = [(zone, area) for zone, area in zones if zone.kind is ZoneKind.ZONE]
        self._masks = [area for zone, area in zones if zone.kind is ZoneKind.MASK]
        self._has_places = bool(self._zones or settings.lines)
        self._things: dict[int, Followed] = {}
        self._occupied: dict[str, tuple[WallUs, WallUs]] = {}
        self._tidied = WallUs(0)

    def watches(self, at: WallUs) -> bool:
        """False outside of the camera's schedule."""
        return self._settings.enabled and self._clock.covers(self._settings.schedule, at)

    def look(self, look: Look) -> Motion | None:
        """The word on the next picture; None when nothing counts in it."""
        things = [self._follow(look.at, seen) for seen in look.sightings]
        self._forget(look.at)
        if not self.watches(look.at):
            return None
        able = [thing for thing in things if thing.now.level != NEVER and not self._is_masked(thing.now)]
        found = [one for thing in able for one in self._counts(thing)]
        return self._word(look.at, found) if found else None

    def _follow(self, at: WallUs, seen: Sighting) -> Followed:
        thing = self._things.get(seen.track)
        if thing is None or at - thing.at > FORGET_US or at < thing.at:
            places = Whereabouts() if self._has_places else _NOWHERE
            thing = self._things[seen.track] = Followed.first(at, seen, places)
        else:
            thing.see(at, seen)
        if self._has_places:
            self._place(thing, seen)
        return thing

    def _place(self, thing: Followed, seen: Sighting) -> None:
        """Where it is, by zones and lines."""
        thing.places.see(thing.at, seen)
        for zone, area in self._zones:
            self._enter(thing, zone, area)
        before, thing.places.foot = thing.places.foot, foot_of(seen)
        for line in self._settings.lines:
            self._pass(thing, line, before)

    def _forget(self, at: WallUs) -> None:
        """Now and then is enough: what was not seen for so long is another thing anyway."""
        if abs(at - self._tidied) < FORGET_US:
            return
        self._tidied = at
        gone = [number for number, one in self._things.items() if abs(at - one.at) > FORGET_US]
        for number in gone:
            del self._things[number]

    def _is_masked(self, seen: Sighting) -> bool:
        return any(area.share_of(seen) >= MASKED_SHARE for area in self._masks)

    def _counts(self, thing: Followed) -> list[_Counts]:
        level = thing.now.level
        if not self._has_places:
            return [_Counts(thing, thing.since)] if level <= self._settings.sensitivity else []
        found = []
        for zone, _ in self._zones:
            since = self._since_in(zone, thing) if level <= self._level_of(zone) else None
            if since is not None:
                found.append(_Counts(thing, since, zone=zone.name))
        for line in self._settings.lines:
            crossing = self._crossed(line, thing) if level <= self._level_of(line) else None
            if crossing is not None:
                found.append(_Counts(thing, crossing[0], line=line.name, passing=crossing[1]))
        return found

    def _level_of(self, part: Zone | Line) -> int:
        return self._settings.sensitivity if part.sensitivity is None else part.sensitivity

    def _enter(self, thing: Followed, zone: Zone, area: Area) -> None:
        seen = thing.now
        if not (area.contains(seen.x, seen.bottom - 1) or area.share_of(seen) >= INSIDE_SHARE):
            thing.places.stays.pop(zone.name, None)
            return
        stay = thing.places.stays.get(zone.name)
        if stay is None:
            thing.places.stays[zone.name] = Stay(thing.at)
        else:
            stay.pictures += 1

    def _since_in(self, zone: Zone, thing: Followed) -> WallUs | None:
        """Since when it counts for the zone; None when it does not."""
        places = thing.places
        stay = places.stays.get(zone.name)
        if stay is None or stay.pictures < 2 or places.height() < _least_height(zone, places.foot[1]):
            return None
        if not self._clock.covers(zone.schedule, thing.at):
            return None
        if zone.heading is not Heading.ANY and not thing.heads(zone.heading):
            return None
        return stay.since if zone.dwell_s == 0 else self._stayed(zone, thing, stay)

    def _stayed(self, zone: Zone, thing: Followed, stay: Stay) -> WallUs | None:
        """Something, be it seen as one thing or several, has been inside for long enough."""
        begun, last = self._occupied.get(zone.name, (stay.since, thing.at))
        if thing.at - last > FORGET_US or thing.at < last:
            begun = stay.since
        self._occupied[zone.name] = (min(begun, stay.since), thing.at)
        return begun if thing.at - begun >= zone.dwell_s * US_PER_S else None

    def _pass(self, thing: Followed, line: Line, before: Point) -> None:
        places = thing.places
        side = _side(line, places.foot)
        if side == 0:
            return
        last = places.sides.get(line.name, 0)
        places.sides[line.name] = side
        passing = Passing.A_TO_B if side > 0 else Passing.B_TO_A
        if last in (0, side) or not _within(line, before, places.foot):
            return
        if line.passing in (Passing.BOTH, passing):
            places.passed[line.name] = (thing.at, passing)

    def _crossed(self, line: Line, thing: Followed) -> tuple[WallUs, str] | None:
        crossing = thing.places.passed.get(line.name)
        if crossing is None or not self._clock.covers(line.schedule, crossing[0]):
            return None
        told = thing.places.told.get(line.name)
        if told is None or told[0] != crossing[0]:
            if thing.at - crossing[0] > PASSED_US:
                return None
            told = thing.places.told[line.name] = (crossing[0], thing.at)
        return crossing if thing.at - told[1] <= LINGER_US else None

    def _word(self, at: WallUs, found: list[_Counts]) -> Motion:
        best = max(found, key=lambda one: (bool(one.line), one.thing.mass)) if len(found) > 1 else found[0]
        things = sorted({id(one.thing): one.thing for one in found}.values(), key=lambda one: -one.mass)
        return Motion(
            at=at,
            since=min(one.since for one in found),
            score=self._score(best),
            zones=tuple(sorted({one.zone for one in found if one.zone})),
            why=_why(best),
            boxes=tuple(_box(thing.now) for thing in things),
        )

    def _score(self, best: _Counts) -> float:
        duller = (50 - self._settings.sensitivity) / 50
        return 1 - math.exp(-best.thing.mass / (_MASS_OF_SCORE * _MASS_FACTOR**duller))


def _least_height(zone: Zone, foot: float) -> float:
    """By where the foot is between the zone's upper and lower edge: what is far looks small."""
    heights = [y for _, y in zone.polygon]
    top, bottom = min(heights), max(heights)
    share = min(1.0, max(0.0, (foot - top) / (bottom - top)))
    return zone.far_height + (zone.near_height - zone.far_height) * share


def _side(line: Line, foot: Point) -> int:
    """-1 on side A, 1 on side B, 0 too near to tell."""
    distance = turn(line.start, line.end, foot) / math.dist(line.start, line.end)
    return 0 if abs(distance) < LINE_MARGIN else 1 if distance > 0 else -1


def _within(line: Line, before: Point, now: Point) -> bool:
    """Whether the way from one place to the other led over the line and not past its ends."""
    length = math.dist(line.start, line.end)
    ahead = (line.end[0] - line.start[0]) / length, (line.end[1] - line.start[1]) / length
    places = [(x - line.start[0]) * ahead[0] + (y - line.start[1]) * ahead[1] for x, y in (before, now)]
    return 0 <= sum(places) / 2 <= length


def _why(one: _Counts) -> Why:
    thing = one.thing
    across, down = thing.way()
    return Why(
        travel=round(min(1.0, max(abs(across), abs(down))), 4),
        within_s=(thing.at - thing.since) / US_PER_S,
        area=round(min(1.0, thing.area / GRID**2), 4),
        line=one.line,
        direction=one.passing or thing.heading(),
    )


def _box(seen: Sighting) -> Box:
    return Box(_SHARES[seen.left], _SHARES[seen.top], _SHARES[seen.right], _SHARES[seen.bottom])
