"""Streams of JPEGs over HTTP: ``multipart/x-mixed-replace`` as cameras really send it.

RFC 2046 section 5.1 says how it should look. Cameras forget lengths or get them wrong, announce one boundary and send
another, leave its dashes away, or the whole boundary before the first picture. So the boundary is learned from the
stream, and a length is believed only if the JPEG ends there.
"""

import re

from wachtel.base.errors import ErrorKind, WachtelError

LARGEST_PART_BYTES = 16 << 20
_LARGEST_HEAD_BYTES = 8 << 10
_LONGEST_BOUNDARY = 200
_START, _END = b"\xff\xd8", b"\xff\xd9"
_LINE_ENDS = b"\r\n"
_DASHES = b"--"
"""A boundary may hold a colon, as headers do, but headers do not begin with these (RFC 2046 section 5.1.1)."""
_FIRST_END = re.compile(rb"(?<=\xff\xd9)\r?\n--")
"""Where a part ends before the boundary is known."""
_HEADER = re.compile(rb"content-[a-z]+[ \t]*:", re.IGNORECASE)
_PADDING = b"\r\n\0 "
_HEAD_END = re.compile(rb"\A\r?\n|\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class JpegStream:
    """Bytes in, whole JPEGs out. Raises `WachtelError` (bad_data) when nothing can be made of it."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._boundary: bytes | None = None
        self._is_first = True
        self._length: int | None = None
        self._next = self._take_boundary
        self._searched = 0
        self._found: list[bytes] = []
        self.broken = 0
        """Parts that were no whole JPEG."""

    def feed(self, data: bytes) -> list[bytes]:
        """The pictures that are whole now."""
        self._data += data
        while self._next():
            pass
        if len(self._data) > LARGEST_PART_BYTES:
            raise _bad("a picture has no end")
        found, self._found = self._found, []
        return found

    def _take_boundary(self) -> bool:
        """The line between two parts; the first one is learned. False when more bytes are needed."""
        if self._boundary is None and not self._learn():
            return False
        if self._boundary is None:
            self._next = self._take_head
            return True
        at = self._data.find(self._boundary)
        end = -1 if at < 0 else self._data.find(b"\n", at)
        if end < 0:
            return False
        del self._data[: end + 1]
        self._next = self._take_head
        return True

    def _learn(self) -> bool:
        """The first line that is neither empty nor a header; a header means that the first boundary was left away."""
        start = len(self._data) - len(self._data.lstrip(_LINE_ENDS))
        end = self._data.find(b"\n", start)
        if end < 0 and len(self._data) - start <= _LONGEST_BOUNDARY:
            return False
        line = bytes(self._data[start : max(end, start)]).strip()
        if self._is_first and _HEADER.match(line):
            del self._data[:start]
        elif not 0 < len(line) <= _LONGEST_BOUNDARY or (b":" in line and not line.startswith(_DASHES)):
            raise _bad("it does not begin with a boundary")
        else:
            self._boundary = line
        self._is_first = False
        return True

    def _take_head(self) -> bool:
        match = _HEAD_END.search(self._data)
        if match is None:
            if len(self._data) > _LARGEST_HEAD_BYTES:
                raise _bad("the head of a part has no end")
            return False
        length = _LENGTH.search(self._data, 0, match.end())
        self._length = min(int(length[1]), LARGEST_PART_BYTES) if length else None
        self._searched = 0
        del self._data[: match.end()]
        self._next = self._take_body
        return True

    def _take_body(self) -> bool:
        if self._length is not None:
            return self._take_counted(self._length)
        if self._boundary is None:
            return self._take_first()
        at = self._data.find(self._boundary, self._searched)
        if at < 0:
            self._searched = max(0, len(self._data) - len(self._boundary))
            return False
        self._take(at)
        return True

    def _take_first(self) -> bool:
        """A first part without boundary and length."""
        found = _FIRST_END.search(self._data, self._searched)
        if found is None:
            self._searched = max(0, len(self._data) - _LONGEST_BOUNDARY)
            return False
        self._take(found.start())
        return True

    def _take_counted(self, length: int) -> bool:
        """A part whose length was said. When it was a lie, the boundary decides."""
        if len(self._data) < length:
            return False
        end = self._data.rfind(_END, 0, length) + len(_END)
        if self._data.startswith(_START) and end > len(_END) and not self._data[end:length].strip(_PADDING):
            self._take(length)
        else:
            self._length = None
        return True

    def _take(self, end: int) -> None:
        picture = _picture_in(bytes(self._data[:end]))
        if picture is None:
            self.broken += 1
        else:
            self._found.append(picture)
        del self._data[:end]
        self._next = self._take_boundary


def _picture_in(part: bytes) -> bytes | None:
    """The JPEG without what cameras put before and after it; None when it is cut off."""
    start = part.find(_START)
    end = part.rfind(_END)
    return part[start : end + 2] if 0 <= start < end else None


def _bad(what: str) -> WachtelError:
    return WachtelError(ErrorKind.BAD_DATA, f"What came is no stream of JPEGs: {what}.")
