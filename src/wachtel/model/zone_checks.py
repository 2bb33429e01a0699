"""What is refused as a zone, a mask or a line, with the reason in words."""

import itertools
import math
from collections.abc import Sequence

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Analysis, MotionSettings
from wachtel.model.schedule import check_schedule
from wachtel.model.zone import Line, Point, Zone

MOST_POINTS = 64
MOST_ZONES = 32
MOST_LINES = 16
LONGEST_DWELL_S = 600.0
LEAST_AREA = 1e-4
LEAST_LENGTH = 0.02


def check_motion(settings: MotionSettings) -> None:
    """Raises `WachtelError` (invalid) for the first thing that makes no sense; ``details`` name the field."""
    _check_sensitivity(settings.sensitivity)
    check_schedule(settings.schedule)
    _check_count(len(settings.zones), "zones", MOST_ZONES)
    _check_count(len(settings.lines), "lines", MOST_LINES)
    for zone in settings.zones:
        check_zone(zone)
    for line in settings.lines:
        check_line(line)
    names = [*(zone.name for zone in settings.zones), *(line.name for line in settings.lines)]
    if len(set(names)) != len(names):
        raise WachtelError(ErrorKind.INVALID, "Two zones or lines have the same name.")
    if settings.analysis is Analysis.CAMERA and not settings.from_camera:
        raise WachtelError(
            ErrorKind.INVALID,
            "Nothing would be watched: analysis is left to the camera, and from_camera is off.",
            hint="Switch from_camera on, or motion off.",
        )


def check_zone(zone: Zone) -> None:
    """Raises `WachtelError` (invalid)."""
    check_polygon(zone.name, zone.polygon)
    _check_sensitivity(zone.sensitivity)
    check_schedule(zone.schedule)
    if not all(math.isfinite(height) and 0 <= height <= 1 for height in (zone.far_height, zone.near_height)):
        raise _refused("Zone", zone.name, "a least height is no share of the picture between 0 and 1")
    if not (math.isfinite(zone.dwell_s) and 0 <= zone.dwell_s <= LONGEST_DWELL_S):
        raise _refused(
            "Zone", zone.name, f"the time inside is not between 0 and {LONGEST_DWELL_S:.0f} seconds"
        )


def check_line(line: Line) -> None:
    """Raises `WachtelError` (invalid)."""
    _check_sensitivity(line.sensitivity)
    check_schedule(line.schedule)
    reason = _misplaced((line.start, line.end))
    if not reason and math.dist(line.start, line.end) < LEAST_LENGTH:
        reason = "its two points are too near to each other"
    if reason:
        raise _refused("Line", line.name, reason)


def check_polygon(name: str, polygon: Sequence[Point]) -> None:
    """Raises `WachtelError` (invalid) when the points (shares of the picture) are no area on the picture."""
    reason = _objection(polygon)
    if reason:
        raise _refused("Zone", name, reason)


def _objection(polygon: Sequence[Point]) -> str:
    if not 3 <= len(polygon) <= MOST_POINTS:
        return f"it has {len(polygon)} points, between 3 and {MOST_POINTS} are needed"
    reason = _misplaced(polygon)
    if reason:
        return reason
    if _sides_cross(polygon):
        return "its sides cross each other"
    area = abs(_area(polygon))
    if area < 1e-9:
        return "its points lie on one line, so it has no area"
    if area < LEAST_AREA:
        return "it is too small to see anything in"
    return ""


def _misplaced(points: Sequence[Point]) -> str:
    if not all(math.isfinite(value) for point in points for value in point):
        return "a coordinate is not a number"
    if not all(0 <= value <= 1 for point in points for value in point):
        return "a point lies outside the picture"
    return ""


def _area(polygon: Sequence[Point]) -> float:
    pairs = itertools.pairwise((*polygon, polygon[0]))
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs) / 2


def _sides_cross(polygon: Sequence[Point]) -> bool:
    sides = list(itertools.pairwise((*polygon, polygon[0])))
    return any(cross(a, b) for a, b in itertools.combinations(sides, 2))


def cross(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Whether two stretches meet in a point that is an end of neither."""
    a, b = first
    c, d = second
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def turn(a: Point, b: Point, c: Point) -> float:
    """Twice the area of the triangle; on a picture, whose y grows downwards, negative when ``c`` lies to the left of
    who looks from ``a`` to ``b``."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _check_sensitivity(sensitivity: int | None) -> None:
    if sensitivity is not None and not 0 <= sensitivity <= 100:
        raise WachtelError(ErrorKind.INVALID, f"A sensitivity of {sensitivity} is not between 0 and 100.")


def _check_count(number: int, what: str, most: int) -> None:
    if number > most:
        raise WachtelError(ErrorKind.INVALID, f"{number} {what} are too many, at most {most} are possible.")


def _refused(what: str, name: str, reason: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, f"{what} {name[:100]!r} cannot be used: {reason}.")
