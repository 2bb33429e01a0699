"""The web server of a fake device: description, control and subscriptions, and its ways to fail."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wachtel.base.errors import WachtelError
from wachtel.protocols import gena, wemo
from wachtel.protocols.wemo import Identity
from wachtel.testing.wemo.events import EventSender
from wachtel.testing.wemo.options import FakeWemoOptions
from wachtel.testing.wemo.state import FakeWemoState, services_of

LARGEST_QUESTION_BYTES = 1 << 20
LONGEST_HANG_S = 60.0
_PLACE = re.compile(r"/upnp/(?:control|event)/([a-z]{1,24})1")


class Faults:
    """How the device fails at the moment. ``hangs``: takes questions and never answers."""

    def __init__(self) -> None:
        self.hangs = False
        self.delay_s = 0.0
        self.released = threading.Event()


class WemoServer(ThreadingHTTPServer):
    """``in_flight_most``: how many questions were open at the same time at worst."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def __init__(
        self,
        address: tuple[str, int],
        options: FakeWemoOptions,
        state: FakeWemoState,
        events: EventSender,
        faults: Faults,
    ) -> None:
        self.options = options
        self.state = state
        self.events = events
        self.faults = faults
        self.requests: list[str] = []
        self.in_flight_most = 0
        self._in_flight = 0
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def begin(self, what: str) -> None:
        """A question came in."""
        with self._lock:
            self.requests.append(what)
            self._in_flight += 1
            self.in_flight_most = max(self.in_flight_most, self._in_flight)

    def end(self) -> None:
        """It is answered."""
        with self._lock:
            self._in_flight -= 1

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients leave in the middle; that is not worth a line."""


def description(options: FakeWemoOptions, binary_state: str) -> str:
    """The text at ``/setup.xml``."""
    identity = Identity(
        options.device_type,
        options.udn,
        options.name,
        "Wachtel's fake Wemo device",
        "Fake",
        "1.0",
        options.serial,
        more={"macAddress": "EC1A59000001", "firmwareVersion": "WeMo_WW_2.00.11451.PVT-OWRT-SNS"},
    )
    return wemo.setup_xml(identity, services_of(options.kind), binary_state)


class _Handler(BaseHTTPRequestHandler):
    server: WemoServer

    def version_string(self) -> str:
        return "Unspecified, UPnP/1.0, Unspecified"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: requests are kept."""

    def handle_one_request(self) -> None:
        self._noted = False
        try:
            super().handle_one_request()
        finally:
            self._note_end()

    def send_response(self, code: int, message: str | None = None) -> None:
        # Who has the answer may ask again before this thread goes on.
        self._note_end()
        super().send_response(code, message)

    def _note_end(self) -> None:
        if self._noted:
            self._noted = False
            self.server.end()

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        self._noted = True
        self.server.begin(f"{self.command} {self.path}")
        faults = self.server.faults
        if faults.hangs:
            faults.released.wait(LONGEST_HANG_S)
            self.close_connection = True
            return False
        if faults.delay_s:
            faults.released.wait(faults.delay_s)
        return True

    def do_GET(self) -> None:
        options = self.server.options
        if self.path == "/setup.xml":
            self._answer(200, description(options, self.server.state.binary_state).encode())
        elif self.path == "/rules.db" and options.rules is not None:
            self._answer(200, options.rules, kind="application/octet-stream")
        elif (actions := services_of(options.kind).get(self.path[1:].removesuffix(".xml"))) is not None:
            self._answer(200, wemo.services_xml(actions, ("BinaryState",)).encode())
        else:
            self._answer(404)

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length") or "0"
        service = self._service()
        if not size.isdecimal() or int(size) > LARGEST_QUESTION_BYTES or service is None:
            self._answer(404)
            return
        body = self.rfile.read(int(size))
        try:
            arguments = wemo.arguments_of(body)
        except WachtelError:
            self._answer(400)
            return
        action = wemo.action_of(self.headers.get("SOAPACTION") or "")
        address = f"{self.server.options.host}:{self.server.port}"
        self._answer(200, self.server.state.answer(service, action, arguments, address).encode())

    def _service(self) -> str | None:
        match = _PLACE.fullmatch(self.path)
        return match[1] if match and match[1] in services_of(self.server.options.kind) else None

    def do_SUBSCRIBE(self) -> None:
        service, sid = self._service(), self.headers.get("SID")
        wanted = gena.wanted_s(self.headers.get("TIMEOUT") or "")
        if service is None:
            self._answer(404)
        elif sid is not None:
            granted = self.server.events.renew(service, sid, wanted)
            self._grant(None if granted is None else (sid, granted))
        else:
            self._grant(self._subscribed(service, wanted))

    def _subscribed(self, service: str, wanted: int) -> tuple[str, int] | None:
        callback = gena.read_callback(self.headers.get("CALLBACK") or "", self.client_address[0])
        if callback is None or self.headers.get("NT") != "upnp:event":
            return None
        first = self.server.state.first_event(service) if self.server.options.sends_events else {}
        return self.server.events.subscribe(service, callback, wanted, first)

    def _grant(self, granted: tuple[str, int] | None) -> None:
        if granted is None:
            self._answer(412)
        else:
            self._answer(200, b"", ("SID", granted[0]), ("TIMEOUT", f"Second-{granted[1]}"))

    def do_UNSUBSCRIBE(self) -> None:
        gone = self.server.events.unsubscribe(self._service() or "", self.headers.get("SID") or "")
        self._answer(200 if gone else 412)

    def _answer(self, status: int, body: bytes = b"", *more: tuple[str, str], kind: str = "text/xml") -> None:
        self.send_response(status)
        for name, value in (*more, ("Content-Type", kind), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
