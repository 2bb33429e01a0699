"""An RTSP stream over TCP as a `MediaSource`."""

import threading
from collections.abc import Iterator

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.model.stream import Packet, StreamFormat, VideoFormat
from wachtel.protocols.rtsp import Interleaved, Request, Response
from wachtel.sources.rtsp.answers import redirected, stalled
from wachtel.sources.rtsp.session import RtspSession
from wachtel.sources.rtsp.video_track import VideoTrack


class RtspSource:
    """Reads one session in the caller's thread."""

    def __init__(
        self,
        session: RtspSession,
        video: VideoTrack,
        channels: dict[int, VideoTrack],
        stall_timeout_s: float,
        clock: Clock,
    ) -> None:
        self._session = session
        self._connection = session.connection
        self._video = video
        self._channels = channels
        self._stall_timeout_s = stall_timeout_s
        self._clock = clock
        self._closed = threading.Event()
        self._pictures = 0
        self._picture_at = clock.monotonic_s()

    def packets(self) -> Iterator[StreamFormat | Packet]:
        try:
            while not self._closed.is_set():
                yield from self._read()
                self._check_stall()
                self._session.keep_alive()
        except WachtelError:
            if not self._closed.is_set():
                raise
        finally:
            self._end()

    def close(self) -> None:
        self._closed.set()
        self._connection.shut()

    def _read(self) -> Iterator[StreamFormat | Packet]:
        messages = self._connection.receive()
        arrival = self._clock.wall_us()
        for message in messages:
            if isinstance(message, Interleaved):
                track = self._channels.get(message.channel)
                for item in () if track is None else track.feed(message.payload, arrival):
                    yield StreamFormat(item) if isinstance(item, VideoFormat) else item
            elif isinstance(message, Response):
                self._connection.note_challenge(message)
            else:
                self._answer(message)

    def _answer(self, request: Request) -> None:
        if request.method == "REDIRECT":
            raise redirected(self._connection.endpoint, request.headers.get("Location") or "")

    def _check_stall(self) -> None:
        now = self._clock.monotonic_s()
        if self._video.pictures != self._pictures:
            self._pictures, self._picture_at = self._video.pictures, now
        elif now - self._picture_at > self._stall_timeout_s:
            raise stalled(self._connection.endpoint, self._stall_timeout_s)

    def _end(self) -> None:
        try:
            if not self._closed.is_set():
                self._session.tear_down()
        except WachtelError:
            pass
        finally:
            self._connection.close()
