"""What was recorded, and what is asked of it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from wachtel.base.units import WallUs
from wachtel.model.camera import Camera
from wachtel.model.event import Event
from wachtel.model.footage import Hold, LastingGap
from wachtel.model.stream import StreamFormat
from wachtel.pipeline.exports import Wish
from wachtel.pipeline.replay import Replayed, Wanted
from wachtel.storage.api import HourSummary, Ledger
from wachtel.web.ports.engine_off import not_running


class Clip(Protocol):
    """A playable MP4 ready to be sent.

    ``size_bytes`` and ``etag`` are None while the event still runs. ``gaps`` are stretches of the range
    without footage.
    """

    @property
    def size_bytes(self) -> int | None: ...

    @property
    def etag(self) -> str | None: ...

    @property
    def start(self) -> WallUs: ...

    @property
    def end(self) -> WallUs: ...

    @property
    def gaps(self) -> tuple[tuple[WallUs, WallUs], ...]: ...

    def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes ``first`` to ``last`` (both included); of a running clip everything until the event has
        ended.
        """
        ...


class Part(Clip, Protocol):
    """A finished film of a range, or a part of it; ``formats`` are those the picture goes through in it."""

    @property
    def formats(self) -> tuple[StreamFormat, ...]: ...


class Footage(Protocol):
    """Cuts playable files out of the archive."""

    async def parts(self, camera: str, start: WallUs, end: WallUs) -> Sequence[Part]:
        """One film, and one more for each change of codec or sound.

        Raises `WachtelError` (not_found) when nothing was recorded in that range.
        """
        ...

    async def clip(self, event: Event) -> Clip:
        """The event with its pre- and post-roll."""
        ...

    async def event_snapshot(self, event: Event) -> bytes:
        """The JPEG kept with the event. Raises `WachtelError` (not_found)."""
        ...


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events; every condition that is not None must hold.

    ``start`` and ``end`` ask for events that overlap this stretch. ``before`` is an event id: only events
    older than that one. ``sites`` limits the answer to what somebody may see.
    """

    camera: str | None = None
    sites: frozenset[str] | None = None
    start: WallUs | None = None
    end: WallUs | None = None
    before: str | None = None
    limit: int = 50


class Events(Protocol):
    """The events of the index."""

    async def query(self, wanted: EventQuery) -> Sequence[Event]:
        """Newest first: by start, then by id, both descending; at most ``limit``."""
        ...

    async def get(self, event: str) -> Event | None: ...


class Ledgers(Protocol):
    """What became of every moment."""

    async def ledger(self, camera: str, start: WallUs, end: WallUs) -> Ledger:
        """The range without holes, as far as it is past; no stretch at all when it is to come."""
        ...

    async def hours(self, cameras: Sequence[str], start: WallUs, end: WallUs) -> Sequence[HourSummary]:
        """The hours that overlap the range and hold anything, by hour and camera."""
        ...


class NoLedgers:
    """The ledger of an engine that is off."""

    async def ledger(self, *_: object) -> Ledger:
        raise not_running()

    async def hours(self, *_: object) -> Sequence[HourSummary]:
        raise not_running()


class Gaps(Protocol):
    """Gaps of this moment."""

    def lasting(self, camera: str) -> LastingGap | None:
        """The gap this camera has now, None when it is recorded or off on purpose."""
        ...

    def alarmed(self, camera: str) -> bool:
        """True when that gap is longer than the camera's limit."""
        ...


class NoGaps:
    """Gaps of an engine that is off."""

    def lasting(self, camera: str) -> LastingGap | None:  # noqa: ARG002 (nobody knows)
        return None

    def alarmed(self, camera: str) -> bool:  # noqa: ARG002 (nobody knows)
        return False


class Holds(Protocol):
    """Footage that nothing deletes."""

    def of_event(self, event: str) -> Hold | None:
        """The hold of an event."""
        ...

    async def hold_event(self, event: Event, why: str) -> Hold:
        """Keeps an event's footage; returns when that is on the disk. Raises `WachtelError` (timeout)."""
        ...

    async def release_event(self, event: Event) -> None:
        """Lets go of it; harmless when it is not held. Raises `WachtelError` (timeout)."""
        ...

    async def hold(self, site: str, hold: Hold) -> Hold:
        """Keeps any stretch; returns when that is on the disk. Raises `WachtelError` (timeout)."""
        ...

    async def release(self, site: str, hold: Hold) -> None:
        """Lets go of it. Raises `WachtelError` (timeout)."""
        ...

    def all(self) -> Sequence[Hold]:
        """All holds, by start."""
        ...


class NoHolds:
    """Holds of an engine that is off."""

    def of_event(self, event: str) -> Hold | None:  # noqa: ARG002 (nobody knows)
        return None

    async def hold_event(self, *_: object) -> Hold:
        raise not_running()

    async def release_event(self, *_: object) -> None:
        raise not_running()

    async def hold(self, *_: object) -> Hold:
        raise not_running()

    async def release(self, *_: object) -> None:
        raise not_running()

    def all(self) -> Sequence[Hold]:
        raise not_running()


class Download(Protocol):
    """A file to take along, of which any part can be read."""

    @property
    def size_bytes(self) -> int: ...

    @property
    def etag(self) -> str: ...

    def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes ``first`` to ``last``, both included."""
        ...


class Replays(Protocol):
    """What was followed on past days."""

    async def replay(self, camera: Camera, wanted: Wanted) -> Replayed:
        """What these settings would have made of it. Raises `WachtelError` (invalid, disk_error)."""
        ...

    async def kept_since(self, camera: str) -> str | None:
        """The first UTC day of which anything is kept, None when nothing is."""
        ...


class NoReplays:
    """Replays of an engine that is off."""

    async def replay(self, camera: Camera, wanted: Wanted) -> Replayed:  # noqa: ARG002 (`wachtel replay` does it)
        raise not_running()

    async def kept_since(self, camera: str) -> str | None:  # noqa: ARG002 (nobody asks)
        return None


class Exports(Protocol):
    """Footage to take along."""

    async def archive(self, wish: Wish) -> Download:
        """Several cameras in one ZIP with their journals. Raises `WachtelError` (not_found)."""
        ...


class NoExports:
    """Exports of an engine that is off."""

    async def archive(self, wish: Wish) -> Download:  # noqa: ARG002 (the command line does it itself)
        raise not_running()
