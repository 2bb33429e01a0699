"""What the layers above need from storage, as narrow as they need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from wachtel.base.units import WallUs
from wachtel.model.event import Event
from wachtel.model.footage import Gap, GapReason, Segment
from wachtel.model.stream import StreamName

SLOT_S = 10
"""A bit of a bitmap in `HourSummary` stands for this many seconds."""

SLOTS_PER_HOUR = 360


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch of journal lines changed, for those who announce it."""

    segments: tuple[Segment, ...] = ()
    gaps: tuple[Gap, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events; None means any. ``before`` is the id of the last event of the page before."""

    camera: str | None = None
    sites: frozenset[str] | None = None
    start: WallUs | None = None
    end: WallUs | None = None
    kind: str | None = None
    before: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first; ``next`` is what to ask for as ``before``, None when there are no more."""

    events: tuple[Event, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class HourSummary:
    """One hour of one camera. Bitmaps hold 360 bits of ten seconds, the first slot in the highest bit.

    A bit of ``presence`` is set where the main stream has footage in any part of the slot, of ``events``
    where an event ran. ``size_bytes`` counts the files of all streams that begin in this hour.
    """

    camera: str
    hour: WallUs
    presence: bytes
    events: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CameraSize:
    """How much footage a camera has; ``oldest`` is the hour of its oldest file, None when it has none."""

    camera: str
    size_bytes: int
    recent_bytes: int
    oldest: WallUs | None


class LedgerState(StrEnum):
    """What became of a stretch of time; ``before`` is the time before the camera was there."""

    RECORDED = "recorded"
    GAP = "gap"
    OFF = "off"
    DELETED = "deleted"
    UNKNOWN = "unknown"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one state; ``reason`` for gaps only."""

    start: WallUs
    end: WallUs
    state: LedgerState
    reason: GapReason | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole range without holes, in order. ``recorded_share`` is 0..1 of the range in which there was a camera
    that was not off."""

    stretches: tuple[Stretch, ...]
    recorded_share: float

    def length_us(self, state: LedgerState) -> int:
        """How much of the range is in this state."""
        return sum(one.end - one.start for one in self.stretches if one.state is state)


class Catalog(Protocol):
    """Questions about what was recorded. All methods block for a moment and may be called by any thread."""

    def segments(self, camera: str, stream: StreamName, start: WallUs, end: WallUs) -> list[Segment]:
        """The segments that overlap the range, by start."""
        ...

    def gaps(self, camera: str, start: WallUs, end: WallUs) -> list[Gap]:
        """The gaps that overlap the range, by start."""
        ...

    def events(self, query: EventQuery) -> EventPage:
        """Events, newest first. Raises `WachtelError` (not_found) when ``before`` names no event."""
        ...

    def event(self, event: str) -> Event | None:
        """One event."""
        ...

    def open_events(self) -> list[Event]:
        """Events that have begun and not ended."""
        ...

    def timeline(self, cameras: Sequence[str], start: WallUs, end: WallUs) -> list[HourSummary]:
        """The hours that overlap the range and hold anything, by hour and camera."""
        ...

    def ledger(self, camera: str, start: WallUs, end: WallUs) -> Ledger:
        """What became of every moment of the range."""
        ...

    def last_footage(self, camera: str) -> WallUs | None:
        """The end of the newest segment of the main stream."""
        ...
