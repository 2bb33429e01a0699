"""Sending RTP: packets, how encoded pictures and sound are cut into them, and the reports that go with them.

Pure: bytes and numbers in, bytes out. Payload formats: H.264 (RFC 6184), H.265 (RFC 7798), AAC (RFC 3640),
and everything that needs no header of its own (G.711: RFC 3551; MPEG-4 part 2: RFC 6416).
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs

LARGEST_PAYLOAD_BYTES = 1388
"""With the header of 12 bytes a packet has at most 1,400, which fits every path cameras are on."""
_HEADER = struct.Struct(">BBHII")
_VERSION = 2 << 6
_NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900 (NTP) to 1970 (RFC 5905 section 6)."""
_H264_FU_A = 28
_H265_FU = 49


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet (RFC 3550 section 5.1), without the rarer fields. ``timestamp`` counts in the track's clock
    rate."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    marker: bool
    payload: bytes

    def encode(self) -> bytes:
        """The bytes for the wire; sequence and timestamp wrap."""
        second = self.payload_type | (self.marker << 7)
        head = _HEADER.pack(_VERSION, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc)
        return head + self.payload


def h264_payloads(nals: Iterable[bytes], limit: int = LARGEST_PAYLOAD_BYTES) -> list[bytes]:
    """NAL units of one access unit: each alone, or in fragments when it is too long (RFC 6184 sections 5.6
    and 5.8)."""
    found: list[bytes] = []
    for nal in nals:
        if len(nal) <= limit:
            found.append(nal)
        else:
            indicator = bytes(((nal[0] & 0xE0) | _H264_FU_A,))
            found += _fragments(indicator, nal[0] & 0x1F, nal[1:], limit)
    return found


def h265_payloads(nals: Iterable[bytes], limit: int = LARGEST_PAYLOAD_BYTES) -> list[bytes]:
    """NAL units of one access unit: each alone, or in fragments when it is too long (RFC 7798 sections 4.4.1,
    4.4.3)."""
    found: list[bytes] = []
    for nal in nals:
        if len(nal) <= limit:
            found.append(nal)
        else:
            header = bytes(((nal[0] & 0x81) | (_H265_FU << 1), nal[1]))
            found += _fragments(header, nal[0] >> 1 & 0x3F, nal[2:], limit)
    return found


def _fragments(header: bytes, kind: int, body: bytes, limit: int) -> list[bytes]:
    """Start and end bits, then the type, in the byte behind the header: the same in RFC 6184 and RFC 7798."""
    room = limit - len(header) - 1
    starts = range(0, len(body), room)
    return [
        header + bytes((((at == 0) << 7) | ((at == starts[-1]) << 6) | kind,)) + body[at : at + room]
        for at in starts
    ]


def aac_payloads(frame: bytes, limit: int = LARGEST_PAYLOAD_BYTES) -> list[bytes]:
    """One AAC frame in mode AAC-hbr (RFC 3640 section 3.3.6); every fragment names the size of the whole
    frame."""
    header = struct.pack(">HH", 16, (len(frame) << 3) & 0xFFFF)
    room = limit - len(header)
    return [header + frame[at : at + room] for at in range(0, len(frame), room)]


@dataclass(slots=True)
class RtpTrack:
    """The sending end of one track: numbers its packets. ``sequence`` is that of the next packet."""

    payload_type: int
    ssrc: int
    sequence: int
    packets: int = 0
    octets: int = 0

    def packets_of(self, payloads: Sequence[bytes], timestamp: int) -> list[bytes]:
        """The packets of one picture or piece of sound; the last carries the marker (RFC 6184 section
        5.1)."""
        found = []
        for number, payload in enumerate(payloads, 1):
            packet = RtpPacket(
                self.payload_type, self.sequence, timestamp, self.ssrc, number == len(payloads), payload
            )
            found.append(packet.encode())
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.octets += len(payload)
        self.packets += len(payloads)
        return found

    def report(self, wall: WallUs, timestamp: int) -> bytes:
        """A sender report with the required name (RFC 3550 sections 6.4.1 and 6.5): ``timestamp`` is that of
        ``wall``."""
        whole_s, rest_us = divmod(wall, US_PER_S)
        ntp = ((whole_s + _NTP_EPOCH_S) << 32 | (rest_us << 32) // US_PER_S) & 0xFFFFFFFFFFFFFFFF
        counts = (timestamp & 0xFFFFFFFF, self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF)
        return struct.pack(">BBHIQIII", _VERSION, 200, 6, self.ssrc, ntp, *counts) + _name(self.ssrc)

    def bye(self) -> bytes:
        """The packet that says this track ends (RFC 3550 section 6.6), behind the empty report it needs."""
        return struct.pack(">BBHI", _VERSION, 201, 1, self.ssrc) + struct.pack(
            ">BBHI", _VERSION | 1, 203, 1, self.ssrc
        )


def _name(ssrc: int) -> bytes:
    """A source description with a CNAME (RFC 3550 section 6.5.1), padded to whole words."""
    name = b"camera"
    item = struct.pack(">IBB", ssrc, 1, len(name)) + name
    item += b"\0" * (4 - len(item) % 4)
    return struct.pack(">BBH", _VERSION | 1, 202, len(item) // 4) + item
