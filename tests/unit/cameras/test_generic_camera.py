"""Cameras without ONVIF: the usual paths, tried politely."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.generic.device import GenericCamera, GenericPorts
from wachtel.cameras.generic.driver import GenericDriver
from wachtel.cameras.generic.makers import MJPEG_MAKERS, RTSP_MAKERS, Maker, in_order, is_signed
from wachtel.model.device import DeviceReport
from wachtel.protocols import http_auth
from wachtel.protocols.camera_url import is_device_url, parse_device_url
from wachtel.protocols.http_auth import BasicCredentials
from wachtel.testing.netcam import Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.netcam.pictures import Reel

CLOSED = 9
SDP = (
    b"v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
    b"a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0IAH5WoFAFuQA==,aM48gA==\r\n"
)


class Server(socketserver.TCPServer):
    """Answers RTSP at some paths and in one way at all others, one connection after the other: who opened a second one
    beside the first would wait for ever."""

    allow_reuse_address = True

    def __init__(self, paths: set[str], realm: str = "", password: str = "", elsewhere: int = 404) -> None:
        self.paths, self.realm, self.password, self.elsewhere = paths, realm, password, elsewhere
        self.asked: list[str] = []
        self.proofs = 0
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        try:
            while line := self.rfile.readline().decode():
                method, uri, _ = line.split()
                self._answer(method, uri, self._headers())
        except (OSError, ValueError):
            pass

    def _headers(self) -> dict[str, str]:
        lines = iter(lambda: self.rfile.readline().decode().strip(), "")
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def _answer(self, method: str, uri: str, headers: dict[str, str]) -> None:
        path = "/" + uri.split("/", 3)[3] if uri.count("/") > 2 else "/"
        status, more, body = self._decide(method, path.replace("/track1", ""), headers)
        lines = [f"RTSP/1.0 {status} x", f"CSeq: {headers.get('cseq', '1')}", *more]
        lines += [f"Content-Length: {len(body)}"] if body else []
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def _decide(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, list[str], bytes]:
        server = self.server
        if server.password:
            sent = http_auth.parse_authorization(headers.get("authorization", ""))
            server.proofs += sent is not None
            if not isinstance(sent, BasicCredentials) or sent.password != server.password:
                return 401, [f'WWW-Authenticate: Basic realm="{server.realm}"'], b""
        if method == "OPTIONS":
            return 200, ["Public: DESCRIBE, SETUP, PLAY, TEARDOWN"], b""
        if method == "DESCRIBE":
            server.asked.append(path)
            known = path in server.paths
            return (200, ["Content-Type: application/sdp"], SDP) if known else (server.elsewhere, [], b"")
        if method == "SETUP":
            return 200, ["Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"], b""
        return 200, ["Session: 1"], b""


@contextmanager
def serving(*paths: str, **behaviour: object) -> Iterator[Server]:
    with Server(set(paths), **behaviour) as server:  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def opened(port: int, log_in: str = "", http: int = CLOSED) -> GenericCamera:
    driver = GenericDriver(GenericPorts((port,), (http,)))
    url = parse_device_url(f"camera://{log_in}127.0.0.1:{port}")
    return driver.open(url, DeviceOptions(allow_local=True, whole_timeout_s=60), SystemClock())


def describe(server: Server, log_in: str = "") -> DeviceReport:
    return opened(server.server_address[1], log_in).describe()


@pytest.mark.parametrize("maker", RTSP_MAKERS, ids=lambda maker: maker.name or "others")
def test_every_makers_streams_are_found(maker: Maker) -> None:
    main, sub = maker.streams[0]
    with serving(*filter(None, (main, sub))) as server:
        report = describe(server)
    assert report.main is not None
    assert report.main.url.endswith(main)
    assert (report.sub.url if report.sub else "").endswith(sub)
    assert [finding.code for finding in report.findings] == ["path_found"]


@pytest.mark.parametrize("elsewhere", [400, 404, 454, 500, 503])
def test_whatever_a_camera_says_at_a_wrong_path(elsewhere: int) -> None:
    """Makers do not agree on the answer to a path they do not have."""
    with serving("/stream1", elsewhere=elsewhere) as server:
        assert describe(server).main is not None


def test_the_greeting_gives_the_maker_away() -> None:
    """Dahua's realm is "Login to" and a serial number; one question is enough."""
    path = "/cam/realmonitor?channel=1&subtype=0"
    with serving(path, realm="Login to 4L0000000", password="p@:/?#%&ü") as server:
        report = describe(server, "admin:p%40%3A%2F%3F%23%25%26%C3%BC@")
    assert report.make == "Dahua or Amcrest"
    assert server.asked[-2:] == [path, path.replace("=0", "=1")]


def test_the_first_wrong_password_ends_the_search() -> None:
    """Hikvision locks an account for half an hour after a handful of wrong passwords."""
    with serving("/stream1", realm="IP Camera(C1234)", password="right") as server:
        with pytest.raises(WachtelError) as caught:
            describe(server, "admin:canary-5@")
        assert caught.value.code == "password_wrong"
        assert "canary" not in str(caught.value)
        assert server.proofs == 1


def test_without_a_password_none_is_tried() -> None:
    with serving("/stream1", realm="x", password="right") as server:
        with pytest.raises(WachtelError) as caught:
            describe(server)
        assert (caught.value.code, server.proofs) == ("password_needed", 0)


def test_a_camera_with_nothing_usual() -> None:
    with serving("/secret/path") as server, pytest.raises(WachtelError) as caught:
        describe(server)
    assert (caught.value.kind, caught.value.code) == (ErrorKind.NO_SUCH_STREAM, "no_known_path")


def test_motion_jpeg_is_found_where_there_is_no_rtsp() -> None:
    picture = bytes.fromhex("ffd8ffc0000b080090010001011100ffda0008010100003f00") + b"\0" * 9 + b"\xff\xd9"
    with VirtualNetCam(NetCamOptions(mode=Mode.MJPG_STREAMER), Reel([picture])) as camera:
        report = opened(CLOSED, http=camera.http_port).describe()
        assert report.main is not None
        assert report.main.url == camera.stream_url


def test_nothing_there_is_told_as_that() -> None:
    with pytest.raises(WachtelError) as caught:
        opened(CLOSED).describe()
    assert caught.value.code == "port_closed"


def test_closing_ends_the_search() -> None:
    with serving("/last") as server:
        camera = opened(server.server_address[1])
        camera.close()
        with pytest.raises(WachtelError):
            camera.describe()


def test_the_order_follows_the_signs() -> None:
    assert in_order(RTSP_MAKERS, "AXIS_ACCC8E000000")[0].name == "Axis"
    assert in_order(RTSP_MAKERS, "")[0] is RTSP_MAKERS[0]
    assert in_order(MJPEG_MAKERS, "Camera Web Server")[0].name == "Belkin NetCam"
    assert not any(is_signed(maker, "") for maker in (*RTSP_MAKERS, *MJPEG_MAKERS))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("192.168.1.20", True),
        ("camera.local:8554", True),
        ("admin:p:w@192.168.1.20", True),
        ("camera://[fe80::1]", True),
        ("rtsp://192.168.1.20", False),
        ("/etc/passwd", False),
        ("file:///etc/passwd", False),
        ("not a host", False),
        ("", False),
        ("192.168.1.20/stream1", False),
    ],
)
def test_a_bare_address_is_a_device(text: str, is_one: bool) -> None:
    assert is_device_url(text) is is_one
    if is_one:
        assert parse_device_url(text).scheme == "camera"
