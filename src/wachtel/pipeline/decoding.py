"""Encoded packets become the pictures a detector wants. The only place of the pipeline that decodes."""

import io
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.api import Gray, Picture
from wachtel.media.nal import join_annexb
from wachtel.model.stream import Codec, Packet, VideoFormat

_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc", Codec.MJPEG: "mjpeg"}
_START_CODE = b"\x00\x00\x00\x01"
_LENGTH_BYTES = 4
WIDEST_JPEG = 1280
JPEG_QUANTISER = "3"
"""FFmpeg's measure, from 2 (best) to 31; left alone it aims at a bit rate, which large pictures would pay for."""
_SPACING = 0.9
"""Share of the wished distance at which a picture still counts: cameras are not exact."""


class PictureRate:
    """Leaves pictures out, so that no more than ``most_fps`` a second remain."""

    def __init__(self, most_fps: float) -> None:
        self._last: WallUs | None = None
        self._most_fps = 0.0
        self.allow(most_fps)

    def allow(self, most_fps: float) -> None:
        """From now on so many."""
        if most_fps != self._most_fps:
            self._most_fps, self._distance_us = most_fps, microseconds(_SPACING / most_fps)

    def wants(self, at: WallUs) -> bool:
        """True when enough time has passed since the last picture wanted (or time went back)."""
        if self._last is not None and 0 <= at - self._last < self._distance_us:
            return False
        self._last = at
        return True


class GrayScaler:
    """Small gray pictures of frames, by swscale."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._width, self._height = size
        self._reformatter = VideoReformatter()

    def scale(self, frame: VideoFrame) -> Gray:
        """The luminance of the frame in the size wanted."""
        # More threads than one cost more than they save at this size, above all where many cameras share few cores.
        small = self._reformatter.reformat(
            frame,
            width=self._width,
            height=self._height,
            format="gray",
            interpolation=Interpolation.AREA,
            threads=1,
        )
        plane = small.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(self._height, plane.line_size)
        return rows[:, : self._width].copy()


class PictureDecoder:
    """Decoder of one video stream.

    Raises `WachtelError` (unsupported_codec). After a loss of packets go on with the next key frame.
    """

    def __init__(self, format: VideoFormat, size: tuple[int, int], most_fps: float) -> None:
        self._annex_b = format.codec is not Codec.MJPEG
        self._codec = open_decoder(format)
        self._scaler = GrayScaler(size)
        self._rate = PictureRate(most_fps)
        self._times: dict[int, WallUs] = {}
        self._frame: VideoFrame | None = None

    def decode(self, packet: Packet, at: WallUs | None = None) -> list[Picture]:
        """The pictures this packet completes; ``at`` is the wall clock of its picture (default: its arrival).

        A damaged packet gives no picture and no error: the next key frame mends it.
        """
        self._times[packet.pts] = packet.arrival if at is None else at
        encoded = av.Packet(with_start_codes(packet.data) if self._annex_b else packet.data)
        encoded.pts, encoded.dts, encoded.time_base = packet.pts, packet.dts, packet.time_base
        try:
            frames = self._codec.decode(encoded)
        except av.FFmpegError:
            return []
        return self._pictures(frames)

    def flush(self) -> list[Picture]:
        """The pictures still inside the decoder; it cannot be used afterwards."""
        try:
            return self._pictures(self._codec.decode(None))
        except av.FFmpegError:
            return []

    def allow(self, most_fps: float) -> None:
        """From now on no more pictures a second than this are wanted."""
        self._rate.allow(most_fps)

    def keep(self) -> "KeptFrame | None":
        """The last decoded frame for later; None before the first."""
        return None if self._frame is None else KeptFrame(self._frame)

    def jpeg(self, widest: int = WIDEST_JPEG) -> bytes | None:
        """The last decoded frame, at most ``widest`` pixels wide; None before the first."""
        return None if self._frame is None else jpeg_of(self._frame, widest)

    def _pictures(self, frames: list[VideoFrame]) -> list[Picture]:
        found: list[Picture] = []
        for frame in frames:
            self._frame = frame
            at = self._time_of(frame)
            if at is not None and self._rate.wants(at):
                found.append(Picture(at, self._scaler.scale(frame)))
        return found

    def _time_of(self, frame: VideoFrame) -> WallUs | None:
        pts = frame.pts
        if pts is None:
            return None
        at = self._times.pop(pts, None)
        for older in [key for key in self._times if key < pts]:
            del self._times[older]
        return at


class KeptFrame:
    """One frame put aside, which becomes a JPEG only when somebody wants it: a better one mostly comes first."""

    def __init__(self, frame: VideoFrame) -> None:
        self._frame = frame if frame.width <= WIDEST_JPEG else _narrowed(frame, WIDEST_JPEG)

    def jpeg(self) -> bytes:
        """The frame as a JPEG file."""
        return jpeg_of(self._frame)


def jpeg_of(frame: VideoFrame, widest: int = WIDEST_JPEG) -> bytes:
    """A frame as a JPEG file, at most ``widest`` pixels wide."""
    small = _narrowed(frame, widest)
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = small.width, small.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"qmin": JPEG_QUANTISER, "qmax": JPEG_QUANTISER}
    small.pts = 0
    out = io.BytesIO()
    for packet in [*encoder.encode(small), *encoder.encode(None)]:
        out.write(bytes(packet))
    return out.getvalue()


def _narrowed(frame: VideoFrame, widest: int) -> VideoFrame:
    width = min(frame.width, widest)
    height = max(2, round(frame.height * width / frame.width))
    return VideoReformatter().reformat(frame, width=width, height=height, format="yuvj420p", threads=1)


def open_decoder(format: VideoFormat) -> VideoCodecContext:
    """A decoder for one thread. Raises `WachtelError` (unsupported_codec)."""
    name = _DECODERS.get(format.codec)
    if name is None:
        raise WachtelError(ErrorKind.UNSUPPORTED_CODEC, f"Pictures in {format.codec} cannot be decoded.")
    codec = cast(VideoCodecContext, av.CodecContext.create(name, "r"))
    if format.parameter_sets:
        codec.extradata = join_annexb(format.parameter_sets)
    codec.thread_count = 1
    codec.thread_type = ThreadType.NONE
    return codec


def with_start_codes(data: bytes) -> bytes:
    """NAL units with lengths in front (ISO 14496-15) as a byte stream (H.264 Annex B) of the same size."""
    stream = bytearray(data)
    position = 0
    while position + _LENGTH_BYTES <= len(stream):
        length = int.from_bytes(stream[position : position + _LENGTH_BYTES], "big")
        stream[position : position + _LENGTH_BYTES] = _START_CODE
        position += _LENGTH_BYTES + length
    return bytes(stream)
