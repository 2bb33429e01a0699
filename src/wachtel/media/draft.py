"""Drafts: pictures that stand in a file as soon as they come, before anybody has looked at them.

The recorder appends the same pictures somewhat later, over their drafts, with what it then knows. Drafts are what a
crash leaves of them (docs/adr/0016).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from wachtel.media.fmp4 import Outlook


@dataclass(frozen=True, slots=True)
class Room:
    """Where drafts may be written: an open file of the system, and the byte from which on."""

    descriptor: int
    offset: int


@dataclass(frozen=True, slots=True)
class Draft:
    """Where the fragments of the next pictures go, and what they begin with."""

    room: Room
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Drafts:
    """How a stream that is recorded may be read.

    ``open`` gives room for drafts as long as it is held, or None while each picture must be read as it comes. The byte
    ``urgent`` is 1 as long as somebody wants to have each picture at once; any thread may change it at any time.
    """

    open: Callable[[], AbstractContextManager[Draft | None]]
    urgent: bytearray
