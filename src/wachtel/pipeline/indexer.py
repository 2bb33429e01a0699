"""Brings journal lines into the index, in the order the workers wrote them, and announces what became visible by it."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.media.journal import Journalled
from wachtel.model.event import Event
from wachtel.storage.index import Index
from wachtel.storage.index.filling import catch_up

log = logging.getLogger(__name__)

LARGEST_BATCH = 500
RETRY_S = 2.0


class Indexer:
    """One task of main; the only writer of the index."""

    def __init__(
        self,
        index: Index,
        archive: Path,
        clock: Clock,
        on_event: Callable[[Event], None],
        on_applied: Callable[[Journalled], None],
    ) -> None:
        self._index = index
        self._archive = archive
        self._clock = clock
        self._on_applied = on_applied
        self._on_event = on_event
        self._lines: asyncio.Queue[Journalled | None] = asyncio.Queue()

    def take(self, line: Journalled) -> None:
        """A line that is on the disk."""
        self._lines.put_nowait(line)

    def catch_up(self) -> None:
        """A worker died, and with it perhaps the news of lines it had written: the journals are asked."""
        self._lines.put_nowait(None)

    async def run(self) -> None:
        """Applies lines until cancelled; what the disk refuses is tried again until it is in."""
        while True:
            first = await self._lines.get()
            batch = [] if first is None else self._batch(first)
            while (error := await self._try(batch)) is not None:
                log.warning("the index has to wait: %s", error)
                await self._clock.sleep(RETRY_S)

    async def _try(self, batch: list[Journalled]) -> WachtelError | None:
        """Applies lines, or asks the journals when there are none."""
        try:
            if batch:
                await self._apply(batch)
            else:
                await asyncio.to_thread(catch_up, self._index, self._archive)
                self._lines.task_done()
        except WachtelError as error:
            return error
        return None

    def _batch(self, first: Journalled) -> list[Journalled]:
        batch = [first]
        while len(batch) < LARGEST_BATCH and not self._lines.empty():
            line = self._lines.get_nowait()
            if line is None:
                self._lines.task_done()
                self.catch_up()
                break
            batch.append(line)
        return batch

    async def _apply(self, batch: list[Journalled]) -> None:
        applied = await asyncio.to_thread(self._index.apply, batch)
        for journalled in batch:
            self._on_applied(journalled)
        for event in applied.events:
            self._on_event(event)
        for _ in batch:
            self._lines.task_done()

    async def finish(self) -> None:
        """Waits until everything taken so far is in the index."""
        await self._lines.join()

    @property
    def waiting(self) -> int:
        """Lines not yet applied."""
        return self._lines.qsize()
