"""A ZIP file without compression, written in one pass, whose length is known before its first byte.

By APPNOTE.TXT 6.3.10 of PKWARE: each member has a local header with its sizes, its bytes, and behind them a data
descriptor with its CRC-32; ZIP64 is used where a size or an offset does not fit into 32 bits. Times are UTC.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wachtel.base.units import WallUs

_LOCAL, _DESCRIPTOR, _CENTRAL = 0x04034B50, 0x08074B50, 0x02014B50
_END, _END_64, _LOCATOR_64 = 0x06054B50, 0x06064B50, 0x07064B50
_HEADER = struct.Struct("<IHHHHHIIIHH")
_ENTRY = struct.Struct("<IHHHHHHIIIHHHHHII")
_TAIL = struct.Struct("<IHHHHIIH")
_TAIL_64 = struct.Struct("<IQHHIIQQQQ")
_POINTER_64 = struct.Struct("<IIQI")
_LARGE = 0xFFFF_FFFF
_MANY = 0xFFFF
_SIZES_FOLLOW_AND_UTF8 = 0x0808
_VERSION, _VERSION_64, _UNIX = 20, 45, 3 << 8
_REGULAR_FILE = 0o100644 << 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the archive: its name, its size, when it is from, and how to read it, in order and whole."""

    name: str
    size_bytes: int
    at: WallUs
    read: Callable[[], Iterable[bytes]]


def zip_size(members: Sequence[Member]) -> int:
    """How many bytes `zip_pieces` will give."""
    offset, directory = 0, 0
    for member in members:
        directory += len(_entry(member, 0, offset))
        offset += len(_header(member)) + member.size_bytes + len(_descriptor(member, 0))
    return offset + directory + len(_end(len(members), offset, directory))


def zip_pieces(members: Sequence[Member]) -> Iterator[bytes]:
    """The archive from its first byte to its last. Raises `ValueError` when a member is not as long as it said."""
    entries: list[bytes] = []
    offset = 0
    for member in members:
        header = _header(member)
        yield header
        crc, size = 0, 0
        for piece in member.read():
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            yield piece
        if size != member.size_bytes:
            raise ValueError(f"{member.name} has {size} bytes, not {member.size_bytes}")
        descriptor = _descriptor(member, crc)
        yield descriptor
        entries.append(_entry(member, crc, offset))
        offset += len(header) + size + len(descriptor)
    directory = b"".join(entries)
    yield directory + _end(len(members), offset, len(directory))


def _header(member: Member) -> bytes:
    name, (date, time) = member.name.encode(), _dos_time(member.at)
    large = member.size_bytes >= _LARGE
    size = _LARGE if large else member.size_bytes
    extra = struct.pack("<HHQQ", 1, 16, member.size_bytes, member.size_bytes) if large else b""
    version = _VERSION_64 if large else _VERSION
    fields = (_LOCAL, version, _SIZES_FOLLOW_AND_UTF8, 0, time, date, 0, size, size, len(name), len(extra))
    return _HEADER.pack(*fields) + name + extra


def _descriptor(member: Member, crc: int) -> bytes:
    sizes = "QQ" if member.size_bytes >= _LARGE else "II"
    return struct.pack(f"<II{sizes}", _DESCRIPTOR, crc, member.size_bytes, member.size_bytes)


def _entry(member: Member, crc: int, offset: int) -> bytes:
    name, (date, time) = member.name.encode(), _dos_time(member.at)
    large = [value for value in (member.size_bytes,) * 2 if value >= _LARGE]
    large += [offset] if offset >= _LARGE else []
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    size, at = min(member.size_bytes, _LARGE), min(offset, _LARGE)
    version = _VERSION_64 if large else _VERSION
    fields = (
        _CENTRAL, _UNIX | version, version, _SIZES_FOLLOW_AND_UTF8, 0, time, date, crc, size, size,
        len(name), len(extra), 0, 0, 0, _REGULAR_FILE, at,
    )  # fmt: skip
    return _ENTRY.pack(*fields) + name + extra


def _end(members: int, offset: int, directory: int) -> bytes:
    tail = _TAIL.pack(
        _END, 0, 0, min(members, _MANY), min(members, _MANY), min(directory, _LARGE), min(offset, _LARGE), 0
    )
    if members < _MANY and offset < _LARGE and directory < _LARGE:
        return tail
    fields = (
        _END_64, _TAIL_64.size - 12, _UNIX | _VERSION_64, _VERSION_64, 0, 0, members, members, directory, offset
    )  # fmt: skip
    return _TAIL_64.pack(*fields) + _POINTER_64.pack(_LOCATOR_64, 0, offset + directory, 1) + tail


def _dos_time(at: WallUs) -> tuple[int, int]:
    """Date and time as ZIP knows them: from 1980 on, in steps of two seconds."""
    moment = _EPOCH + timedelta(microseconds=at)
    if moment.year < 1980:
        return (1 << 5) | 1, 0
    date = ((min(moment.year, 2107) - 1980) << 9) | (moment.month << 5) | moment.day
    return date, (moment.hour << 11) | (moment.minute << 5) | (moment.second // 2)
