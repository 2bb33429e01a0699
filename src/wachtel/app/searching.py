"""Searches for devices, one at a time, without holding up the loop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.discovery.search import SearchPlan, default_plan
from wachtel.cameras.discovery.wemo import search_with_names
from wachtel.model.device import FoundDevice


class NeighbourSearch:
    """Looks on the local networks when asked. ``plan`` says where; it is asked for each search anew."""

    def __init__(self, clock: Clock, plan: Callable[[], SearchPlan] = default_plan) -> None:
        self._clock = clock
        self._plan = plan
        self._busy = False

    async def search(self, seconds: float) -> AsyncIterator[list[FoundDevice]]:
        """Everything found so far, some times a second. Raises `WachtelError` (busy, unreachable)."""
        if self._busy:
            raise WachtelError(
                ErrorKind.BUSY,
                "A search is running already.",
                hint="It ends within half a minute.",
                code="search_runs",
            )
        self._busy = True
        stop = threading.Event()
        steps = search_with_names(self._plan(), seconds, self._clock, stop)
        step: asyncio.Future[list[FoundDevice] | None] | None = None
        try:
            while True:
                step = asyncio.ensure_future(asyncio.to_thread(next, steps, None))
                found = await asyncio.shield(step)
                if found is None:
                    return
                yield found
        finally:
            self._busy = False
            stop.set()
            if step is not None and not step.done():
                await asyncio.wait([step])
            steps.close()
