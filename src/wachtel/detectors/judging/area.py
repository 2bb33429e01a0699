"""A polygon as stretches of a grid: how much of a box lies inside is then a short sum."""

import itertools
from collections.abc import Sequence

from wachtel.model.candidate import GRID, Sighting
from wachtel.model.zone import Point


class Area:
    """A polygon of shares of the picture, by the even-odd rule, on `GRID` rows."""

    def __init__(self, polygon: Sequence[Point]) -> None:
        self._rows = [_stretches(polygon, (row + 0.5) / GRID) for row in range(GRID)]
        heights = [y for _, y in polygon]
        self.top, self.bottom = min(heights), max(heights)

    def contains(self, x: int, y: int) -> bool:
        """Whether the grid's cell at ``x``, ``y`` is inside."""
        middle = x + 0.5
        return any(left <= middle < right for left, right in self._rows[min(max(y, 0), GRID - 1)])

    def share_of(self, seen: Sighting) -> float:
        """The share of a sighting's box that lies inside."""
        width, height = seen.right - seen.left, seen.bottom - seen.top
        if width <= 0 or height <= 0:
            return float(self.contains(seen.x, seen.y))
        inside = sum(
            max(0.0, min(right, seen.right) - max(left, seen.left))
            for row in self._rows[seen.top : seen.bottom]
            for left, right in row
        )
        return inside / (width * height)


def _stretches(polygon: Sequence[Point], y: float) -> tuple[tuple[float, float], ...]:
    """Where this height is inside, from left to right in steps of the grid."""
    edges = itertools.pairwise((*polygon, polygon[0]))
    crossed = sorted(
        (ax + (bx - ax) * (y - ay) / (by - ay)) * GRID for (ax, ay), (bx, by) in edges if (ay > y) != (by > y)
    )
    return tuple(zip(crossed[0::2], crossed[1::2], strict=True))
