"""What a detector followed, told so that it can be judged again with other settings: live, and days later."""

from dataclasses import dataclass
from typing import NamedTuple

from wachtel.base.units import WallUs

GRID = 255
"""Places are whole steps of 1/255 of the picture's width and height: coarse enough to keep, fine enough to judge."""

NEVER = 127
"""The level of what counts at no sensitivity, as far as is known."""


class Sighting(NamedTuple):
    """One thing in one picture; the same thing has the same ``track`` (0..65535) in all pictures.

    ``left`` to ``bottom`` is its box and ``x``, ``y`` its middle, in steps of `GRID`. ``level`` is the lowest
    sensitivity (0..100) at which it counts, or `NEVER`. ``anew``: its way begins here. ``mass`` (0..65535) says how
    much changed.
    """

    track: int
    left: int
    top: int
    right: int
    bottom: int
    x: int
    y: int
    level: int
    mass: int
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What was followed in the picture at ``at``."""

    at: WallUs
    sightings: tuple[Sighting, ...] = ()
