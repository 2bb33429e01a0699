"""Cuts playable files out of segments: what to read from where, and what to write anew.

A clip is one head and the fragments of the segments it covers. Pictures are copied as they are; only numbers
change: fragments count from 1, and decode times go on without a break from 0. Pauses of up to two seconds
stay; longer ones are closed up and reported. The clip starts with the key frame at or before the wanted
start. Where the picture's format changes but not its codec, it goes on with the new parameter sets in front of
the key frames (`wachtel.media.clip_sets`); where the codec changes it ends, and another one begins.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile

from wachtel.base.units import WallUs
from wachtel.media.clip_seams import Move, Seams, moved_header
from wachtel.media.clip_sets import (
    MDAT_HEADER_BYTES,
    parameter_sets,
    plays_on,
    with_sets,
)
from wachtel.media.fmp4 import segment_index
from wachtel.media.fmp4_read import (
    Fragment,
    FragmentWalk,
    RandomAccess,
    SegmentHead,
    read_fragments,
    read_head,
    read_key_frames,
)
from wachtel.media.timestamps import to_us
from wachtel.model.stream import StreamFormat

_MOST_STEPS_BACK = 32


@dataclass(frozen=True, slots=True)
class ClipSource:
    """One segment: its file, and the wall clock of its start and end (of the open one: as far as it goes
    now).
    """

    source: RandomAccess
    start: WallUs
    end: WallUs


@dataclass(frozen=True, slots=True)
class FileRange:
    """Bytes to be copied from one of the sources, named by its place in the list."""

    source: int
    offset: int
    size: int


Piece = bytes | FileRange
"""A part of a clip: new bytes, or bytes of a segment."""


@dataclass(slots=True)
class _Section:
    """Neighbouring fragments of one source which all move alike; ``at`` is their place behind the clip's
    head, ``sets`` what goes in front of each key frame.
    """

    source: int
    head: SegmentHead
    first: int
    end: int
    move: Move
    at: int
    sets: bytes


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """A finished clip, of which any part can be had.

    ``start`` and ``end`` are what it really shows. ``gaps`` are the stretches inside it without footage that
    were closed up. ``etag`` is the same as long as the bytes are the same. ``formats`` are those it goes through,
    usually one.
    """

    formats: tuple[StreamFormat, ...]
    start: WallUs
    end: WallUs
    gaps: tuple[tuple[WallUs, WallUs], ...]
    size_bytes: int
    etag: str
    _init: bytes = field(repr=False)
    _sections: tuple[_Section, ...] = field(repr=False)
    _sources: tuple[RandomAccess, ...] = field(repr=False)

    def pieces(self, first: int = 0, last: int | None = None) -> Iterator[Piece]:
        """What makes up the bytes ``first`` to ``last``, both included; everything by default.

        `FileRange.source` counts in the list given to `plan_clips`.
        """
        last = self.size_bytes - 1 if last is None else min(last, self.size_bytes - 1)
        for at, piece in self._from(first):
            if at > last:
                return
            size = len(piece) if isinstance(piece, bytes) else piece.size
            skip, stop = max(first - at, 0), min(last + 1 - at, size)
            if skip >= stop:
                continue
            if isinstance(piece, bytes):
                yield piece[skip:stop]
            else:
                yield FileRange(piece.source, piece.offset + skip, stop - skip)

    def _from(self, first: int) -> Iterator[tuple[int, Piece]]:
        """Whole pieces and their places, from the section that holds the byte ``first``."""
        if first < len(self._init):
            yield 0, self._init
        head_bytes = len(self._init)
        begin = max(bisect_right(self._sections, first - head_bytes, key=lambda section: section.at) - 1, 0)
        for section in self._sections[begin:]:
            at = head_bytes + section.at
            for fragment in read_fragments(self._sources[section.source], section.head, section.first):
                if fragment.offset >= section.end:
                    break
                for piece in _pieces_of(section.source, fragment, section.move, section.head, section.sets):
                    yield at, piece
                    at += len(piece) if isinstance(piece, bytes) else piece.size


def _pieces_of(
    source: int, fragment: Fragment, move: Move, head: SegmentHead, sets: bytes
) -> tuple[bytes, FileRange]:
    """A fragment as it stands in the clip."""
    header = moved_header(fragment, move, head)
    if not (sets and fragment.key):
        return header, FileRange(source, fragment.payload_offset, fragment.payload_bytes)
    pictures = FileRange(
        source, fragment.payload_offset + MDAT_HEADER_BYTES, fragment.payload_bytes - MDAT_HEADER_BYTES
    )
    return with_sets(header, fragment, sets), pictures


def plan_clips(sources: Sequence[ClipSource], start: WallUs, end: WallUs) -> tuple[ClipPlan, ...]:
    """Plans what shows ``start`` to ``end``, from segments in order of time that lie near that range.

    Usually one clip; one more for each change of codec or of the sound, because a player cannot go on there; none if
    nothing was recorded. Raises `WachtelError` (bad_data) for a source that is no segment.
    """
    plans: list[ClipPlan] = []
    for group in _groups(sources, start, end):
        draft = _Draft(group)
        for part in group:
            draft.take_source(part, start, end)
        if draft.begun:
            plans.append(draft.plan(sources))
    return tuple(plans)


@dataclass(frozen=True, slots=True)
class _Part:
    """A source that lies in the range, by its number in the list."""

    number: int
    source: RandomAccess
    head: SegmentHead


def _groups(sources: Sequence[ClipSource], start: WallUs, end: WallUs) -> list[list[_Part]]:
    """Sources that one clip can hold, in order."""
    groups: list[list[_Part]] = []
    for number, segment in enumerate(sources):
        if segment.end <= start or segment.start >= end:
            continue
        head = read_head(segment.source)
        last = groups[-1][-1].head if groups else None
        if last is None or not (last.init == head.init or plays_on(last.format, head.format)):
            groups.append([])
        groups[-1].append(_Part(number, segment.source, head))
    return groups


class _Draft:
    """A clip being planned."""

    def __init__(self, group: Sequence[_Part]) -> None:
        first = group[0].head
        self._several = any(part.head.init != first.init for part in group)
        self._init = first.init
        self._formats: list[StreamFormat] = []
        self._seams = Seams()
        self._sections: list[_Section] = []
        self._start = WallUs(0)
        self._size = 0
        self._first_shown = 0
        self._key_frames: list[tuple[int, int]] = []

    @property
    def begun(self) -> bool:
        return bool(self._sections)

    def take_source(self, part: _Part, start: WallUs, end: WallUs) -> None:
        self._seams.begin_source()
        head = part.head
        fragments = read_fragments(part.source, head, first_offset(part.source, head, start))
        for fragment in _until(_from_key_frame(fragments), end):
            if not self.begun:
                self._start, self._first_shown = fragment.wall, max(fragment.composition, 0)
            self._take(part.number, head, fragment, self._seams.move(fragment, head))

    def _take(self, number: int, head: SegmentHead, fragment: Fragment, move: Move) -> None:
        last = self._sections[-1] if self._sections else None
        if last and (last.source, last.end, last.move) == (number, fragment.offset, move):
            last.end = fragment.end
        else:
            sets = parameter_sets(head.format) if self._several else b""
            last = _Section(number, head, fragment.offset, fragment.end, move, self._size, sets)
            self._sections.append(last)
            if head.format not in self._formats:
                self._formats.append(head.format)
        if fragment.key:
            self._key_frames.append((self._size, fragment.decode + move.ticks))
            self._size += len(last.sets)
        self._size += fragment.size_bytes

    def plan(self, sources: Sequence[ClipSource]) -> ClipPlan:
        end = self._seams.end
        assert end is not None
        init = self._init + segment_index(self._first_shown, self._parts())
        digest = hashlib.sha256(init)
        for section in self._sections:
            digest.update(repr((section.head.identity, section.first, section.end, section.move)).encode())
        return ClipPlan(
            tuple(self._formats),
            self._start,
            end,
            tuple(self._seams.gaps),
            len(init) + self._size,
            digest.hexdigest()[:32],
            init,
            tuple(self._sections),
            tuple(segment.source for segment in sources),
        )

    def _parts(self) -> list[tuple[int, int]]:
        """Bytes and ticks from each key frame to the next."""
        ends = [*self._key_frames[1:], (self._size, self._seams.ticks)]
        return [
            (end - begin, max(until - since, 0))
            for (begin, since), (end, until) in zip(self._key_frames, ends, strict=True)
        ]


def first_offset(source: RandomAccess, head: SegmentHead, start: WallUs) -> int:
    """Where the fragment with the last key frame at or before ``start`` begins; the first fragment if there
    is none.
    """
    found = head.size_bytes
    for fragment in read_fragments(source, head, _jump(source, head, start)):
        if fragment.wall > start:
            break
        if fragment.key:
            found = fragment.offset
    return found


def _jump(source: RandomAccess, head: SegmentHead, start: WallUs) -> int | None:
    """By the index to a key frame not after ``start``; None where the index does not help."""
    if head.identity is None:
        return None
    keys = read_key_frames(source)
    begun = head.identity.start
    guess = bisect_right(keys, int(start), key=lambda entry: begun + to_us(entry.time)) - 1
    for entry in keys[max(guess, 0) :: -1][:_MOST_STEPS_BACK]:
        fragment = next(read_fragments(source, head, entry.offset), None)
        if fragment is None or not fragment.key:
            return None
        if fragment.wall <= start:
            return entry.offset
    return None


def _from_key_frame(fragments: Iterator[Fragment]) -> Iterator[Fragment]:
    return dropwhile(lambda fragment: not fragment.key, fragments)


def _until(fragments: Iterator[Fragment], end: WallUs | None) -> Iterator[Fragment]:
    return fragments if end is None else takewhile(lambda fragment: fragment.wall < end, fragments)


class GrowingClip:
    """A clip whose end is not known yet. Give it the segments in order, the open one again whenever it has
    grown.
    """

    def __init__(self, start: WallUs) -> None:
        self.start: WallUs | None = None
        self.cut = False
        self._wanted_start = start
        self._seams = Seams()
        self._segment: str | None = None
        self._head: SegmentHead | None = None
        self._walk: FragmentWalk | None = None
        self._offset = 0
        self._begun = False
        self._changed = False
        self._sets = b""

    @property
    def end(self) -> WallUs | None:
        """Wall clock up to which pictures were handed out."""
        return self._seams.end

    @property
    def gaps(self) -> tuple[tuple[WallUs, WallUs], ...]:
        """Stretches without footage that were closed up."""
        return tuple(self._seams.gaps)

    def extend(self, segment: str, source: RandomAccess, until: WallUs | None = None) -> list[Piece]:
        """What comes next from the segment of that name, up to ``until`` or as far as it goes.

        ``source`` must be the same object for the same name. After a change of codec ``cut`` is true and
        nothing more comes. Raises `WachtelError` (bad_data) for a source that is no segment.
        """
        if segment != self._segment and not self.cut:
            self._begin(segment, source)
        if self.cut or self._head is None or self._walk is None:
            return []
        if self.start is None:
            self._offset = first_offset(source, self._head, self._wanted_start)
        pieces: list[Piece] = []
        for fragment in self._following(self._walk, until):
            if self.start is None:
                self.start = fragment.wall
                pieces.append(self._head.init)
            pieces += _pieces_of(0, fragment, self._seams.move(fragment, self._head), self._head, self._sets)
            self._begun, self._offset = True, fragment.end
        return pieces

    def _begin(self, segment: str, source: RandomAccess) -> None:
        head = read_head(source)
        self._segment, self._begun = segment, False
        if self.start is not None and self._head is not None and self._head.init != head.init:
            if not plays_on(self._head.format, head.format):
                self.cut = True
                return
            self._changed = True
        self._sets = parameter_sets(head.format) if self._changed else b""
        self._head, self._walk, self._offset = head, FragmentWalk(source, head), head.size_bytes
        self._seams.begin_source()

    def _following(self, walk: FragmentWalk, until: WallUs | None) -> Iterator[Fragment]:
        """What was not handed out yet; nothing before the wanted start has been reached."""
        fragments = walk.fragments(self._offset)
        if not self._begun:
            fragments = _from_key_frame(fragments)
        fragments = _until(fragments, until)
        if self.start is not None:
            return fragments
        waiting = list(fragments)
        return iter(waiting if waiting and waiting[-1].wall_end > self._wanted_start else [])
