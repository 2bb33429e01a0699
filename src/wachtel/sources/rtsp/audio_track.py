"""The audio track of a session, put on the video's line of time."""

from collections.abc import Mapping
from fractions import Fraction

from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.stream import AudioFormat, Codec, Packet, Track, VideoFormat
from wachtel.protocols.rtp_receive.access_unit import AccessUnit, Depacketizer
from wachtel.protocols.rtp_receive.rtcp import SenderReport
from wachtel.protocols.rtp_receive.sound import AacDepacketizer, AacHeaders, WholeDepacketizer
from wachtel.protocols.sdp import Media
from wachtel.sources.rtsp.rtp_track import RtpTrack
from wachtel.sources.rtsp.video_track import VideoTrack

_AAC_FRAME_SAMPLES = 1024
_LARGEST_START_S = 10
"""RTP-Info that puts a track's beginning further away than this is taken for nonsense."""
_WORTH_A_STEP_S = 0.02
_LARGEST_STEP_S = 1
"""Reports that move sound by more than this, after others that were believed, are not: one clock was just set."""


class AudioTrack(RtpTrack):
    """AAC, Opus or G.711.

    Where sound and picture belong together is known from the camera's reports (RTCP), from the RTP-Info of
    PLAY, or, when there is neither, from the moments when they came; better knowledge replaces worse. Every new pair
    of reports is heeded, so that clocks of different speed do not part sound and picture.
    """

    def __init__(self, media: Media, audio: AudioFormat, video: VideoTrack, hold_back: int = 0) -> None:
        super().__init__(media, _depacketizer(media, audio.codec), hold_back)
        self.format = audio
        self._video = video
        self._time_base = Fraction(1, media.clock_rate)
        self._frame_ticks = _AAC_FRAME_SAMPLES * media.clock_rate // audio.sample_rate
        self._zero: int | None = None
        self._reports: tuple[SenderReport | None, SenderReport | None] = (None, None)
        self._announced: tuple[int, int] | None = None

    def announce(self, own: int | None, video: int | None) -> None:
        """The RTP times at which both tracks begin, from RTP-Info."""
        if own is not None and video is not None:
            self._announced = own, video

    def _accept(self, unit: AccessUnit, time: int, arrival: WallUs) -> list[VideoFormat | Packet]:
        if self._video.start is None or not unit.whole:
            return []
        self._align(time, arrival)
        assert self._zero is not None
        begin = time - self._zero + self._video.shift * self.clock_rate // self._video.clock_rate
        pts = [begin + number * self._frame_ticks for number in range(len(unit.units))]
        return [
            Packet(data, at, at, self._time_base, True, Track.AUDIO, arrival)
            for data, at in zip(unit.units, pts, strict=True)
            if data
        ]

    def _align(self, time: int, arrival: WallUs) -> None:
        """Finds the RTP time of this track at the video's zero."""
        if self._video.start is None:
            return
        self._heed_reports()
        if self._zero is None:
            self._zero = self._zero_by_announcement(time)
        if self._zero is None:
            late = (arrival - self._video.start[1]) * self.clock_rate // US_PER_S
            self._zero = time - late

    def _heed_reports(self) -> None:
        """Takes what a pair of new reports says, the first one unconditionally."""
        own, other = self.sender_report, self._video.sender_report
        if own is None or other is None or own is self._reports[0] or other is self._reports[1]:
            return
        is_first, self._reports = self._reports == (None, None), (own, other)
        zero = self._zero_by_reports()
        if zero is None:
            return
        step = _LARGEST_STEP_S * self.clock_rate if self._zero is None else abs(zero - self._zero)
        if step > _WORTH_A_STEP_S * self.clock_rate and (
            is_first or step <= _LARGEST_STEP_S * self.clock_rate
        ):
            self._zero = zero

    def _zero_by_reports(self) -> int | None:
        own, other = self.sender_report, self._video.sender_report
        if own is None or other is None or self._video.start is None:
            return None
        since_report = Fraction(
            self._video.start[0] - self._video.unwrapped(other.timestamp), self._video.clock_rate
        )
        apart_s = Fraction(other.ntp - own.ntp, 1 << 32) + since_report
        if abs(apart_s) > 3600:
            return None
        return self.unwrapped(own.timestamp) + round(apart_s * self.clock_rate)

    def _zero_by_announcement(self, time: int) -> int | None:
        if self._announced is None or self._video.start is None:
            return None
        own, video = self._announced
        late_s = Fraction(self._video.start[0] - self._video.unwrapped(video), self._video.clock_rate)
        zero = self.unwrapped(own) + round(late_s * self.clock_rate)
        plausible = abs(late_s) < _LARGEST_START_S and abs(time - zero) < _LARGEST_START_S * self.clock_rate
        return zero if plausible else None


def audio_format(media: Media) -> AudioFormat | None:
    """The format of a track we can keep, None for any other; Opus gets the header that files want (RFC
    7845)."""
    audio = media.audio_format()
    if audio is None or (audio.codec is Codec.AAC and not audio.config):
        return None
    if audio.codec is not Codec.OPUS:
        return audio
    head = (
        b"OpusHead\1"
        + bytes((audio.channels,))
        + bytes(2)
        + audio.sample_rate.to_bytes(4, "little")
        + bytes(3)
    )
    return AudioFormat(Codec.OPUS, audio.sample_rate, audio.channels, head)


def _depacketizer(media: Media, codec: Codec) -> Depacketizer:
    if codec is not Codec.AAC:
        return WholeDepacketizer()
    return AacDepacketizer(
        AacHeaders(
            _bits(media.parameters, "sizelength", 13),
            _bits(media.parameters, "indexlength", 3),
            _bits(media.parameters, "indexdeltalength", 3),
        )
    )


def _bits(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 3 and int(text) <= 32 else default
