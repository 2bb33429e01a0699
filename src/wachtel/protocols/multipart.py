"""Motion JPEG over HTTP: pictures as the parts of an answer without end (RFC 2046 section 5.1).

Tolerant where cameras are sloppy: boundaries announced with or without their dashes or quotes, parts without a length,
blank lines in between, bare line feeds.
"""

import re
from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.rtsp import Headers

LARGEST_PART_BYTES = 16 << 20
LARGEST_PART_HEAD_BYTES = 16 << 10
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One part, usually a JPEG picture."""

    headers: Headers
    body: bytes


def boundary_of(content_type: str) -> str | None:
    """The boundary a Content-Type names, without the dashes that stand before it in the stream; None without one."""
    kind, _, parameters = content_type.partition(";")
    match = re.search(r'boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))', parameters, re.IGNORECASE)
    if not kind.strip().lower().startswith("multipart/") or match is None:
        return None
    return (match[1] or match[2] or "").removeprefix("--") or None


def encode_part(boundary: str, content_type: str, body: bytes) -> bytes:
    """One part as a server sends it."""
    head = f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n"


class MultipartParser:
    """Bytes in, parts out; keeps what is not yet whole.

    A part without a length ends where the next boundary begins. Raises `WachtelError` (bad_data) when a part or
    its head is larger than any camera sends.
    """

    def __init__(self, boundary: str) -> None:
        self._mark = b"--" + boundary.encode()
        self._data = bytearray()
        self._searched = 0
        self._headers: Headers | None = None
        self._length: int | None = None

    @property
    def pending_bytes(self) -> int:
        """How many bytes wait for the rest of their part."""
        return len(self._data)

    def feed(self, data: bytes) -> list[Part]:
        """The parts that are whole now."""
        self._data += data
        found: list[Part] = []
        while (part := self._take()) is not None:
            found.append(part)
        return found

    def _take(self) -> Part | None:
        if self._headers is None and not self._take_head():
            return None
        end = self._body_end()
        if end is None:
            if len(self._data) > LARGEST_PART_BYTES:
                raise WachtelError(ErrorKind.BAD_DATA, "A picture of the camera's JPEG stream has no end.")
            return None
        body, headers = bytes(self._data[:end]), self._headers
        self._drop(end)
        self._headers = None
        return Part(headers or Headers(), body)

    def _take_head(self) -> bool:
        """Past the next boundary and the head behind it."""
        start = self._data.find(self._mark)
        if start < 0:
            self._drop(max(0, len(self._data) - len(self._mark) + 1))
            return False
        self._drop(start)
        end = _HEAD_END.search(self._data, len(self._mark))
        if end is None or end.start() > LARGEST_PART_HEAD_BYTES:
            if len(self._data) > LARGEST_PART_HEAD_BYTES:
                raise WachtelError(
                    ErrorKind.BAD_DATA, "A part of the camera's JPEG stream has a head without end."
                )
            return False
        self._headers = _headers(bytes(self._data[len(self._mark) : end.start()]))
        self._length = _length(self._headers)
        self._drop(end.end())
        return True

    def _body_end(self) -> int | None:
        if self._length is not None:
            return self._length if len(self._data) >= self._length else None
        mark = self._data.find(self._mark, self._searched)
        if mark < 0:
            self._searched = max(0, len(self._data) - len(self._mark) + 1)
            return None
        for line_end in (b"\r\n", b"\n"):
            if self._data[:mark].endswith(line_end):
                return mark - len(line_end)
        return mark

    def _drop(self, count: int) -> None:
        del self._data[:count]
        self._searched = 0


def _headers(head: bytes) -> Headers:
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").splitlines())
    return Headers(
        tuple((name.strip(), value.strip()) for name, colon, value in lines if colon and name.strip())
    )


def _length(headers: Headers) -> int | None:
    text = headers.get("Content-Length") or ""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        return None
    if int(text) > LARGEST_PART_BYTES:
        raise WachtelError(
            ErrorKind.BAD_DATA, f"A picture of {text} bytes in the camera's JPEG stream is too large."
        )
    return int(text)
