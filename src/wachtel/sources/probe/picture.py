"""One key frame as a JPEG. Decodes foreign bytes with native code: for worker processes only."""

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from wachtel.media.video import to_annexb
from wachtel.model.stream import Codec, Packet, VideoFormat

_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc", Codec.MJPEG: "mjpeg"}
_LARGEST_WIDTH = 1280


def jpeg_of(video: VideoFormat, packet: Packet) -> bytes | None:
    """The picture of a key frame, at most 1280 pixels wide; None when it cannot be decoded."""
    try:
        frame = _decode(video, packet)
        return None if frame is None else _encode(frame)
    except av.FFmpegError:
        return None


def _decode(video: VideoFormat, packet: Packet) -> VideoFrame | None:
    decoder = VideoCodecContext.create(_DECODERS[video.codec], "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    data = av.Packet(to_annexb(video, packet.data, with_parameter_sets=True))
    frames = [*decoder.decode(data), *decoder.decode(None)]
    return frames[0] if frames else None


def _encode(frame: VideoFrame) -> bytes | None:
    width = min(frame.width, _LARGEST_WIDTH) & ~1
    height = max(2, frame.height * width // frame.width & ~1)
    scaled = frame.reformat(width, height, "yuvj420p")
    encoder = VideoCodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    packets = [*encoder.encode(scaled), *encoder.encode(None)]
    return bytes(packets[0]) if packets else None
