"""Holds: footage that nothing deletes until somebody lets go of it."""

import asyncio
import logging
from collections.abc import Callable

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.base.waiting import answered
from wachtel.media.journal import HoldLine
from wachtel.model.event import Event
from wachtel.model.footage import Hold
from wachtel.pipeline.messages import WriteLine
from wachtel.storage.index import Index

log = logging.getLogger(__name__)

PATIENCE_S = 8.0
LONGEST_EVENT_US = 600 * US_PER_S
"""What is held of an event that still runs; none is longer."""

ClipRange = Callable[[Event], tuple[WallUs, WallUs | None]]


class HoldDesk:
    """Lives in main's loop. A hold counts when its line is in the journal and in the index."""

    def __init__(
        self, index: Index, clock: Clock, write: Callable[[WriteLine], None], clip_range: ClipRange
    ) -> None:
        self._index = index
        self._clock = clock
        self._write = write
        self._clip_range = clip_range
        self._holds: dict[tuple[str, int, int, str], Hold] = {}
        self._waiting: dict[tuple[str, int, int, str, bool], list[asyncio.Future[None]]] = {}

    async def load(self) -> None:
        """Reads what is held; at start, and when lines may have been missed."""
        found = await asyncio.to_thread(self._index.holds)
        asked = {key[:4] for key in self._waiting if key[4]}
        on_their_way = {key: one for key, one in self._holds.items() if key in asked}
        self._holds = {(one.camera, one.start, one.end, one.event): one for one in found} | on_their_way

    def written(self, camera: str, line: HoldLine) -> None:
        """A hold's line is in the index."""
        key = (camera, line.start, line.end, line.event)
        if line.on:
            hold = Hold(camera, WallUs(line.start), WallUs(line.end), line.event, line.why)
            self._holds[key] = hold
        else:
            self._holds.pop(key, None)
        for waiting in self._waiting.pop((*key, line.on), []):
            if not waiting.done():
                waiting.set_result(None)

    def of_event(self, event: str) -> Hold | None:
        """The hold of an event."""
        return next((one for one in self._holds.values() if one.event == event), None)

    def of_camera(self, camera: str) -> list[Hold]:
        """All holds of a camera."""
        return [one for one in self._holds.values() if one.camera == camera]

    def all(self) -> list[Hold]:
        """All holds, by start."""
        return sorted(self._holds.values(), key=lambda one: (one.start, one.camera))

    async def hold_event(self, event: Event, why: str) -> Hold:
        """Keeps an event's footage, pre- and post-roll included. Raises `WachtelError` (timeout)."""
        known = self.of_event(event.id)
        if known is not None:
            return known
        start, end = self._clip_range(event)
        hold = Hold(event.camera, start, end or WallUs(start + LONGEST_EVENT_US), event.id, why)
        return await self.hold(event.site, hold)

    async def release_event(self, event: Event) -> None:
        """Lets go of an event's footage; harmless when it is not held. Raises `WachtelError` (timeout)."""
        known = self.of_event(event.id)
        if known is not None:
            await self.release(event.site, known)

    async def hold(self, site: str, hold: Hold) -> Hold:
        """Keeps footage; returns when that is on the disk. Raises `WachtelError` (timeout)."""
        await self._journal(site, hold, on=True)
        return hold

    async def release(self, site: str, hold: Hold) -> None:
        """Lets go of footage. Raises `WachtelError` (timeout)."""
        await self._journal(site, hold, on=False)

    async def _journal(self, site: str, hold: Hold, *, on: bool) -> None:
        line = HoldLine(start=hold.start, end=hold.end, on=on, event=hold.event, why=hold.why)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        key = (hold.camera, hold.start, hold.end, hold.event, on)
        self._waiting.setdefault(key, []).append(done)
        if on:
            # From now on nothing of it is deleted, whether the line is on the disk yet or not.
            self._holds[key[:4]] = hold
        self._write(WriteLine(site, hold.camera, line))
        if not await answered(done, PATIENCE_S, self._clock):
            self._waiting.pop(key, None)
            raise WachtelError(
                ErrorKind.TIMEOUT,
                "The recorder has not noted yet that this footage is held.",
                hint="Look in a moment whether it is held, and try again.",
            )
