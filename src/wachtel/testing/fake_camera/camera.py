"""The fake camera: listens, plays its files, and fails to order."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol
from urllib.parse import quote

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Transport
from wachtel.model.stream import StreamName
from wachtel.testing.fake_camera.connection import Connection
from wachtel.testing.fake_camera.device import Device, Switches
from wachtel.testing.fake_camera.faults import Client, Faults
from wachtel.testing.fake_camera.gate import Gate
from wachtel.testing.fake_camera.line import Line
from wachtel.testing.fake_camera.options import FakeCameraOptions, FaultName
from wachtel.testing.fake_camera.pictures import Pictures
from wachtel.testing.fake_camera.player import Feed, Player
from wachtel.testing.fake_camera.programme import load_programme
from wachtel.testing.fake_camera.reencoding import make_smaller
from wachtel.testing.fake_camera.state import CameraState
from wachtel.testing.fake_camera.udp import UdpPair
from wachtel.testing.fake_camera.web import MJPEG_PATH, SNAPSHOT_PATH, WebConnection

_LOOK_AFTER_SESSIONS_EVERY_S = 1.0


class _Served(Client, Protocol):
    async def serve(self) -> None:
        """Until the client leaves."""
        ...


class FakeCamera:
    """``async with FakeCamera(file) as camera`` listens; files are read when it opens.

    URLs are without user and password. One event loop only, that which opened it.
    """

    def __init__(
        self,
        main: Path,
        sub: Path | None = None,
        options: FakeCameraOptions | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.options = options or FakeCameraOptions()
        self.state = CameraState()
        self._files = {StreamName.MAIN: main} | ({} if sub is None else {StreamName.SUB: sub})
        self._clock = clock or SystemClock()
        self._clients: dict[_Served, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[asyncio.Server] = []
        self._device: Device | None = None
        self._faults: Faults | None = None

    async def __aenter__(self) -> "FakeCamera":
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Reads the files and listens. Raises `WachtelError` (not_found, invalid, unsupported_codec, busy)."""
        programmes = {name: load_programme(path) for name, path in self._files.items()}
        feeds = {name: Feed(programme, seed) for seed, (name, programme) in enumerate(programmes.items())}
        player = Player(feeds, self._clock, loop=self.options.loop, rtcp=self.options.rtcp)
        gate = Gate(self.options.user, self.options.password, self.options.auth)
        if any(fault.name is FaultName.SPS_CHANGE for fault in self.options.faults):
            await self.prepare_other_format(feeds)
        udp = await UdpPair.open(self.options.host, self._heard_by_udp)
        device = Device(self.options, player, gate, self.state, Switches(), self._clock, udp)
        faults = Faults(device, lambda: tuple(self._clients))
        self._device, self._faults = device, faults
        pictures = Pictures(self._files.get(StreamName.SUB, self._files[StreamName.MAIN]))
        try:
            await self._listen(self.options.port, lambda line: Connection(device, line))
            await self._listen(self.options.http_port, lambda line: WebConnection(device, line, pictures))
        except WachtelError:
            await self.close()
            raise
        jobs = [player.run(), self._watch_end(player), self._look_after_sessions()]
        jobs += [faults.bring_about(fault) for fault in self.options.faults]
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def close(self) -> None:
        """Cuts everybody off and stops listening."""
        for server in self._servers:
            server.close()
        for client in tuple(self._clients):
            client.cut()
        tasks = [*self._tasks, *self._clients.values()]
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()
        self._servers, self._tasks = [], []
        if self._device is not None:
            self._device.udp.close()
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def prepare_other_format(self, feeds: dict[StreamName, Feed] | None = None) -> None:
        """Makes the files that `FaultName.SPS_CHANGE` goes over to; needed only before applying it by hand."""
        with tempfile.TemporaryDirectory() as folder:
            for name, feed in (feeds or dict(self._open_device.player.feeds)).items():
                target = Path(folder) / f"{name}{self._files[name].suffix}"
                await asyncio.to_thread(make_smaller, self._files[name], target)
                feed.other = load_programme(target)

    @property
    def port(self) -> int:
        """The RTSP port."""
        return self._port_of(0)

    @property
    def http_port(self) -> int:
        """The HTTP port."""
        return self._port_of(1)

    @property
    def main_url(self) -> str:
        """The address of the main stream."""
        return f"rtsp://{self.options.host}:{self.port}/main"

    @property
    def sub_url(self) -> str | None:
        """The address of the sub stream, None without one."""
        return f"rtsp://{self.options.host}:{self.port}/sub" if StreamName.SUB in self._files else None

    @property
    def mjpeg_url(self) -> str:
        """The address of the Motion JPEG stream: the sub stream's pictures, or the main stream's without one."""
        return f"http://{self.options.host}:{self.http_port}{MJPEG_PATH}"

    @property
    def snapshot_url(self) -> str:
        """The address of the newest picture."""
        return f"http://{self.options.host}:{self.http_port}{SNAPSHOT_PATH}"

    def urls(self) -> dict[str, str]:
        """Every address, by what is to be had there."""
        rtsp = {"main": self.main_url} | ({} if self.sub_url is None else {"sub": self.sub_url})
        return rtsp | {"mjpeg": self.mjpeg_url, "snapshot": self.snapshot_url}

    def url_with_credentials(self, url: str) -> str:
        """The same address with the user and password that are right."""
        if self.options.user is None:
            return url
        scheme, _, rest = url.partition("://")
        return (
            f"{scheme}://{quote(self.options.user, safe='')}:{quote(self.options.password, safe='')}@{rest}"
        )

    @property
    def media_time_s(self) -> float:
        """How far the files have been played."""
        return self._open_device.player.media_time_s

    @property
    def feeds(self) -> Mapping[StreamName, Feed]:
        """The streams being played, for those who want to see what was sent; only in the camera's own loop."""
        return self._open_device.player.feeds

    async def ended(self) -> None:
        """Waits until the files are over; never returns for a loop."""
        await self._open_device.player.ended.wait()

    def apply(self, fault: FaultName) -> None:
        """Lets a fault happen now."""
        self._open_faults.apply(fault)

    def recover(self) -> None:
        """Ends whatever lasts."""
        self._open_faults.recover()

    @property
    def _open_faults(self) -> Faults:
        if self._faults is None:
            raise RuntimeError("the fake camera is not open")
        return self._faults

    @property
    def _open_device(self) -> Device:
        if self._device is None:
            raise RuntimeError("the fake camera is not open")
        return self._device

    def _port_of(self, server: int) -> int:
        if len(self._servers) <= server:
            raise RuntimeError("the fake camera is not open")
        number: int = self._servers[server].sockets[0].getsockname()[1]
        return number

    async def _listen(self, port: int, answer: Callable[[Line], _Served]) -> None:
        device = self._open_device

        def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Awaitable[None]:
            return self._serve(answer(Line(device, reader, writer)))

        try:
            self._servers.append(await asyncio.start_server(welcome, self.options.host, port))
        except OSError as error:
            what = f"The fake camera cannot listen on {self.options.host}:{port}: {error.strerror}."
            raise WachtelError(ErrorKind.BUSY, what, hint="Port 0 takes any free one.") from error

    async def _serve(self, client: _Served) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients[client] = task
        self.state.connections += 1
        self.state.opened += 1
        try:
            await client.serve()
        except asyncio.CancelledError:
            # Only `close` cancels, and asyncio's streams of Python 3.11 complain loudly about a cancelled task.
            pass
        finally:
            self.state.connections -= 1
            del self._clients[client]

    @property
    def _rtsp_clients(self) -> list[Connection]:
        return [client for client in self._clients if isinstance(client, Connection)]

    async def _watch_end(self, player: Player) -> None:
        await player.ended.wait()
        self.state.ended = True

    async def _look_after_sessions(self) -> None:
        """Forgets sessions nobody was heard of for the time they were told (RFC 2326 section 12.37)."""
        while True:
            await self._clock.sleep(_LOOK_AFTER_SESSIONS_EVERY_S)
            oldest = self._clock.monotonic_s() - self.options.session_timeout_s
            for connection in self._rtsp_clients:
                if connection.session is not None and connection.session.last_heard < oldest:
                    connection.cut()

    def _heard_by_udp(self, sender: tuple[str, int]) -> None:
        """A receiver report keeps the sessions of its sender alive."""
        for connection in self._rtsp_clients:
            session = connection.session
            if (
                session is not None
                and session.record.transport is Transport.UDP
                and connection.line.peer == sender[0]
            ):
                session.last_heard = self._clock.monotonic_s()
