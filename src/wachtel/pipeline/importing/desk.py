"""Beside a running server: hands waiting files to the media worker that writes their camera's journal."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.base.waiting import answered
from wachtel.pipeline.messages import AdoptFootage, AdoptionDone
from wachtel.storage.files.adoption import Adoptable

PATIENCE_S = 900.0
_AGAIN = "Run the import again: it goes on where it was."


class ImportDesk:
    """Lives in main's loop. ``settled`` waits until the index knows what the workers have written."""

    def __init__(
        self, clock: Clock, send: Callable[[AdoptFootage], None], settled: Callable[[], Awaitable[None]]
    ) -> None:
        self._clock = clock
        self._send = send
        self._settled = settled
        self._tickets = count(1)
        self._waiting: dict[int, asyncio.Future[AdoptionDone]] = {}

    async def adopt(
        self, site: str, camera: str, files: Sequence[Adoptable], holes: Sequence[tuple[WallUs, WallUs]]
    ) -> Mapping[str, str]:
        """Takes files in, and journals holes; gives the names of those that were refused, with the reason.

        Raises `WachtelError` as the worker met it, timeout or internal when it does not answer.
        """
        ticket = next(self._tickets)
        answer: asyncio.Future[AdoptionDone] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = answer
        named = tuple((one.name, one.imported) for one in files)
        self._send(AdoptFootage(ticket, site, camera, named, tuple(holes)))
        try:
            done = await self._answer(camera, answer)
        finally:
            self._waiting.pop(ticket, None)
        if done.kind:
            raise WachtelError(ErrorKind(done.kind), done.what, hint=_AGAIN)
        await self._settled()
        return dict(done.refused)

    async def _answer(self, camera: str, answer: "asyncio.Future[AdoptionDone]") -> AdoptionDone:
        if not await answered(answer, PATIENCE_S, self._clock):
            raise WachtelError(
                ErrorKind.TIMEOUT,
                f"The worker of {camera} does not say what became of its files.",
                hint=_AGAIN,
            )
        return answer.result()

    def done(self, message: AdoptionDone) -> None:
        """A worker has worked through an order."""
        waiting = self._waiting.get(message.ticket)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def worker_died(self) -> None:
        """Nobody answers what was asked."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(
                    WachtelError(ErrorKind.INTERNAL, "The worker that took files in has died.", hint=_AGAIN)
                )
