"""Keeps what the detectors followed, and asks what other settings would have made of it."""

import asyncio
import logging
from collections.abc import Callable

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs, microseconds
from wachtel.model.camera import Camera
from wachtel.pipeline.messages import CandidatesSeen
from wachtel.pipeline.replay import Replayed, Wanted, replay
from wachtel.storage.files.candidates import KEEP_DAYS, Candidates

log = logging.getLogger(__name__)

PRUNE_EVERY_S = 3600.0
MOST_WAITING = 1000
MOST_REMEMBERED = 64
OVER_US = microseconds(3600)
"""A range that ended so long ago gives the same answer tomorrow."""


class CandidateDesk:
    """Lives in main's loop; files are touched in threads."""

    def __init__(self, store: Candidates, clock: Clock, cameras: Callable[[], list[Camera]]) -> None:
        self._store = store
        self._clock = clock
        self._cameras = cameras
        self._waiting: asyncio.Queue[CandidatesSeen] = asyncio.Queue(MOST_WAITING)
        self._replaying = asyncio.Lock()
        self._remembered: dict[tuple[Camera, Wanted], Replayed] = {}

    def seen(self, message: CandidatesSeen) -> None:
        """A chunk of an analysis worker; left out when the disk does not keep up."""
        if not self._waiting.full():
            self._waiting.put_nowait(message)

    async def run(self) -> None:
        """Writes until cancelled."""
        while True:
            message = await self._waiting.get()
            try:
                await asyncio.to_thread(
                    self._store.append, message.camera, self._clock.wall_us(), message.chunk
                )
            except WachtelError as error:
                log.warning("candidates of %s are not kept: %s", message.camera, error)
            finally:
                self._waiting.task_done()

    async def prune(self) -> None:
        """Removes what is older than the footage may be, and than `KEEP_DAYS`, until cancelled."""
        while True:
            keep = {camera.id: min(KEEP_DAYS, camera.keep_days) for camera in self._cameras()}
            now = self._clock.wall_us()
            for camera in await asyncio.to_thread(self._store.cameras):
                before = WallUs(now - microseconds(86_400 * keep.get(camera, KEEP_DAYS)))
                await asyncio.to_thread(self._store.prune, camera, before)
            await self._clock.sleep(PRUNE_EVERY_S)

    async def finish(self) -> None:
        """Waits until everything taken so far is written."""
        await self._waiting.join()

    async def kept_since(self, camera: str) -> str | None:
        """The first UTC day of which anything is kept, None when nothing is."""
        return await asyncio.to_thread(self._store.first_day, camera)

    async def replay(self, camera: Camera, wanted: Wanted) -> Replayed:
        """What these settings would have made of the past; one at a time. Raises `WachtelError` (invalid)."""
        key = camera, wanted
        async with self._replaying:
            found = self._remembered.pop(key, None)
            if found is None:
                found = await asyncio.to_thread(replay, self._store, camera, wanted)
        if wanted.end < self._clock.wall_us() - OVER_US:
            self._remembered[key] = found
            while len(self._remembered) > MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
        return found
