"""The web layer behind a real server: TCP, control socket, WebSocket, commands."""

import asyncio
import io
import json
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from wachtel.app.cli import main
from wachtel.base.clock import SystemClock
from wachtel.base.units import WallUs
from wachtel.model.camera import StreamState
from wachtel.model.live import LiveFragment, LiveInit
from wachtel.model.stream import StreamName
from wachtel.storage.data_folder import places
from wachtel.storage.state import open_state
from wachtel.web.app import control_app, create_app
from wachtel.web.offline import offline_ports

FRAGMENT = b"moofmdat" * 20_000


class _View:
    def __init__(self, pause_s: float) -> None:
        self.closed = threading.Event()
        self.sent = 0
        self._pause_s = pause_s

    def wait_until_stuck(self, seconds: float) -> bool:
        """True when no fragment was taken for half a second."""
        for _ in range(int(seconds * 2)):
            before = self.sent
            self.closed.wait(0.5)
            if self.sent == before:
                return True
        return False

    async def __aiter__(self) -> AsyncIterator[LiveInit | LiveFragment | StreamState]:
        yield LiveInit("video/mp4", 640, 360, b"init")
        while True:
            yield LiveFragment(FRAGMENT, True, WallUs(0))
            self.sent += 1
            await asyncio.sleep(self._pause_s)

    async def close(self) -> None:
        self.closed.set()


class _Views:
    def __init__(self) -> None:
        self.opened: list[_View] = []
        self.pause_s = 0.01
        self._any = threading.Event()

    def first(self) -> _View:
        """The first view, as soon as it is open."""
        assert self._any.wait(5)
        return self.opened[0]

    async def open(self, camera: str, stream: StreamName, *, convert: bool = False) -> _View:
        self.opened.append(_View(self.pause_s))
        self._any.set()
        return self.opened[-1]


@dataclass
class Server:
    """A server of one data folder in a thread."""

    data: Path
    address: str
    views: _Views


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    return tmp_path_factory.mktemp("d")


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    state, views = open_state(data), _Views()
    app = create_app(state, replace(offline_ports(SystemClock()), live=views))
    tcp = socket.create_server(("127.0.0.1", 0))
    control = socket.socket(socket.AF_UNIX)
    places(data).run.mkdir()
    control.bind(str(places(data).control_socket))
    control.listen()
    servers = [_server(app), _server(control_app(app))]
    thread = threading.Thread(target=lambda: asyncio.run(_serve(servers, [tcp, control])))
    thread.start()
    yield Server(data, f"127.0.0.1:{tcp.getsockname()[1]}", views)
    for each in servers:
        each.should_exit = True
    thread.join(10)
    tcp.close()
    control.close()
    state.close()


def _server(app: object) -> uvicorn.Server:
    options = {"ws": "websockets-sansio", "lifespan": "off", "log_level": "critical", "proxy_headers": False}
    config = uvicorn.Config(app, timeout_graceful_shutdown=1, **options)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server


