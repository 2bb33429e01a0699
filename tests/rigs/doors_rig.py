"""A crowd at every door for live pictures: viewers that read nothing, hardly anything, or come and vanish."""

import asyncio
import base64
import os
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiortc import RTCPeerConnection
from live_viewers import Address, rtsp, webrtc
from process_costs import pss_mb
from running_server import RunningServer

DOORS = ("live", "hls", "mjpeg", "rtsp", "whep")
LASTING = ("live", "mjpeg", "rtsp")
"""Doors at which one connection lasts and is not UDP: there a viewer can be slow."""

TRICKLE_BYTES_PER_S = 1024
_FEW_BYTES = 4096
_PATIENCE_S = 20.0
_PATHS = {"live": "live", "hls": "hls/index.m3u8", "mjpeg": "stream.mjpeg"}

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Toll:
    """What a crowd cost. ``refused`` counts those turned away in words; memory in MB of all processes."""

    came: int
    refused: int
    packets_lost: float
    tap_losses: float
    gaps: int
    restarts: float
    memory_before: float
    memory_during: float
    memory_after: float
    viewers_left: float

    @property
    def is_well(self) -> bool:
        """Whether recording noticed nothing and nobody is left."""
        harm = self.packets_lost + self.tap_losses + self.gaps + self.restarts + self.viewers_left
        return harm == 0


def address_of(server: RunningServer, camera: str, tokens: int, name: str = "viewer") -> Address:
    """Where viewers find a camera; several tokens, because one may open so many views only."""
    made = {f"{name}{number}": server.token(f"{name}{number}") for number in range(tokens)}
    return Address(server.url.rstrip("/"), server.rtsp_url, camera, made)


class Crowd:
    """``await Crowd(address).come(...)``; whoever was told to stay, stays until `leave`."""

    def __init__(self, address: Address) -> None:
        self.came = 0
        self.refused = 0
        self._address = address
        self._staying: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def stay_and_read_nothing(self, count: int) -> None:
        """At each lasting door."""
        for door in LASTING:
            for number in range(count):
                _, writer = await self._open(door, number)
                writer.transport.pause_reading()  # type: ignore[attr-defined]
                self._staying.append(writer)

    async def stay_and_trickle(self, count: int) -> None:
        """One KiB a second, at each lasting door."""
        for door in LASTING:
            for number in range(count):
                reader, writer = await self._open(door, number)
                self._staying.append(writer)
                task = asyncio.create_task(_trickle(reader))
                self._tasks.add(task)

    async def vanish(self, door: str, count: int, at_once: int = 20) -> None:
        """So many come, get something, and are gone without a word."""
        room = asyncio.Semaphore(at_once)

        async def one(number: int) -> None:
            async with room:
                await (self._whep(number) if door == "whep" else self._come_and_go(door, number))

        await asyncio.gather(*(one(number) for number in range(count)))

    async def leave(self) -> None:
        """Whoever stayed hangs up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._staying:
            writer.transport.abort()
        self._staying.clear()

    async def _open(self, door: str, number: int) -> Stream:
        self.came += 1
        if door == "rtsp":
            return await rtsp(self._address, number)
        name, token = self._address.named_token(number)
        parts = urlsplit(self._address.http)
        stream = await asyncio.open_connection(parts.hostname, parts.port, limit=_FEW_BYTES)
        login = base64.b64encode(f"{name}:{token}".encode()).decode() if door != "live" else token
        lines = [
            f"GET /api/v1/cameras/{self._address.camera}/{_PATHS[door]} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Authorization: {'Bearer' if door == 'live' else 'Basic'} {login}",
        ]
        if door == "live":
            lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
            lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        stream[1].write("\r\n".join([*lines, "", ""]).encode())
        return stream

    async def _come_and_go(self, door: str, number: int) -> None:
        reader, writer = await self._open(door, number)
        with suppress(ConnectionError):
            async with asyncio.timeout(_PATIENCE_S):
                self.refused += b" 503 " in (await reader.read(_FEW_BYTES))[:32]
        writer.transport.abort()

    async def _whep(self, number: int) -> None:
        """Every other one waits until it is connected."""
        self.came += 1
        try:
            connection, _ = await webrtc(self._address, number)
        except AssertionError as refusal:
            if "busy" not in str(refusal):
                raise
            self.refused += 1
            return
        if number % 2:
            await _connected(connection)
        await connection.close()


async def _connected(connection: RTCPeerConnection) -> None:
    for _ in range(int(_PATIENCE_S / 0.05)):
        if connection.connectionState == "connected":
            return
        await asyncio.sleep(0.05)


async def _trickle(reader: asyncio.StreamReader) -> None:
    while await reader.read(TRICKLE_BYTES_PER_S):
        await asyncio.sleep(1.0)


Siege = Callable[[Crowd], Awaitable[None]]


class Doors:
    """Counts what a crowd does to a server that records."""

    def __init__(self, server: RunningServer, camera: str, tokens: int = 4) -> None:
        self._server = server
        self._camera = camera
        self._address = address_of(server, camera, tokens)

    def stand(self, siege: Siege, *, calm_s: float) -> Toll:
        """Lets a crowd come and go; waits up to ``calm_s`` until the last viewer is gone."""
        before, memory, began = self._numbers(), self._memory(), datetime.now(UTC)
        watched = self._viewers()
        crowd = Crowd(self._address)

        async def come() -> float:
            await siege(crowd)
            during = self._memory()
            await crowd.leave()
            return during

        during = asyncio.run(come())
        until = time.monotonic() + calm_s
        while (left := self._viewers() - watched) > 0 and time.monotonic() < until:
            time.sleep(0.2)
        after = self._numbers()
        return Toll(
            came=crowd.came,
            refused=crowd.refused,
            packets_lost=after["packets_lost_total"] - before["packets_lost_total"],
            tap_losses=after["tap_losses_total"] - before["tap_losses_total"],
            gaps=self._gaps(began),
            restarts=after["worker_restarts_total"] - before["worker_restarts_total"],
            memory_before=round(memory, 1),
            memory_during=round(during, 1),
            memory_after=round(self._memory(), 1),
            viewers_left=max(0.0, left),
        )

    def _memory(self) -> float:
        return sum(pss_mb(pid) for pid in self._server.members())

    def _viewers(self) -> float:
        numbers = self._numbers()
        return sum(numbers[name] for name in ("live_viewers", "webrtc_viewers", "rtsp_sessions"))

    def _numbers(self) -> dict[str, float]:
        """Metrics, each summed over its labels."""
        names = ("packets_lost_total", "tap_losses_total", "worker_restarts_total")
        sums = dict.fromkeys((*names, "live_viewers", "webrtc_viewers", "rtsp_sessions"), 0.0)
        with self._server.client() as client:
            text = client.get("/metrics").text
        for name, value in re.findall(r"^wachtel_(\w+)(?:\{.*\})? ([0-9.e+-]+)$", text, re.MULTILINE):
            if name in sums:
                sums[name] += float(value)
        return sums

    def _gaps(self, since: datetime) -> int:
        """Stretches without footage since then."""
        moments = {"from": since.isoformat(), "to": datetime.now(UTC).isoformat(), "camera": self._camera}
        with self._server.client() as client:
            answer = client.get("/api/v1/timeline", params=moments).raise_for_status().json()
        found = re.findall(r'"state": ?"gap"', str(answer).replace("'", '"'))
        return len(found)
