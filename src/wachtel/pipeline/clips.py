"""Playable files cut out of the archive: finished ones with a known size, and ones that grow while the event runs."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.archive_layout import snapshot_path
from wachtel.media.clip import ClipPlan, ClipSource, FileRange, GrowingClip, plan_clips
from wachtel.media.clip import Piece as ClipPiece
from wachtel.media.fmp4_read import RandomAccess
from wachtel.media.journal import SegmentLine
from wachtel.model.event import Event
from wachtel.model.stream import StreamName
from wachtel.pipeline.archive_files import FilePool, PooledFile, open_to_read, read_range
from wachtel.pipeline.event_desk import EventDesk
from wachtel.pipeline.messages import SegmentOpened
from wachtel.storage.index import Index

FIRST_BYTES = 1 << 16
PIECE_BYTES = 1 << 20
POLL_S = 0.2
PATIENCE_WITH_FIRST_US = 10 * US_PER_S


class ArchiveFile:
    """Random access to a file of the archive, the open ones included."""

    _fd = -1

    def __init__(self, path: Path) -> None:
        self._fd = open_to_read(path)

    @property
    def size(self) -> int:
        """Bytes in the file now."""
        return os.fstat(self._fd).st_size

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes from ``offset``; short at the end of the file."""
        return os.pread(self._fd, size, offset)

    def close(self) -> None:
        """Gives the file back; harmless when done twice."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that belongs to a range; ``end`` is None while it is being written."""

    path: str
    start: WallUs
    end: WallUs | None


class FinishedClip:
    """A clip whose footage is all there: size and every byte are known."""

    def __init__(self, plan: ClipPlan, files: Sequence[RandomAccess]) -> None:
        self._plan = plan
        self._files = files
        self.size_bytes: int | None = plan.size_bytes
        self.etag: str | None = plan.etag
        self.formats = plan.formats
        self.start = plan.start
        self.end = plan.end
        self.gaps = plan.gaps

    async def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes ``first`` to ``last``, both included."""
        batches = _batches(self._plan.pieces(first, last), self._files)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield batch


def _batches(pieces: Iterator[ClipPiece], files: Sequence[RandomAccess]) -> Iterator[bytes]:
    """Many pictures with one visit to the disk; a little first, so that a player can begin."""
    waiting, enough = bytearray(), FIRST_BYTES
    for piece in pieces:
        waiting += piece if isinstance(piece, bytes) else read_range(files[piece.source], piece)
        if len(waiting) >= enough:
            yield bytes(waiting)
            waiting.clear()
            enough = PIECE_BYTES
    if waiting:
        yield bytes(waiting)


class ClipDesk:
    """Knows the finished files by the index and the open ones by what the media workers say."""

    def __init__(self, archive: Path, index: Index, clock: Clock, events: EventDesk) -> None:
        self._archive = archive
        self._index = index
        self._clock = clock
        self._events = events
        self._open: dict[str, SegmentOpened] = {}

    def opened(self, message: SegmentOpened) -> None:
        """A file grows from now on."""
        self._open[message.path] = message

    def closed(self, line: SegmentLine) -> None:
        """A file is finished and the index knows it."""
        self._open.pop(line.file, None)

    def worker_died(self, cameras: list[str]) -> None:
        """The open files of these cameras are recovered and journalled by the next worker."""
        for path in [path for path, message in self._open.items() if message.camera in cameras]:
            del self._open[path]

    async def pieces(self, camera: str, start: WallUs, end: WallUs) -> list[Piece]:
        """The main stream's files that overlap a range, in order of time."""
        growing = [
            Piece(message.path, message.start, None)
            for message in self._open.values()
            if message.camera == camera and message.stream is StreamName.MAIN and message.start < end
        ]
        known = await asyncio.to_thread(self._index.segments, camera, StreamName.MAIN, start, end)
        finished = {one.path: Piece(one.path, one.start, one.end) for one in known}
        for piece in growing:
            finished.setdefault(piece.path, piece)
        return sorted(finished.values(), key=lambda piece: piece.start)

    async def recording(self, camera: str, start: WallUs, end: WallUs) -> FinishedClip:
        """What was recorded of a range until now; of several parts the largest. Raises as `parts`."""
        # Where the codec changed, the longest part is what people came for.
        return max(await self.parts(camera, start, end), key=lambda part: part.size_bytes or 0)

    async def parts(self, camera: str, start: WallUs, end: WallUs) -> Sequence[FinishedClip]:
        """What was recorded of a range until now: one film, and one more for each change of codec or sound.

        Raises `WachtelError` (not_found, invalid).
        """
        if end <= start:
            raise WachtelError(ErrorKind.INVALID, "The end of the range is not after its start.")
        pieces = await self.pieces(camera, start, end)
        clips = await asyncio.to_thread(self._cut, pieces, start, end)
        if not clips:
            raise WachtelError(
                ErrorKind.NOT_FOUND,
                f"Nothing was recorded by camera {camera} in this range.",
                hint="The timeline shows what there is, and why the rest is missing.",
            )
        return clips

    def _cut(self, pieces: Sequence[Piece], start: WallUs, end: WallUs) -> list[FinishedClip]:
        pool = FilePool(self._archive)
        files = [PooledFile(pool, piece.path) for piece in pieces]
        now = self._clock.wall_us()
        sources = [
            ClipSource(file, piece.start, piece.end if piece.end is not None else now)
            for file, piece in zip(files, pieces, strict=True)
        ]
        return [FinishedClip(plan, files) for plan in plan_clips(sources, start, end)]

    async def clip(self, event: Event) -> "FinishedClip | RunningClip":
        """The event with its pre- and post-roll; one that still runs grows while it is read."""
        start, end = self._events.clip_range(event)
        if self._events.running(event):
            return RunningClip(self, self._events, self._clock, event, start)
        assert end is not None
        return await self.recording(event.camera, start, end)

    async def event_snapshot(self, event: Event) -> bytes:
        """The JPEG kept with the event. Raises `WachtelError` (not_found)."""
        picture = self._events.picture(event)
        if picture is not None:
            return picture
        path = self._archive / snapshot_path(event.site, event.camera, event.id)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError as error:
            raise WachtelError(ErrorKind.NOT_FOUND, "This event has no picture.") from error

    def has_snapshot(self, event: Event) -> bool:
        """Blocking: whether there is one already; the index says so only when the event has ended."""
        if event.snapshot or self._events.picture(event) is not None:
            return True
        return (self._archive / snapshot_path(event.site, event.camera, event.id)).exists()

    def file(self, piece: Piece) -> ArchiveFile:
        """Opens a file of the archive."""
        return ArchiveFile(self._archive / piece.path)


