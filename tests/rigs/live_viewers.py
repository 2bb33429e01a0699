"""Many light viewers in a process of their own: they take what comes and drop it, and only the server's work counts.

``python live_viewers.py KIND COUNT`` reads a line of JSON (`Address`), prints ``ready`` once all are served, and on the
end of its standard input the bytes that came. KIND: websocket, rtsp, webrtc, or tcp, which listens for COUNT
connections at a port that it prints first.
"""

import asyncio
import base64
import json
import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from aiortc import RTCPeerConnection, RTCSessionDescription
from websockets.asyncio.client import ClientConnection, connect

from wachtel.pipeline.webrtc.worker import bind_to

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where to watch: ``http`` and ``rtsp`` of the server, a camera, and tokens by name, used in turn."""

    http: str
    rtsp: str
    camera: str
    tokens: dict[str, str]

    def named_token(self, number: int) -> tuple[str, str]:
        """The token of the viewer with this number."""
        return list(self.tokens.items())[number % len(self.tokens)]


@dataclass(slots=True)
class Taken:
    """What came so far; ``served`` counts viewers who have got something."""

    bytes: int = 0
    served: int = 0
    ending: list[object] = field(default_factory=list)


async def websocket(address: Address, number: int) -> ClientConnection:
    """An open live view over a WebSocket."""
    _, token = address.named_token(number)
    url = f"{address.http.replace('http', 'ws', 1)}/api/v1/cameras/{address.camera}/live"
    headers = {"Authorization": f"Bearer {token}"}
    return await connect(
        url, additional_headers=headers, max_size=None, compression=None, ping_interval=None, proxy=None
    )


async def rtsp(address: Address, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An RTSP session over TCP that has been told to play (RFC 2326)."""
    name, token = address.named_token(number)
    parts = urlsplit(address.rtsp)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    login = base64.b64encode(f"{name}:{token}".encode()).decode()
    url = f"{address.rtsp.rstrip('/')}/{address.camera}"
    count = 0

    async def ask(method: str, target: str, *headers: str) -> tuple[str, str]:
        nonlocal count
        count += 1
        lines = [f"{method} {target} RTSP/1.0", f"CSeq: {count}", f"Authorization: Basic {login}", *headers]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if " 200 " not in head.split("\r\n", 1)[0]:
            raise AssertionError(head)
        length = re.search(r"(?i)content-length: *(\d+)", head)
        return head, (await reader.readexactly(int(length[1]))).decode() if length else ""

    _, sdp = await ask("DESCRIBE", url, "Accept: application/sdp")
    control = re.search(r"m=video.*?a=control:(\S+)", sdp, re.DOTALL)
    assert control is not None, sdp
    track = control[1] if "://" in control[1] else f"{url}/{control[1]}"
    head, _ = await ask("SETUP", track, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
    session = re.search(r"(?i)session: *([^;\r\n]+)", head)
    assert session is not None, head
    await ask("PLAY", url, f"Session: {session[1]}")
    return reader, writer


async def webrtc(address: Address, number: int) -> tuple[RTCPeerConnection, str]:
    """A connection that is being set up, and where to leave it (RFC 9725).

    It offers loopback, which is where the server listens and what aioice leaves out.
    """
    bind_to("127.0.0.1")
    _, token = address.named_token(number)
    connection = RTCPeerConnection()
    connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with httpx.AsyncClient(base_url=address.http, trust_env=False, timeout=PATIENCE_S) as client:
        answer = await client.post(
            f"/api/v1/cameras/{address.camera}/whep",
            content=connection.localDescription.sdp,
            headers=headers,
        )
    if answer.status_code != 201:
        await connection.close()
        raise AssertionError(answer.text)
    await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    return connection, answer.headers["location"]


async def _take_websocket(address: Address, number: int, taken: Taken) -> None:
    socket = await websocket(address, number)
    taken.ending.append(socket)
    served = False
    async for message in socket:
        taken.bytes += len(message)
        taken.served += not served
        served = True


async def _take_rtsp(address: Address, number: int, taken: Taken) -> None:
    reader, writer = await rtsp(address, number)
    taken.ending.append(writer)
    served = False
    while data := await reader.read(1 << 16):
        taken.bytes += len(data)
        taken.served += not served
        served = True


async def _take_webrtc(address: Address, number: int, taken: Taken) -> None:
    """Packets are counted before anything is decoded."""
    connection, _ = await webrtc(address, number)
    taken.ending.append(connection)
    receiver = connection.getTransceivers()[0].receiver
    served = False

    async def count(packet: "object", arrival_time_ms: int) -> None:
        nonlocal served
        taken.bytes += len(packet.payload)  # type: ignore[attr-defined]
        taken.served += not served
        served = True

    receiver._handle_rtp_packet = count  # type: ignore[method-assign]
    await asyncio.Event().wait()


async def _take_tcp(count: int, taken: Taken) -> asyncio.Server:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.served += 1
        while data := await reader.read(1 << 16):
            taken.bytes += len(data)
        writer.close()

    return await asyncio.start_server(take, "127.0.0.1", 0, backlog=count)


_TAKES = {"websocket": _take_websocket, "rtsp": _take_rtsp, "webrtc": _take_webrtc}


async def _main(kind: str, count: int) -> None:
    address = Address(**json.loads(sys.stdin.readline()))
    taken = Taken()
    tasks = []
    if kind == "tcp":
        server = await _take_tcp(count, taken)
        _tell(server.sockets[0].getsockname()[1])
    for number in range(count if kind != "tcp" else 0):
        tasks.append(asyncio.create_task(_TAKES[kind](address, number, taken)))
        await asyncio.sleep(0.02)
    while taken.served < count:
        for task in tasks:
            if task.done():
                task.result()
        await asyncio.sleep(0.05)
    _tell("ready")
    await asyncio.to_thread(sys.stdin.read)
    _tell(taken.bytes)


def _tell(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


class LiveViewers:
    """``with LiveViewers("rtsp", 10, address) as viewers``: all are being served within the block."""

    def __init__(self, kind: str, count: int, address: Address) -> None:
        self.port = 0
        self.bytes = 0
        self._kind = kind
        self._command = [sys.executable, str(Path(__file__)), kind, str(count)]
        self._address = json.dumps(asdict(address))
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "LiveViewers":
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        print(self._address, file=self._process.stdin, flush=True)
        if self._kind == "tcp":
            self.port = int(self._process.stdout.readline())
        return self

    def ready(self) -> None:
        """Waits until all are served."""
        assert self._process is not None and self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            raise AssertionError(f"the {self._kind} viewers were not served")

    def __exit__(self, *_: object) -> None:
        assert self._process is not None and self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        found = self._process.stdout.read().split()
        self.bytes = int(found[-1]) if found and found[-1].isdigit() else 0
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
