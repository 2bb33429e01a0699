"""RTSP 1.0 messages as values, and a parser that takes bytes as they come (RFC 2326).

Works in both directions: a client feeds it what a camera sends (responses, interleaved packets, now and then
a request), a server what a client sends. An HTTP answer is read as well, so that whoever dialled a web server
by mistake can be told so. Nothing in here waits, and nothing grows without limit.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from wachtel.base.errors import ErrorKind, WachtelError

LONGEST_LINE_BYTES = 8 << 10
LARGEST_HEAD_BYTES = 64 << 10
LARGEST_BODY_BYTES = 1 << 20
MOST_HEADERS = 256
"""RFC 2326 section 12.37."""

REASONS = {
    200: "OK",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "RTSP Version not supported",
}
_DOLLAR = 0x24
_REQUEST_LINE = re.compile(r"([A-Za-z][A-Za-z_.-]{0,31}) +(\S+) +(RTSP|HTTP)/(\d{1,2}\.\d{1,2})")
_STATUS_LINE = re.compile(r"(RTSP|HTTP)/(\d{1,2}(?:\.\d{1,2})?) +(\d{3})(?: +(.*))?")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header lines in their order; names compare without case, and a name may come more than once."""

    lines: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, *lines: tuple[str, str]) -> "Headers":
        """Headers from pairs of name and value. Raises ValueError when one holds a line end."""
        for line in lines:
            if any(char in part for part in line for char in "\r\n"):
                raise ValueError("a header must not hold a line end")
        return cls(tuple(lines))

    def get(self, name: str) -> str | None:
        """The first value of that name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[str]:
        """Every value of that name."""
        wanted = name.lower()
        return (value for key, value in self.lines if key.lower() == wanted)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.lines)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks. ``uri`` is as sent: absolute, or ``*``."""

    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    protocol: str = "RTSP"

    @property
    def cseq(self) -> str:
        """The request's number, empty when missing."""
        return self.headers.get("CSeq") or ""

    def encode(self) -> bytes:
        """The bytes for the wire."""
        return _encode(f"{self.method} {self.uri} {self.protocol}/1.0", self.headers, self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answers. ``protocol`` is ``RTSP``, or ``HTTP`` when it was no camera that answered."""

    status: int
    reason: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    protocol: str = "RTSP"

    @property
    def cseq(self) -> str:
        """The number of the request this belongs to, empty when missing."""
        return self.headers.get("CSeq") or ""

    def encode(self) -> bytes:
        """The bytes for the wire."""
        reason = self.reason or REASONS.get(self.status, "")
        return _encode(f"{self.protocol}/1.0 {self.status} {reason}", self.headers, self.body)


@dataclass(frozen=True, slots=True)
class Interleaved:
    """An RTP or RTCP packet inside the RTSP connection (RFC 2326 section 10.12)."""

    channel: int
    payload: bytes

    def encode(self) -> bytes:
        """The bytes for the wire; the payload has at most 65,535 of them."""
        return interleaved_head(self.channel, len(self.payload)) + self.payload


Message = Request | Response | Interleaved


def interleaved_head(channel: int, length: int) -> bytes:
    """The four bytes in front of an interleaved packet."""
    return bytes((_DOLLAR, channel, length >> 8, length & 0xFF))


def _encode(first: str, headers: Headers, body: bytes) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass(frozen=True, slots=True)
class _Head:
    message: Request | Response
    body_bytes: int


class RtspParser:
    """Bytes in, messages out; keeps what is not yet whole.

    Tolerant where cameras are sloppy: bare line feeds, blank lines between messages, blanks before a colon,
    folded header lines, text that is not UTF-8. Raises `WachtelError` (bad_data) on nonsense or when a limit
    is passed; the connection is of no use afterwards.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0
        self._searched = 0
        self._head: _Head | None = None

    @property
    def pending_bytes(self) -> int:
        """How many bytes wait for the rest of their message."""
        return len(self._data)

    @property
    def idle(self) -> bool:
        """True between two messages."""
        return self._head is None and not self._data

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now."""
        self._data += data
        found: list[Message] = []
        while (message := self._take()) is not None:
            found.append(message)
        del self._data[: self._at]
        self._at = 0
        return found

    def _take(self) -> Message | None:
        if self._head is None:
            self._skip_line_ends()
            if self._data[self._at : self._at + 1] == b"$":
                return self._take_interleaved()
            self._head = self._take_head()
        return None if self._head is None else self._take_body(self._head)

    def _skip_line_ends(self) -> None:
        while self._at < len(self._data) and self._data[self._at] in b"\r\n":
            self._at += 1

    def _take_interleaved(self) -> Interleaved | None:
        payload = self._at + 4
        if len(self._data) < payload:
            return None
        end = payload + int.from_bytes(self._data[payload - 2 : payload], "big")
        if len(self._data) < end:
            return None
        channel, self._at = self._data[self._at + 1], end
        return Interleaved(channel, bytes(self._data[payload:end]))

    def _take_head(self) -> _Head | None:
        end = self._head_end(self._at)
        if end is None:
            return None
        text, self._at, self._searched = bytes(self._data[self._at : end]), end, 0
        return _parse_head(text)

    def _take_body(self, head: _Head) -> Message | None:
        end = self._at + head.body_bytes
        if len(self._data) < end:
            return None
        body, self._at, self._head = bytes(self._data[self._at : end]), end, None
        return _with_body(head.message, body)

    def _head_end(self, start: int) -> int | None:
        """Behind the empty line that ends a head, or None while it is not there."""
        position = start + self._searched
        while (newline := self._data.find(b"\n", position)) >= 0:
            after = newline + 1
            self._check_line(newline - position)
            if self._data.startswith(b"\n", after):
                return self._bounded(start, after + 1)
            if self._data.startswith(b"\r\n", after):
                return self._bounded(start, after + 2)
            if len(self._data) <= after + 1:
                break
            position = after
        self._bounded(start, len(self._data))
        self._check_line(len(self._data) - position)
        self._searched = position - start
        return None

    @staticmethod
    def _check_line(length: int) -> None:
        """However the bytes come, one at a time or all at once."""
        if length > LONGEST_LINE_BYTES + 2:
            raise _bad("a line has no end")

    @staticmethod
    def _bounded(start: int, end: int) -> int:
        if end - start > LARGEST_HEAD_BYTES:
            raise _bad("its head has no end")
        return end


def _bad(what: str) -> WachtelError:
    return WachtelError(ErrorKind.BAD_DATA, f"What came is no RTSP message: {what}.")


def _with_body(message: Request | Response, body: bytes) -> Request | Response:
    if isinstance(message, Request):
        return Request(message.method, message.uri, message.headers, body, message.protocol)
    return Response(message.status, message.reason, message.headers, body, message.protocol)


def _parse_head(data: bytes) -> _Head:
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    headers = _parse_headers(lines[1:])
    message = _parse_first_line(lines[0].strip(), headers)
    return _Head(message, _body_length(headers))


def _parse_first_line(line: str, headers: Headers) -> Request | Response:
    if match := _STATUS_LINE.fullmatch(line):
        protocol, _, status, reason = match.groups()
        return Response(int(status), reason or "", headers, protocol=protocol)
    if match := _REQUEST_LINE.fullmatch(line):
        method, uri, protocol, _ = match.groups()
        return Request(method.upper(), uri, headers, protocol=protocol)
    raise _bad("its first line is neither a request nor a status")


def _parse_headers(lines: Iterable[str]) -> Headers:
    found: list[tuple[str, str]] = []
    for line in lines:
        if len(line) > LONGEST_LINE_BYTES or len(found) > MOST_HEADERS:
            raise _bad("its head is too large")
        if line[:1] in (" ", "\t") and found and line.strip():
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found.append((name.strip(), value.strip()))
    return Headers(tuple(found))


def _body_length(headers: Headers) -> int:
    text = headers.get("Content-Length")
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _bad("its Content-Length is no number")
    length = int(text)
    if length > LARGEST_BODY_BYTES:
        raise _bad(f"its body of {length} bytes is too large")
    return length
