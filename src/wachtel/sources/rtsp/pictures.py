"""Pictures of H.264 and H.265 inside an RTSP connection, cut out whole where nothing stands between their packets.

Nearly every picture of every camera comes that way: packets in a row, each with a unit or a fragment of one, the last
with the marker bit (RFC 6184, RFC 7798). Such a run is one message here. Whatever is otherwise is left to who takes
packets one by one, and so is a run that turns out not to be what its track expects.
"""

from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from wachtel.media import h264, h265
from wachtel.media.nal import join_lengths, kind_bits
from wachtel.model.stream import Codec
from wachtel.protocols.rtp_receive.nal import H264_FRAGMENT, H265_FRAGMENT, h264_header, h265_header

FRAMING_BYTES = 4
_HEAD_BYTES = FRAMING_BYTES + 12
_PLAIN = 0x80
"""First byte of an RTP packet of version 2 without padding, extension and contributing sources."""
MARKER = 0x80
"""In the second byte of an RTP packet: the last of its picture."""
_BEGINS, _ENDS = 0x80, 0x40
"""Flags of a fragment: the first of its unit, the last."""
_START_CODE = b"\0\0\1"
LARGEST_RUN_BYTES = 1 << 20
"""A longer run is taken packet by packet instead of being waited for."""


class Picture(NamedTuple):
    """A picture that came in ``length`` packets from ``sequence`` on, ``source[start:end]`` with framing. ``units``
    are its NAL units, each with four bytes of length in front; ``kinds`` has a bit for each of their types.
    """

    channel: int
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    length: int
    kinds: int
    units: bytes
    source: bytes
    start: int
    end: int

    def packets(self) -> Iterator[bytes]:
        """Each RTP packet."""
        at = self.start
        while at < self.end:
            body = at + FRAMING_BYTES
            at = body + int.from_bytes(self.source[body - 2 : body], "big")
            yield self.source[body:at]


class Verdict(Enum):
    """What else a packet may begin."""

    UNFINISHED = auto()
    """A picture that goes on beyond what has come."""
    OTHERWISE = auto()
    """What must be taken packet by packet."""


PictureAt = Callable[[bytes, int, Codec], Picture | Verdict]
"""What the packet at a place of the received bytes begins; it must be of a video track with that codec, and its framing
must have come.
"""


class Syntax(NamedTuple):
    """``unit_header`` is the size of a NAL unit's header in bytes, ``fragment`` the type of fragments; ``units`` and
    ``slices`` have a bit for each type of what a packet may hold whole, and of what shows something.
    """

    unit_header: int
    fragment: int
    units: int
    slices: int


SYNTAX = {
    Codec.H264: Syntax(1, H264_FRAGMENT, kind_bits(range(1, 24)), kind_bits(range(1, 6))),
    Codec.H265: Syntax(2, H265_FRAGMENT, kind_bits(range(48)), kind_bits(range(32))),
}
_NAL_TYPE = {Codec.H264: h264.nal_type, Codec.H265: h265.nal_type}
_HEADER = {Codec.H264: h264_header, Codec.H265: h265_header}


def picture_at(data: bytes, start: int, codec: Codec) -> Picture | Verdict:
    """`PictureAt`, in Python."""
    at, count, units = start, 0, _Units(codec)
    framing, sequence, same = (
        data[start : start + 2],
        _number(data, start + 6, 2),
        data[start + 8 : start + 16],
    )
    while at + FRAMING_BYTES <= len(data):
        if not data.startswith(framing, at):
            return Verdict.OTHERWISE
        end = at + FRAMING_BYTES + (data[at + 2] << 8 | data[at + 3])
        if end > len(data):
            return Verdict.UNFINISHED
        follows = (
            end > at + _HEAD_BYTES
            and data[at + 4] == _PLAIN
            and (data[at + 5] ^ data[start + 5]) & ~MARKER == 0
            and data[at + 6] << 8 | data[at + 7] == sequence + count & 0xFFFF
            and data.startswith(same, at + 8)
        )
        if not (follows and units.take(data[at + _HEAD_BYTES : end])):
            return Verdict.OTHERWISE
        if data[at + 5] & MARKER:
            return _picture(data, start, end, count + 1, units)
        at, count = end, count + 1
        if at - start > LARGEST_RUN_BYTES:
            return Verdict.OTHERWISE
    return Verdict.UNFINISHED


def _number(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "big")


class _Units:
    """The units of a run, as its payloads come."""

    def __init__(self, codec: Codec) -> None:
        self.whole: list[bytes] = []
        self.kinds = 0
        self._syntax, self._nal_type, self._header = SYNTAX[codec], _NAL_TYPE[codec], _HEADER[codec]
        self._parts: list[bytes] = []

    @property
    def are_a_picture(self) -> bool:
        """Without a unit that has only begun, and without one that must be cut further: some cameras put start codes
        into RTP."""
        if self._parts or not self.kinds & self._syntax.slices:
            return False
        # Hardly any has one, and from the end it is known in a third of the time.
        return all(unit.rfind(_START_CODE) < 0 for unit in self.whole)

    def take(self, payload: bytes) -> bool:
        """False for a payload that is none of a plain run."""
        header = self._syntax.unit_header
        if len(payload) <= header:
            return False
        if self._nal_type(payload[0]) != self._syntax.fragment:
            return not self._parts and self._add(payload)
        flags = payload[header]
        if (flags >= _BEGINS) == bool(self._parts):
            return False
        if flags >= _BEGINS:
            self._parts.append(self._header(payload))
        self._parts.append(payload[header + 1 :])
        return not flags & _ENDS or self._end()

    def _end(self) -> bool:
        unit = b"".join(self._parts)
        self._parts.clear()
        return self._add(unit)

    def _add(self, unit: bytes) -> bool:
        kind = 1 << self._nal_type(unit[0])
        self.kinds |= kind
        self.whole.append(unit)
        return bool(kind & self._syntax.units)


def _picture(data: bytes, start: int, end: int, length: int, units: _Units) -> Picture | Verdict:
    if not units.are_a_picture:
        return Verdict.OTHERWISE
    return Picture(
        channel=data[start + 1],
        payload_type=data[start + 5] & ~MARKER,
        sequence=_number(data, start + 6, 2),
        timestamp=_number(data, start + 8, 4),
        ssrc=_number(data, start + 12, 4),
        length=length,
        kinds=units.kinds,
        units=join_lengths(units.whole),
        source=data,
        start=start,
        end=end,
    )
