"""Sound out of RTP: G.711 and Opus (one frame a packet), AAC (RFC 3640)."""

from dataclasses import dataclass

from wachtel.protocols.rtp_receive.access_unit import AccessUnit, Depacketizer, Pending, cut_off
from wachtel.protocols.rtp_receive.packet import RtpPacket


class WholeDepacketizer(Depacketizer):
    """G.711 (RFC 3551 section 4.5.14) and Opus (RFC 7587): the payload is the frame."""

    def push(self, packet: RtpPacket, missing: int = 0) -> list[AccessUnit]:
        if not packet.payload:
            return []
        return [AccessUnit((packet.payload,), packet.timestamp, not missing)]


@dataclass(frozen=True, slots=True)
class AacHeaders:
    """The lengths in bits of the fields of an AU header (RFC 3640 section 3.2.1), from the SDP's fmtp
    line."""

    size: int = 13
    index: int = 3
    index_delta: int = 3


class AacDepacketizer(Depacketizer):
    """MPEG-4 AAC, mode AAC-hbr or AAC-lbr: several frames in a packet, or one frame over several packets."""

    def __init__(self, headers: AacHeaders) -> None:
        self._headers = headers
        self._pending = Pending()
        self._wanted = 0

    def push(self, packet: RtpPacket, missing: int = 0) -> list[AccessUnit]:
        if missing or packet.timestamp != self._pending.timestamp:
            self._pending.take()
            self._wanted = 0
        self._pending.timestamp = packet.timestamp
        sizes, start = self._sizes(packet.payload)
        rest = packet.payload[start:]
        if len(sizes) == 1 and sizes[0] > len(rest):
            return self._fragment(sizes[0], rest, packet)
        return [AccessUnit(tuple(_split(rest, sizes)), packet.timestamp, not missing)]

    def _fragment(self, size: int, part: bytes, packet: RtpPacket) -> list[AccessUnit]:
        if not self._wanted:
            self._wanted = size
            self._pending.begin_fragments(part)
        else:
            self._pending.add_fragment(part)
        if not packet.marker:
            return []
        whole = self._pending.end_fragments()
        wanted, self._wanted = self._wanted, 0
        taken = self._pending.take()
        return [taken] if whole is not None and len(whole) == wanted else []

    def _sizes(self, payload: bytes) -> tuple[list[int], int]:
        """The sizes of the frames in the packet, and where the first one begins."""
        if len(payload) < 2:
            raise cut_off()
        bits = int.from_bytes(payload[:2], "big")
        start = 2 + (bits + 7) // 8
        if start > len(payload):
            raise cut_off()
        fields = int.from_bytes(payload[2:start], "big") >> (-bits % 8)
        sizes: list[int] = []
        left, number_bits = bits, self._headers.index
        while left >= self._headers.size + number_bits and self._headers.size > 0:
            left -= self._headers.size
            sizes.append(fields >> left & (1 << self._headers.size) - 1)
            left -= number_bits
            number_bits = self._headers.index_delta
        return sizes, start


def _split(data: bytes, sizes: list[int]) -> list[bytes]:
    if sum(sizes) > len(data):
        raise cut_off()
    frames, start = [], 0
    for size in sizes:
        frames.append(data[start : start + size])
        start += size
    return frames
