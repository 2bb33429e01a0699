"""The RTP packet (RFC 3550 section 5.1), and its numbers that wrap around."""

import struct
from typing import NamedTuple

from wachtel.base.errors import ErrorKind, WachtelError

_FIXED = struct.Struct("!BBHII")
_VERSION = 2


class RtpPacket(NamedTuple):
    """One packet without its header; ``sequence`` is modulo 2**16 and ``timestamp`` modulo 2**32."""

    sequence: int
    timestamp: int
    marker: bool
    payload_type: int
    ssrc: int
    payload: bytes


def parse_rtp(data: bytes) -> RtpPacket:
    """Reads one packet; contributing sources, extension and padding are skipped.

    Raises `WachtelError` (bad_data) when it is none.
    """
    if len(data) < _FIXED.size:
        raise WachtelError(ErrorKind.BAD_DATA, "An RTP packet is shorter than its header.")
    flags, kind, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if flags >> 6 != _VERSION:
        raise WachtelError(ErrorKind.BAD_DATA, "An RTP packet is not of version 2.")
    start, end = _FIXED.size, len(data)
    if flags & 0x3F:
        start, end = _payload_bounds(data, flags)
    return RtpPacket(sequence, timestamp, kind > 127, kind & 0x7F, ssrc, data[start:end])


def _payload_bounds(data: bytes, flags: int) -> tuple[int, int]:
    """Where the payload lies when there are contributing sources, an extension or padding."""
    start, end = _FIXED.size + 4 * (flags & 0x0F), len(data)
    if flags & 0x10:
        if end < start + 4:
            raise WachtelError(ErrorKind.BAD_DATA, "An RTP header extension is cut off.")
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if flags & 0x20:
        end -= data[-1]
    if start > end:
        raise WachtelError(ErrorKind.BAD_DATA, "An RTP packet ends before its payload begins.")
    return start, end


class Unwrapper:
    """A counter of some bits as an integer that goes on: each value is the nearest to the one before."""

    def __init__(self, bits: int) -> None:
        self._size = 1 << bits
        self._last: int | None = None

    def place(self, value: int) -> int:
        """``value`` with its missing high bits; may be less than the one before."""
        self._last = self.peek(value)
        return self._last

    def peek(self, value: int) -> int:
        """As `place`, but the next value is still counted from the one before."""
        if self._last is None:
            return value
        half = self._size >> 1
        return self._last + (value - self._last + half) % self._size - half
