"""Which footage may go, and which goes first. Asks the index; changes nothing."""

import heapq
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.media.archive_layout import snapshot_path
from wachtel.model.camera import Camera
from wachtel.model.footage import Hold, Segment
from wachtel.model.stream import StreamName
from wachtel.storage.index import Index

PAGE = 500
MARGIN_US = 10 * US_PER_S
"""So much around an event and its rolls belongs to its footage."""

TOO_YOUNG_US = 600 * US_PER_S
"""Footage of the last ten minutes is never deleted for room: nothing would be gained by recording on."""

Range = tuple[int, int]


class Ranges:
    """Stretches of time that may overlap; asked whether anything lies in them."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(ranges):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def touch(self, start: int, end: int) -> bool:
        """True when any of them overlaps this stretch."""
        place = bisect_left(self._ends, start + 1)
        return place < len(self._starts) and self._starts[place] < max(end, start + 1)


@dataclass(frozen=True, slots=True)
class Expiry:
    """From when on footage of a camera is too old; that of events has its own day."""

    continuous: int
    events: int

    @staticmethod
    def of(camera: Camera, now: WallUs) -> "Expiry":
        """By the camera's settings."""
        return Expiry(
            now - microseconds(camera.keep_days * 86_400), now - microseconds(camera.keep_event_days * 86_400)
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A file that may go."""

    site: str
    camera: str
    path: str
    start: int
    end: int
    size_bytes: int


def held(holds: Iterable[Hold]) -> Ranges:
    """What is held."""
    return Ranges((hold.start, hold.end) for hold in holds)


def expired(index: Index, camera: Camera, holds: Sequence[Hold], now: WallUs) -> Iterator[Due]:
    """Files that are older than the camera's owner wants, held ones left out, the oldest first."""
    expiry, kept = Expiry.of(camera, now), held(holds)
    last = max(expiry.continuous, expiry.events)
    for stream in StreamName:
        for page in pages(index, camera.id, stream, last):
            around_events = of_events(index, camera, page)
            for one in page:
                limit = expiry.events if around_events.touch(one.start, one.end) else expiry.continuous
                if one.end < limit and not kept.touch(one.start, one.end):
                    yield _due(one)
    yield from _old_pictures(index, camera, kept, WallUs(min(expiry.events, last)))


def oldest_unheld(
    index: Index,
    cameras: Iterable[str],
    holds: Iterable[Hold],
    gone: Collection[str],
    now: WallUs,
) -> Iterator[Due]:
    """All footage of these cameras that may go for room, the oldest first."""
    by_camera: dict[str, list[Hold]] = {}
    for hold in holds:
        by_camera.setdefault(hold.camera, []).append(hold)
    streams = [
        _unheld(index, camera, stream, held(by_camera.get(camera, ())), gone)
        for camera in cameras
        for stream in StreamName
    ]
    for one in heapq.merge(*streams, key=lambda one: (one.start, one.path)):
        if one.end < now - TOO_YOUNG_US:
            yield _due(one)


def enough(files: Iterable[Due], size_bytes: int, most: int) -> list[Due]:
    """As many as give this much room, and not more than so many."""
    found: list[Due] = []
    room = 0
    for one in islice(files, most):
        if room >= size_bytes:
            break
        found.append(one)
        room += one.size_bytes
    return found


def _unheld(
    index: Index, camera: str, stream: StreamName, kept: Ranges, gone: Collection[str]
) -> Iterator[Segment]:
    for page in pages(index, camera, stream, None):
        yield from (one for one in page if one.path not in gone and not kept.touch(one.start, one.end))


def pages(index: Index, camera: str, stream: StreamName, before: int | None) -> Iterator[list[Segment]]:
    """A stream's files by start, those that end after ``before`` left out."""
    after = (0, "")
    while page := index.oldest(camera, stream, after, PAGE):
        after = (page[-1].start, page[-1].path)
        yield [one for one in page if before is None or one.end < before]
        if before is not None and page[-1].start >= before:
            return


def of_events(index: Index, camera: Camera, page: Sequence[Segment]) -> Ranges:
    """Where, around these files, footage belongs to an event or its rolls."""
    if not page:
        return Ranges(())
    before = microseconds(camera.pre_roll_s) + MARGIN_US
    after = microseconds(camera.post_roll_s) + MARGIN_US
    first, last = page[0].start - after, max(one.end for one in page) + before
    found = index.event_ranges(camera.id, WallUs(first), WallUs(last))
    return Ranges((start - before, (last if end is None else end) + after) for start, end in found)


def _due(one: Segment) -> Due:
    return Due(one.site, one.camera, one.path, one.start, one.end, one.size_bytes)


def _old_pictures(index: Index, camera: Camera, kept: Ranges, limit: WallUs) -> Iterator[Due]:
    for event in index.pictures_before(camera.id, limit):
        if event.end is not None and not kept.touch(event.start, event.end):
            path = snapshot_path(event.site, event.camera, event.id)
            yield Due(event.site, event.camera, path, event.start, event.end, 0)
