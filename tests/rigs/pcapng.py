"""TCP conversations in a packet capture (pcapng, draft-ietf-opsawg-pcapng; Ethernet, IPv4), put together again."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_SECTION, _INTERFACE, _ENHANCED = 0x0A0D0D0A, 1, 6
_ETHERNET, _LOOPBACK, _RAW, _COOKED = 1, 0, 101, 113
_TCP, _SYN = 6, 2


@dataclass(frozen=True, slots=True)
class Direction:
    """Who speaks to whom."""

    source: tuple[str, int]
    target: tuple[str, int]


@dataclass(slots=True)
class _Pieces:
    start: int | None = None
    data: dict[int, bytes] = field(default_factory=dict)


def conversations(capture: bytes) -> dict[Direction, bytes]:
    """What was said in each direction, in order, up to the first gap; repeated pieces count once."""
    found: dict[Direction, _Pieces] = {}
    for packet in _internet_packets(capture):
        _take(packet, found)
    return {direction: _joined(pieces) for direction, pieces in found.items()}


def _internet_packets(capture: bytes) -> Iterator[bytes]:
    order, at, link = "<", 0, _ETHERNET
    while at + 12 <= len(capture):
        if capture[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if capture[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, size = struct.unpack_from(order + "II", capture, at)
        if kind == _INTERFACE:
            link = struct.unpack_from(order + "H", capture, at + 8)[0]
        if kind == _ENHANCED:
            length = struct.unpack_from(order + "I", capture, at + 20)[0]
            frame = capture[at + 28 : at + 28 + length]
            yield frame[{_ETHERNET: 14, _LOOPBACK: 4, _RAW: 0, _COOKED: 16}[link] :]
        at += size


def _take(packet: bytes, found: dict[Direction, _Pieces]) -> None:
    if not packet or packet[0] >> 4 != 4 or packet[9] != _TCP:
        return
    head, total = (packet[0] & 15) * 4, struct.unpack_from(">H", packet, 2)[0]
    segment = packet[head:total]
    source, target, sequence = struct.unpack_from(">HHI", segment)
    hosts = [".".join(str(byte) for byte in packet[at : at + 4]) for at in (12, 16)]
    pieces = found.setdefault(Direction((hosts[0], source), (hosts[1], target)), _Pieces())
    if segment[13] & _SYN:
        pieces.start = sequence + 1
    elif pieces.start is None:
        pieces.start = sequence
    payload = segment[(segment[12] >> 4) * 4 :]
    if payload:
        pieces.data.setdefault(sequence, payload)


def _joined(pieces: _Pieces) -> bytes:
    joined = bytearray()
    for sequence in sorted(pieces.data, key=lambda one: (one - (pieces.start or 0)) % (1 << 32)):
        at = (sequence - (pieces.start or 0)) % (1 << 32)
        if at > len(joined):
            break
        joined[at:] = pieces.data[sequence] + joined[at + len(pieces.data[sequence]) :]
    return bytes(joined)
