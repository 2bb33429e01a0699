"""``/api/v1/discover``: looks for devices on the local networks, because a person asks for it now."""

from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import Field
from starlette.responses import StreamingResponse

from wachtel.base.clock import Clock
from wachtel.model.access import Permission
from wachtel.model.device import FoundDevice
from wachtel.web.answers import Answer, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.cameras import Searches

LINES = "application/x-ndjson"


class SearchQuestion(Question):
    seconds: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = 5.0


class FoundAnswer(Answer):
    """``url`` is what to add it by, "" when that is not known; all texts are the device's own."""

    address: str
    url: str
    kinds: list[str]
    what: str
    make: str
    model: str
    name: str


class SearchProgress(Answer):
    """One line of the answer; the last one is ``done``."""

    elapsed_s: float
    seconds: float
    done: bool
    devices: list[FoundAnswer]


class DiscoveryRoutes:
    """One route."""

    def __init__(self, searches: Searches, clock: Clock) -> None:
        self._searches = searches
        self._clock = clock

    def add_to(self, door: Door) -> None:
        door.route("POST", "/api/v1/discover", self.discover, needs=Permission.ADMIN, on=On.EACH, gives=LINES)

    async def discover(self, asked: SearchQuestion) -> StreamingResponse:
        """Asks the local networks for cameras and Wemo devices; one line of JSON for each step, as it goes."""
        found = self._searches.search(asked.seconds)
        began = self._clock.monotonic_s()
        first = await anext(found, None)
        return StreamingResponse(self._lines(first or [], found, began, asked.seconds), media_type=LINES)

    async def _lines(
        self, last: list[FoundDevice], found: AsyncIterator[list[FoundDevice]], began: float, seconds: float
    ) -> AsyncIterator[bytes]:
        yield self._line(last, began, seconds, done=False)
        async for last in found:
            yield self._line(last, began, seconds, done=False)
        yield self._line(last, began, seconds, done=True)

    def _line(self, found: list[FoundDevice], began: float, seconds: float, *, done: bool) -> bytes:
        elapsed_s = round(min(seconds, self._clock.monotonic_s() - began), 1)
        progress = SearchProgress(
            elapsed_s=elapsed_s, seconds=seconds, done=done, devices=[_found(one) for one in found]
        )
        return progress.model_dump_json().encode() + b"\n"


def _found(device: FoundDevice) -> FoundAnswer:
    return FoundAnswer(
        address=device.address,
        url=device.url,
        kinds=list(device.kinds),
        what=device.what,
        make=device.make,
        model=device.model,
        name=device.name,
    )
