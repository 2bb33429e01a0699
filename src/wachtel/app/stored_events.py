"""The events of the index, as the web layer asks for them."""

import asyncio
from collections.abc import Sequence

from wachtel.model.event import Event
from wachtel.storage import api as stored
from wachtel.storage.index import Index
from wachtel.web.ports.footage import EventQuery


class StoredEvents:
    """Asks the index in a thread."""

    def __init__(self, index: Index) -> None:
        self._index = index

    async def query(self, wanted: EventQuery) -> Sequence[Event]:
        """Newest first, at most ``limit``."""
        query = stored.EventQuery(
            camera=wanted.camera,
            sites=wanted.sites,
            start=wanted.start,
            end=wanted.end,
            before=wanted.before,
            limit=wanted.limit,
        )
        page = await asyncio.to_thread(self._index.events, query)
        return page.events

    async def get(self, event: str) -> Event | None:
        """One event, None when there is none of that id."""
        return await asyncio.to_thread(self._index.event, event)
