"""Cuts an RTSP connection into embedded packets and messages.

Nearly everything on a connection is embedded packets (RFC 2326 section 10.12), so they are cut here in one
tight loop; text goes to the parser.
"""

from collections.abc import Iterator
from typing import NamedTuple

from wachtel.protocols.rtsp import Interleaved, Request, Response, RtspParser

_DOLLAR = 0x24
_SEQUENCE = slice(2, 4)
"""Alike are the four bytes of framing, the first two of RTP, then timestamp, sender and two bytes of payload: of a
fragment in H.264 these say what it is a fragment of."""


class Embedded(NamedTuple):
    """An RTP or RTCP packet inside the connection."""

    channel: int
    payload: bytes

    def packets(self) -> Iterator[bytes]:
        """The packet."""
        yield self.payload


class Alike(NamedTuple):
    """RTP packets inside the connection that differ only in their sequence numbers, each one more than the one
    before, and in what follows ``head``, the beginning of the first: a large picture consists of them. ``parts`` are
    the rest of each.
    """

    channel: int
    head: bytes
    parts: list[bytes]

    def packets(self) -> Iterator[bytes]:
        """Each packet whole."""
        first = int.from_bytes(self.head[_SEQUENCE], "big")
        for number, part in enumerate(self.parts, first):
            sequence = (number & 0xFFFF).to_bytes(2, "big")
            yield self.head[: _SEQUENCE.start] + sequence + self.head[_SEQUENCE.stop :] + part


Received = Embedded | Alike | Request | Response


class Framer:
    """Bytes in; packets and messages out, in their order."""

    def __init__(self) -> None:
        self._parser = RtspParser()
        self._rest = b""

    def feed(self, data: bytes) -> list[Received]:
        """What is whole now. Raises `WachtelError` (bad_data) on nonsense."""
        if self._rest:
            data = self._rest + data
            self._rest = b""
        found: list[Received] = []
        start = self._cut(data, found) if self._parser.idle else 0
        if start == len(data):
            return found
        if self._parser.idle and data[start] == _DOLLAR:
            self._rest = data[start:]
            return found
        for message in self._parser.feed(data[start:]):
            if isinstance(message, Interleaved):
                found.append(Embedded(message.channel, message.payload))
            else:
                found.append(message)
        return found

    @staticmethod
    def _cut(data: bytes, found: list[Received]) -> int:
        """Takes the packets at the front; where the first other thing, or an unfinished packet, begins."""
        start, size = 0, len(data)
        while start + 4 <= size and data[start] == _DOLLAR:
            end = start + 4 + (data[start + 2] << 8 | data[start + 3])
            if end > size:
                break
            if data.startswith(data[start + 8 : start + 18], end + 8) and end - start > 18:
                end = _cut_alike(data, start, end - start, found)
            else:
                found.append(Embedded(data[start + 1], data[start + 4 : end]))
            start = end
        return start


def _cut_alike(data: bytes, start: int, step: int, found: list[Received]) -> int:
    """Takes as many packets of ``step`` bytes, framing included, as are alike; where the next thing begins."""
    before, after = data[start : start + 6], data[start + 8 : start + 18]
    sequence = data[start + 6] << 8 | data[start + 7]
    at, last = start + step, len(data) - step
    while at <= last and data.startswith(after, at + 8) and data.startswith(before, at):
        sequence = sequence + 1 & 0xFFFF
        if data[at + 6] << 8 | data[at + 7] != sequence:
            break
        at += step
    parts = [data[begin + 18 : begin + step] for begin in range(start, at, step)]
    found.append(Alike(data[start + 1], data[start + 4 : start + 18], parts))
    return at
