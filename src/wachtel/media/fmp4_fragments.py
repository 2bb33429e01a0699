"""Walks through the fragments of our files without loading their pictures."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.media.boxes import Box, Fields, box_header, boxes
from wachtel.media.fmp4 import REFERENCE_TIME_BYTES, match_fragment, wall_of_ntp
from wachtel.media.fmp4_head import RandomAccess, SegmentHead
from wachtel.media.fmp4_index import read_key_frames
from wachtel.media.nal import bad_data
from wachtel.media.timestamps import to_us

_FIRST_READ_BYTES = 256
_LARGEST_MOOF = 1 << 20
_NOT_SYNC = 0x1_0000
_QUICK_DECODE_POSITION = 60
_REFERENCE_TIME = b"\0\0\0\x20prft"
_SKIPPED = frozenset({b"free", b"skip", b"styp", b"sidx", b"uuid", b"emsg", b"prft"})
_MOST_SKIPPED = 64
_MOST_TRIES = 100


@dataclass(frozen=True, slots=True)
class TrackTime:
    """Decode time and duration of one track in a fragment, in its ticks.

    ``position`` is where the 64 bits of the decode time stand in the moof.
    """

    track: int
    position: int
    decode: int
    duration: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """One moof and mdat, with the prft box in front if there is one; times in ticks of the video track.

    ``samples`` and ``video_bytes`` count the video alone, 0 in a fragment of audio only. ``lead`` is the prft
    box or empty, ``header`` the moof. ``payload_offset`` is where the mdat box begins in the file,
    ``payload_bytes`` its whole size. ``wall`` is the wall clock at ``decode``.
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
    lead: bytes
    header: bytes
    tracks: tuple[TrackTime, ...]
    payload_offset: int
    payload_bytes: int

    @property
    def end(self) -> int:
        """Where the next fragment begins."""
        return self.payload_offset + self.payload_bytes

    @property
    def wall_end(self) -> WallUs:
        """Wall clock at the end of its last picture."""
        return WallUs(self.wall + to_us(self.duration))


def read_fragments(source: RandomAccess, head: SegmentHead, offset: int | None = None) -> Iterator[Fragment]:
    """The whole fragments from the first, or from one at ``offset``: where a `Fragment` begins, or a
    `KeyFrame` points.

    Ends before a torn or damaged fragment, at the index, or at the end of the file; never raises for bad
    data.
    """
    return FragmentWalk(source, head).fragments(offset)


@dataclass(frozen=True, slots=True)
class _Moof:
    decode: int
    duration: int
    composition: int
    key: bool
    samples: int
    video_bytes: int
    tracks: tuple[TrackTime, ...]


