"""One thing on its way, as far as sightings tell."""

from collections import deque
from dataclasses import dataclass, field

from wachtel.base.units import WallUs
from wachtel.model.candidate import GRID, Sighting
from wachtel.model.zone import Heading, Point

_LATEST = 5
_LEAST_HEADING = 0.02
_SLANT = 2.0
"""A way counts for a heading when it leads at most this many times as far aside as ahead (63 degrees)."""


@dataclass(slots=True)
class Stay:
    """How long something has been in a zone: since when, and in how many pictures."""

    since: WallUs
    pictures: int = 1


@dataclass(slots=True)
class Whereabouts:
    """Where one thing is and was, by zones and lines."""

    heights: deque[int] = field(default_factory=lambda: deque(maxlen=_LATEST))
    stays: dict[str, Stay] = field(default_factory=dict)
    sides: dict[str, int] = field(default_factory=dict)
    passed: dict[str, tuple[WallUs, str]] = field(default_factory=dict)
    told: dict[str, tuple[WallUs, WallUs]] = field(default_factory=dict)
    foot: Point = (0.0, 0.0)

    def see(self, at: WallUs, seen: Sighting) -> None:
        """It was seen now."""
        if seen.anew:
            # What it does next is a new way, but it is in the same place: one picture in the zone counts.
            self.stays = {name: Stay(at) for name, stay in self.stays.items() if stay.pictures > 1}
        self.heights.append(seen.bottom - seen.top)

    def height(self) -> float:
        """How tall it is, as a share of the picture: the tallest of the last pictures, for a shape has holes."""
        return max(self.heights) / GRID


@dataclass(slots=True)
class Followed:
    """``since`` and ``origin`` (x, y, in shares) are where its way began; ``mass`` and ``area`` the largest since then.

    ``places`` is kept where there are zones or lines.
    """

    now: Sighting
    at: WallUs
    since: WallUs
    origin: Point
    mass: int
    area: int
    places: Whereabouts

    @classmethod
    def first(cls, at: WallUs, seen: Sighting, places: Whereabouts) -> "Followed":
        """Seen for the first time."""
        return cls(seen, at, at, _middle(seen), seen.mass, _area(seen), places)

    def see(self, at: WallUs, seen: Sighting) -> None:
        """Seen again."""
        if seen.anew:
            self.since, self.origin = at, _middle(seen)
            self.mass, self.area = 0, 0
        self.now, self.at = seen, at
        self.mass, self.area = max(self.mass, seen.mass), max(self.area, _area(seen))

    def way(self) -> Point:
        """How far it came, across and down, in shares."""
        x, y = _middle(self.now)
        return x - self.origin[0], y - self.origin[1]

    def heading(self) -> str:
        """The `Heading` it goes, "" when it hardly moved."""
        across, down = self.way()
        if max(abs(across), abs(down)) < _LEAST_HEADING:
            return ""
        if abs(across) >= abs(down):
            return Heading.RIGHT if across > 0 else Heading.LEFT
        return Heading.DOWN if down > 0 else Heading.UP

    def heads(self, heading: Heading) -> bool:
        """Whether it goes about this way: less than 63 degrees off."""
        across, down = self.way()
        ahead, aside = {
            Heading.RIGHT: (across, down),
            Heading.LEFT: (-across, down),
            Heading.DOWN: (down, across),
            Heading.UP: (-down, across),
        }.get(heading, (1.0, 0.0))
        return ahead >= _LEAST_HEADING and abs(aside) <= _SLANT * ahead


def foot_of(seen: Sighting) -> Point:
    """Where it stands on the ground, in shares."""
    return (seen.x + 0.5) / GRID, min(seen.bottom, GRID) / GRID


def _middle(seen: Sighting) -> Point:
    return (seen.x + 0.5) / GRID, (seen.y + 0.5) / GRID


def _area(seen: Sighting) -> int:
    return max(0, seen.right - seen.left) * max(0, seen.bottom - seen.top)
