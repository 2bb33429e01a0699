"""The UPnP sensor: description, control, and events to whoever subscribes (UPnP Device Architecture 1.1)."""

import http.client
import queue
import re
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import urlsplit

from wachtel.base.clock import Clock
from wachtel.testing.netcam import description
from wachtel.testing.netcam.options import NetCamOptions

LONGEST_SUBSCRIPTION_S = 1801
_MOST_SUBSCRIBERS = 16
_LARGEST_QUESTION_BYTES = 64 << 10
_SEND_TIMEOUT_S = 4.0
_CALLBACK = re.compile(r"<(http://[^>\s]+)>")
_TIMEOUT = re.compile(r"Second-(\d{1,6})", re.IGNORECASE)


@dataclass(slots=True)
class Subscriber:
    """One client's subscription, with a thread of its own, so that a dead client delays nobody."""

    sid: str
    callback: str
    until_s: float
    waiting: "queue.SimpleQueue[int | None]" = field(default_factory=queue.SimpleQueue)
    sequence: int = 0
    failed: int = 0


class Sensor(ThreadingHTTPServer):
    """Answers at its port and sends events from the same address."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], options: NetCamOptions, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        self.requests: list[str] = []
        self.binary_state = 0
        self.longest_s = LONGEST_SUBSCRIPTION_S
        self._subscribers: dict[str, Subscriber] = {}
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self.options.host}:{self.port}/setup.xml"

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        with self._lock:
            return tuple(self._subscribers.values())

    def set_motion(self, seen: bool) -> None:
        """The camera sees motion, or no more; everybody who subscribed is told."""
        self.binary_state = int(seen)
        now = self.clock.monotonic_s()
        for one in self.subscribers:
            if one.until_s < now:
                self.unsubscribe(one.sid)
            elif self.options.sends_motion:
                one.waiting.put(self.binary_state)

    def forget_subscribers(self) -> None:
        """As after a restart: renewals are answered with 412."""
        for one in self.subscribers:
            self.unsubscribe(one.sid)

    def subscribe(self, callback: str, wanted_s: int) -> tuple[str, int] | None:
        """Name and length of a new subscription; its first event follows at once. None when there are too many."""
        granted_s = min(wanted_s, self.longest_s)
        one = Subscriber(f"uuid:{uuid.uuid4()}", callback, self.clock.monotonic_s() + granted_s)
        with self._lock:
            if len(self._subscribers) >= _MOST_SUBSCRIBERS:
                return None
            self._subscribers[one.sid] = one
        threading.Thread(target=self._send, args=(one,), name="netcam-events", daemon=True).start()
        if self.options.sends_motion:
            one.waiting.put(self.binary_state)
        return one.sid, granted_s

    def renew(self, sid: str, wanted_s: int) -> int | None:
        """The new length, None for a subscription that is not there."""
        granted_s = min(wanted_s, self.longest_s)
        with self._lock:
            one = self._subscribers.get(sid)
            if one is None:
                return None
            one.until_s = self.clock.monotonic_s() + granted_s
        return granted_s

    def unsubscribe(self, sid: str) -> bool:
        """False when there was none."""
        with self._lock:
            one = self._subscribers.pop(sid, None)
        if one is not None:
            one.waiting.put(None)
        return one is not None

    def _send(self, to: Subscriber) -> None:
        while (state := to.waiting.get()) is not None:
            try:
                self._notify(to, description.property_set(state).encode())
            except (OSError, http.client.HTTPException):
                to.failed += 1
            to.sequence = to.sequence + 1 if to.sequence < 0xFFFFFFFF else 1

    def _notify(self, to: Subscriber, body: bytes) -> None:
        """From the advertised address: clients discard events that come from another one."""
        target = urlsplit(to.callback)
        connection = http.client.HTTPConnection(
            target.hostname or "",
            target.port or 80,
            timeout=_SEND_TIMEOUT_S,
            source_address=(self.options.host, 0),
        )
        headers = {
            "Content-Type": 'text/xml; charset="utf-8"',
            "NT": "upnp:event",
            "NTS": "upnp:propchange",
            "SID": to.sid,
            "SEQ": str(to.sequence),
        }
        try:
            connection.request("NOTIFY", target.path or "/", body, headers)
            connection.getresponse().read(1024)
        finally:
            connection.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients leave in the middle; that is not worth a line."""


class _Handler(BaseHTTPRequestHandler):
    server: Sensor

    def version_string(self) -> str:
        return "Unspecified, UPnP/1.0, Unspecified"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: requests are kept."""

    def _noted(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")

    def do_GET(self) -> None:
        self._noted()
        if self.path == "/setup.xml":
            self._answer(200, description.setup_xml(self.server.options, self.server.binary_state))
        elif self.path.endswith(".xml"):
            self._answer(200, description.services_xml(self.path))
        else:
            self._answer(404)

    def do_POST(self) -> None:
        self._noted()
        size = self.headers.get("Content-Length") or "0"
        if not size.isdecimal() or int(size) > _LARGEST_QUESTION_BYTES or self.path != description.CONTROL:
            self._answer(404)
            return
        self.rfile.read(int(size))
        action = (self.headers.get("SOAPACTION") or "").strip('"').rpartition("#")[2]
        self._answer(200, description.soap_answer(action, self.server.binary_state))

    def do_SUBSCRIBE(self) -> None:
        self._noted()
        match = _TIMEOUT.search(self.headers.get("TIMEOUT") or "")
        wanted_s = max(1, int(match[1])) if match else LONGEST_SUBSCRIPTION_S
        sid = self.headers.get("SID")
        if self.path != description.EVENTS:
            self._answer(404)
        elif sid is not None:
            granted_s = self.server.renew(sid, wanted_s)
            self._answer_subscription(None if granted_s is None else (sid, granted_s))
        else:
            self._answer_subscription(self._new_subscription(wanted_s))

    def _new_subscription(self, wanted_s: int) -> tuple[str, int] | None:
        """Only the asking machine itself may be called back (as later editions of the standard demand)."""
        match = _CALLBACK.search(self.headers.get("CALLBACK") or "")
        if match is None or self.headers.get("NT") != "upnp:event":
            return None
        try:
            host = str(ip_address(urlsplit(match[1]).hostname or ""))
        except ValueError:
            return None
        return self.server.subscribe(match[1], wanted_s) if host == self.client_address[0] else None

    def _answer_subscription(self, granted: tuple[str, int] | None) -> None:
        if granted is None:
            self._answer(412)
            return
        self._answer(200, "", ("SID", granted[0]), ("TIMEOUT", f"Second-{granted[1]}"))

    def do_UNSUBSCRIBE(self) -> None:
        self._noted()
        self._answer(200 if self.server.unsubscribe(self.headers.get("SID") or "") else 412)

    def _answer(self, status: int, text: str = "", *more: tuple[str, str]) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in (*more, ("Content-Type", "text/xml"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