async def _serve(servers: list[uvicorn.Server], sockets: list[socket.socket]) -> None:
    await asyncio.gather(*(server._serve([each]) for server, each in zip(servers, sockets, strict=True)))


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_commands_talk_to_the_running_server(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    added = command(
        capsys, "camera", "add", "rtsp://u:geheim@127.0.0.1:1/x", "--name", "Tür", "--data", str(server.data)
    )
    assert added == (0, "Added the camera Tür (tuer).\n", "")
    code, out, _ = command(capsys, "token", "create", "--name", "test", "--data", str(server.data))
    token = out.splitlines()[-1]
    assert (code, len(token)) == (0, 22)
    headers = {"authorization": f"Bearer {token}"}
    cameras = httpx.get(f"http://{server.address}/api/v1/cameras", headers=headers).json()
    assert [camera["url"] for camera in cameras] == ["rtsp://127.0.0.1:1/x"]
    assert httpx.get(f"http://{server.address}/api/v1/cameras").status_code == 401


def test_a_live_view_over_a_real_socket(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    command(capsys, "camera", "add", "rtsp://10.0.0.1/x", "--name", "a", "--data", str(server.data))
    _, out, _ = command(capsys, "token", "create", "--name", "t", "--json", "--data", str(server.data))
    address = f"ws://{server.address}/api/v1/cameras/a/live"
    headers = {"authorization": f"Bearer {json.loads(out)['token']}"}
    with connect(address, additional_headers=headers) as live:
        assert json.loads(live.recv())["type"] == "init"
        assert live.recv() == b"init"
        assert [live.recv() for _ in range(20)] == [FRAGMENT] * 20
    assert server.views.first().closed.wait(5)


def test_a_live_view_nobody_may_see(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    command(capsys, "camera", "add", "rtsp://10.0.0.1/x", "--name", "a", "--data", str(server.data))
    with pytest.raises(InvalidStatus) as caught:
        connect(f"ws://{server.address}/api/v1/cameras/a/live").close()
    assert caught.value.response.status_code == 401
    assert b'"error"' in (caught.value.response.body or b"")


def test_a_viewer_who_vanishes_is_noticed(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    command(capsys, "camera", "add", "rtsp://10.0.0.1/x", "--name", "a", "--data", str(server.data))
    _, out, _ = command(capsys, "token", "create", "--name", "t", "--json", "--data", str(server.data))
    headers = {"authorization": f"Bearer {json.loads(out)['token']}"}
    with connect(f"ws://{server.address}/api/v1/cameras/a/live", additional_headers=headers) as live:
        live.recv()
        live.socket.shutdown(socket.SHUT_RDWR)
        assert server.views.first().closed.wait(5)


def test_a_viewer_who_does_not_read_is_not_fed(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """What the network does not take stays with the view, which drops whole GOPs; nothing piles up here."""
    server.views.pause_s = 0
    command(capsys, "camera", "add", "rtsp://10.0.0.1/x", "--name", "a", "--data", str(server.data))
    _, out, _ = command(capsys, "token", "create", "--name", "t", "--json", "--data", str(server.data))
    host, _, port = server.address.partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=5)) as connection:
        connection.sendall(
            f"GET /api/v1/cameras/a/live HTTP/1.1\r\nHost: {server.address}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Authorization: Bearer {json.loads(out)['token']}\r\n\r\n".encode()
        )
        assert connection.recv(12) == b"HTTP/1.1 101"
        view = server.views.first()
        assert view.wait_until_stuck(10)
        assert view.sent * len(FRAGMENT) < 40_000_000


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /api/v1/cameras HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /api/v1/cameras HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        "GET /api/v1/cameras HTTP/1.0\r\n\r\n",
        "GET http://evil.example/api/v1/cameras HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /%00%ff%f0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\n\xff\xfe\xfd\xfc\xfb",
    ],
)
def test_raw_requests_get_a_4xx(server: Server, request_text: str) -> None:
    host, _, port = server.address.partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=5)) as connection:
        connection.sendall(request_text.encode("latin-1"))
        status = connection.recv(100).split(b" ")[1]
    assert status[:1] == b"4", status


def test_without_a_server_commands_work_on_the_folder(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ("--data", str(data))
    assert command(capsys, "camera", "add", "rtsp://10.0.0.1/x", "--name", "A", *folder)[0] == 0
    code, out, _ = command(capsys, "camera", "list", "--json", *folder)
    assert (code, [camera["id"] for camera in json.loads(out)]) == (0, ["a"])
    assert command(capsys, "camera", "remove", "A", *folder)[0] == 0
    assert command(capsys, "camera", "list", *folder)[1] == ""
    code, _, err = command(capsys, "camera", "remove", "A", *folder)
    assert (code, err) == (1, "wachtel: There is no camera 'A'. `wachtel camera list` shows them.\n")


def test_people_by_standard_input(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Anna", "Bert"):
        monkeypatch.setattr(sys, "stdin", io.StringIO("lang-genug\n"))
        assert command(capsys, "user", "add", name, "--password-stdin", "--data", str(data))[0] == 0
    lines = command(capsys, "user", "list", "--data", str(data))[1].splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["Anna", "admin"], ["Bert", "view"]]


def test_sites_on_the_command_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ("--data", str(data))
    assert command(capsys, "site", "add", "Büro", "--tz", "Europe/Berlin", *folder)[0] == 0
    code, _, err = command(capsys, "site", "add", "Mars", "--tz", "Mars/Base", *folder)
    assert (code, err.count("\n")) == (1, 1)
    _, out, _ = command(capsys, "site", "list", "--json", *folder)
    assert [site["id"] for site in json.loads(out)] == ["home", "buero"]


def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ("camera", "add"),
        ("token", "create"),
        ("site",),
        ("user", "add"),
        ("camera", "paint"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    capsys.readouterr()
