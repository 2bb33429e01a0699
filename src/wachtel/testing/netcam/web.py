"""The camera's web server, in every mode."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from wachtel.testing.netcam import setup_pages
from wachtel.testing.netcam.gate import REALM
from wachtel.testing.netcam.options import FREE, Mode
from wachtel.testing.netcam.parts import content_type, part
from wachtel.testing.netcam.state import NetCamState

SERVER = "Camera Web Server"
_FREE_SERVERS = {
    Mode.USTREAMER: "µStreamer".encode().decode("latin-1"),
    Mode.MJPG_STREAMER: "MJPG-Streamer/0.2",
}
_LARGEST_FORM_BYTES = 16 << 10
_NOT_FOUND = (
    b"<html><head><title>Document Error: Site or Page Not Found</title></head>"
    b"<body><h2>Access Error: Site or Page Not Found</h2></body></html>\r\n"
)
_STREAMS = {
    Mode.SETUP: "/goform/video",
    Mode.BEFORE_LOCK: "/goform/video",
    Mode.USTREAMER: "/stream",
    Mode.MJPG_STREAMER: "/?action=stream",
    Mode.HD: "/?action=stream",
}
_STILLS = {Mode.USTREAMER: "/snapshot", Mode.MJPG_STREAMER: "/?action=snapshot", Mode.HD: "/?action=snapshot"}


def stream_path(mode: Mode) -> str | None:
    """Where the pictures are, None where there are none."""
    return _STREAMS.get(mode)


def still_path(mode: Mode) -> str | None:
    """Where a single picture is."""
    return "/goform/snapshot" if mode in (Mode.SETUP, Mode.BEFORE_LOCK) else _STILLS.get(mode)


class WebServer(ThreadingHTTPServer):
    """A thread for every connection. ``state`` is the camera's."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], state: NetCamState) -> None:
        self.state = state
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients leave in the middle; that is not worth a line."""


class _Handler(BaseHTTPRequestHandler):
    server: WebServer

    def version_string(self) -> str:
        mode = self.server.state.options.mode
        return _FREE_SERVERS.get(mode, "MJPG-Streamer/0.2") if mode in FREE else SERVER

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: requests are in the state."""

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length") or "0"
        if not size.isdecimal() or int(size) > _LARGEST_FORM_BYTES:
            self._answer(400, b"")
            return
        self._serve(
            dict(parse_qsl(self.rfile.read(int(size)).decode("utf-8", "replace"), keep_blank_values=True))
        )

    def _serve(self, form: dict[str, str]) -> None:
        state = self.server.state
        state.requests.append(f"{self.command} {self.path}")
        if state.options.mode is Mode.LOCKED:
            self._answer(404, _NOT_FOUND, "text/html")
        elif not state.gate.admits(self.headers.get("Authorization"), self.client_address[0]):
            realm = "MJPG-Streamer" if state.options.mode in FREE else REALM
            self._answer(401, b"", "text/html", ("WWW-Authenticate", f'Basic realm="{realm}"'))
        elif self.path == stream_path(state.options.mode):
            self._stream()
        elif state.options.mode in FREE:
            self._free()
        else:
            self._own(form)

    def _free(self) -> None:
        """What the free images answer besides the stream."""
        if self.path == still_path(self.server.state.options.mode):
            self._answer(200, self.server.state.picture(), "image/jpeg")
        elif self.path == "/":
            self._answer(200, b"<!doctype html><title>stream</title>", "text/html")
        else:
            self._answer(404, b"", "text/html")

    def _own(self, form: dict[str, str]) -> None:
        """What the maker's software answers besides the stream."""
        state, parts = self.server.state, urlsplit(self.path)
        fields = dict(parse_qsl(parts.query, keep_blank_values=True)) | form
        name = parts.path.removeprefix("/goform/")
        if name == "snapshot":
            self._answer(200, state.snapshot(fields.get("n", "")), "image/jpeg")
            return
        text = None
        if state.options.mode is Mode.SETUP and parts.path.startswith("/goform/"):
            text = setup_pages.answer(state, name, fields)
        if parts.path.startswith("/apcam/for-android/") and state.options.mode is Mode.SETUP:
            text = "<html><body>NetCam setup</body></html>"
        if text is None:
            self._answer(404, _NOT_FOUND, "text/html")
        else:
            self._answer(200, text.encode(), "text/plain")

    def _answer(self, status: int, body: bytes, kind: str = "text/plain", *more: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*more, ("Content-Type", kind), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        state = self.server.state
        self.connection.settimeout(10)
        self.send_response(200)
        self.send_header("Content-Type", content_type(state.options.boundary))
        self.send_header("Connection", "close")
        self.end_headers()
        broken = threading.Event()
        state.streams.add(broken)
        try:
            self._send_pictures(broken)
        finally:
            state.streams.discard(broken)
            state.gate.stream_ended()

    def _send_pictures(self, broken: threading.Event) -> None:
        """Until the client leaves or the network drops."""
        state = self.server.state
        while not (state.stopped.is_set() or broken.is_set()):
            if state.options.delivers:
                self.wfile.write(part(state.picture(), state.options.boundary))
            elif self._left():
                return
            broken.wait(1 / state.options.fps)

    def _left(self) -> bool:
        """True when the client has closed; a camera that sends nothing would not notice otherwise."""
        try:
            return not self.connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except BlockingIOError:
            return False
