"""Boxes of ISO 14496-12: building and reading, nothing of their meaning."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from wachtel.media.nal import bad_data

_HEADER = struct.Struct(">I4s")
_LARGE = 1
_TO_THE_END = 0


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of four-letter ``kind`` around the joined ``content`` (section 4.2)."""
    body = b"".join(content)
    return _HEADER.pack(8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    """A box with version and flags in front of its content."""
    return box(kind, (version << 24 | flags).to_bytes(4, "big"), *content)


@dataclass(frozen=True, slots=True)
class Box:
    """A box found inside ``data``: its content lies from ``start`` to ``end``."""

    kind: bytes
    data: bytes
    start: int
    end: int

    @property
    def content(self) -> bytes:
        """What is in the box, without its header."""
        return self.data[self.start : self.end]


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes lying one after the other in a part of ``data``.

    Raises `WachtelError` (bad_data) for a box that reaches past the end, and for a rest too short to be one.
    """
    position, end = start, len(data) if end is None else end
    while position < end:
        header, size, kind = box_header(data[position : min(position + 16, end)])
        if size == _TO_THE_END:
            size = end - position
        if position + size > end:
            raise bad_data(f"A box {kind!r} of the file reaches past its end.")
        yield Box(kind, data, position + header, position + size)
        position += size


def box_header(data: bytes) -> tuple[int, int, bytes]:
    """Size of the header, size of the whole box (0: to the end of the file) and kind. Raises `WachtelError`
    (bad_data).
    """
    if len(data) < 8:
        raise bad_data("The file ends inside the header of a box.")
    size, kind = _HEADER.unpack_from(data)
    header = 8
    if size == _LARGE:
        if len(data) < 16:
            raise bad_data("The file ends inside the header of a box.")
        header, size = 16, int.from_bytes(data[8:16], "big")
    if size != _TO_THE_END and size < header:
        raise bad_data(f"A box {kind!r} of the file is smaller than its own header.")
    return header, size, kind


def child(parent: Box, *path: bytes) -> Box:
    """The first box at a path of kinds below ``parent``. Raises `WachtelError` (bad_data) if there is
    none.
    """
    for kind in path:
        found = next(
            (inner for inner in boxes(parent.data, parent.start, parent.end) if inner.kind == kind), None
        )
        if found is None:
            raise bad_data(f"The file lacks the box {kind!r}.")
        parent = found
    return parent


class Fields:
    """Reads the fields of a box in order. Raises `WachtelError` (bad_data) when it ends too early."""

    __slots__ = ("_data", "_end", "_position")

    def __init__(self, found: Box) -> None:
        self._data, self._position, self._end = found.data, found.start, found.end

    def number(self, size: int) -> int:
        """An unsigned number of ``size`` bytes."""
        return int.from_bytes(self.raw(size), "big")

    def raw(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        start, self._position = self._position, self._position + size
        if self._position > self._end:
            raise bad_data("A box of the file ends too early.")
        return self._data[start : self._position]

    def version_and_flags(self) -> tuple[int, int]:
        """What a full box begins with."""
        word = self.number(4)
        return word >> 24, word & 0xFFFFFF

    def boxes(self) -> Iterator[Box]:
        """What has not been read, as boxes."""
        return boxes(self._data, self._position, self._end)

    def rest(self) -> Box:
        """What has not been read, as a box to look for others in."""
        return Box(b"", self._data, self._position, self._end)
