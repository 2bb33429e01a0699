"""One HTTP connection to the camera: Motion JPEG and snapshots."""

import asyncio

from wachtel.base.errors import WachtelError
from wachtel.protocols.rtsp import Headers, Request, Response, RtspParser
from wachtel.testing.fake_camera.device import Device, Manner
from wachtel.testing.fake_camera.line import Line
from wachtel.testing.fake_camera.pictures import PICTURES_PER_S, Picture, Pictures

MJPEG_PATH, SNAPSHOT_PATH = "/video.mjpeg", "/snapshot.jpg"
_SURELY_THERE_S = 0.005
BOUNDARY = "wachtel-picture"
_PAGE = b"<!doctype html><title>Fake camera</title><p>A fake camera. There is nothing to set here.</p>\n"


class WebConnection:
    """Answers one request at a time until the client leaves."""

    def __init__(self, device: Device, line: Line, pictures: Pictures) -> None:
        self.line = line
        self._device = device
        self._pictures = pictures
        self._muted = False

    def cut(self) -> None:
        """Ends the connection at once."""
        self.line.cut()

    def mute(self, muted: bool) -> None:
        """Sends no pictures any more, or again."""
        self._muted = muted

    async def serve(self) -> None:
        """Until the client leaves, or says something that is no HTTP."""
        parser = RtspParser()
        try:
            while data := await self.line.receive():
                for message in parser.feed(data):
                    if isinstance(message, Request) and not await self._reply(message):
                        return
        except (ConnectionError, WachtelError):
            pass
        finally:
            self.line.close()

    async def _reply(self, request: Request) -> bool:
        """False when the connection is over with it."""
        path = request.uri.partition("?")[0]
        self._device.state.requests.append(f"{request.method} {path}")
        authorization = request.headers.get("Authorization")
        if not self._device.gate.admits(request.method, authorization):
            self._device.state.refused += 1
            self._device.state.wrong_passwords += self._device.gate.is_wrong(authorization)
            challenge = self._device.gate.challenge(authorization).encode()
            await self._answer(401, b"", ("WWW-Authenticate", challenge))
        elif request.method != "GET":
            await self._answer(405, b"", ("Allow", "GET"))
        elif path == MJPEG_PATH and not self._device.player.ended.is_set():
            await self._stream()
            return False
        elif path == SNAPSHOT_PATH:
            await self._answer(200, (await self._picture()).jpeg, ("Content-Type", "image/jpeg"))
        elif path == "/":
            await self._answer(200, _PAGE, ("Content-Type", "text/html"))
        else:
            await self._answer(404, b"")
        return True

    async def _answer(self, status: int, body: bytes, *lines: tuple[str, str]) -> None:
        headers = [("Server", "Wachtel fake camera"), *lines, *([] if body else [("Content-Length", "0")])]
        await self.line.answer(Response(status, "", Headers.of(*headers), body, protocol="HTTP"))

    async def _stream(self) -> None:
        """Every picture once, until the film ends or the client leaves. The first such request starts the film."""
        self._device.player.start()
        self._device.state.first_play_s = self._device.player.started_at
        lines = (("Connection", "close"), ("Content-Type", f"multipart/x-mixed-replace;boundary={BOUNDARY}"))
        await self.line.answer(Response(200, "", Headers.of(*lines), protocol="HTTP"))
        last_at_s = -1.0
        while not self._device.player.ended.is_set() and not self.line.writer.transport.is_closing():
            picture = await self._picture()
            if (
                picture.at_s != last_at_s
                and not self._muted
                and self._device.switches.manner is Manner.NORMAL
            ):
                last_at_s = picture.at_s
                self.line.writer.write(_part(picture.jpeg))
                await self.line.writer.drain()
            await self._device.clock.sleep(self._until_next_s())

    def _until_next_s(self) -> float:
        """Until the film's next picture is there: a picture that was late makes those after it no later."""
        since_last = self._device.player.round_time_s * PICTURES_PER_S % 1.0
        return (1.0 - since_last) / PICTURES_PER_S + _SURELY_THERE_S

    async def _picture(self) -> Picture:
        return await asyncio.to_thread(self._pictures.at, self._device.player.round_time_s)


def _part(jpeg: bytes) -> bytes:
    """One picture of the stream (RFC 2046 section 5.1)."""
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"
