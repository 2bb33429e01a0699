"""The fake camera: listens, plays its files, and fails to order."""

import asyncio
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Transport
from wachtel.model.stream import StreamName
from wachtel.testing.fake_camera.connection import Connection, Device, Switches
from wachtel.testing.fake_camera.gate import Gate
from wachtel.testing.fake_camera.options import FakeCameraOptions, Fault, FaultName
from wachtel.testing.fake_camera.player import Feed, Player
from wachtel.testing.fake_camera.programme import load_programme
from wachtel.testing.fake_camera.state import CameraState
from wachtel.testing.fake_camera.udp import UdpPair

_SEED = 1
_LOOK_AFTER_SESSIONS_EVERY_S = 1.0


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
        self._switches = Switches()
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None
        self._device: Device | None = None

    async def __aenter__(self) -> "FakeCamera":
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Reads the files and listens. Raises `WachtelError` (not_found, invalid, unsupported_codec,
        busy)."""
        programmes = {name: load_programme(path) for name, path in self._files.items()}
        feeds = {name: Feed(one, _SEED + number) for number, (name, one) in enumerate(programmes.items())}
        player = Player(feeds, self._clock, loop=self.options.loop, rtcp=self.options.rtcp)
        gate = Gate(self.options.user, self.options.password, self.options.auth)
        udp = await UdpPair.open(self.options.host, self._heard_by_udp)
        self._device = Device(self.options, player, gate, self.state, self._switches, self._clock, udp)
        try:
            self._server = await asyncio.start_server(self._serve, self.options.host, self.options.port)
        except OSError as error:
            udp.close()
            what = (
                f"The fake camera cannot listen on {self.options.host}:{self.options.port}: {error.strerror}."
            )
            raise WachtelError(ErrorKind.BUSY, what, hint="Port 0 takes any free one.") from error
        jobs = [player.run(), self._watch_end(player), self._look_after_sessions()]
        jobs += [self._bring_about(fault, player) for fault in self.options.faults]
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def close(self) -> None:
        """Cuts everybody off and stops listening."""
        if self._server is not None:
            self._server.close()
            self._cut_all()
            tasks = [*self._tasks, *self._connections.values()]
            for task in self._tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._open_device.udp.close()
            self._server = None
            for result in results:
                if isinstance(result, Exception):
                    raise result

    @property
    def port(self) -> int:
        """The RTSP port."""
        if self._server is None:
            raise RuntimeError("the fake camera is not open")
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    @property
    def main_url(self) -> str:
        """The address of the main stream."""
        return f"rtsp://{self.options.host}:{self.port}/main"

    @property
    def sub_url(self) -> str | None:
        """The address of the sub stream, None without one."""
        return f"rtsp://{self.options.host}:{self.port}/sub" if StreamName.SUB in self._files else None

    def urls(self) -> dict[str, str]:
        """Every address, by what is to be had there."""
        return {"main": self.main_url} | ({} if self.sub_url is None else {"sub": self.sub_url})

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

    async def ended(self) -> None:
        """Waits until the files are over; never returns for a loop."""
        await self._open_device.player.ended.wait()

    def apply(self, fault: FaultName) -> None:
        """Lets a fault happen now."""
        if fault is FaultName.DROP:
            self._cut_all()
        elif fault is FaultName.STALL:
            self._mute(True)
        elif fault is FaultName.SILENT:
            self._switches.silent = True
            self._mute(True)

    def recover(self) -> None:
        """Ends whatever lasts."""
        self._switches.silent = False
        self._mute(False)

    @property
    def _open_device(self) -> Device:
        if self._device is None:
            raise RuntimeError("the fake camera is not open")
        return self._device

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self._open_device, reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._connections[connection] = task
        self.state.connections += 1
        self.state.opened += 1
        try:
            await connection.serve()
        finally:
            self.state.connections -= 1
            del self._connections[connection]

    def _cut_all(self) -> None:
        for connection in tuple(self._connections):
            connection.cut()

    def _mute(self, muted: bool) -> None:
        for connection in self._connections:
            if connection.session is not None:
                connection.session.muted = muted

    async def _watch_end(self, player: Player) -> None:
        await player.ended.wait()
        self.state.ended = True

    async def _bring_about(self, fault: Fault, player: Player) -> None:
        await player.wait_until(fault.at_s)
        self.apply(fault.name)
        if fault.for_s is not None:
            await player.wait_until(fault.at_s + fault.for_s)
            self.recover()

    async def _look_after_sessions(self) -> None:
        """Forgets sessions nobody was heard of for the time they were told (RFC 2326 section 12.37)."""
        while True:
            await self._clock.sleep(_LOOK_AFTER_SESSIONS_EVERY_S)
            oldest = self._clock.monotonic_s() - self.options.session_timeout_s
            for connection in tuple(self._connections):
                if connection.session is not None and connection.session.last_heard < oldest:
                    connection.cut()

    def _heard_by_udp(self, sender: tuple[str, int]) -> None:
        """A receiver report keeps the sessions of its sender alive."""
        for connection in self._connections:
            session = connection.session
            if (
                session is not None
                and session.record.transport is Transport.UDP
                and connection.peer == sender[0]
            ):
                session.last_heard = self._clock.monotonic_s()
