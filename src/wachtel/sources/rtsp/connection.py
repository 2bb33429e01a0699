"""One RTSP connection as a client: requests with their answers, and whatever comes in between."""

import secrets
import select
import socket
import ssl
from collections import deque
from collections.abc import Iterator, Sequence

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.media.draft import Draft
from wachtel.model.stream import Codec
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.http_auth import Challenge, answer, parse_challenges, strongest
from wachtel.protocols.rtsp import Headers, Request, Response
from wachtel.sources.address import Endpoint
from wachtel.sources.answers import ended, nonsense, password_needed, password_wrong, redirected
from wachtel.sources.connect import shut, silent
from wachtel.sources.rtsp.answers import UNAUTHORIZED, check, not_rtsp
from wachtel.sources.rtsp.framing import Framer, Received
from wachtel.sources.rtsp.native.drafts import Drafter, NextPicture, new_drafter
from wachtel.sources.rtsp.pictures import Picture

POLL_S = 0.5
"""How long a wait lasts before the clock is looked at again."""
_RECEIVE_BYTES = 1 << 18
_ROOM_BYTES = 1 << 20
_AGENT = "wachtel"


class RtspConnection:
    """Owns the socket. One thread uses it, except `shut`, which any thread may call."""

    def __init__(self, connection: socket.socket, endpoint: Endpoint, url: CameraUrl, clock: Clock) -> None:
        self._socket = connection
        self._endpoint = endpoint
        self._user, self._password = url.user, url.password or ""
        self._clock = clock
        self._framer = Framer()
        self._backlog: deque[Received] = deque()
        self._sequence = 0
        self._challenge: Challenge | None = None
        self._answers = 0
        self._heard = False
        self._full = False
        self._drafter: Drafter | None = None
        self._readable = select.poll()
        self._readable.register(connection, select.POLLIN)
        self.session: str | None = None
        connection.settimeout(POLL_S)

    @property
    def endpoint(self) -> Endpoint:
        return self._endpoint

    @property
    def socket(self) -> socket.socket:
        return self._socket

    def request(
        self, method: str, uri: str, deadline: MonoS, headers: tuple[tuple[str, str], ...] = ()
    ) -> Response:
        """Sends a request and waits for its answer; a challenge is answered once.

        Raises `WachtelError`: timeout, wrong_password, no_such_stream, redirect, not_a_camera, busy,
        stream_ended.
        """
        response = self._ask(method, uri, deadline, headers)
        if response.status == UNAUTHORIZED and response.protocol == "RTSP":
            self._accept_challenge(response)
            response = self._ask(method, uri, deadline, headers)
            if response.status == UNAUTHORIZED:
                raise password_wrong(self._endpoint)
        check(response, method, self._endpoint)
        return response

    def send(self, method: str, uri: str, headers: tuple[tuple[str, str], ...] = ()) -> int:
        """Sends a request without waiting; its number. The answer comes out of `receive`."""
        self._sequence += 1
        lines = [("CSeq", str(self._sequence)), ("User-Agent", _AGENT), *headers]
        if self.session is not None:
            lines.append(("Session", self.session))
        if (credentials := self._authorization(method, uri)) is not None:
            lines.append(("Authorization", credentials))
        if not uri or any(char.isspace() or not char.isprintable() for char in uri):
            raise nonsense(self._endpoint)
        self.send_bytes(Request(method, uri, Headers.of(*lines)).encode())
        return self._sequence

    def send_bytes(self, data: bytes) -> None:
        """Sends raw bytes: interleaved packets. Raises `WachtelError` (stream_ended, stalled)."""
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            raise WachtelError(
                ErrorKind.STALLED,
                f"{self._endpoint.name} does not take our messages any more.",
                code="takes_nothing",
                details={"host": self._endpoint.name},
            ) from error
        except OSError as error:
            raise ended(self._endpoint) from error

    def expect_pictures(self, channel: int, codec: Codec) -> None:
        """This channel is a video track of this codec: `receive` gives its pictures whole where it can."""
        self._framer.expect_pictures(channel, codec)

    def receive(self) -> list[Received] | deque[Received]:
        """The messages that have come; nothing after half a second of silence.

        Raises `WachtelError`: stream_ended when the camera closes, bad_data when it sends nonsense.
        """
        if self._backlog:
            taken, self._backlog = self._backlog, deque()
            return taken
        if self._drafter is not None and (rest := self._drafter.take_rest()):
            return self._read(rest)
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except TimeoutError:
            return []
        except OSError as error:
            raise ended(self._endpoint) from error
        if not data:
            raise ended(self._endpoint)
        self._full = len(data) == _RECEIVE_BYTES
        return self._read(data)

    def draft(
        self, draft: Draft, expected: NextPicture, urgent: bytearray, longest_s: float
    ) -> Iterator[tuple[Sequence[Received], int]] | None:
        """Waits for pictures and writes each down as it comes, until something else comes, or for so long.

        Gives what has come, and how long ago in microseconds; all of it is to be taken. None where it must come out of
        `receive`. Raises as that does.
        """
        if self._backlog or not self._framer.idle or isinstance(self._socket, ssl.SSLSocket):
            return None
        drafter = self._drafter = self._drafter or new_drafter()
        if drafter is None or not drafter.wait(self._socket.fileno(), draft, expected, urgent, longest_s):
            return None
        return (
            ([what] if isinstance(what, Picture) else self._read(what), age_us)
            for what, age_us in drafter.kept()
        )

    def _read(self, data: bytes) -> list[Received]:
        try:
            return self._framer.feed(data)
        except WachtelError as error:
            raise nonsense(self._endpoint) from error

    def note_challenge(self, response: Response) -> None:
        """Takes over a fresh nonce from an answer to `send`."""
        if response.status == UNAUTHORIZED:
            self._challenge, self._answers = (
                strongest(parse_challenges(response.headers.all("WWW-Authenticate"))),
                0,
            )

    @property
    def patient(self) -> bool:
        """True when reading may wait: all that had come was read, and what comes is kept.

        Encrypted streams are read record by record, of which nobody can tell how many have come.
        """
        return not isinstance(self._socket, ssl.SSLSocket) and not (self._full and self.ready)

    @property
    def ready(self) -> bool:
        """True when `receive` has something to give at once."""
        return bool(self._backlog or self._readable.poll(0))

    def make_room(self) -> None:
        """Lets the camera send on for some beats before anything is read."""
        # Linux makes the buffer twice as large as this mark, without the limit that it sets to SO_RCVBUF, and goes on
        # to let it grow. The mark itself is not wanted.
        for mark in (_ROOM_BYTES, 1):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, mark)

    def shut(self) -> None:
        """Wakes a thread that waits in `receive`; sending is still possible, so that it can say goodbye."""
        shut(self._socket, socket.SHUT_RD)

    def close(self) -> None:
        self._socket.close()

    def _ask(self, method: str, uri: str, deadline: MonoS, headers: tuple[tuple[str, str], ...]) -> Response:
        number = str(self.send(method, uri, headers))
        others: deque[Received] = deque()
        try:
            while True:
                if self._clock.monotonic_s() >= deadline:
                    raise silent(self._endpoint)
                messages = deque(self._receive_first())
                while messages:
                    message = messages.popleft()
                    if isinstance(message, Response) and message.cseq in (number, ""):
                        others += messages
                        return message
                    others.append(self._not_moved(message))
        finally:
            self._backlog += others

    def _receive_first(self) -> list[Received] | deque[Received]:
        """`receive`, where nonsense means that this is no camera at all."""
        try:
            messages = self.receive()
        except WachtelError as error:
            if self._heard or error.kind is ErrorKind.STALLED:
                raise
            why = "it hangs up" if error.kind is ErrorKind.STREAM_ENDED else "the answer is something else"
            raise not_rtsp(self._endpoint, why) from error
        self._heard = self._heard or bool(messages)
        return messages

    def _not_moved(self, message: Received) -> Received:
        if isinstance(message, Request) and message.method == "REDIRECT":
            raise redirected(self._endpoint, message.headers.get("Location") or "")
        return message

    def _accept_challenge(self, response: Response) -> None:
        challenge = strongest(parse_challenges(response.headers.all("WWW-Authenticate")))
        if self._user is None:
            raise password_needed(self._endpoint)
        if challenge is None:
            raise WachtelError(
                ErrorKind.WRONG_PASSWORD,
                f"{self._endpoint.name} asks for a kind of log-in that is not known here.",
                code="log_in_unknown",
                details={"host": self._endpoint.name},
                hint="Switch the camera's RTSP authentication to digest or basic.",
            )
        if self._challenge is not None and not challenge.stale and challenge.nonce == self._challenge.nonce:
            raise password_wrong(self._endpoint)
        self._challenge, self._answers = challenge, 0

    def _authorization(self, method: str, uri: str) -> str | None:
        if self._challenge is None or self._user is None:
            return None
        self._answers += 1
        cnonce = secrets.token_hex(8)
        return answer(self._challenge, method, uri, self._user, self._password, cnonce, self._answers)
