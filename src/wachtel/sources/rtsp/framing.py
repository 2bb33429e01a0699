"""Cuts an RTSP connection into pictures, embedded packets and messages.

Nearly everything on a connection is embedded packets (RFC 2326 section 10.12), and nearly all of them are pictures', so
those are cut here; text goes to the parser.
"""

from typing import NamedTuple

from wachtel.model.stream import Codec
from wachtel.protocols.rtsp import Interleaved, Request, Response, RtspParser
from wachtel.sources.rtsp.native import picture_reader
from wachtel.sources.rtsp.pictures import (
    FRAMING_BYTES,
    LARGEST_RUN_BYTES,
    MARKER,
    SYNTAX,
    Picture,
    PictureAt,
    Verdict,
)

_DOLLAR = 0x24


class Embedded(NamedTuple):
    """An RTP or RTCP packet inside the connection."""

    channel: int
    payload: bytes


Received = Embedded | Picture | Request | Response


class Framer:
    """Bytes in; pictures, packets and messages out, in their order."""

    def __init__(self, picture_at: PictureAt | None = None) -> None:
        self._parser = RtspParser()
        self._rest = b""
        self._codecs: dict[int, Codec] = {}
        self._one_by_one: set[int] = set()
        self._picture_at = picture_at or picture_reader()

    def expect_pictures(self, channel: int, codec: Codec) -> None:
        """What comes on this channel is cut into whole pictures, where it can be."""
        if codec in SYNTAX:
            self._codecs[channel] = codec

    @property
    def idle(self) -> bool:
        """True when nothing has only begun."""
        return not self._rest and self._parser.idle

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

    def _cut(self, data: bytes, found: list[Received]) -> int:
        """Takes the packets at the front; where the first other thing, or what is unfinished, begins."""
        start = 0
        while start + FRAMING_BYTES <= len(data) and data[start] == _DOLLAR:
            read = self._read_picture(data, start)
            if isinstance(read, Picture):
                found.append(read)
                start = read.end
                continue
            end = start + FRAMING_BYTES + (data[start + 2] << 8 | data[start + 3])
            if read is Verdict.UNFINISHED or end > len(data):
                break
            found.append(self._packet(data, start, end))
            start = end
        return start

    def _read_picture(self, data: bytes, start: int) -> Picture | Verdict:
        """What is otherwise, or too large to be waited for, is so up to its last packet."""
        channel = data[start + 1]
        codec = self._codecs.get(channel)
        if codec is None or channel in self._one_by_one:
            return Verdict.OTHERWISE
        read = self._picture_at(data, start, codec)
        if read is Verdict.UNFINISHED and len(data) - start > LARGEST_RUN_BYTES:
            read = Verdict.OTHERWISE
        if read is Verdict.OTHERWISE:
            self._one_by_one.add(channel)
        return read

    def _packet(self, data: bytes, start: int, end: int) -> Embedded:
        body = start + FRAMING_BYTES
        if end - body > 1 and data[body + 1] & MARKER:
            self._one_by_one.discard(data[start + 1])
        return Embedded(data[start + 1], data[body:end])
