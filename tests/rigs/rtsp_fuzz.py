"""Seeded fuzzing of the RTSP door: whole connections over a network of memory, from bytes to sessions."""

import asyncio
import base64
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from wachtel.accounts.tokens import digest_secret
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.stream import AudioFormat, Codec, StreamFormat, StreamName, Track, VideoFormat
from wachtel.pipeline.gateway.connection import Connection, House
from wachtel.pipeline.gateway.door import REALM, WrongTries
from wachtel.pipeline.gateway.messages import OfferCamera, TokenAnswer
from wachtel.pipeline.gateway.streams import Streams
from wachtel.pipeline.gateway.udp import UdpPair
from wachtel.pipeline.messages import FromTap, TapFormat, TapPacket
from wachtel.protocols import http_auth, rtsp, rtsp_headers
from wachtel.protocols.http_auth import DigestAlgorithm
from wachtel.protocols.rtsp import Interleaved, Message, Response, RtspParser
from wachtel.testing.clock import FakeClock

NAME, TOKEN = "vlc", "f3-the-right-token-9a"
URL = "rtsp://box:8554/garden"
FORMAT = StreamFormat(
    VideoFormat(Codec.H264, 320, 180, (b"\x67\x42\x00\x1e", b"\x68\xce")),
    AudioFormat(Codec.AAC, 16_000, 1, b"\x14\x08"),
)
JPEG = StreamFormat(VideoFormat(Codec.MJPEG, 320, 180, ()), None)
_SECRET = digest_secret(NAME, TOKEN)
_KNOWN = {
    NAME: TokenAnswer(0, "t1", hashlib.sha256(TOKEN.encode()).digest(), _SECRET.md5, _SECRET.sha256, True),
    "tv": TokenAnswer(0, "t3", hashlib.sha256(TOKEN.encode()).digest(), may_view=True),
    "blind": TokenAnswer(0, "t2", hashlib.sha256(b"blind").digest()),
}


class QuickClock(FakeClock):
    """Time passes as fast as somebody sleeps."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)


class _Taps:
    """Every stream that is wanted is there at once, with a group of pictures."""

    def want(self, camera: str, stream: StreamName, take: Callable[[FromTap], None]) -> None:
        take(TapFormat(camera, stream, JPEG if camera == "hall" else FORMAT))
        for number in range(3):
            kind = b"\x65" if number == 0 else b"\x41"
            data, at = b"\0\0\0\x15" + kind + b"x" * 20, WallUs(10**9 + number * 10**5)
            stamps = (number * 9000, number * 9000, 90_000)
            take(TapPacket(camera, stream, data, *stamps, number == 0, Track.VIDEO, at, False))

    def unwant(self, camera: str, stream: StreamName) -> None:
        """Nothing to close."""


class _Sockets:
    """Counts what would go out by UDP."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []

    def sendto(self, packet: bytes, address: tuple[str, int]) -> None:
        self.sent.append(address)


class Wire:
    """The server's end of a connection in memory: writer and transport in one."""

    def __init__(self, peer: str, backlog: int = 0) -> None:
        self.sent = bytearray()
        self.closed = False
        self._peer = peer
        self._backlog = backlog

    @property
    def transport(self) -> "Wire":
        return self

    def get_extra_info(self, name: str) -> Any:
        return (self._peer, 50_000) if name == "peername" else None

    def get_write_buffer_size(self) -> int:
        return self._backlog

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes) -> None:
        if not self.closed:
            self.sent += data

    def close(self) -> None:
        self.closed = True

    abort = close


class Door:
    """A gateway's house with the cameras garden (main and sub) and hall (Motion JPEG, not served)."""

    def __init__(self, clock: Clock, *, udp: bool = True) -> None:
        self.asked = 0
        self.clock = clock
        self.sockets = _Sockets()
        self.streams = Streams(clock)
        self.streams._taps = cast(Any, _Taps())
        for camera in ("garden", "hall"):
            self.streams.offer(OfferCamera(camera, (StreamName.MAIN, StreamName.SUB), "/nowhere"))
        pair = UdpPair.__new__(UdpPair)
        pair.sockets, pair.ports = cast(Any, (self.sockets, self.sockets)), (5000, 5001)
        self.house = House(self.streams, WrongTries(clock), self._ask, clock, pair if udp else None)

    async def _ask(self, name: str, camera: str) -> TokenAnswer:
        self.asked += 1
        await asyncio.sleep(0)
        return _KNOWN.get(name, TokenAnswer(0))

    def connect(
        self, peer: str = "10.0.0.9", backlog: int = 0
    ) -> tuple[Connection, asyncio.StreamReader, Wire]:
        """A client that has connected."""
        reader, wire = asyncio.StreamReader(limit=1 << 20), Wire(peer, backlog)
        return Connection(self.house, reader, cast(Any, wire)), reader, wire


