"""Playlists of HTTP Live Streaming (RFC 8216), for live pictures and for what was recorded."""

import struct
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.boxes import Box, boxes
from wachtel.media.nal import bad_data
from wachtel.media.timestamps import to_us

SHORTEST_US = 1 * US_PER_S
RECORDED_US = 4 * US_PER_S
LISTED = 6
KEPT = LISTED + 4
LARGEST_BYTES = 64 << 20
"""What one live stream may keep in memory."""


@dataclass(frozen=True, slots=True)
class MediaSegment:
    """A piece of a live stream that begins with a key frame; ``head`` is the number of its init segment."""

    number: int
    head: int
    start: WallUs
    duration_us: int
    data: bytes


class LiveWindow:
    """The newest pieces of a live stream, cut at key frames and at least a second long."""

    def __init__(self) -> None:
        self.segments: deque[MediaSegment] = deque()
        self._heads: dict[int, bytes] = {}
        self._pieces: list[bytes] = []
        self._start = WallUs(0)
        self._next = 0
        self._head = -1

    def begin(self, init: bytes) -> None:
        """A new init segment: what comes now has another format."""
        self._pieces = []
        self._head += 1
        self._heads[self._head] = init

    def add(self, data: bytes, at: WallUs, *, key: bool) -> bool:
        """The next fragment and its time; True when that completed a piece."""
        if not self._pieces and not key:
            return False
        done = key and bool(self._pieces) and at - self._start >= SHORTEST_US
        if done:
            self._close(at)
        if not self._pieces:
            self._start = at
        self._pieces.append(data)
        return done

    def _close(self, end: WallUs) -> None:
        data = b"".join(self._pieces)
        self.segments.append(MediaSegment(self._next, self._head, self._start, end - self._start, data))
        self._next += 1
        self._pieces = []
        while len(self.segments) > KEPT or (
            len(self.segments) > 1 and sum(len(one.data) for one in self.segments) > LARGEST_BYTES
        ):
            self.segments.popleft()
        wanted = {one.head for one in self.segments} | {self._head}
        self._heads = {number: init for number, init in self._heads.items() if number in wanted}

    def head(self, number: int) -> bytes | None:
        """An init segment, None when it is too old."""
        return self._heads.get(number)

    def segment(self, number: int) -> bytes | None:
        """A piece, None when it is too old or not yet there."""
        return next((one.data for one in self.segments if one.number == number), None)

    def playlist(self, query: str = "") -> str:
        """The media playlist; ``query`` goes behind every address."""
        listed = list(self.segments)[-LISTED:]
        longest = max((one.duration_us for one in listed), default=US_PER_S)
        lines = [*_head(longest), f"#EXT-X-MEDIA-SEQUENCE:{listed[0].number if listed else 0}"]
        head = None
        for one in listed:
            if one.head != head:
                lines += ["#EXT-X-DISCONTINUITY"] if head is not None else []
                lines.append(f'#EXT-X-MAP:URI="head{one.head}.mp4{query}"')
                head = one.head
            lines += [
                _date(one.start),
                f"#EXTINF:{one.duration_us / US_PER_S:.6f},",
                f"{one.number}.m4s{query}",
            ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Film:
    """A finished MP4 with an index.

    ``url`` is where bytes of it are to be had, with ``{first}`` and ``{last}`` (both included) in it: not every player
    can ask for a part and log in at once. ``map_bytes`` is the length of ftyp and moov, ``groups`` bytes and ticks of
    what begins with each key frame, from ``first`` on.
    """

    url: str
    start: WallUs
    map_bytes: int
    first: int
    groups: Sequence[tuple[int, int]] = field(repr=False)


def film_of(url: str, start: WallUs, beginning: bytes) -> Film:
    """Reads the index of an MP4 from its first bytes. Raises `WachtelError` (bad_data) when there is none."""
    map_bytes = 0
    for one in boxes(beginning):
        if one.kind == b"moov":
            map_bytes = one.end
        if one.kind == b"sidx":
            return Film(url, start, map_bytes, one.end, tuple(_entries(one)))
    raise bad_data("The film has no index.")


def _entries(sidx: Box) -> Iterator[tuple[int, int]]:
    """Sizes and durations (ISO 14496-12 section 8.16.3, version 1)."""
    (count,) = struct.unpack_from(">H", sidx.content, 30)
    for at in range(count):
        size, ticks, _ = struct.unpack_from(">III", sidx.content, 32 + 12 * at)
        yield size & 0x7FFF_FFFF, ticks


def recorded_playlist(films: Sequence[Film]) -> str:
    """The playlist of a range: pieces of at least four seconds, each a part of one of the films."""
    parts = [list(_joined(film)) for film in films]
    longest = max((us for film in parts for _, _, us in film), default=US_PER_S)
    lines = [*_head(longest), "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-MEDIA-SEQUENCE:0"]
    for number, (film, pieces) in enumerate(zip(films, parts, strict=True)):
        lines += ["#EXT-X-DISCONTINUITY"] if number else []
        head = film.url.format(first=0, last=film.map_bytes - 1)
        lines += [f'#EXT-X-MAP:URI="{head}"', _date(film.start)]
        for at, size, us in pieces:
            lines += [f"#EXTINF:{us / US_PER_S:.6f},", film.url.format(first=at, last=at + size - 1)]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def _joined(film: Film) -> Iterator[tuple[int, int, int]]:
    """Offset, bytes and microseconds of each piece."""
    at, size, ticks = film.first, 0, 0
    for group_bytes, group_ticks in film.groups:
        size, ticks = size + group_bytes, ticks + group_ticks
        if to_us(ticks) >= RECORDED_US:
            yield at, size, to_us(ticks)
            at, size, ticks = at + size, 0, 0
    if size:
        yield at, size, to_us(ticks)


def _head(longest_us: int) -> list[str]:
    seconds = -(-longest_us // US_PER_S)
    return ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{seconds}", "#EXT-X-INDEPENDENT-SEGMENTS"]


def _date(at: WallUs) -> str:
    """Milliseconds, as players expect them (RFC 8216 section 4.3.2.6)."""
    moment = datetime.fromtimestamp(at // US_PER_S, UTC)
    return f"#EXT-X-PROGRAM-DATE-TIME:{moment:%Y-%m-%dT%H:%M:%S}.{at // 1000 % 1000:03d}Z"
