"""The archive of a running server, as the web layer asks for it."""

import asyncio

from wachtel.storage.index import Index
from wachtel.storage.rebuild import rebuild_open
from wachtel.web.ports.archive import Rebuilt


class StoredArchive:
    """Works in a thread, one request after the other."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._turn = asyncio.Lock()

    async def rebuild(self) -> Rebuilt:
        """Builds a new index beside the old one and swaps it in."""
        async with self._turn:
            report = await asyncio.to_thread(rebuild_open, self._index)
        return Rebuilt(report.segments, report.gaps, report.events)