def request(method: str, url: str = URL, *lines: str, cseq: str = "1") -> bytes:
    """The bytes of a request."""
    return "\r\n".join((f"{method} {url} RTSP/1.0", f"CSeq: {cseq}", *lines, "", "")).encode()


def basic(token: str = TOKEN, name: str = NAME) -> str:
    """The header line of a basic log-in."""
    return "Authorization: Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()


def digest(nonce: str, method: str, url: str, token: str, algorithm: DigestAlgorithm) -> str:
    """The header line of a digest log-in."""
    challenge = http_auth.digest_challenge(REALM, nonce, algorithm)
    return "Authorization: " + http_auth.answer(challenge, method, url, NAME, token, "c")


_METHODS = (
    "OPTIONS",
    "DESCRIBE",
    "SETUP",
    "PLAY",
    "TEARDOWN",
    "GET_PARAMETER",
    "SET_PARAMETER",
    "PAUSE",
    "ANNOUNCE",
)
_URLS = (
    URL, URL + "/", URL + "/trackID=0", URL + "/trackID=1", URL + "/trackID=9", URL + "/sub", URL + "/sub/trackID=0",
    "rtsp://box/hall", "rtsp://box/nowhere", "*", "/garden", "rtsp://", "rtsp://[::1/garden", "http://box/garden",
    "rtsp://box/garden?x=1\ty", "rtsp://box/" + "a" * 300, "rtsp://u:p@box/Garden", "rtsp://box/gärten",
)  # fmt: skip
_TRANSPORTS = (
    "RTP/AVP/TCP;unicast;interleaved=0-1", "RTP/AVP/TCP;interleaved=2-3", "RTP/AVP/TCP", "RTP/AVP/TCP;interleaved=0-0",
    "RTP/AVP;unicast;client_port=6000-6001", "RTP/AVP;client_port=1-2", "RTP/AVP;client_port=65535",
    "RTP/AVP;multicast",
    "RTP/AVP;unicast;client_port=6000-6001;destination=203.0.113.9", "RTP/AVP/TCP;interleaved=255-256", ";,;=,", "",
    "RTP/AVP;client_port=99999-99999, RTP/AVP/TCP;interleaved=4-5",
)  # fmt: skip
_LINES = (
    "Session: 12", "Require: x", "Content-Length: 0", "Content-Length: 5\r\n\r\nhello", "Content-Length: -1",
    "Content-Length: 99999999", "Content-Length: \u00b2", "X: " + "y" * 9000, " folded", ": no name", "Authorization:",
    "Authorization: Basic !!!", "Authorization: Digest username=\"a", "Authorization: Basic " + "A" * 5000,
    "Range: npt=0-", "Session: ;timeout=1", "CSeq: 2", "Accept: application/sdp",
)  # fmt: skip
_NOISE = (
    b"$",
    b"$\0\0\x04abcd",
    b"$\1\xff\xff",
    b"\r\n",
    b"\n",
    b"\0",
    b"RTSP/1.0 200 OK\r\n\r\n",
    b"\xff\xfe",
)
_WRONG = ("", "F3-the-right-token-9a", TOKEN[:-1], TOKEN + " ", "blind", "\0", "x" * 3000)


@dataclass(slots=True)
class Tally:
    """What a run has seen; ``sessions`` and ``played`` show that the fuzz goes deep."""

    cases: int = 0
    requests: int = 0
    refused: int = 0
    sessions: int = 0
    played: int = 0
    slowest_s: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)


