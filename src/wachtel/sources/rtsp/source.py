"""An RTSP session as a `MediaSource`."""

import threading
from collections.abc import Iterator, Sequence

from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS, WallUs
from wachtel.media.draft import Drafts
from wachtel.model.stream import Packet, StreamFormat, VideoFormat
from wachtel.protocols.rtsp import Request, Response
from wachtel.sources.answers import ended, redirected, stalled
from wachtel.sources.beat import Turn
from wachtel.sources.rtsp.audio_track import AudioTrack
from wachtel.sources.rtsp.framing import Embedded, Received
from wachtel.sources.rtsp.pictures import Picture
from wachtel.sources.rtsp.rtp_track import RtpTrack
from wachtel.sources.rtsp.session import RtspSession
from wachtel.sources.rtsp.transport import Channels, Link
from wachtel.sources.rtsp.video_track import VideoTrack

REPORT_INTERVAL_S = 5.0
LONGEST_DRAFTS_S = 1.0
"""For so long pictures are written down before somebody looks at them."""


class RtspSource:
    """Reads one session in the caller's thread; `close` may come from any other."""

    def __init__(
        self,
        session: RtspSession,
        link: Link,
        video: tuple[VideoTrack, Channels],
        audio: tuple[AudioTrack, Channels] | None,
        stall_timeout_s: float,
        quiet_since: MonoS,
        unheard: str = "",
        turn: Turn | None = None,
        drafts: Drafts | None = None,
    ) -> None:
        self.unheard = unheard
        self._turn = turn
        self._drafts = drafts
        self._session = session
        self._link = link
        self._video, (self._video_channel, _) = video
        self._audio = audio[0] if audio else None
        tracks: list[tuple[RtpTrack, Channels]] = [video, *([audio] if audio else [])]
        self._media = {channels[0]: track for track, channels in tracks}
        self._reports = {channels[1]: track for track, channels in tracks}
        self._stall_timeout_s = stall_timeout_s
        self._clock = session.clock
        self._closed = threading.Event()
        self._started = False
        self._pictures = 0
        self._picture_at = quiet_since
        self._report_at = self._clock.monotonic_s()

    @property
    def lost(self) -> int:
        """RTP packets of the video that never came."""
        return self._video.lost

    @property
    def dropped(self) -> int:
        """Pictures left out: before the first key frame, damaged, or between a loss and the next key
        frame."""
        return self._video.dropped

    def packets(self) -> Iterator[StreamFormat | Packet]:
        self._started = True
        try:
            while not self._closed.is_set():
                yield from self._read()
                self._look_after()
        except WachtelError:
            if not self._closed.is_set():
                raise
        finally:
            if self._turn is not None:
                self._turn.over()
            self._session.hang_up()
            self._link.close()

    def close(self) -> None:
        self._closed.set()
        self._session.connection.shut()
        if not self._started:
            self._session.hang_up()
            self._link.close()

    def _read(self) -> Iterator[StreamFormat | Packet]:
        if self._turn is not None and not self._is_worth_it(self._turn):
            return
        drafted = None if self._drafts is None else self._drafted(self._drafts)
        if drafted is None:
            yield from self._items(self._link.receive(), self._clock.wall_us())
            return
        now = self._clock.wall_us()
        for messages, age_us in drafted:
            yield from self._items(messages, WallUs(now - age_us))

    def _drafted(self, drafts: Drafts) -> Iterator[tuple[Sequence[Received], int]] | None:
        """What has come and was written down at once, with its age; None when it must be received as it comes."""
        expected = self._video.next_picture(self._video_channel)
        if expected is None or drafts.urgent[0]:
            return None
        with drafts.open() as draft:
            return (
                None if draft is None else self._link.draft(draft, expected, drafts.urgent, LONGEST_DRAFTS_S)
            )

    def _items(self, messages: Sequence[Received], arrival: WallUs) -> Iterator[StreamFormat | Packet]:
        for message in messages:
            if not isinstance(message, Embedded | Picture):
                self._take(message)
            elif (track := self._media.get(message.channel)) is not None:
                for item in _fed(track, message, arrival):
                    yield self._with_audio(item) if isinstance(item, VideoFormat) else item
            elif isinstance(message, Embedded) and (track := self._reports.get(message.channel)) is not None:
                track.feed_rtcp(message.payload)

    def _is_worth_it(self, turn: Turn) -> bool:
        """Waits until it is our turn to read; False when nothing has come until then."""
        return not self._link.patient or not turn.wait(self._closed) or self._link.ready

    def _with_audio(self, video: VideoFormat) -> StreamFormat:
        return StreamFormat(video, self._audio.format if self._audio else None)

    def _take(self, message: Request | Response) -> None:
        """An answer to a sign of life, or something the camera asks."""
        if isinstance(message, Response):
            self._session.connection.note_challenge(message)
        elif message.method == "REDIRECT":
            raise redirected(self._session.connection.endpoint, message.headers.get("Location") or "")

    def _look_after(self) -> None:
        """What must be done now and then. Raises `WachtelError` (stalled, stream_ended)."""
        now = self._clock.monotonic_s()
        if self._video.pictures != self._pictures:
            self._pictures, self._picture_at = self._video.pictures, now
        elif now - self._picture_at > self._stall_timeout_s:
            raise stalled(self._session.connection.endpoint, self._stall_timeout_s)
        if self._video.ended:
            raise ended(self._session.connection.endpoint)
        if now - self._report_at > REPORT_INTERVAL_S:
            self._report_at = now
            self._send_reports()
        self._session.keep_alive()

    def _send_reports(self) -> None:
        for channel, track in self._reports.items():
            if (report := track.report()) is not None:
                self._link.report(channel, report)


def _fed(track: RtpTrack, message: Embedded | Picture, arrival: WallUs) -> list[VideoFormat | Packet]:
    if isinstance(message, Embedded):
        return track.feed(message.payload, arrival)
    return track.feed_picture(message, arrival)
