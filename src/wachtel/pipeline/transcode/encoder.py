"""One stream's pictures as H.264: decoded, made smaller if they are large, and encoded without delay."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import VideoReformatter

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.video import normalise, video_format
from wachtel.model.stream import VIDEO_TICKS_PER_S, Codec, StreamFormat, VideoFormat
from wachtel.pipeline.decoding import PictureRate, open_decoder, with_start_codes


@dataclass(frozen=True, slots=True)
class Quality:
    """How well pictures are made: at most so many pixels and pictures a second, constant rate factor, bits a second."""

    most_pixels: int
    most_fps: float | None
    crf: int
    bits_per_s: int


MOST_PIXELS = 1280 * 720
MOST_FPS = 15.0
"""So that one core can do it; who wants more takes a browser that plays the camera's own codec."""

KEY_FRAME_EVERY_US = 2 * US_PER_S
BITS_PER_S = 2_000_000
FOR_VIEWERS = Quality(MOST_PIXELS, MOST_FPS, 25, BITS_PER_S)
FOR_ARCHIVE = Quality(3840 * 2160, None, 23, 16_000_000)
"""What is kept has all pictures in their own size."""

_MOST_REORDERED = 64
_OPTIONS = {
    "preset": "superfast",
    "tune": "zerolatency",
    "profile": "main",
    "x264-params": "keyint=600:scenecut=0:repeat-headers=1:annexb=1",
}


@dataclass(frozen=True, slots=True)
class Encoded:
    """One picture; ``pts`` counts 1/90000 s of the source's own clock, ``format`` stands with a change only."""

    data: bytes
    pts: int
    key: bool
    at: WallUs
    format: StreamFormat | None


class Transcoder:
    """Made anew for every format of the source.

    Raises `WachtelError` (unsupported_codec) for a codec FFmpeg cannot read, `av.FFmpegError` where it cannot encode.
    """

    def __init__(self, source: VideoFormat, quality: Quality = FOR_VIEWERS) -> None:
        self._annex_b = source.codec is not Codec.MJPEG
        self._decoder = open_decoder(source)
        self._times: dict[int, WallUs] = {}
        self._size = fitting(source.width, source.height, quality.most_pixels)
        self._scaler = VideoReformatter()
        self._encoder = _open_encoder(self._size, quality)
        self._rate = None if quality.most_fps is None else PictureRate(quality.most_fps)
        self._format: StreamFormat | None = None
        self._last_pts = -1
        self._next_key = WallUs(0)

    def encode(self, data: bytes, pts: int, dts: int, time_base: Fraction, at: WallUs) -> list[Encoded]:
        """The pictures that one packet of the source completes; none for a damaged one."""
        self._times[pts] = at
        packet: av.Packet[Any] = av.Packet(with_start_codes(data) if self._annex_b else data)
        packet.pts, packet.dts, packet.time_base = pts, dts, time_base
        try:
            frames = self._decoder.decode(packet)
        except av.FFmpegError:
            return []
        found: list[Encoded] = []
        for frame in frames:
            moment = self._time_of(frame)
            if moment is not None and (self._rate is None or self._rate.wants(moment)):
                found += self._encode(frame, moment)
        return found

    def _time_of(self, frame: VideoFrame) -> WallUs | None:
        at = None if frame.pts is None else self._times.pop(frame.pts, None)
        while len(self._times) > _MOST_REORDERED:
            del self._times[next(iter(self._times))]
        return at

    def _encode(self, frame: VideoFrame, at: WallUs) -> list[Encoded]:
        width, height = self._size
        small = self._scaler.reformat(frame, width=width, height=height, format="yuv420p")
        assert frame.pts is not None and frame.time_base is not None
        small.pts = max(self._last_pts + 1, int(frame.pts * frame.time_base * VIDEO_TICKS_PER_S))
        small.time_base = Fraction(1, VIDEO_TICKS_PER_S)
        self._last_pts = small.pts
        key = at >= self._next_key or at < self._next_key - 2 * KEY_FRAME_EVERY_US
        small.pict_type = PictureType.I if key else PictureType.NONE
        if key:
            self._next_key = WallUs(at + KEY_FRAME_EVERY_US)
        return [self._encoded(packet, at) for packet in self._encoder.encode(small)]

    def _encoded(self, packet: "av.Packet[Any]", at: WallUs) -> Encoded:
        assert packet.pts is not None
        data, sets = normalise(Codec.H264, bytes(packet))
        changed = None
        if packet.is_keyframe:
            found = StreamFormat(video_format(Codec.H264, sets))
            changed = None if found == self._format else found
            self._format = found
        return Encoded(data, packet.pts, packet.is_keyframe, at, changed)


def fitting(width: int, height: int, most_pixels: int = MOST_PIXELS) -> tuple[int, int]:
    """The largest even size of the same shape with at most ``most_pixels``; never larger than the source."""
    share = min(1.0, (most_pixels / max(1, width * height)) ** 0.5)
    return max(2, int(width * share) // 2 * 2), max(2, int(height * share) // 2 * 2)


def _open_encoder(size: tuple[int, int], quality: Quality) -> VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, VIDEO_TICKS_PER_S)
    encoder.thread_count = 1
    rate = str(quality.bits_per_s)
    encoder.options = {**_OPTIONS, "crf": str(quality.crf), "maxrate": rate, "bufsize": rate}
    return encoder
