"""The gateway worker process: RTSP for other programs. What goes wrong here costs no recording."""

import asyncio
import itertools
import logging
import socket
from pathlib import Path
from typing import Any

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import WachtelError
from wachtel.base.tls import ServedCertificate
from wachtel.base.wire import Message, Unpacker, pack
from wachtel.pipeline.gateway.connection import Connection, House
from wachtel.pipeline.gateway.door import WrongTries, network_of
from wachtel.pipeline.gateway.messages import (
    AskToken,
    GatewayFigures,
    OfferCamera,
    ToGateway,
    TokenAnswer,
    WithdrawCamera,
)
from wachtel.pipeline.gateway.streams import Streams
from wachtel.pipeline.gateway.udp import UdpPair
from wachtel.pipeline.messages import Ready

log = logging.getLogger(__name__)

LOOK_AGAIN_EVERY_S = 0.4
"""How often main is asked whether the tokens of open sessions still hold."""

FIGURES_EVERY_S = 2.0
ANSWER_PATIENCE_S = 5.0
HANDSHAKE_PATIENCE_S = 10.0
MOST_CONNECTIONS = 512
MOST_STRANGERS = 32
"""Connections from one address that have not shown a right token yet."""


class Gateway:
    """Everything in one loop."""

    def __init__(self, clock: Clock, certificate: ServedCertificate | None = None) -> None:
        self._clock = clock
        self._certificate = certificate
        self._streams = Streams(clock)
        self._tries = WrongTries(clock)
        self._tickets = itertools.count(1)
        self._asked: dict[int, asyncio.Future[TokenAnswer]] = {}
        self._connections: set[Connection] = set()
        self._control: asyncio.StreamWriter | None = None
        self._house: House | None = None

    async def run(self, control: socket.socket, listener: socket.socket) -> None:
        """Works until main closes the control socket."""
        reader, self._control = await asyncio.open_unix_connection(sock=control)
        udp = await _udp(listener) if self._certificate is None else None
        self._house = House(self._streams, self._tries, self._ask, self._clock, udp)
        self._say(Ready())
        server = await asyncio.start_server(self._accept, sock=listener, **self._tls())
        chores = [asyncio.create_task(self._look_again()), asyncio.create_task(self._count())]
        try:
            await self._obey_all(reader)
        finally:
            server.close()
            for chore in chores:
                chore.cancel()
            for connection in tuple(self._connections):
                connection.end()

    def _tls(self) -> dict[str, Any]:
        if self._certificate is None:
            return {}
        return {"ssl": self._certificate.context, "ssl_handshake_timeout": HANDSHAKE_PATIENCE_S}

    def _say(self, message: Message) -> None:
        if self._control is not None and not self._control.is_closing():
            self._control.write(pack(message))

    async def _obey_all(self, reader: asyncio.StreamReader) -> None:
        unpacker: Unpacker[ToGateway] = Unpacker(ToGateway)
        while data := await reader.read(1 << 18):
            for order in unpacker.feed(data):
                self._obey(order)

    def _obey(self, order: ToGateway) -> None:
        match order:
            case OfferCamera():
                self._streams.offer(order)
            case WithdrawCamera(camera):
                self._streams.withdraw(camera)
            case TokenAnswer(ticket):
                asked = self._asked.pop(ticket, None)
                if asked is not None and not asked.done():
                    asked.set_result(order)

    async def _ask(self, name: str, camera: str) -> TokenAnswer:
        """What main knows of a token; nothing when it does not answer."""
        ticket = next(self._tickets)
        asked = self._asked[ticket] = asyncio.get_running_loop().create_future()
        self._say(AskToken(ticket, name, camera))
        try:
            return await asyncio.wait_for(asked, ANSWER_PATIENCE_S)
        except TimeoutError:
            return TokenAnswer(ticket)
        finally:
            self._asked.pop(ticket, None)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._house is not None
        connection = Connection(self._house, reader, writer)
        if self._is_crowded(connection):
            connection.end()
            return
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    def _is_crowded(self, newcomer: Connection) -> bool:
        network = network_of(newcomer.peer)
        strangers = sum(not one.admitted and network_of(one.peer) == network for one in self._connections)
        return len(self._connections) >= MOST_CONNECTIONS or strangers >= MOST_STRANGERS

    async def _look_again(self) -> None:
        """Rights that are withdrawn end sessions within a second."""
        while True:
            await self._clock.sleep(LOOK_AGAIN_EVERY_S)
            for connection in [one for one in self._connections if one.is_forgotten]:
                connection.end()
            shown = {
                (one.session.visitor.name, one.session.place.camera)
                for one in self._connections
                if one.session
            }
            await asyncio.gather(*(self._look_at(name, camera) for name, camera in shown))

    async def _look_at(self, name: str, camera: str) -> None:
        token = await self._ask(name, camera)
        for connection in tuple(self._connections):
            session = connection.session
            if session is None or (session.visitor.name, session.place.camera) != (name, camera):
                continue
            if token.id != session.visitor.token or not token.may_view:
                connection.end()

    async def _count(self) -> None:
        while True:
            listeners = [one.listener for one in self._connections if one.listener is not None]
            lost = sum(listener.lost for listener in listeners)
            self._say(GatewayFigures(len(listeners), self._tries.refused, lost))
            self._take_certificate()
            await self._clock.sleep(FIGURES_EVERY_S)

    def _take_certificate(self) -> None:
        try:
            if self._certificate is not None:
                self._certificate.look_again()
        except WachtelError as error:
            log.warning("the old certificate is served on: %s", error)


async def _udp(listener: socket.socket) -> UdpPair | None:
    try:
        return await UdpPair.open(listener.getsockname()[0])
    except (OSError, WachtelError) as error:
        log.warning("RTSP goes over TCP only: %s", error)
        return None


def gateway_worker(control: socket.socket, listener: socket.socket, certificate: Path | None) -> None:
    """Entry of the process. With ``certificate`` nothing leaves unencrypted, so there is no UDP."""
    served = None if certificate is None else ServedCertificate(certificate)
    asyncio.run(Gateway(SystemClock(), served).run(control, listener))
