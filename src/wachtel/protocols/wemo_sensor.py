"""A motion sensor as Wemo clients know it: questions in, answers out. Pure: the sockets belong to the caller."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS
from wachtel.protocols import gena, wemo
from wachtel.protocols.gena import Subscription, SubscriptionBook
from wachtel.protocols.wemo import Action, Identity

LARGEST_HEAD_BYTES = 8 << 10
LARGEST_BODY_BYTES = 16 << 10
DESCRIPTION, SERVICES = "/setup.xml", wemo.SERVICES.format("basicevent")
CONTROL, EVENTS = wemo.CONTROL.format("basicevent"), wemo.EVENTS.format("basicevent")
DEVICE_TYPE = "urn:Belkin:device:sensor:1"
SERVER = "Linux, UPnP/1.0, Wachtel"
MOST_HEADERS = 64
_FIRST = re.compile(r"([A-Z]{1,16}) (\S{1,512}) HTTP/1\.[01]")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    412: "Precondition Failed",
}


@dataclass(frozen=True, slots=True)
class Request:
    """``headers`` by their names in lower case; of several with one name the first counts."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def body_bytes(self) -> int:
        """How long its body says to be; -1 for nonsense, and for more than any question of a client needs."""
        text = self.headers.get("content-length", "0")
        size = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else -1
        return size if size <= LARGEST_BODY_BYTES else -1


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``began`` is the subscription it began, ``ended`` the one it ended."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    began: Subscription | None = None
    ended: Subscription | None = None

    def encoded(self) -> bytes:
        """As it is sent; the connection ends with it."""
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Error')}"]
        fields = {
            **self.headers,
            "CONTENT-TYPE": 'text/xml; charset="utf-8"',
            "CONTENT-LENGTH": str(len(self.body)),
            "SERVER": SERVER,
            "CONNECTION": "close",
        }
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join((*lines, "", "")).encode() + self.body


def read_head(head: bytes) -> Request | None:
    """The first line and the headers of a question, without its body; None for anything else."""
    first, *lines = head.decode("latin-1").split("\r\n")
    match = _FIRST.fullmatch(first)
    if match is None or len(lines) > MOST_HEADERS:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            return None
        headers.setdefault(name.strip().lower(), value.strip())
    return Request(match[1], match[2], headers)


class MotionSensor:
    """One camera's sensor. ``state`` is set by the caller, who also tells the subscribers in ``book``."""

    def __init__(self, identity: Identity, new_id: Callable[[], str]) -> None:
        self.identity = identity
        self.state = False
        self.book = SubscriptionBook(new_id)

    @property
    def targets(self) -> tuple[str, ...]:
        """What a search may be for to be answered."""
        return ("upnp:rootdevice", self.identity.udn, self.identity.device_type, wemo.BASIC_EVENT)

    @property
    def binary_state(self) -> str:
        return "1" if self.state else "0"

    def event(self) -> bytes:
        """The event message for the state as it is."""
        return wemo.property_set({"BinaryState": self.binary_state}).encode()

    def answer(self, asked: Request, client: str, now: MonoS) -> Reply:
        """The answer to a question from the address ``client``."""
        places = {
            ("GET", DESCRIPTION): lambda: self._text(
                wemo.setup_xml(self.identity, ("basicevent",), self.binary_state)
            ),
            ("GET", SERVICES): lambda: self._text(
                wemo.services_xml((Action("GetBinaryState", gives=("BinaryState",)),), ("BinaryState",))
            ),
            ("POST", CONTROL): lambda: self._control(asked),
            ("SUBSCRIBE", EVENTS): lambda: self._subscribe(asked, client, now),
            ("UNSUBSCRIBE", EVENTS): lambda: self._unsubscribe(asked),
        }
        path = asked.path.partition("?")[0]
        found = places.get((asked.method, path))
        if found is not None:
            return found()
        return Reply(405 if any(path == known for _, known in places) else 404)

    @staticmethod
    def _text(text: str) -> Reply:
        return Reply(200, text.encode())

    def _control(self, asked: Request) -> Reply:
        """Faults have the status 200, because clients read nothing else."""
        try:
            wemo.arguments_of(asked.body)
        except WachtelError:
            return Reply(400)
        if wemo.action_of(asked.headers.get("soapaction", "")) != "GetBinaryState":
            return self._text(wemo.soap_fault(401, "Invalid Action"))
        return self._text(
            wemo.soap_answer("basicevent", "GetBinaryState", {"BinaryState": self.binary_state})
        )

    def _subscribe(self, asked: Request, client: str, now: MonoS) -> Reply:
        self.book.expire(now)
        seconds = gena.wanted_s(asked.headers.get("timeout", ""))
        sid = asked.headers.get("sid")
        if sid is not None:
            strange = "callback" in asked.headers or "nt" in asked.headers
            if strange:
                return Reply(400)
            return self._granted(sid, seconds) if self.book.renew(sid, seconds, now) else Reply(412)
        callback = gena.read_callback(asked.headers.get("callback", ""), client)
        if callback is None or asked.headers.get("nt") != "upnp:event":
            return Reply(412)
        began = self.book.add(callback, seconds, now)
        return Reply(412) if began is None else self._granted(began.sid, seconds, began)

    @staticmethod
    def _granted(sid: str, seconds: int, began: Subscription | None = None) -> Reply:
        return Reply(200, headers={"SID": sid, "TIMEOUT": f"Second-{seconds}"}, began=began)

    def _unsubscribe(self, asked: Request) -> Reply:
        ended = self.book.remove(asked.headers.get("sid", ""))
        return Reply(412) if ended is None else Reply(200, ended=ended)


def notification(to: Subscription, number: int, body: bytes) -> bytes:
    """The question that carries an event to a subscriber (UPnP Device Architecture 1.1 section 4.3.2)."""
    host = to.callback.host if ":" not in to.callback.host else f"[{to.callback.host}]"
    lines = (
        f"NOTIFY {to.callback.path} HTTP/1.1",
        f"HOST: {host}:{to.callback.port}",
        'CONTENT-TYPE: text/xml; charset="utf-8"',
        "NT: upnp:event",
        "NTS: upnp:propchange",
        f"SID: {to.sid}",
        f"SEQ: {number}",
        f"CONTENT-LENGTH: {len(body)}",
        "CONNECTION: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def camera_identity(serial: str, name: str) -> Identity:
    """How a camera shows itself: as a sensor, and honestly not as Belkin's.

    Clients insist on Belkin as the manufacturer; every field they do not insist on says Wachtel.
    """
    return Identity(
        DEVICE_TYPE,
        f"uuid:Sensor-1_0-{serial}",
        wemo.short_name(name) or "Wachtel",
        "Wachtel: a camera shown as a motion sensor. This is no Belkin device.",
        "Wachtel",
        "1",
        serial,
        maker_url="urn:wachtel:not-made-by-belkin",
        model_url="urn:wachtel:camera-as-wemo-motion-sensor",
        more={"firmwareVersion": "Wachtel"},
    )
