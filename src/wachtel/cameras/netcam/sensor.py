"""Motion that a NetCam sees itself: its UPnP events (UPnP Device Architecture 1.1 section 4).

The camera calls back: a listener on the one address of ours that leads to it, for connections from the camera only, at
a path nobody can guess.
"""

import re
import secrets
import socket
from collections.abc import Iterator

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.cameras.netcam.conversation import Answer, Conversation
from wachtel.cameras.netcam.recognise import Sensor
from wachtel.model.device import MotionReport
from wachtel.protocols.upnp import granted_s, read_binary_state
from wachtel.sources.address import Endpoint
from wachtel.sources.connect import connect_error
from wachtel.sources.http_stream import Question

ASKED_S = 300
RENEW_AT = 0.5
SIGN_OF_LIFE_S = 30.0
_POLL_S = 0.5
_MESSAGE_TIMEOUT_S = 3.0
_LARGEST_BYTES = 64 << 10
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,6})[ \t]*\r\n", re.IGNORECASE)


def motion_of(talk: Conversation, sensor: Sensor) -> Iterator[MotionReport | None]:
    """Reports as the camera sends them; None at least twice a minute. Ends when the conversation is closed.

    Raises `WachtelError` when the camera does not answer, or takes no subscription.
    """
    subscription = _Subscription(talk, sensor)
    try:
        yield from subscription.reports()
    except WachtelError:
        if not talk.closed.is_set():
            raise
    finally:
        subscription.end()


class _Subscription:
    """One listener and what the camera sends to it."""

    def __init__(self, talk: Conversation, sensor: Sensor) -> None:
        self._talk = talk
        self._sensor = sensor
        self._clock: Clock = talk.clock
        self._path = f"/{secrets.token_urlsafe(16)}"
        self._sid = ""
        self._renew_by = MonoS(0.0)
        self._listener = _listener_towards(talk.endpoint)

    def reports(self) -> Iterator[MotionReport | None]:
        self._subscribe()
        alive_at = self._clock.monotonic_s()
        while not self._talk.closed.is_set():
            active = self._wait()
            now = self._clock.monotonic_s()
            if active is not None or now - alive_at >= SIGN_OF_LIFE_S:
                alive_at = now
                yield None if active is None else MotionReport(self._clock.wall_us(), active, "netcam")
            if now >= self._renew_by:
                self._renew()

    def _subscribe(self) -> None:
        host, port = self._listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        headers = (("CALLBACK", f"<http://{shown}:{port}{self._path}>"), ("NT", "upnp:event"))
        answer = self._ask("SUBSCRIBE", headers)
        self._sid = answer.headers.get("SID") or ""
        if answer.status != 200 or not self._sid:
            raise WachtelError(
                ErrorKind.BUSY,
                f"{self._talk.endpoint.name} takes no subscription to its motion.",
                code="netcam_no_subscription",
                hint="It may have too many listeners; unplug the camera and plug it in again.",
                details={"host": self._talk.endpoint.name},
            )
        self._keep(answer)

    def _renew(self) -> None:
        """A camera that was started anew has forgotten us."""
        answer = self._ask("SUBSCRIBE", (("SID", self._sid),))
        if answer.status == 200:
            self._keep(answer)
        else:
            self._subscribe()

    def _keep(self, answer: Answer) -> None:
        granted = granted_s(answer.headers.get("TIMEOUT"), ASKED_S)
        self._renew_by = MonoS(self._clock.monotonic_s() + granted * RENEW_AT)

    def _ask(self, method: str, headers: tuple[tuple[str, str], ...]) -> Answer:
        asked = (*headers, ("TIMEOUT", f"Second-{ASKED_S}")) if method == "SUBSCRIBE" else headers
        return self._talk.ask(
            self._sensor.port, self._sensor.description.event_path, Question(method, tuple(asked))
        )

    def _wait(self) -> bool | None:
        """The state in the next message, None when none came for a moment or it was not the camera's."""
        try:
            connection, peer = self._listener.accept()
        except TimeoutError:
            return None
        with connection:
            if peer[0] != self._talk.endpoint.ip:
                return None
            try:
                return self._read(connection)
            except OSError:
                return None

    def _read(self, connection: socket.socket) -> bool | None:
        connection.settimeout(_POLL_S)
        message = _receive(connection, MonoS(self._clock.monotonic_s() + _MESSAGE_TIMEOUT_S), self._clock)
        head, _, body = message.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        named = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        if not lines[0].startswith(f"NOTIFY {self._path} ") or named.get("sid") != self._sid:
            connection.sendall(b"HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n")
            return None
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return read_binary_state(body)

    def end(self) -> None:
        """Listens no more; the subscription runs out by itself within five minutes."""
        self._listener.close()


def _listener_towards(endpoint: Endpoint) -> socket.socket:
    """Listens on the address from which packets to the camera leave; nothing is sent to find it."""
    family = socket.AF_INET6 if ":" in endpoint.ip else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as route:
            route.connect((endpoint.ip, endpoint.port))
            own = route.getsockname()[0]
        listener = socket.create_server((own, 0), family=family, backlog=4)
    except OSError as error:
        raise connect_error(error, endpoint) from error
    listener.settimeout(_POLL_S)
    return listener


def _receive(connection: socket.socket, deadline: MonoS, clock: Clock) -> bytes:
    """One HTTP message, cut off where it grows too large or takes too long."""
    data = b""
    while len(data) < _LARGEST_BYTES and clock.monotonic_s() < deadline:
        try:
            more = connection.recv(4096)
        except TimeoutError:
            continue
        data += more
        head = data.find(b"\r\n\r\n")
        length = _LENGTH.search(data[: head + 2]) if head >= 0 else None
        if not more or (head >= 0 and (length is None or len(data) >= head + 4 + int(length[1]))):
            break
    return data
