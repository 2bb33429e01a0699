"""One TCP connection to the camera, with the manners that faults give it."""

import asyncio

from wachtel.protocols.rtsp import Response
from wachtel.testing.fake_camera.device import Device, Manner

_READ_BYTES = 1 << 16
_TRICKLE_EVERY_S = 1.0
_FILLER_EVERY_S = 0.1
_FILLER = b"X-Filler: " + b"x" * 4000 + b"\r\n"


class Line:
    """Receives and sends as the camera's `Manner` says."""

    def __init__(self, device: Device, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self._device = device
        self._reader = reader

    @property
    def peer(self) -> str:
        """The client's address."""
        address: str = self.writer.get_extra_info("peername")[0]
        return address

    def cut(self) -> None:
        """Ends the connection at once, as a cable does."""
        self.writer.transport.abort()

    def close(self) -> None:
        """Ends the connection when everything has been sent."""
        self.writer.close()

    async def receive(self) -> bytes:
        """What the client says; nothing when it has gone."""
        while True:
            data = await self._reader.read(_READ_BYTES)
            while self._device.switches.manner is Manner.DEAF:
                await self._device.clock.sleep(1.0)
            if not data or self._device.switches.manner is not Manner.SILENT:
                return data

    async def answer(self, response: Response) -> None:
        """Sends an answer. Raises `ConnectionError` when the client has gone."""
        manner = self._device.switches.manner
        if manner is Manner.TRICKLING:
            await self._trickle(response.encode())
        elif manner is Manner.ENDLESS:
            await self._never_end(response)
        else:
            self.writer.write(response.encode())
            await self.writer.drain()

    async def _trickle(self, data: bytes) -> None:
        for byte in data:
            await self._send_slowly(bytes([byte]), _TRICKLE_EVERY_S)

    async def _never_end(self, response: Response) -> None:
        head, _, _ = response.encode().partition(b"\r\n\r\n")
        self.writer.write(head + b"\r\n")
        while True:
            await self._send_slowly(_FILLER, _FILLER_EVERY_S)

    async def _send_slowly(self, data: bytes, every_s: float) -> None:
        if self.writer.transport.is_closing():
            raise ConnectionResetError
        self.writer.write(data)
        await self.writer.drain()
        await self._device.clock.sleep(every_s)