class FragmentWalk:
    """Goes through the boxes of a file and keeps what the last prft box said.

    Of a file that grows it can go on later: call `fragments` again with the end of the last one.
    """

    def __init__(self, source: RandomAccess, head: SegmentHead) -> None:
        self._source = source
        self._head = head
        self._anchor_wall = head.identity.start if head.identity else WallUs(0)
        self._anchor_decode = 0
        self._next_decode = 0

    def fragments(self, offset: int | None = None) -> Iterator[Fragment]:
        """As `read_fragments`."""
        position = self._head.size_bytes if offset is None else self._with_reference(offset)
        while True:
            found = self._fragment_at(position) or self._behind_damage(position)
            if found is None:
                return
            yield found
            position = found.end

    def _behind_damage(self, position: int) -> Fragment | None:
        """The next key frame of which the index knows, where a closed file cannot be read on."""
        offsets = (entry.offset for entry in read_key_frames(self._source) if entry.offset > position)
        for offset in islice(offsets, _MOST_TRIES):
            found = self._fragment_at(self._with_reference(offset))
            if found is not None and found.offset > position:
                return found
        return None

    def _with_reference(self, offset: int) -> int:
        """Where the prft box begins that belongs to a moof at ``offset``."""
        before = offset - REFERENCE_TIME_BYTES
        if before < self._head.size_bytes or self._source.read_at(offset + 4, 4) != b"moof":
            return offset
        return before if self._source.read_at(before, 8) == _REFERENCE_TIME else offset

    def _fragment_at(self, position: int) -> Fragment | None:
        """The fragment that begins at ``position`` or behind boxes of no interest; None if no whole one
        does.
        """
        lead = b""
        try:
            for _ in range(_MOST_SKIPPED):
                data = self._source.read_at(position, _FIRST_READ_BYTES)
                _, size, kind = box_header(data)
                if kind == b"moof":
                    return self._at_moof(position, size, data, lead)
                if kind not in _SKIPPED or not size:
                    return None
                lead = b""
                if data.startswith(_REFERENCE_TIME):
                    lead = data[:REFERENCE_TIME_BYTES]
                    self._remember(next(boxes(lead)))
                position += size
        except WachtelError:
            return None
        return None

    def _remember(self, prft: Box) -> None:
        fields = Fields(prft)
        version, _ = fields.version_and_flags()
        if version != 1:
            raise bad_data("A prft box does not look as we write them.")
        fields.raw(4)
        self._anchor_wall = wall_of_ntp(fields.number(8))
        self._anchor_decode = fields.number(8)

    def _at_moof(self, position: int, size: int, data: bytes, lead: bytes) -> Fragment | None:
        moof = self._quick(data)
        if moof is None:
            if not 0 < size <= _LARGEST_MOOF:
                return None
            data = self._source.read_at(position, size + 16)
            moof = _read_moof(data[:size], self._head)
        mdat_header, mdat_bytes, kind = box_header(data[size : size + 16])
        if kind != b"mdat" or mdat_bytes < mdat_header or position + size + mdat_bytes > self._source.size:
            return None
        return self._fragment(moof, lead, data[:size], position + size, mdat_bytes)

    def _quick(self, data: bytes) -> _Moof | None:
        found = match_fragment(data, 0)
        if found is None:
            return None
        track = TrackTime(self._head.video_track, _QUICK_DECODE_POSITION, found.decode, found.duration)
        return _Moof(
            found.decode, found.duration, found.composition, found.key, 1, found.size_bytes, (track,)
        )

    def _fragment(
        self, moof: _Moof, lead: bytes, header: bytes, payload: int, payload_bytes: int
    ) -> Fragment:
        decode = moof.decode if moof.samples else self._next_decode
        self._next_decode = decode + moof.duration
        size = len(lead) + len(header) + payload_bytes
        return Fragment(
            payload + payload_bytes - size,
            size,
            decode,
            moof.duration,
            moof.composition,
            moof.key,
            moof.samples,
            moof.video_bytes,
            WallUs(self._anchor_wall + to_us(decode - self._anchor_decode)),
            lead,
            header,
            moof.tracks,
            payload,
            payload_bytes,
        )


def _read_moof(data: bytes, head: SegmentHead) -> _Moof:
    """Any moof in the order in which we write boxes. Raises `WachtelError` (bad_data)."""
    top = next(boxes(data))
    inner = list(boxes(data, top.start, top.end))
    if not inner or inner[0].kind != b"mfhd" or inner[0].start != 16:
        raise bad_data("A fragment does not begin as we write them.")
    result = _Moof(0, 0, 0, False, 0, 0, ())
    for traf in inner[1:]:
        if traf.kind == b"traf":
            result = _with_traf(result, traf, head)
    return result


def _with_traf(moof: _Moof, traf: Box, head: SegmentHead) -> _Moof:
    parts = list(boxes(traf.data, traf.start, traf.end))
    if [part.kind for part in parts] != [b"tfhd", b"tfdt", b"trun"]:
        raise bad_data("A track fragment does not look as we write them.")
    header, time = Fields(parts[0]), Fields(parts[1])
    header.version_and_flags()
    if time.version_and_flags()[0] != 1:
        raise bad_data("A decode time has a size that we never write.")
    run = _read_run(Fields(parts[2]))
    track = TrackTime(header.number(4), parts[1].start + 4, time.number(8), run.duration)
    tracks = (*moof.tracks, track)
    if track.track != head.video_track or moof.samples:
        return replace(moof, tracks=tracks)
    return replace(run, decode=track.decode, tracks=tracks)


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
