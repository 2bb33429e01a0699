"""Questions to one NetCam: one pinned address, several ports, each answer bounded in bytes and time."""

import math
import secrets
import threading
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS
from wachtel.cameras.api import DeviceOptions
from wachtel.protocols import http_auth
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.rtsp import Headers
from wachtel.sources import http_answers
from wachtel.sources.address import Endpoint, resolve
from wachtel.sources.http_stream import GET, HttpStream, Question, ask

LARGEST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is empty for answers that never end, such as streams."""

    status: int
    headers: Headers
    body: bytes = b""

    @property
    def is_stream(self) -> bool:
        kind = (self.headers.get("Content-Type") or "").lower()
        return self.status == 200 and kind.startswith("multipart/x-mixed-replace")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Conversation:
    """Blocks; one thread asks, any may `close`."""

    def __init__(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> None:
        self.url = url
        self.closed = threading.Event()
        self.latest = MonoS(math.inf)
        """When everything has to be over."""
        self.clock = clock
        self._options = options
        self._endpoint: Endpoint | None = None

    @property
    def endpoint(self) -> Endpoint:
        """The camera's own web server. Raises `WachtelError`: unreachable, timeout, forbidden_url."""
        if self._endpoint is None:
            self._endpoint = resolve(
                self.url, allow_local=self._options.allow_local, timeout_s=self._options.answer_timeout_s
            )
        return self._endpoint

    def ask(self, port: int, path: str, question: Question = GET, *, log_in: bool = False) -> Answer:
        """The answer, whatever its status. With ``log_in`` the user's name and password go along.

        Raises `WachtelError`: unreachable, refused, timeout, not_a_camera, wrong_password.
        """
        own = self.endpoint
        url = CameraUrl("http", self.url.host, port, path)
        deadline = MonoS(min(self.clock.monotonic_s() + self._options.answer_timeout_s, self.latest))
        stream = ask(
            url,
            Endpoint(own.ip, port, own.name),
            self.clock,
            deadline,
            self._authorization() if log_in else None,
            question,
            self.closed.is_set,
        )
        try:
            return self._whole(stream, deadline)
        finally:
            stream.close()

    def _authorization(self) -> str:
        """Sent without being asked: a camera that lets somebody in only once shall not spend that on a refusal."""
        if self.url.user is None:
            raise http_answers.password_needed(self.endpoint)
        challenge = http_auth.basic_challenge("")
        password = self.url.password or ""
        return http_auth.answer(challenge, "GET", "/", self.url.user, password, secrets.token_hex(8))

    def _whole(self, stream: HttpStream, deadline: MonoS) -> Answer:
        answer = Answer(stream.status, stream.headers)
        if answer.is_stream:
            return answer
        length = stream.headers.get("Content-Length") or ""
        wanted = int(length) if length.isascii() and length.isdigit() and len(length) < 9 else LARGEST_BYTES
        data = bytearray()
        while len(data) < min(wanted, LARGEST_BYTES):
            more = stream.read()
            if more is None:
                break
            data += more
            if self.clock.monotonic_s() >= deadline or self.closed.is_set():
                raise http_answers.silent(stream.endpoint)
        return Answer(stream.status, stream.headers, bytes(data[: min(wanted, LARGEST_BYTES)]))

    def close(self) -> None:
        self.closed.set()
