"""Questions to a camera's web server: pinned address, basic or digest, no redirects, bounded in bytes and
time."""

import re
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS
from wachtel.protocols.camera_url import DEFAULT_PORTS, CameraUrl
from wachtel.protocols.http_auth import answer, parse_challenges, strongest
from wachtel.protocols.rtsp import Headers, Request
from wachtel.sources import http_answers
from wachtel.sources.address import Endpoint, resolve
from wachtel.sources.api import SourceOptions
from wachtel.sources.connect import connect, shut
from wachtel.sources.trust import TRUST_ANYBODY, Trust

POLL_S = 0.5
_LARGEST_HEAD_BYTES = 64 << 10
_RECEIVE_BYTES = 1 << 16
_STATUS_LINE = re.compile(r"HTTP/\d\.\d +(\d{3})\b")


class HttpStream:
    """An answer whose head has been read. One thread reads, any may `shut`."""

    def __init__(
        self, connection: socket.socket, endpoint: Endpoint, status: int, headers: Headers, first: bytes
    ) -> None:
        self._socket = connection
        self.endpoint = endpoint
        self.status = status
        self.headers = headers
        self._first = first

    @property
    def content_type(self) -> str:
        """Type and subtype in lower case, empty when not said."""
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()

    def read(self) -> bytes | None:
        """Some of the body; b"" after half a second of silence, None at its end."""
        if self._first:
            taken, self._first = self._first, b""
            return taken
        try:
            return self._socket.recv(_RECEIVE_BYTES) or None
        except TimeoutError:
            return b""
        except OSError:
            return None

    def shut(self) -> None:
        """Wakes a thread that waits in `read`."""
        shut(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: by default a plain GET. ``headers`` come in addition to those every question has."""

    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


GET = Question()


def get(url: CameraUrl, options: SourceOptions, clock: Clock) -> HttpStream:
    """Asks for the URL; a challenge is answered once, over a new connection.

    Raises `WachtelError`: unreachable, refused, timeout, wrong_password, no_such_stream, redirect,
    not_a_camera, busy.
    """
    deadline = MonoS(clock.monotonic_s() + options.connect_timeout_s)
    endpoint = resolve(url, allow_local=options.allow_local, timeout_s=options.connect_timeout_s)
    stream = ask(url, endpoint, clock, deadline, trust=options.trust)
    if stream.status == http_answers.UNAUTHORIZED:
        stream.close()
        proof = _credentials(url, endpoint, stream.headers)
        stream = ask(url, endpoint, clock, deadline, proof, trust=options.trust)
    try:
        http_answers.check(stream.status, stream.headers.get("Location") or "", endpoint)
    except WachtelError:
        stream.close()
        raise
    return stream


def _credentials(url: CameraUrl, endpoint: Endpoint, headers: Headers) -> str:
    challenge = strongest(parse_challenges(headers.all("WWW-Authenticate")))
    if url.user is None:
        raise http_answers.password_needed(endpoint)
    if challenge is None:
        raise http_answers.password_wrong(endpoint)
    return answer(challenge, "GET", url.path, url.user, url.password or "", secrets.token_hex(8))


def ask(
    url: CameraUrl,
    endpoint: Endpoint,
    clock: Clock,
    deadline: MonoS,
    authorization: str | None = None,
    question: Question = GET,
    given_up: Callable[[], bool] = lambda: False,
    trust: Trust = TRUST_ANYBODY,
) -> HttpStream:
    """One connection, one question; HTTP/1.0, so that the answer comes without chunks. Any status is an answer.

    ``given_up`` is asked twice a second; when it says True the answer is waited for no longer.
    Raises `WachtelError`: unreachable, refused, timeout, not_a_camera, untrusted.
    """
    connection = connect(endpoint, deadline, clock, tls=url.scheme == "https", trust=trust)
    connection.settimeout(POLL_S)
    named = url.on_the_wire().address
    host = named.rpartition(":")[0] if url.port == DEFAULT_PORTS[url.scheme] else named
    lines = [("Host", host), ("User-Agent", "wachtel"), ("Accept", "*/*"), ("Connection", "close")]
    lines += question.headers
    if authorization is not None:
        lines.append(("Authorization", authorization))
    request = Request(question.method, url.path, Headers.of(*lines), question.body, protocol="HTTP")
    try:
        connection.sendall(request.encode())
        status, headers, rest = _read_head(
            connection, endpoint, lambda: clock.monotonic_s() >= deadline or given_up()
        )
    except OSError as error:
        connection.close()
        raise http_answers.not_http(endpoint) from error
    except WachtelError:
        connection.close()
        raise
    return HttpStream(connection, endpoint, status, headers, rest)


def _read_head(
    connection: socket.socket, endpoint: Endpoint, too_late: Callable[[], bool]
) -> tuple[int, Headers, bytes]:
    data = b""
    while (end := _end_of_head(data)) is None:
        if too_late():
            raise http_answers.silent(endpoint)
        try:
            more = connection.recv(_RECEIVE_BYTES)
        except TimeoutError:
            continue
        data += more
        if not more or len(data) > _LARGEST_HEAD_BYTES or (len(data) > 4 and not data.startswith(b"HTTP/")):
            raise http_answers.not_http(endpoint)
    return *_parse_head(data[:end], endpoint), data[end:]


def _end_of_head(data: bytes) -> int | None:
    match = re.search(rb"\r?\n\r?\n", data)
    return match.end() if match else None


def _parse_head(data: bytes, endpoint: Endpoint) -> tuple[int, Headers]:
    first, *lines = data.decode("latin-1").splitlines()
    match = _STATUS_LINE.match(first)
    if match is None:
        raise http_answers.not_http(endpoint)
    pairs = (line.partition(":") for line in lines)
    return int(match[1]), Headers(
        tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)
    )
