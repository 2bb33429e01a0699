"""A camera that says exactly what a test wants, and a listener that must never be called."""

import contextlib
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType

from wachtel.protocols.rtsp import Headers, Interleaved, Request, Response, RtspParser

SPS = bytes.fromhex("674d001f95a814016e40")
PPS = bytes.fromhex("68ee3c80")
SDP = (
    b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=control:*\r\n"
    b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z00AH5WoFAFuQA==,aO48gA==\r\n"
    b"a=control:trackID=1\r\n"
)


class Line:
    """One connection of a client, seen from the camera."""

    def __init__(self, connection: socket.socket, stop: threading.Event, requests: list[Request]) -> None:
        self._connection = connection
        self._stop = stop
        self._requests = requests
        self._parser = RtspParser()
        self._waiting: deque[Request | Response | Interleaved] = deque()

    def read(self) -> Request | None:
        """The next request, None when the client is gone."""
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                if isinstance(message, Request):
                    self._requests.append(message)
                    return message
            data = self._connection.recv(1 << 16)
            if not data:
                return None
            self._waiting += self._parser.feed(data)

    def answer(
        self, request: Request, status: int = 200, *headers: tuple[str, str], body: bytes = b""
    ) -> None:
        lines = (("CSeq", request.cseq), *headers)
        self.send(Response(status, "", Headers.of(*lines), body).encode())

    def usual(self, request: Request, sdp: bytes = SDP) -> None:
        """Answers as a well-behaved camera does."""
        session = ("Session", "4711;timeout=60")
        if request.method == "OPTIONS":
            self.answer(request, 200, ("Public", "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"))
        elif request.method == "DESCRIBE":
            self.answer(request, 200, ("Content-Type", "application/sdp"), body=sdp)
        elif request.method == "SETUP":
            self.answer(request, 200, session, ("Transport", request.headers.get("Transport") or ""))
        else:
            self.answer(request, 200, session)

    def up_to_play(self) -> None:
        """Goes through a usual handshake, PLAY included."""
        while (request := self.read()) is not None:
            self.usual(request)
            if request.method == "PLAY":
                return

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def hold(self) -> None:
        """Keeps the connection open and says nothing until the test is over."""
        self._stop.wait(30)

    def wait(self, seconds: float) -> bool:
        """Waits; True when the test is over."""
        return self._stop.wait(seconds)


class ScriptedCamera:
    """Runs a script on every connection. ``with ScriptedCamera(script) as camera: camera.url``."""

    def __init__(self, script: Callable[[Line], None], tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._server = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.requests: list[Request] = []
        self.connections = 0
        self.errors: list[OSError] = []
        self.port: int = self._server.getsockname()[1]
        self.url = f"rtsp://127.0.0.1:{self.port}/live"
        self.http_url = f"http://127.0.0.1:{self.port}/live"

    def __enter__(self) -> "ScriptedCamera":
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.requests]

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.connections += 1
                self._start(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            try:
                talk = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
                with talk:
                    self._script(Line(talk, self._stop, self.requests))
            except OSError as error:
                self.errors.append(error)


class Canary:
    """Listens on TCP and UDP; ``touched`` says that somebody came, which must never happen."""

    def __init__(self) -> None:
        self.host = "127.0.0.2"
        self._tcp = socket.create_server((self.host, 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((self.host, self.port))
        self._tcp.settimeout(0.05)
        self._udp.settimeout(0.05)

    @property
    def touched(self) -> bool:
        try:
            self._tcp.accept()[0].close()
            return True
        except TimeoutError:
            pass
        try:
            self._udp.recvfrom(2048)
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        self._tcp.close()
        self._udp.close()
