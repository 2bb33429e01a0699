"""Brings journal lines into the index, in the order the workers wrote them, and announces what became visible by it."""

import asyncio
import logging
from collections.abc import Callable

from wachtel.media.journal import Journalled, SegmentLine
from wachtel.model.event import Event
from wachtel.storage.index import Index

log = logging.getLogger(__name__)

LARGEST_BATCH = 500


class Indexer:
    """One task of main; the only writer of the index."""

    def __init__(
        self, index: Index, on_event: Callable[[Event], None], on_segment: Callable[[SegmentLine], None]
    ) -> None:
        self._index = index
        self._on_segment = on_segment
        self._on_event = on_event
        self._lines: asyncio.Queue[Journalled] = asyncio.Queue()

    def take(self, line: Journalled) -> None:
        """A line that is on the disk."""
        self._lines.put_nowait(line)

    async def run(self) -> None:
        """Applies lines until cancelled."""
        while True:
            batch = [await self._lines.get()]
            await self._apply(batch)

    async def _apply(self, batch: list[Journalled]) -> None:
        while not self._lines.empty() and len(batch) < LARGEST_BATCH:
            batch.append(self._lines.get_nowait())
        applied = await asyncio.to_thread(self._index.apply, batch)
        for journalled in batch:
            if isinstance(journalled.line, SegmentLine):
                self._on_segment(journalled.line)
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
