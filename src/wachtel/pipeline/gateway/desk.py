"""The gateway worker as main sees it: started, told of cameras, and answered when it asks about a token."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.base.tasks import Errands, TaskSupervisor
from wachtel.model.stream import StreamName
from wachtel.pipeline.gateway.messages import (
    AskToken,
    FromGateway,
    GatewayFigures,
    OfferCamera,
    TokenAnswer,
    WithdrawCamera,
)
from wachtel.pipeline.worker_process import WorkerProcess

STOP_PATIENCE_S = 6.0

AnswerToken = Callable[[AskToken], Awaitable[TokenAnswer]]


class GatewayDesk:
    """Created inside the loop. The listening socket stays ours, so a new worker goes on at the same port.

    The worker, some 10 MB, is started when the first program knocks; whoever knocks waits in the socket's queue.

    ``certificate``: a file with key and chain for RTSP over TLS; None for plain RTSP.
    """

    def __init__(
        self, listener: socket.socket, clock: Clock, answer: AnswerToken, certificate: Path | None = None
    ) -> None:
        self.figures = GatewayFigures(0, 0, 0)
        self._answer = answer
        self._listener = listener
        self._tasks = TaskSupervisor(clock)
        self._replies = Errands()
        self._offers: dict[str, OfferCamera] = {}
        self._waiting = False
        self.worker: WorkerProcess[FromGateway] = WorkerProcess(
            "gateway-0",
            "wachtel.pipeline.gateway.worker:gateway_worker",
            (listener, certificate),
            FromGateway,
            clock,
            on_start=lambda: self.worker.send_all(self._offers.values()),
            on_message=self._heard,
            on_death=self._died,
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    def start(self) -> None:
        """Waits for the first program."""
        self._waiting = True
        asyncio.get_running_loop().add_reader(self._listener, self._somebody_came)

    def _somebody_came(self) -> None:
        self._wait_no_more()
        self._tasks.keep(self.worker.name, self.worker.run)

    def _wait_no_more(self) -> None:
        self._waiting = False
        asyncio.get_running_loop().remove_reader(self._listener)

    def offer(self, camera: str, streams: tuple[StreamName, ...], tap: str) -> None:
        """Serves a camera, or serves it anew with changed settings."""
        offer = OfferCamera(camera, streams, tap)
        if self._offers.get(camera) != offer:
            self._offers[camera] = offer
            self.worker.send(offer)

    def withdraw(self, camera: str) -> None:
        """Serves a camera no more."""
        if self._offers.pop(camera, None) is not None:
            self.worker.send(WithdrawCamera(camera))

    def _heard(self, message: FromGateway) -> None:
        match message:
            case AskToken():
                self._replies.run("rtsp token", self._reply(message))
            case GatewayFigures():
                self.figures = message

    async def _reply(self, question: AskToken) -> None:
        self.worker.send(await self._answer(question))

    def _died(self) -> None:
        self.figures = GatewayFigures(0, 0, 0)

    async def stop(self) -> None:
        """Ends all sessions and the worker."""
        if self._waiting:
            self._wait_no_more()
        else:
            await self.worker.end(STOP_PATIENCE_S)
        await self._tasks.close()
        self._listener.close()
