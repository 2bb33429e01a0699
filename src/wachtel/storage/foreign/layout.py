"""What a layout of another program's recordings tells by a path alone. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Named:
    """What the path of a recording says.

    ``camera`` is what the other program calls it. ``begins`` is to the second: with a zone it is a moment, without
    one it is what the clock on the wall showed. ``key`` is the part of the path that the layout makes, the same
    wherever its folder lies.
    """

    camera: str
    begins: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One program's way to name recordings. ``read`` gets the parts of a whole path, and gives None for any path that
    is not of this layout. Files with an ending in ``beside`` lie beside the recordings and hold none."""

    name: str
    title: str
    read: Callable[[Sequence[str]], Named | None]
    beside: frozenset[str] = field(default_factory=frozenset)


def moment_named(text: str, pattern: str) -> datetime | None:
    """A time as part of a path; None when there is no such day or hour."""
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        return None
