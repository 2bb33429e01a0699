"""Stills of now, taken by the analysis worker that decodes the camera anyway."""

import asyncio
from collections.abc import Callable
from itertools import count

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.pipeline.messages import SnapshotTaken, TakeSnapshot

PATIENCE_S = 3.0


class SnapshotDesk:
    """Asks for pictures. Many who ask for the same camera at the same time share one answer."""

    def __init__(self, send: Callable[[str, TakeSnapshot], bool]) -> None:
        self._send = send
        self._tickets = count()
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._running: dict[str, asyncio.Future[bytes]] = {}

    async def latest(self, camera: str) -> bytes:
        """A JPEG of the newest picture. Raises `WachtelError` (not_found, timeout)."""
        answer = self._running.get(camera)
        if answer is None:
            answer = self._ask(camera)
        try:
            jpeg = await asyncio.wait_for(asyncio.shield(answer), PATIENCE_S)
        except TimeoutError as error:
            raise WachtelError(
                ErrorKind.TIMEOUT, f"Camera {camera} has no picture at the moment.", hint="Look at its state."
            ) from error
        if not jpeg:
            raise WachtelError(
                ErrorKind.NOT_FOUND,
                f"Camera {camera} has not sent a picture yet.",
                hint="Look at its state, or try again in a moment.",
            )
        return jpeg

    def _ask(self, camera: str) -> asyncio.Future[bytes]:
        ticket = next(self._tickets)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        if not self._send(camera, TakeSnapshot(ticket, camera)):
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no camera {camera!r} at work.")
        self._waiting[ticket] = self._running[camera] = answer
        answer.add_done_callback(lambda _: self._running.pop(camera, None))
        asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up, ticket)
        return answer

    def _give_up(self, ticket: int) -> None:
        answer = self._waiting.pop(ticket, None)
        if answer is not None and not answer.done():
            answer.set_result(b"")

    def taken(self, message: SnapshotTaken) -> None:
        """The worker's answer."""
        answer = self._waiting.pop(message.ticket, None)
        if answer is not None and not answer.done():
            answer.set_result(message.jpeg)
