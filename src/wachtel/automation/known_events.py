"""What the catalog knows of events, for all that makes up for what it missed."""

from collections.abc import Iterator
from typing import Protocol

from wachtel.base.units import WallUs
from wachtel.model.event import Event
from wachtel.storage.api import EventPage, EventQuery

PAGE = 200


class KnownEvents(Protocol):
    """The events that are on the disk; the part of `wachtel.storage.api.Catalog` that is needed here."""

    def event(self, event: str) -> Event | None: ...

    def open_events(self) -> list[Event]: ...

    def events(self, query: EventQuery) -> EventPage: ...


def events_since(catalog: KnownEvents, start: WallUs) -> Iterator[Event]:
    """Events that began after ``start``, newest first. Blocking."""
    before: str | None = None
    while True:
        page = catalog.events(EventQuery(before=before, limit=PAGE))
        for event in page.events:
            if event.start < start:
                return
            yield event
        if page.next is None:
            return
        before = page.next
