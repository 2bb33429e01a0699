"""Signals, and the events made of them."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.model.zone import Box


class SignalKind(StrEnum):
    """Where a signal comes from."""

    MOTION = "motion"


@dataclass(frozen=True, slots=True)
class Why:
    """Why something was reported, in numbers a page can put into words of any language.

    ``travel`` is the share of the picture's width (or height) the thing moved through, ``within_s`` how long it took,
    and ``area`` the largest share of the picture it covered. ``direction`` is a `Heading` ("" when it hardly moved),
    or, when it passed over the line named ``line``, a `Passing`.
    """

    travel: float = 0.0
    within_s: float = 0.0
    area: float = 0.0
    line: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Motion:
    """The detector's word on one picture in which something moves.

    ``at`` is the time of the picture; ``since`` the time of the first picture in which this thing was seen (never after
    ``at``); ``score`` 0..1; ``zones`` the names of the zones it touches; ``boxes`` where it is, the largest
    first.
    """

    at: WallUs
    since: WallUs
    score: float
    zones: tuple[str, ...] = ()
    why: Why = Why()
    boxes: tuple[Box, ...] = ()


class EventKind(StrEnum):
    """What people see in the list."""

    MOTION = "motion"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in front of a camera.

    ``start`` and ``end`` are the motion itself, without pre- and post-roll; ``end`` is None while it runs. ``reported``
    is the time of the picture at which the event was known. ``boxes`` are what moved on its snapshot.
    """

    id: str
    site: str
    camera: str
    kind: EventKind
    start: WallUs
    reported: WallUs
    end: WallUs | None
    score: float
    zones: tuple[str, ...] = ()
    why: Why = Why()
    snapshot: bool = False
    recovered: bool = False
    boxes: tuple[Box, ...] = ()
