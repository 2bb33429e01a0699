"""Cuts an RTSP connection into embedded packets and messages.

Nearly everything on a connection is embedded packets (RFC 2326 section 10.12), so they are cut here in one
tight loop; text goes to the parser.
"""

from typing import NamedTuple

from wachtel.protocols.rtsp import Interleaved, Request, Response, RtspParser

_DOLLAR = 0x24


class Embedded(NamedTuple):
    """An RTP or RTCP packet inside the connection."""

    channel: int
    payload: bytes


Received = Embedded | Request | Response


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
            found.append(Embedded(data[start + 1], data[start + 4 : end]))
            start = end
        return start
