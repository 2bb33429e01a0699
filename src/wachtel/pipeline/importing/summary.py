"""What came of an import."""

from dataclasses import dataclass, field
from pathlib import Path

from wachtel.base.units import WallUs


@dataclass(frozen=True, slots=True)
class Skipped:
    """A recording that was not taken over, and why."""

    path: Path
    why: str


@dataclass(slots=True)
class CameraSummary:
    """What came of one camera's recordings. ``first`` and ``last`` are where the footage of this import begins and
    ends, what had been imported before included."""

    source: str
    camera: str
    site: str
    files: int = 0
    segments: int = 0
    size_bytes: int = 0
    length_us: int = 0
    already: int = 0
    first: WallUs | None = None
    last: WallUs | None = None

    def covers(self, start: int, end: int) -> None:
        """Footage from ``start`` to ``end`` is there."""
        self.first = WallUs(start if self.first is None else min(start, self.first))
        self.last = WallUs(end if self.last is None else max(end, self.last))


@dataclass(slots=True)
class Summary:
    """What came of all. ``shown_twice`` counts files of the hour that clocks show twice, ``never_shown`` those of the
    hour they leave out, ``soundless`` those whose sound could not be taken along, ``dated_otherwise`` those that say
    of themselves that they were made at another time than their name says."""

    cameras: list[CameraSummary] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    strangers: int = 0
    shown_twice: int = 0
    never_shown: int = 0
    soundless: int = 0
    dated_otherwise: int = 0
    dated_example: str = ""

    @property
    def files(self) -> int:
        """Recordings taken over."""
        return sum(one.files for one in self.cameras)

    @property
    def already(self) -> int:
        """Recordings that had been imported before."""
        return sum(one.already for one in self.cameras)
