"""The virtual device on the network: HTTP with SOAP, and stills."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import WachtelError
from wachtel.protocols.onvif.device import DEVICE_PATH
from wachtel.protocols.onvif.envelope import CONTENT_TYPE
from wachtel.protocols.xml_reader import Element, parse_xml
from wachtel.testing.fake_onvif import answers
from wachtel.testing.fake_onvif.device import Refused, VirtualDevice
from wachtel.testing.fake_onvif.gate import Gate
from wachtel.testing.fake_onvif.options import OnvifAuth, OnvifOptions, Quirk
from wachtel.testing.fake_onvif.state import OnvifState
from wachtel.testing.self_signed import self_signed_context

LARGEST_QUESTION_BYTES = 1 << 20
SNAPSHOT_PATH = "/snapshot.jpg"
_CHUNK_BYTES = 700


class FakeOnvif:
    """``with FakeOnvif(options) as device``: listens on loopback until the end; ``url`` is for `wachtel camera add`."""

    def __init__(self, options: OnvifOptions, clock: Clock | None = None) -> None:
        self.options = options
        self.state = OnvifState()
        clock = clock or SystemClock()
        self._http = ThreadingHTTPServer((options.host, options.port), _Connection)
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self.base = f"{'https' if options.https else 'http'}://{options.host}:{self.port}"
        if options.https:
            context = self_signed_context(options.host)
            listening = self._http.socket
            self._http.socket = context.wrap_socket(
                listening, server_side=True, do_handshake_on_connect=False
            )
        self.device = VirtualDevice(options, self.state, clock, self.base)
        self._http.fake = self  # type: ignore[attr-defined]  # the handlers find us by it
        self.gate = Gate(options, self.state, clock)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Without user and password."""
        return f"{'onvifs' if self.options.https else 'onvif'}://{self.options.host}:{self.port}"

    @property
    def device_url(self) -> str:
        """Of the device service, as searches are answered with it."""
        return self.base + DEVICE_PATH

    @property
    def snapshot_url(self) -> str:
        return self.base + SNAPSHOT_PATH

    def __enter__(self) -> "FakeOnvif":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.state.changed:
            self.state.closed = True
            self.state.changed.notify_all()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def set_motion(self, active: bool) -> None:
        """The device sees motion, or none any more."""
        self.device.set_motion(active)


class _Connection(BaseHTTPRequestHandler):
    """One client; the names of the methods are those of the standard library."""

    protocol_version = "HTTP/1.1"
    server_version = "virtual-onvif"
    sys_version = ""

    @property
    def _fake(self) -> FakeOnvif:
        found: FakeOnvif = self.server.fake  # type: ignore[attr-defined]
        return found

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        fake = self._fake
        fake.state.asked.append(f"GET {self.path}")
        if self.path.partition("?")[0] != SNAPSHOT_PATH or not fake.options.snapshot:
            self._send(404, b"", "text/plain")
        elif fake.options.auth is OnvifAuth.TOKEN or fake.gate.admits(
            "snapshot", "GET", self.headers.get("Authorization"), None
        ):
            self._send(200, fake.options.snapshot, "image/jpeg")
        else:
            self._send(401, b"", "text/plain", challenged=True)

    def do_POST(self) -> None:
        fake = self._fake
        size = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(min(size, LARGEST_QUESTION_BYTES))
        try:
            root = parse_xml(data)
        except WachtelError:
            self._nothing_asked()
            return
        body = root.child("Body")
        asked = body.children[0] if body and body.children else Element("")
        fake.state.asked.append(asked.name)
        if asked.name in fake.options.raw:
            self._send(200, fake.options.raw[asked.name], CONTENT_TYPE)
        elif fake.gate.admits(asked.name, "POST", self.headers.get("Authorization"), root):
            self._answer(asked, root)
        else:
            self._deny()

    def _nothing_asked(self) -> None:
        """Clients that know digest ask without a body first, to be told how to log in (curl)."""
        digest = self._fake.options.auth is OnvifAuth.DIGEST and self.headers.get("Authorization") is None
        self._send(401 if digest else 400, b"", "text/plain", challenged=digest)

    def _answer(self, asked: Element, root: Element) -> None:
        quirks, action = self._fake.options.quirks, root.text_at("Header", "Action")
        try:
            inside = self._fake.device.answer(asked.name, asked, self.path.partition("?")[0])
        except Refused as refusal:
            code = answers.fault("Sender", refusal.subcode, str(refusal), quirks)
            self._send(400, answers.envelope(code, quirks), CONTENT_TYPE)
            return
        reply = action.removesuffix("Request") + "Response" if action else ""
        self._send(200, answers.envelope(inside, quirks, reply), CONTENT_TYPE)

    def _deny(self) -> None:
        fake = self._fake
        if fake.state.locked:
            self._fault("AccountLocked", "account locked")
        elif fake.options.auth is OnvifAuth.DIGEST:
            self._send(401, b"", "text/plain", challenged=True)
        else:
            self._fault("NotAuthorized", "Sender not authorized")

    def _fault(self, subcode: str, reason: str) -> None:
        quirks = self._fake.options.quirks
        self._send(
            400, answers.envelope(answers.fault("Sender", subcode, reason, quirks), quirks), CONTENT_TYPE
        )

    def _send(self, status: int, body: bytes, kind: str, *, challenged: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if challenged:
            self.send_header("WWW-Authenticate", self._fake.gate.challenge())
        chunked = Quirk.CHUNKED in self._fake.options.quirks
        self.send_header(
            *(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body))))
        )
        if self.request_version == "HTTP/1.0":
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.wfile.write(_chunks(body) if chunked else body)
        except OSError:
            self.close_connection = True


def _chunks(body: bytes) -> bytes:
    pieces = [body[start : start + _CHUNK_BYTES] for start in range(0, len(body), _CHUNK_BYTES)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
