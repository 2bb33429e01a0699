"""Lets one film go on where the picture's format changes, by parameter sets in front of the key frames.

Players give up at a second sample description; all of them follow parameter sets among the pictures, also in a track
that is called avc1 or hvc1 and not, as ISO 14496-15 (5.4.2) has it, avc3 or hev1. See docs/adr/0008.
"""

import struct
from functools import lru_cache

from wachtel.media.boxes import Box, boxes
from wachtel.media.fmp4_read import Fragment
from wachtel.model.stream import Codec, StreamFormat

MDAT_HEADER_BYTES = 8

_WITH_SETS = frozenset({Codec.H264, Codec.H265})
_WORD = struct.Struct(">I")
_COUNT_AND_OFFSET = 8
_FIRST_FLAGS = 0x4


def plays_on(before: StreamFormat, after: StreamFormat) -> bool:
    """True when one track can hold both: pictures of one codec that has parameter sets, and the same sound."""
    codec = before.video.codec
    return codec in _WITH_SETS and codec is after.video.codec and before.audio == after.audio


@lru_cache(maxsize=256)
def parameter_sets(format: StreamFormat) -> bytes:
    """The parameter sets as they stand in front of a picture, each with its length of four bytes."""
    return b"".join(_WORD.pack(len(unit)) + unit for unit in format.video.parameter_sets)


def with_sets(header: bytes, fragment: Fragment, sets: bytes) -> bytes:
    """Header of a key frame's fragment, the header of its mdat and the parameter sets, for ``header`` as it was
    without them: what comes next are the pictures."""
    changed = bytearray(header)
    moof = next(box for box in boxes(header) if box.kind == b"moof")
    for number, traf in enumerate(_trafs(moof)):
        run = next(box for box in boxes(header, traf.start, traf.end) if box.kind == b"trun")
        if number == 0:
            _grow(changed, _size_position(header, run), len(sets))
        else:
            _grow(changed, run.start + _COUNT_AND_OFFSET, len(sets))
    return bytes(changed) + _WORD.pack(fragment.payload_bytes + len(sets)) + b"mdat" + sets


def _trafs(moof: Box) -> list[Box]:
    """Track fragments, that of the pictures first, as we write them."""
    return [box for box in boxes(moof.data, moof.start, moof.end) if box.kind == b"traf"]


def _size_position(header: bytes, run: Box) -> int:
    """Where a track run with one sample says how long it is (8.8.8): behind its flags and its duration."""
    (flags,) = _WORD.unpack_from(header, run.start)
    return run.start + 12 + 4 * bool(flags & _FIRST_FLAGS) + 4


def _grow(header: bytearray, position: int, by: int) -> None:
    (number,) = _WORD.unpack_from(header, position)
    _WORD.pack_into(header, position, number + by)