class RunningClip:
    """A clip that is sent while it is being recorded; its length is not known before its end."""

    size_bytes: int | None = None
    etag: str | None = None
    gaps: tuple[tuple[WallUs, WallUs], ...] = ()

    def __init__(self, desk: ClipDesk, events: EventDesk, clock: Clock, event: Event, start: WallUs) -> None:
        self._desk = desk
        self._events = events
        self._clock = clock
        self._event = event
        self.start = start
        self.end = clock.wall_us()

    async def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """Everything from the pre-roll on, until the event and its post-roll are over.

        A part cannot be asked for: nobody knows yet where it would begin.
        """
        assert (first, last) == (0, None)
        growing = GrowingClip(self.start)
        files: dict[str, ArchiveFile] = {}
        last_news = self._clock.wall_us()
        reached = WallUs(0)
        while True:
            over = not self._events.running(self._event)
            until = self._until()
            for piece in await self._desk.pieces(self._event.camera, self.start, until):
                if piece.start < reached:
                    continue
                reached = piece.start
                file = files.get(piece.path)
                if file is None:
                    file = files[piece.path] = self._desk.file(piece)
                body = await asyncio.to_thread(_extend, growing, file, piece, until)
                if body:
                    last_news = self._clock.wall_us()
                    yield body
            if over or self._clock.wall_us() - last_news > PATIENCE_WITH_FIRST_US:
                return
            await self._clock.sleep(POLL_S)

    def _until(self) -> WallUs:
        now = self._clock.wall_us()
        event = self._events.latest(self._event)
        _, end = self._events.clip_range(event)
        return now if end is None else min(now, end)


def _extend(growing: GrowingClip, file: ArchiveFile, piece: Piece, until: WallUs) -> bytes:
    body = bytearray()
    for part in growing.extend(piece.path, file, until):
        body += file.read_at(part.offset, part.size) if isinstance(part, FileRange) else part
    return bytes(body)
