"""Reads our files, whole or torn, without loading them. Hostile input gives `WachtelError` (bad_data),
nothing else.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.media.boxes import Box, Fields, box_header, boxes
from wachtel.media.fmp4 import REFERENCE_TIME_BYTES, KeyFrame, match_fragment, mfra, wall_of_ntp
from wachtel.media.fmp4_head import Bytes, RandomAccess, SegmentHead, read_head
from wachtel.media.nal import bad_data
from wachtel.media.timestamps import to_us

__all__ = [
    "Bytes",
    "Fragment",
    "KeyFrame",
    "RandomAccess",
    "Recovered",
    "SegmentHead",
    "read_fragments",
    "read_head",
    "read_key_frames",
    "recover",
]

_FIRST_READ_BYTES = 256
_LARGEST_MOOF = 1 << 20
_LARGEST_INDEX = 1 << 24
_NOT_SYNC = 0x1_0000
_SEQUENCE_POSITION = 20
_STANDARD_DECODE_POSITION = 60
_SKIPPED = frozenset({b"free", b"skip", b"styp", b"sidx", b"uuid", b"emsg"})


@dataclass(frozen=True, slots=True)
class Fragment:
    """One moof and mdat, with the prft box in front if there is one; times in ticks of the video track.

    ``samples`` and ``video_bytes`` count the video alone, 0 in a fragment of audio only. ``header`` is the
    moof; ``decode_fields`` names the track and the place in ``header`` of each 64-bit decode time.
    ``payload_offset`` is where the mdat box begins in the file, ``payload_bytes`` its whole size.
    """

    offset: int
    size_bytes: int
    decode: int
    duration: int
    composition: int
    key: bool
    samples: int
    video_bytes: int
    wall: WallUs
    header: bytes
    decode_fields: tuple[tuple[int, int], ...]
    payload_offset: int
    payload_bytes: int

    @property
    def end(self) -> int:
        """Where the next fragment begins."""
        return self.offset + self.size_bytes

    @property
    def wall_end(self) -> WallUs:
        """Wall clock at the end of its last picture."""
        return WallUs(self.wall + to_us(self.duration))


@dataclass(frozen=True, slots=True)
class Recovered:
    """What can be had of a file: cut it to ``whole_bytes``, append ``tail``, and it is complete.

    ``complete`` means that it ended well: then ``whole_bytes`` is its size and ``tail`` is empty.
    """

    head: SegmentHead
    whole_bytes: int
    frames: int
    key_frames: int
    start: WallUs
    end: WallUs
    tail: bytes
    complete: bool


@dataclass(frozen=True, slots=True)
class _Moof:
    decode: int
    duration: int
    composition: int
    key: bool
    samples: int
    video_bytes: int
    decode_fields: tuple[tuple[int, int], ...]


def read_fragments(source: RandomAccess, head: SegmentHead, offset: int | None = None) -> Iterator[Fragment]:
    """The whole fragments from the first, or from one at ``offset``, which is where a `Fragment` begins or a
    `KeyFrame` points to. Ends before a torn or damaged one, at the index, or at the end of the file; never
    raises.
    """
    walk = _Walk(source, head)
    position = head.size_bytes if offset is None else walk.with_reference(offset)
    while (found := walk.fragment_at(position)) is not None:
        yield found
        position = found.end


class _Walk:
    """Goes through the boxes of a file and keeps what the last prft box said."""

    def __init__(self, source: RandomAccess, head: SegmentHead) -> None:
        self._source = source
        self._head = head
        self._anchor_wall = head.identity.start if head.identity else WallUs(0)
        self._anchor_decode = 0
        self._next_decode = 0

    def with_reference(self, offset: int) -> int:
        """Where the prft box begins that belongs to the moof at ``offset``."""
        before = offset - REFERENCE_TIME_BYTES
        if before >= self._head.size_bytes and self._source.read_at(before, 8) == b"\0\0\0\x20prft":
            return before
        return offset

    def fragment_at(self, offset: int) -> Fragment | None:
        """The fragment that begins at ``offset``; None if there is none, or not a whole one."""
        position = offset
        try:
            while True:
                data = self._source.read_at(position, _FIRST_READ_BYTES)
                _, size, kind = box_header(data)
                if kind == b"moof":
                    return self._at_moof(offset, position, size, data)
                if kind == b"prft":
                    self._remember(next(boxes(data[:size])))
                elif kind not in _SKIPPED:
                    return None
                if not size:
                    return None
                position += size
        except WachtelError:
            return None

    def _remember(self, prft: Box) -> None:
        fields = Fields(prft)
        version, _ = fields.version_and_flags()
        fields.raw(4)
        self._anchor_wall = wall_of_ntp(fields.number(8))
        self._anchor_decode = fields.number(8 if version else 4)

    def _at_moof(self, offset: int, position: int, size: int, data: bytes) -> Fragment | None:
        quick = match_fragment(data, 0)
        if quick is not None:
            fields = ((self._head.video_track, _STANDARD_DECODE_POSITION),)
            moof = _Moof(
                quick.decode, quick.duration, quick.composition, quick.key, 1, quick.size_bytes, fields
            )
        else:
            if not 0 < size <= _LARGEST_MOOF:
                return None
            data = self._source.read_at(position, size + 8)
            moof = _read_moof(data[:size], self._head)
        mdat_header, mdat_size, kind = box_header(data[size : size + 16])
        end = position + size + mdat_size
        if kind != b"mdat" or mdat_size < mdat_header or end > self._source.size:
            return None
        return self._fragment(moof, offset, data[:size], position + size, mdat_size)

    def _fragment(
        self, moof: _Moof, offset: int, header: bytes, payload: int, payload_bytes: int
    ) -> Fragment:
        decode = moof.decode if moof.samples else self._next_decode
        self._next_decode = decode + moof.duration
        wall = WallUs(self._anchor_wall + to_us(decode - self._anchor_decode))
        return Fragment(
            offset,
            payload + payload_bytes - offset,
            decode,
            moof.duration,
            moof.composition,
            moof.key,
            moof.samples,
            moof.video_bytes,
            wall,
            header,
            moof.decode_fields,
            payload,
            payload_bytes,
        )


def _read_moof(data: bytes, head: SegmentHead) -> _Moof:
    """Any moof with default-base-is-moof. Raises `WachtelError` (bad_data)."""
    top = next(boxes(data))
    inner = list(boxes(data, top.start, top.end))
    if not inner or inner[0].kind != b"mfhd" or inner[0].end - inner[0].start != 8:
        raise bad_data("A fragment does not begin as we write them.")
    result = _Moof(0, 0, 0, False, 0, 0, ())
    for traf in inner[1:]:
        if traf.kind == b"traf":
            result = _with_traf(result, traf, head)
    return result


def _with_traf(moof: _Moof, traf: Box, head: SegmentHead) -> _Moof:
    parts = list(boxes(traf.data, traf.start, traf.end))
    kinds = [part.kind for part in parts]
    if kinds != [b"tfhd", b"tfdt", b"trun"]:
        raise bad_data("A track fragment does not look as we write them.")
    header = Fields(parts[0])
    header.version_and_flags()
    track = header.number(4)
    time = Fields(parts[1])
    version, _ = time.version_and_flags()
    if version != 1:
        raise bad_data("A decode time has a size that we never write.")
    decode_fields = (*moof.decode_fields, (track, parts[1].start + 4))
    if track != head.video_track:
        return replace(moof, decode_fields=decode_fields)
    run = _read_run(Fields(parts[2]))
    return replace(run, decode=time.number(8), decode_fields=decode_fields)


def _read_run(run: Fields) -> _Moof:
    """The samples of a track run (8.8.8), without their decode time."""
    _, flags = run.version_and_flags()
    count = run.number(4)
    if flags & 0x300 != 0x300 or flags & 0x400:
        raise bad_data("A track run does not look as we write them.")
    run.number(4 * (flags & 1))
    key = bool(flags & 4) and not run.number(4) & _NOT_SYNC
    words = 3 if flags & 0x800 else 2
    numbers = struct.unpack(f">{words * count}I", run.raw(4 * words * count))
    composition = numbers[2] if words == 3 and count else 0
    if composition >= 1 << 31:
        composition -= 1 << 32
    return _Moof(0, sum(numbers[::words]), composition, key, count, sum(numbers[1::words]), ())


def read_key_frames(source: RandomAccess) -> tuple[KeyFrame, ...]:
    """The index at the end of a closed file; empty if there is none or it is damaged."""
    try:
        return _read_index(source)
    except WachtelError:
        return ()


def _read_index(source: RandomAccess) -> tuple[KeyFrame, ...]:
    last = source.read_at(source.size - 16, 16)
    size = int.from_bytes(last[12:16], "big")
    if last[4:8] != b"mfro" or not 24 < size <= min(_LARGEST_INDEX, source.size):
        return ()
    top = next(boxes(source.read_at(source.size - size, size)))
    table = Fields(next(boxes(top.data, top.start, top.end)))
    version, _ = table.version_and_flags()
    table.raw(4)
    sizes, count = table.number(4), table.number(4)
    if top.kind != b"mfra" or version != 1 or sizes:
        return ()
    entries = table.raw(19 * count)
    return tuple(
        KeyFrame(
            int.from_bytes(entries[at : at + 8], "big"), int.from_bytes(entries[at + 8 : at + 16], "big")
        )
        for at in range(0, len(entries), 19)
    )


class _Sound:
    """Counts what is whole."""

    def __init__(self) -> None:
        self.first: Fragment | None = None
        self.last: Fragment | None = None
        self.last_picture: Fragment | None = None
        self.frames = 0
        self.keys: list[KeyFrame] = []

    def take(self, found: Fragment) -> None:
        if found.samples:
            self.first = self.first or found
            self.last_picture = found
        self.last = found
        self.frames += found.samples
        if found.key:
            moof = found.payload_offset - len(found.header)
            self.keys.append(KeyFrame(found.decode + found.composition, moof))


def _is_written(source: RandomAccess, found: Fragment) -> bool:
    """Whether the NAL units of the picture fill the place it has; zeros do not."""
    if found.samples != 1:
        return True
    position = found.payload_offset + 8
    end = position + found.video_bytes
    while position < end:
        size = int.from_bytes(source.read_at(position, 4), "big")
        position += 4 + size
        if not size:
            return False
    return position == end


def recover(source: RandomAccess) -> Recovered:
    """Finds how much of a file is whole. Raises `WachtelError` (bad_data) if it has no head or no picture.

    Fragments at the end whose pictures were never written (a power cut can leave zeros) do not count as
    whole.
    """
    head = read_head(source)
    sound = _Sound()
    end = head.size_bytes
    for found in read_fragments(source, head):
        end = found.end
        if _is_written(source, found):
            sound.take(found)
    if sound.last is None or sound.first is None or sound.last_picture is None:
        raise bad_data("The file holds no whole picture.")
    complete = (
        sound.last.end == end and source.read_at(end + 4, 4) == b"mfra" and bool(read_key_frames(source))
    )
    whole = source.size if complete else sound.last.end
    start = head.identity.start if head.identity else sound.first.wall
    tail = b"" if complete else mfra(sound.keys)
    wall_end = max(sound.last_picture.wall_end, start)
    return Recovered(head, whole, sound.frames, len(sound.keys), start, wall_end, tail, complete)
