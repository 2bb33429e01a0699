"""Polygons on the picture."""

from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]
"""x and y as shares of width and height, 0..1, from the top left."""


class ZoneKind(StrEnum):
    """A polygon that counts, or one that is ignored."""

    ZONE = "zone"
    MASK = "mask"


@dataclass(frozen=True, slots=True)
class Zone:
    """A named polygon of at least three points."""

    name: str
    polygon: tuple[Point, ...]
    kind: ZoneKind = ZoneKind.ZONE


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the picture, in the shares of `Point`."""

    left: float
    top: float
    right: float
    bottom: float
