"""H.264 (RFC 6184) and H.265 (RFC 7798) out of RTP: NAL units, aggregated or fragmented, into access
units."""

from typing import ClassVar

from wachtel.base.errors import WachtelError
from wachtel.protocols.rtp_receive.access_unit import AccessUnit, Depacketizer, Pending, cut_off
from wachtel.protocols.rtp_receive.packet import RtpPacket

H264_FRAGMENT, H265_FRAGMENT = 28, 49
"""Types of payloads that hold a fragment: FU-A, FU."""


def h264_header(payload: bytes) -> bytes:
    """The header of the unit of which this payload is a fragment (RFC 6184 section 5.8)."""
    return bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))


def h265_header(payload: bytes) -> bytes:
    """The header of the unit of which this payload is a fragment (RFC 7798 section 4.4.3)."""
    return bytes((payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]))


class NalDepacketizer(Depacketizer):
    """What both codecs have in common: an access unit ends with the marker bit or where the timestamp
    changes.

    Some cameras set the marker on every NAL unit. The first slice that follows a marker and goes on with the same
    picture proves it, and from then on only the timestamp counts. A slice that begins a picture proves nothing: the
    camera's clock may stand still.
    """

    HEADER_BYTES: ClassVar[int]
    """Bytes of a NAL unit's header, which is also where the flags of a fragment stand."""
    FRAGMENT: ClassVar[frozenset[int]]
    """First bytes of payloads that hold a fragment."""

    def __init__(self) -> None:
        self._pending = Pending()
        self._last_picture: int | None = None
        self._marker_lies = False

    def push(self, packet: RtpPacket, missing: int = 0) -> list[AccessUnit]:
        pending = self._pending
        if not missing and packet.timestamp == pending.timestamp and self._goes_on(packet):
            pending.add_fragment(packet.payload[self.HEADER_BYTES + 1 :])
            return []
        done: list[AccessUnit] = []
        pending.whole &= not missing
        if packet.timestamp != pending.timestamp and not pending.empty:
            done.append(pending.take())
            pending.whole = not missing
        pending.timestamp = packet.timestamp
        self._unpack_guarded(packet.payload)
        if packet.timestamp == self._last_picture and pending.has_picture:
            self._marker_lies |= not any(map(self._begins_picture, pending.units))
        if packet.marker and pending.has_picture and not self._marker_lies:
            self._last_picture = packet.timestamp
            done.append(pending.take())
        return done

    def pass_by(self, timestamp: int) -> bool:
        pending = self._pending
        if not (pending.empty and pending.whole) or self._marker_lies or timestamp == self._last_picture:
            return False
        pending.timestamp = self._last_picture = timestamp
        return True

    def _goes_on(self, packet: RtpPacket) -> bool:
        """The most frequent case by far: a fragment that neither begins nor ends anything."""
        payload, flags_at = packet.payload, self.HEADER_BYTES
        return (
            not packet.marker
            and len(payload) > flags_at
            and payload[0] in self.FRAGMENT
            and payload[flags_at] < 0x40
            and bool(self._pending.fragments)
        )

    def _unpack_guarded(self, payload: bytes) -> None:
        try:
            self._unpack(payload)
        except WachtelError:
            self._pending.spoil()
            raise

    def _unpack(self, payload: bytes) -> None:
        raise NotImplementedError

    def _is_slice(self, unit: bytes) -> bool:
        raise NotImplementedError

    def _begins_picture(self, unit: bytes) -> bool:
        """Whether it is a picture's first slice."""
        return self._is_slice(unit) and len(unit) > self.HEADER_BYTES and unit[self.HEADER_BYTES] >= 0x80

    def _add(self, unit: bytes) -> None:
        if len(unit) > self.HEADER_BYTES:
            self._pending.add(unit)
            self._pending.has_picture |= self._is_slice(unit)

    def _add_aggregate(self, payload: bytes, start: int) -> None:
        """Units with two bytes of size in front."""
        while start + 2 <= len(payload):
            size = int.from_bytes(payload[start : start + 2], "big")
            start += 2
            if start + size > len(payload):
                raise cut_off()
            self._add(payload[start : start + size])
            start += size

    def _add_fragment(self, flags: int, header: bytes, part: bytes) -> None:
        """``flags`` as in both RFCs: bit 7 begins a unit, bit 6 ends it; ``header`` is the unit's rebuilt
        header."""
        if flags & 0x80:
            self._pending.begin_fragments(header + part)
        else:
            self._pending.add_fragment(part)
        if flags & 0x40 and (unit := self._pending.end_fragments()) is not None:
            self._pending.has_picture |= self._is_slice(unit)


class H264Depacketizer(NalDepacketizer):
    """Packetisation modes 0 and 1 (RFC 6184 section 5.2); the interleaved mode is not used by cameras."""

    HEADER_BYTES = 1
    FRAGMENT = frozenset(first for first in range(256) if first & 0x1F == H264_FRAGMENT)

    def _unpack(self, payload: bytes) -> None:
        if len(payload) < 2:
            raise cut_off()
        kind = payload[0] & 0x1F
        if kind == H264_FRAGMENT:
            self._add_fragment(payload[1], h264_header(payload), payload[2:])
        elif kind == 24:
            self._add_aggregate(payload, 1)
        elif 1 <= kind <= 23:
            self._add(payload)
        else:
            raise cut_off()

    def _is_slice(self, unit: bytes) -> bool:
        return 1 <= unit[0] & 0x1F <= 5


class H265Depacketizer(NalDepacketizer):
    """Single, aggregated and fragmented units (RFC 7798 section 4.4), without decoding order numbers."""

    HEADER_BYTES = 2
    FRAGMENT = frozenset(first for first in range(256) if first >> 1 & 0x3F == H265_FRAGMENT)

    def _unpack(self, payload: bytes) -> None:
        if len(payload) < 3:
            raise cut_off()
        kind = payload[0] >> 1 & 0x3F
        if kind == H265_FRAGMENT:
            self._add_fragment(payload[2], h265_header(payload), payload[3:])
        elif kind == 48:
            self._add_aggregate(payload, 2)
        elif kind < 48:
            self._add(payload)
        else:
            raise cut_off()

    def _is_slice(self, unit: bytes) -> bool:
        return unit[0] >> 1 & 0x3F < 32
