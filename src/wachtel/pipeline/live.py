"""Live views: packets from a tap become fMP4 fragments, made once for all viewers of a stream."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.fmp4 import Muxer
from wachtel.media.mime import mime
from wachtel.media.timestamps import Placed, Timeline
from wachtel.model.camera import StreamState
from wachtel.model.live import LiveFragment, LiveInit
from wachtel.model.stream import Codec, StreamFormat, StreamName, Track
from wachtel.pipeline.messages import FromTap, TapFormat, TapLoss, TapPacket, packet_of
from wachtel.pipeline.newest_group import NewestGroup

log = logging.getLogger(__name__)

LARGEST_BACKLOG_BYTES = 8 << 20
"""A viewer that has so much waiting loses it and goes on with the next key frame."""

PICTURES_MIME = "image/jpeg"
"""Motion JPEG, which no browser plays as video: there is no init segment, and every fragment is one JPEG."""


LiveItem = LiveInit | LiveFragment | StreamState


class Viewer:
    """One viewer's queue. Iterating never ends by itself; `close` ends it."""

    def __init__(self, leave: Callable[["Viewer"], None]) -> None:
        self.lost = 0
        self._leave = leave
        self._queue: deque[LiveItem] = deque()
        self._backlog_bytes = 0
        self._needs_key = False
        self._closed = False
        self._arrived = asyncio.Event()

    def put(self, item: LiveItem) -> None:
        """Queues an item; called by the feed, never waits."""
        if isinstance(item, LiveFragment) and not self._makes_room(item):
            return
        self._queue.append(item)
        self._arrived.set()

    def _makes_room(self, fragment: LiveFragment) -> bool:
        if self._backlog_bytes + len(fragment.data) > LARGEST_BACKLOG_BYTES:
            kept = [item for item in self._queue if not isinstance(item, LiveFragment)]
            self.lost += len(self._queue) - len(kept)
            self._queue = deque(kept)
            self._backlog_bytes = 0
            self._needs_key = True
        if self._needs_key and not fragment.key:
            self.lost += 1
            return False
        self._needs_key = False
        self._backlog_bytes += len(fragment.data)
        return True

    async def __aiter__(self) -> AsyncIterator[LiveItem]:
        while not self._closed:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue and not self._closed:
                item = self._queue.popleft()
                if isinstance(item, LiveFragment):
                    self._backlog_bytes -= len(item.data)
                yield item

    async def close(self) -> None:
        """The viewer is gone."""
        self._closed = True
        self._arrived.set()
        self._leave(self)


class LiveFeed:
    """One stream's fragments for all its viewers."""

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []
        self._timeline = Timeline()
        self._muxer: Muxer | None = None
        self._format: StreamFormat | None = None
        self._init: LiveInit | None = None
        self._gop: NewestGroup[LiveFragment] = NewestGroup()

    def join(self, viewer: Viewer) -> None:
        """Adds a viewer, with the cached GOP at once."""
        if self._init is not None:
            viewer.put(self._init)
            for fragment in self._gop.items:
                viewer.put(fragment)
        self.viewers.append(viewer)

    def tell(self, item: LiveItem) -> None:
        """Hands an item to all viewers."""
        for viewer in self.viewers:
            viewer.put(item)

    def take(self, message: FromTap) -> None:
        """The next message of the tap."""
        match message:
            case TapFormat():
                self._begin(message.format)
            case TapPacket():
                self._packet(message)
            case TapLoss():
                self._gop.forget()

    def _begin(self, format: StreamFormat) -> None:
        """A session begins, or the format changes within one: decode times go on from where they are."""
        self._timeline = Timeline()
        if self._muxer is not None and format == self._format:
            self._muxer.begin_session()
            return
        video = format.video
        self._format = format
        self._muxer = Muxer(format, first_decode=self._muxer.next_decode if self._muxer else 0)
        self._init = (
            LiveInit(PICTURES_MIME, video.width, video.height, b"")
            if video.codec is Codec.MJPEG
            else LiveInit(mime(format), video.width, video.height, self._muxer.head())
        )
        self._gop.forget()
        self.tell(self._init)

    def _packet(self, message: TapPacket) -> None:
        placed = self._timeline.place(packet_of(message))
        data = self._fragment(placed)
        if not data:
            return
        key = message.key and message.track is Track.VIDEO
        fragment = LiveFragment(data, key, placed.wall)
        self._gop.add(fragment, len(data), key=key)
        self.tell(fragment)

    def _fragment(self, placed: Placed) -> bytes:
        """What the viewers get for a packet; of Motion JPEG the pictures themselves."""
        if self._muxer is None or self._format is None:
            return b""
        if self._format.video.codec is Codec.MJPEG:
            return placed.packet.data if placed.packet.track is Track.VIDEO else b""
        return self._muxer.add(placed)


StateOf = Callable[[str, StreamName], StreamState | None]
Take = Callable[[FromTap], None]


class Packets(Protocol):
    """Where a stream's packets come from while they are wanted."""

    def want(self, camera: str, stream: StreamName, take: Take) -> None: ...

    def unwant(self, camera: str, stream: StreamName) -> None: ...


class LiveDesk:
    """Opens live views; a stream's packets flow to main only while somebody watches.

    ``taps`` gives them as the camera made them, ``converted`` as H.264.
    """

    def __init__(self, taps: Packets, state_of: StateOf, converted: Packets) -> None:
        self._packets = {False: taps, True: converted}
        self._state_of = state_of
        self._feeds: dict[tuple[str, StreamName, bool], LiveFeed] = {}

    async def open(self, camera: str, stream: StreamName, *, convert: bool = False) -> Viewer:
        """``convert``: as H.264, whatever the camera sends.

        Raises `WachtelError`: not_found for a camera or stream that is not there, busy when no more can be converted.
        """
        state = self._state_of(camera, stream)
        if state is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no {stream} stream of a camera {camera!r}.")
        key = (camera, stream, convert)
        feed = self._feeds.get(key)
        if feed is None:
            feed = LiveFeed()
            self._packets[convert].want(camera, stream, feed.take)
            self._feeds[key] = feed
        viewer = Viewer(lambda gone: self._leave(key, gone))
        viewer.put(state)
        feed.join(viewer)
        return viewer

    def _leave(self, key: tuple[str, StreamName, bool], viewer: Viewer) -> None:
        feed = self._feeds.get(key)
        if feed is None or viewer not in feed.viewers:
            return
        feed.viewers.remove(viewer)
        if not feed.viewers:
            del self._feeds[key]
            camera, stream, convert = key
            self._packets[convert].unwant(camera, stream)

    def state_changed(self, camera: str, stream: StreamName, state: StreamState) -> None:
        """Tells the viewers of a stream."""
        for convert in (False, True):
            feed = self._feeds.get((camera, stream, convert))
            if feed is not None:
                feed.tell(state)

    @property
    def viewers(self) -> int:
        """How many watch now."""
        return sum(len(feed.viewers) for feed in self._feeds.values())
