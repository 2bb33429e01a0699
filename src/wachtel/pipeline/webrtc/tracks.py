"""What aiortc asks for the next packet: pictures from the cached key frame on, and sound beside them."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from wachtel.model.stream import VIDEO_TICKS_PER_S, Track
from wachtel.pipeline.webrtc.feed import Feed, Piece
from wachtel.pipeline.webrtc.sound import OPUS_SAMPLES_PER_S, OutgoingSound

log = logging.getLogger(__name__)

LARGEST_BACKLOG_BYTES = 4 << 20
MOST_SOUND = 100
_CATCH_UP_TICKS = 90
"""Pictures of the cached group are stamped a millisecond apart, so that the browser shows the newest at once."""


class PictureTrack(MediaStreamTrack):
    """Joins its feed when the first picture is asked for, which is when the connection stands."""

    kind = "video"

    def __init__(self, feed: Feed, on_end: Callable[[], None]) -> None:
        super().__init__()
        self.lost = 0
        self._feed = feed
        self._on_end = on_end
        self._queue: deque[Piece] = deque()
        self._queued_bytes = 0
        self._needs_key = True
        self._joined = False
        self._filled = asyncio.Event()

    def take(self, piece: Piece) -> None:
        """Queues a picture; who is too slow goes on with the next key frame."""
        if piece.track is not Track.VIDEO:
            return
        if self._queued_bytes > LARGEST_BACKLOG_BYTES:
            self.lost += len(self._queue)
            self._queue.clear()
            self._queued_bytes, self._needs_key = 0, True
        if self._needs_key and not piece.key:
            self.lost += self._joined
            return
        self._needs_key = False
        self._queue.append(piece)
        self._queued_bytes += len(piece.data)
        self._filled.set()

    def end(self) -> None:
        """The stream became another one."""
        self._on_end()

    async def recv(self) -> "av.Packet[Any]":
        """The next picture."""
        if not self._joined:
            self._join()
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
            if self.readyState != "live":
                raise MediaStreamError
        piece = self._queue.popleft()
        self._queued_bytes -= len(piece.data)
        return _packet(piece.data, piece.ticks, VIDEO_TICKS_PER_S)

    def _join(self) -> None:
        for piece in caught_up(self._feed.gop):
            self.take(piece)
        self._joined = True
        self._feed.join(self)

    def stop(self) -> None:
        """Leaves the feed."""
        super().stop()
        self._feed.leave(self)
        self._filled.set()


def caught_up(group: Iterable[Piece]) -> list[Piece]:
    """A cached group with the times it is to be shown at: as fast as can be, and the last one where it belongs."""
    pieces = list(group)
    last = pieces[-1].ticks if pieces else 0
    behind = len(pieces) - 1
    return [
        Piece(piece.data, max(0, last - (behind - at) * _CATCH_UP_TICKS), piece.key, piece.track)
        for at, piece in enumerate(pieces)
    ]


class SoundTrack(MediaStreamTrack):
    """One listener; what is sent was made once for all of them by `SoundDesk`."""

    kind = "audio"

    def __init__(self, desk: "SoundDesk") -> None:
        super().__init__()
        self._desk = desk
        self._queue: deque[tuple[bytes, int]] = deque(maxlen=MOST_SOUND)
        self._filled = asyncio.Event()
        self._joined = False

    def hear(self, data: bytes, stamp: int) -> None:
        """Queues a piece."""
        self._queue.append((data, stamp))
        self._filled.set()

    async def recv(self) -> "av.Packet[Any]":
        """The next piece of sound."""
        if not self._joined:
            self._joined = True
            self._desk.join(self)
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
            if self.readyState != "live":
                raise MediaStreamError
        return _packet(*self._queue.popleft(), OPUS_SAMPLES_PER_S)

    def stop(self) -> None:
        """Stops listening."""
        super().stop()
        self._desk.leave(self)
        self._filled.set()


class SoundDesk:
    """Turns one feed's sound into what browsers take, while somebody listens."""

    def __init__(self, feed: Feed) -> None:
        assert feed.format is not None and feed.format.audio is not None
        self._feed = feed
        self._source = feed.format.audio
        self._sound = OutgoingSound(self._source)
        self._tracks: list[SoundTrack] = []

    def fits(self, feed: Feed) -> bool:
        """True while the feed's sound is what this desk was made for."""
        return feed.format is not None and feed.format.audio == self._source

    def join(self, track: SoundTrack) -> None:
        """One more listens."""
        if not self._tracks:
            self._sound = OutgoingSound(self._source)
            self._feed.join(self)
        self._tracks.append(track)

    def leave(self, track: SoundTrack) -> None:
        """The last one to leave ends the work."""
        if track in self._tracks:
            self._tracks.remove(track)
            if not self._tracks:
                self._feed.leave(self)

    def take(self, piece: Piece) -> None:
        """The next piece of the feed."""
        if piece.track is not Track.AUDIO:
            return
        try:
            made = list(self._sound.pieces(piece))
        except av.FFmpegError as error:
            log.debug("a piece of sound was left out: %s", error)
            return
        for data, stamp in made:
            for track in self._tracks:
                track.hear(data, stamp)

    def end(self) -> None:
        """The pictures' track ends the view."""


def _packet(data: bytes, stamp: int, rate: int) -> "av.Packet[Any]":
    packet: av.Packet[Any] = av.Packet(data)
    packet.pts = stamp
    packet.time_base = Fraction(1, rate)
    return packet
