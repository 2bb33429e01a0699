"""One camera's sensor at one of our addresses: a small web server."""

import asyncio
import logging
import socket
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address

from wachtel.base.clock import Clock
from wachtel.pipeline.wemo_sensors.notices import Notices
from wachtel.protocols.wemo_sensor import (
    DESCRIPTION,
    LARGEST_HEAD_BYTES,
    MotionSensor,
    Reply,
    Request,
    read_head,
)

log = logging.getLogger(__name__)

QUESTION_TIMEOUT_S = 5.0
MOST_CONNECTIONS = 32


class SensorPlace:
    """Created inside the loop; `open` first."""

    def __init__(self, sensor: MotionSensor, own: str, clock: Clock) -> None:
        self.notices = Notices(sensor, own)
        self.port = 0
        self._sensor = sensor
        self._own = own
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._open = 0

    @property
    def url(self) -> str:
        """Where its description is."""
        return f"http://{self._own}:{self.port}{DESCRIPTION}"

    async def open(self, ports: Iterable[int]) -> bool:
        """Listens at the first of these ports that is free; False when none is."""
        for port in ports:
            listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind((self._own, port))
            except OSError:
                listening.close()
                continue
            self._server = await asyncio.start_server(self._serve, sock=listening, limit=LARGEST_HEAD_BYTES)
            self.port = int(listening.getsockname()[1])
            return True
        return False

    async def close(self) -> None:
        """Stops listening; whoever subscribed is told nothing more."""
        if self._server is not None:
            self._server.close()
        await self.notices.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            client = str(writer.get_extra_info("peername")[0])
            if self._open <= MOST_CONNECTIONS and is_near(client):
                async with asyncio.timeout(QUESTION_TIMEOUT_S):
                    await self._converse(client, reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            log.debug("a question was not asked to its end")
        finally:
            self._open -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _converse(
        self, client: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        reply = await self._reply(client, reader)
        writer.write(reply.encoded())
        await writer.drain()
        if reply.began is not None:
            self.notices.begin(reply.began)
        if reply.ended is not None:
            self.notices.end(reply.ended)

    async def _reply(self, client: str, reader: asyncio.StreamReader) -> Reply:
        head = await reader.readuntil(b"\r\n\r\n")
        asked = read_head(head[:-4])
        if asked is None or asked.body_bytes < 0:
            return Reply(400)
        body = await reader.readexactly(asked.body_bytes)
        now = self._clock.monotonic_s()
        for gone in self._sensor.book.expire(now):
            self.notices.end(gone)
        return self._sensor.answer(Request(asked.method, asked.path, asked.headers, body), client, now)


def is_near(client: str) -> bool:
    """Whether an address is one of a local network; nobody from farther away is answered."""
    address = ip_address(client)
    return address.is_private or address.is_link_local or address.is_loopback
