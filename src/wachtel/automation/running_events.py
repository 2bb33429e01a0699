"""Which events run at this moment, for whoever shows motion as a state."""

import asyncio

from wachtel.automation.known_events import KnownEvents
from wachtel.model.event import Event


class RunningEvents:
    """Lives in the loop; `begin` first."""

    def __init__(self, catalog: KnownEvents) -> None:
        self._catalog = catalog
        self._running: dict[str, set[str]] = {}
        self._missed: set[str] = set()

    async def begin(self) -> None:
        """Takes up the events that run already."""
        for event in await asyncio.to_thread(self._catalog.open_events):
            self._running.setdefault(event.camera, set()).add(event.id)

    def event(self, event: Event) -> None:
        """An event began, changed or ended."""
        running = self._running.setdefault(event.camera, set())
        if event.end is None:
            running.add(event.id)
        else:
            running.discard(event.id)

    def moves(self, camera: str) -> bool:
        """True while an event of this camera runs."""
        return bool(self._running.get(camera))

    async def reconcile(self) -> None:
        """An event whose end nobody told is over when the index has not known it as open twice in a row."""
        known = {event.id for event in await asyncio.to_thread(self._catalog.open_events)}
        missing = {event for events in self._running.values() for event in events} - known
        for events in self._running.values():
            events -= missing & self._missed
        self._missed = missing
