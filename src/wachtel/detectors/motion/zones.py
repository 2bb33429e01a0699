"""Polygons on the picture as sets of blocks, and what is refused."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.model.zone import Point, Zone, ZoneKind

MOST_POINTS = 64
MOST_ZONES = 32
_INSIDE_SHARE = 0.5
"""A thing counts for a zone when its foot or this share of its area is inside."""


@dataclass(frozen=True, slots=True)
class ZoneMap:
    """The zones of one camera on the grid of blocks."""

    zones: tuple[tuple[str, NDArray[np.bool_]], ...]
    open: NDArray[np.bool_] | None
    """Blocks outside all masks; None without masks."""

    def touched(self, blob: Blob) -> tuple[str, ...]:
        """The names of the zones this blob counts for."""
        return tuple(name for name, inside in self.zones if _counts(inside, blob))


def map_zones(zones: Sequence[Zone], width: int, height: int) -> ZoneMap:
    """Raises `WachtelError` (invalid) for a polygon that makes no sense, with the reason.

    Width and height are those of the detector's picture in pixels.
    """
    if len(zones) > MOST_ZONES:
        raise WachtelError(
            ErrorKind.INVALID, f"{len(zones)} zones are too many, at most {MOST_ZONES} are possible."
        )
    for zone in zones:
        check_polygon(zone.name, zone.polygon)
    grids = [(zone, _blocks_inside(zone, width, height)) for zone in zones]
    counting = tuple((zone.name, grid) for zone, grid in grids if zone.kind is ZoneKind.ZONE)
    masks = [grid for zone, grid in grids if zone.kind is ZoneKind.MASK]
    return ZoneMap(counting, ~np.logical_or.reduce(masks) if masks else None)


def check_polygon(name: str, polygon: Sequence[Point]) -> None:
    """Raises `WachtelError` (invalid) when the points (shares of the picture) are no area on the picture."""
    reason = _objection(polygon)
    if reason:
        raise WachtelError(ErrorKind.INVALID, f"Zone {name!r} cannot be used: {reason}.")


def _objection(polygon: Sequence[Point]) -> str:
    if not 3 <= len(polygon) <= MOST_POINTS:
        return f"it has {len(polygon)} points, between 3 and {MOST_POINTS} are needed"
    if not all(math.isfinite(value) for point in polygon for value in point):
        return "a coordinate is not a number"
    if not all(0 <= value <= 1 for point in polygon for value in point):
        return "a point lies outside the picture"
    if _sides_cross(polygon):
        return "its sides cross each other"
    if abs(_area(polygon)) < 1e-6:
        return "its points lie on one line, so it has no area"
    return ""


def _area(polygon: Sequence[Point]) -> float:
    pairs = itertools.pairwise((*polygon, polygon[0]))
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs) / 2


def _sides_cross(polygon: Sequence[Point]) -> bool:
    sides = list(itertools.pairwise((*polygon, polygon[0])))
    return any(_cross(a, b) for a, b in itertools.combinations(sides, 2))


def _cross(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    a, b = first
    c, d = second
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _blocks_inside(zone: Zone, width: int, height: int) -> NDArray[np.bool_]:
    """The blocks whose middle is inside, by the even-odd rule."""
    ys, xs = np.mgrid[0 : height // BLOCK, 0 : width // BLOCK]
    x, y = (xs + 0.5) * BLOCK / width, (ys + 0.5) * BLOCK / height
    inside = np.zeros(x.shape, np.bool_)
    for (ax, ay), (bx, by) in itertools.pairwise((*zone.polygon, zone.polygon[0])):
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    if not inside.any():
        raise WachtelError(
            ErrorKind.INVALID, f"Zone {zone.name!r} cannot be used: it is too small to see anything in."
        )
    return inside


def _counts(inside: NDArray[np.bool_], blob: Blob) -> bool:
    rows, columns = inside.shape
    foot_row = min(int(blob.bottom / BLOCK) - 1, rows - 1)
    foot_column = min(int(blob.x / BLOCK), columns - 1)
    if inside[foot_row, foot_column]:
        return True
    return float(inside.reshape(-1)[blob.blocks].mean()) >= _INSIDE_SHARE