class Writer:
    """Draws one client's bytes. Who does not ``know`` the token never has it, not even by chance."""

    def __init__(self, chance: random.Random, connection: Connection, *, knows: bool) -> None:
        self._chance = chance
        self._connection = connection
        self._knows = knows

    def conversation(self) -> bytes:
        """A conversation, damaged more or less."""
        chance = self._chance
        data = self._road() if chance.random() < 0.5 else b""
        data += b"".join(self._request() for _ in range(chance.randrange(5)))
        for _ in range(chance.choice((0, 0, 0, 0, 1, 2, 8))):
            data = self._damaged(data)
        return data

    def _road(self) -> bytes:
        """What a good client says, as far as it gets."""
        session = f"Session: {self._connection.talk._new_id}"
        transport = f"Transport: {self._chance.choice(_TRANSPORTS[:5])}"
        steps = [
            ("DESCRIBE", URL, ()),
            ("SETUP", URL + "/trackID=0", (transport,)),
            ("PLAY", URL, (session,)),
        ]
        return b"".join(
            request(method, url, self._good_log_in(method, url), *lines, cseq=str(number))
            for number, (method, url, lines) in enumerate(steps[: self._chance.choice((1, 2, 3, 3))])
        )

    def _request(self) -> bytes:
        chance = self._chance
        method, url = chance.choice(_METHODS), chance.choice(_URLS)
        lines = [chance.choice(_LINES) for _ in range(chance.choice((0, 0, 1, 3)))]
        if chance.random() < 0.7:
            lines.append(self._log_in(method, url))
        if chance.random() < 0.6:
            lines.append("Transport: " + ", ".join(chance.choices(_TRANSPORTS, k=chance.choice((1, 1, 2)))))
        if chance.random() < 0.6:
            lines.append(f"Session: {self._connection.talk._new_id}")
        chance.shuffle(lines)
        return request(method, url, *lines, cseq=chance.choice(("1", "7", "", "x" * 90, "\u2028")))

    def _good_log_in(self, method: str, url: str) -> str:
        if not self._knows:
            return self._log_in(method, url)
        if self._chance.random() < 0.5:
            return basic()
        algorithm = self._chance.choice(tuple(DigestAlgorithm))
        return digest(self._connection._nonce, method, url, TOKEN, algorithm)

    def _log_in(self, method: str, url: str) -> str:
        chance = self._chance
        token = TOKEN if self._knows and chance.random() < 0.9 else chance.choice(_WRONG)
        if chance.random() < 0.5:
            return basic(token, chance.choice((NAME, NAME, NAME, "VLC", "blind", "", "n" * 900)))
        nonce = self._connection._nonce if chance.random() < 0.8 else "stale"
        return digest(nonce, method, url, token, chance.choice(tuple(DigestAlgorithm)))

    def _damaged(self, data: bytes) -> bytes:
        chance = self._chance
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 1, 1, 4, 60)))
        kind = chance.randrange(4)
        if kind == 0:
            return data[:start] + chance.choice(_NOISE) + data[end:]
        if kind == 1:
            return data[:start] + data[start:end] * chance.choice((0, 2, 3)) + data[end:]
        if kind == 2:
            return data[:start] + chance.randbytes(end - start) + data[end:]
        return data[start:] if chance.random() < 0.2 else data[: max(start, len(data) // 2)]


def pieces(chance: random.Random, data: bytes) -> list[bytes]:
    """The same bytes as they may come."""
    if chance.random() < 0.4:
        return [data]
    step = max(chance.choice((1, 3, 17, 100, 1000)), len(data) // 200)
    return [data[at : at + step] for at in range(0, len(data), step)]


async def one_client(seed: int, tally: Tally) -> None:
    """One connection from its first byte to its end; raises `AssertionError` for what must never be."""
    chance = random.Random(seed)
    knows = chance.random() < 0.6
    door = Door(QuickClock(), udp=chance.random() < 0.8)
    connection, reader, wire = door.connect(backlog=chance.choice((0, 0, 0, 3 << 20, 17 << 20)))
    serving = asyncio.ensure_future(connection.serve())
    had_session = played = False
    for piece in pieces(chance, Writer(chance, connection, knows=knows).conversation()):
        reader.feed_data(piece)
        await asyncio.sleep(0)
        had_session |= connection.session is not None
        played |= connection.listener is not None
        if serving.done():
            break
    reader.feed_eof()
    await serving
    had_session |= b"\r\nSession: " in wire.sent
    _check(connection, wire, door, knows=knows, had_session=had_session or played)
    _count(tally, wire, had_session=had_session, played=played)


def _check(connection: Connection, wire: Wire, door: Door, *, knows: bool, had_session: bool) -> None:
    assert wire.closed and connection.listener is None
    assert door.streams._feeds == {}, "a feed is held for ever"
    if had_session or b"m=video" in wire.sent or door.sockets.sent:
        assert connection.admitted, "something was given to somebody who was not let in"
    if connection.admitted:
        assert knows, "somebody without the token was let in"
    assert all(address[0] == "10.0.0.9" for address in door.sockets.sent), "packets went to somebody else"


def _count(tally: Tally, wire: Wire, *, had_session: bool, played: bool) -> None:
    answers = [one for one in answered(wire) if isinstance(one, Response)]
    tally.cases += 1
    tally.requests += len(answers)
    tally.sessions += had_session
    tally.played += played
    for answer in answers:
        tally.statuses[answer.status] = tally.statuses.get(answer.status, 0) + 1
        tally.refused += answer.status == 401


def answered(wire: Wire) -> list[Message]:
    """What a client reads; raises when it is no clean RTSP."""
    parser = RtspParser()
    found = parser.feed(bytes(wire.sent))
    assert parser.idle, "an answer breaks off"
    assert all(isinstance(one, Response | Interleaved) for one in found)
    for one in found:
        if isinstance(one, Response):
            assert one.status == 551 or one.status in rtsp.REASONS or one.status in (415, 503), one.status
            assert len(list(one.headers.all("CSeq"))) == 1
    return found


def one_stream_of_bytes(seed: int) -> None:
    """The parser alone: however the bytes are cut, it reads the same or refuses the same."""
    chance = random.Random(seed)
    door = cast(Connection, _Nobody())
    data = Writer(chance, door, knows=False).conversation()
    if chance.random() < 0.3:
        data = chance.randbytes(chance.randrange(200)) + data
    whole, cut = _read([data]), _read(pieces(chance, data))
    assert (whole is None) == (cut is None), "it depends on how the bytes come"
    assert whole is None or whole == cut
    for message in whole or ():
        headers = [] if isinstance(message, Interleaved) else list(message.headers)
        for _, value in headers:
            rtsp_headers.TransportHeader.parse(value)
            rtsp_headers.SessionHeader.parse(value)
            http_auth.parse_authorization(value)


class _Nobody:
    """Enough of a connection for a `Writer`."""

    _nonce = "nonce"

    class talk:
        _new_id = "ABC"


def _read(parts: list[bytes]) -> list[Message] | None:
    parser = RtspParser()
    found: list[Message] = []
    try:
        for part in parts:
            found += parser.feed(part)
            assert parser.pending_bytes <= rtsp.LARGEST_BODY_BYTES + rtsp.LARGEST_HEAD_BYTES + len(part)
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA
        return None
    return found


@dataclass(slots=True)
class Guessing:
    """What somebody got who guessed, and how others fared meanwhile. ``took_s`` is by the injected clock."""

    tries: int = 0
    looked_at: int = 0
    delayed: int = 0
    took_s: float = 0.0
    others: int = 0
    others_waited_s: float = 0.0


async def guess(tries: int) -> Guessing:
    """Wrong tokens for a name that exists from one address, as fast as they are answered; and beside it now and then
    the right one from another address, and another right one from the same.
    """
    clock = FakeClock()
    door, report, began = Door(clock), Guessing(), clock.monotonic_s()
    while report.tries < tries:
        connection, reader, wire = door.connect("10.0.0.9")
        serving = asyncio.ensure_future(connection.serve())
        while not serving.done() and report.tries < tries:
            await _try_wrongly(door, reader, wire, serving, report)
        reader.feed_eof()
        await serving
        assert not connection.admitted
    report.took_s = clock.monotonic_s() - began
    return report


async def _try_wrongly(
    door: Door, reader: asyncio.StreamReader, wire: Wire, serving: "asyncio.Task[None]", report: Guessing
) -> None:
    clock = cast(FakeClock, door.clock)
    report.tries += 1
    asked, length = door.asked, len(wire.sent)
    reader.feed_data(request("DESCRIBE", URL, basic(f"wrong-{report.tries}")))
    while len(wire.sent) == length and not serving.done():
        await asyncio.sleep(0)
        if clock.sleepers:
            report.delayed += 1
            if report.tries % 100 == 0:
                await _others(door, report)
            clock.advance(1.0)
            await asyncio.sleep(0)
    report.looked_at += door.asked - asked


async def _others(door: Door, report: Guessing) -> None:
    before, asked = door.clock.monotonic_s(), door.asked
    for peer, name in (("10.0.0.8", NAME), ("10.0.0.9", "tv")):
        connection, reader, wire = door.connect(peer)
        transport, session = f"Transport: {_TRANSPORTS[0]}", f"Session: {connection.talk._new_id}"
        steps = (
            ("DESCRIBE", URL, ()),
            ("SETUP", URL + "/trackID=0", (transport,)),
            ("PLAY", URL, (session,)),
        )
        for method, url, lines in steps:
            reader.feed_data(request(method, url, basic(name=name), *lines))
        reader.feed_eof()
        await connection.serve()
        answers = [one.status for one in answered(wire) if isinstance(one, Response)]
        assert answers == [200, 200, 200], answers
        report.others += 1
    report.others_waited_s += door.clock.monotonic_s() - before
    door.asked = asked
