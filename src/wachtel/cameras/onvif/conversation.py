"""Questions to one ONVIF device and its answers: addresses, log-in, limits of size and time.

Wrong passwords lock accounts, so a question goes out without one first: the refusal says whether HTTP digest or a
UsernameToken is wanted, and then the password is tried in that way, once.
"""

import math
import secrets
import threading
from enum import Enum

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS, WallUs
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.onvif import answers
from wachtel.cameras.onvif.body import read_body
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.http_auth import Challenge, answer, parse_challenges, strongest
from wachtel.protocols.onvif.device import DEVICE_PATH
from wachtel.protocols.onvif.envelope import CONTENT_TYPE, Fault, UserToken, question, read_answer
from wachtel.protocols.xml_reader import Element
from wachtel.sources import http_answers
from wachtel.sources.address import Endpoint, resolve
from wachtel.sources.http_stream import HttpStream, Question, ask

_NOTHING_HERE = frozenset({404, 405, 501})
_LOCKED = frozenset({423, 429})


class _Proof(Enum):
    """How the device wants to be shown who asks."""

    NONE = "none"
    DIGEST = "digest"
    TOKEN = "token"


class Conversation:
    """Blocks; one thread asks, any may `close`.

    ``clock_ahead_us`` is set by whoever has asked for the device's time, ``latest`` by whoever has no more time.
    """

    def __init__(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> None:
        self.clock_ahead_us = 0
        self.latest = MonoS(math.inf)
        self.closed = threading.Event()
        self._url = url
        self._options = options
        self._clock = clock
        self._endpoint: Endpoint | None = None
        self._proof = _Proof.NONE
        self._proven = False
        self._challenge: Challenge | None = None
        self._count = 0

    @property
    def endpoint(self) -> Endpoint:
        """Whom we talk to: looked up once. Raises `WachtelError` (unreachable, timeout, forbidden_url)."""
        if self._endpoint is None:
            self._endpoint = resolve(
                self._url, allow_local=self._options.allow_local, timeout_s=self._options.answer_timeout_s
            )
        return self._endpoint

    @property
    def device_service(self) -> CameraUrl:
        """Where every device answers (ONVIF Core section 5.1), or the path that was entered."""
        scheme = "https" if self._url.scheme == "onvifs" else "http"
        path = DEVICE_PATH if self._url.path == "/" else self._url.path
        return CameraUrl(scheme, self._url.host, self._url.port, path)

    def close(self) -> None:
        """Ends what waits for an answer within a second."""
        self.closed.set()

    def ask(self, service: CameraUrl, body: str, *, action: str = "", wait_s: float = 0.0) -> Element | Fault:
        """One question, answered. ``wait_s`` is how much longer than usual the device may think.

        Raises `WachtelError`: unreachable, refused, timeout, wrong_password, not_a_camera, redirect, bad_data.
        """
        status, found, challenge = self._once(service, body, action, wait_s)
        if not _denied(status, found):
            self._proven = self._proven or self._proof is not _Proof.NONE
            return self._checked(found)
        self._choose_proof(challenge)
        status, found, _ = self._once(service, body, action, wait_s)
        if _denied(status, found):
            raise http_answers.password_wrong(self.endpoint)
        self._proven = True
        return self._checked(found)

    def _choose_proof(self, challenge: Challenge | None) -> None:
        """Raises `WachtelError` (wrong_password) when there is no other way to ask."""
        if self._url.user is None:
            raise http_answers.password_needed(self.endpoint)
        if self._proof is not _Proof.NONE and not (self._proven and challenge is not None):
            raise http_answers.password_wrong(self.endpoint)
        self._proof = _Proof.TOKEN if challenge is None else _Proof.DIGEST
        self._challenge, self._count = challenge, 0

    def _once(
        self, service: CameraUrl, body: str, action: str, wait_s: float
    ) -> tuple[int, Element | Fault | None, Challenge | None]:
        now = self._clock.monotonic_s()
        if now >= self.latest:
            raise http_answers.silent(self.endpoint)
        deadline = MonoS(min(self.latest, now + self._options.answer_timeout_s + wait_s))
        stream = self._send(service, self._envelope(service, body, action), deadline)
        try:
            challenge = strongest(parse_challenges(stream.headers.all("WWW-Authenticate")))
            if stream.status in _LOCKED:
                raise answers.locked(self.endpoint)
            if 300 <= stream.status < 400:
                http_answers.check(stream.status, stream.headers.get("Location") or "", self.endpoint)
            if stream.status in _NOTHING_HERE:
                raise answers.no_onvif(self.endpoint)
            data = read_body(stream, deadline, self._clock)
        finally:
            stream.close()
        if stream.status == http_answers.UNAUTHORIZED:
            return stream.status, None, challenge
        return stream.status, self._read(data, stream.status), challenge

    def _read(self, data: bytes, status: int) -> Element | Fault:
        """Something other than SOAP with a bad status is a web server that does not know ONVIF."""
        if status >= 400 and b"Envelope" not in data:
            raise answers.no_onvif(self.endpoint)
        return read_answer(data)

    def _send(self, service: CameraUrl, envelope: bytes, deadline: MonoS) -> HttpStream:
        asked = Question("POST", (("Content-Type", CONTENT_TYPE),), envelope)
        return ask(
            service, self.endpoint, self._clock, deadline, self._authorization(service), asked,
            self.closed.is_set, self._options.trust,
        )  # fmt: skip

    def _authorization(self, service: CameraUrl) -> str | None:
        if self._proof is not _Proof.DIGEST or self._challenge is None:
            return None
        self._count += 1
        user, password = self._url.user or "", self._url.password or ""
        return answer(
            self._challenge, "POST", service.path, user, password, secrets.token_hex(8), self._count
        )

    def _envelope(self, service: CameraUrl, body: str, action: str) -> bytes:
        token = None
        if self._proof is _Proof.TOKEN:
            at = WallUs(self._clock.wall_us() + self.clock_ahead_us)
            token = UserToken(self._url.user or "", self._url.password or "", secrets.token_bytes(16), at)
        message_id = f"urn:uuid:{_uuid()}" if action else ""
        return question(
            body, action=action, to=service.on_the_wire().public(), message_id=message_id, token=token
        )

    def _checked(self, found: Element | Fault | None) -> Element | Fault:
        if found is None:
            raise answers.no_onvif(self.endpoint)
        if isinstance(found, Fault) and "lock" in found.reason.lower():
            raise answers.locked(self.endpoint)
        return found


def _denied(status: int, found: Element | Fault | None) -> bool:
    if status == http_answers.UNAUTHORIZED:
        return True
    return isinstance(found, Fault) and found.denied and "lock" not in found.reason.lower()


def _uuid() -> str:
    text = secrets.token_hex(16)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
