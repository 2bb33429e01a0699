"""Polygons and lines on the picture."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.model.schedule import ALWAYS, Schedule

Point = tuple[float, float]
"""x and y as shares of width and height, 0..1, from the top left."""


class ZoneKind(StrEnum):
    """A polygon that counts, or one that is ignored."""

    ZONE = "zone"
    MASK = "mask"


class Heading(StrEnum):
    """Where something moves on the picture; up is away from most cameras."""

    ANY = "any"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


class Passing(StrEnum):
    """Which way over a line counts. Side A is to the left of who looks from its first point to its second."""

    BOTH = "both"
    A_TO_B = "a_to_b"
    B_TO_A = "b_to_a"


@dataclass(frozen=True, slots=True)
class Zone:
    """A named polygon of at least three points, and what counts in it; of a mask only the polygon matters.

    ``sensitivity`` None is the camera's. A thing must be at least ``far_height`` (at the zone's upper edge) to
    ``near_height`` (at its lower edge) of the picture's height tall, in between in proportion, must move to
    ``heading``, and something must have been inside for ``dwell_s``.
    """

    name: str
    polygon: tuple[Point, ...]
    kind: ZoneKind = ZoneKind.ZONE
    sensitivity: int | None = None
    far_height: float = 0.0
    near_height: float = 0.0
    heading: Heading = Heading.ANY
    dwell_s: float = 0.0
    schedule: Schedule = ALWAYS


@dataclass(frozen=True, slots=True)
class Line:
    """A named line from ``start`` to ``end`` that counts when something's foot passes over it."""

    name: str
    start: Point
    end: Point
    passing: Passing = Passing.BOTH
    sensitivity: int | None = None
    schedule: Schedule = ALWAYS


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the picture, in the shares of `Point`."""

    left: float
    top: float
    right: float
    bottom: float
