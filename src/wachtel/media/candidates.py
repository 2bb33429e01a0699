"""Looks as bytes: what a detector followed, small enough to keep for weeks. Pure: values in, bytes out, and back.

A chunk is the length of what follows (4 bytes, big endian), its CRC-32 (4), the time of the first look (8, µs UTC), and
the looks, compressed (RFC 1950): each the time since the one before (4, µs), the number of sightings (1), and of each
track (2), left, top, right, bottom, x, y (1 each), level with 128 for a way that begins anew (1), and mass (2).
"""

import struct
import zlib
from collections.abc import Iterator, Sequence

from wachtel.base.units import WallUs
from wachtel.model.candidate import Look, Sighting

_FRAME = struct.Struct(">II")
_BASE = struct.Struct(">q")
_LOOK = struct.Struct(">IB")
_SIGHTING = struct.Struct(">H6BBH")
_ANEW = 0x80
LARGEST_CHUNK_BYTES = 1 << 20
LARGEST_LOOKS_BYTES = 16 << 20
LONGEST_STEP_US = 0xFFFF_FFFF


def encode_looks(looks: Sequence[Look]) -> bytes:
    """One chunk; the looks are in order of time, and span less than an hour. b"" without looks."""
    if not looks:
        return b""
    parts, before = [], looks[0].at
    for look in looks:
        parts.append(_LOOK.pack(min(max(0, look.at - before), LONGEST_STEP_US), len(look.sightings)))
        parts += [_packed(one) for one in look.sightings]
        before = look.at
    body = _BASE.pack(looks[0].at) + zlib.compress(b"".join(parts), 6)
    return _FRAME.pack(len(body), zlib.crc32(body)) + body


def decode_chunks(data: bytes) -> Iterator[list[Look]]:
    """The looks of every sound chunk; what is damaged is left out, and a torn end is the end."""
    at = 0
    while at + _FRAME.size <= len(data):
        length, check = _FRAME.unpack_from(data, at)
        body = data[at + _FRAME.size : at + _FRAME.size + length]
        if length > LARGEST_CHUNK_BYTES or len(body) < length:
            return
        at += _FRAME.size + length
        if zlib.crc32(body) == check and length > _BASE.size:
            looks = _looks(body)
            if looks:
                yield looks


def _looks(body: bytes) -> list[Look]:
    try:
        inflater = zlib.decompressobj()
        data = inflater.decompress(body[_BASE.size :], LARGEST_LOOKS_BYTES)
        return list(_unpacked(_BASE.unpack_from(body)[0], data))
    except (zlib.error, struct.error):
        return []


def _unpacked(at: int, data: bytes) -> Iterator[Look]:
    place = 0
    while place < len(data):
        step, number = _LOOK.unpack_from(data, place)
        place += _LOOK.size
        at += step
        sightings = [
            _sighting(_SIGHTING.unpack_from(data, place + n * _SIGHTING.size)) for n in range(number)
        ]
        place += number * _SIGHTING.size
        yield Look(WallUs(at), tuple(sightings))


def _packed(one: Sighting) -> bytes:
    box = (one.left, one.top, one.right, one.bottom, one.x, one.y)
    return _SIGHTING.pack(one.track, *box, one.level | (_ANEW if one.anew else 0), one.mass)


def _sighting(values: tuple[int, ...]) -> Sighting:
    track, left, top, right, bottom, x, y, level, mass = values
    anew = bool(level & _ANEW)
    return Sighting(track, left, top, right, bottom, x, y, level & ~_ANEW, mass, anew)
