"""What travels from a camera: streams, tracks, formats and packets."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from wachtel.base.units import WallUs

VIDEO_TICKS_PER_S = 90_000
"""Timescale of every video track in our files and of RTP video (RFC 6184 section 8.2.1)."""


class StreamName(StrEnum):
    """The two streams a camera offers."""

    MAIN = "main"
    SUB = "sub"


class Codec(StrEnum):
    """Codecs we name; what we can store is decided in `wachtel.media`."""

    H264 = "h264"
    H265 = "h265"
    MJPEG = "mjpeg"
    AAC = "aac"
    OPUS = "opus"
    PCMA = "pcma"
    PCMU = "pcmu"


class Track(StrEnum):
    """A track inside a stream."""

    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What a decoder must know before the first picture.

    ``parameter_sets`` are NAL units without start code or length: SPS, PPS for H.264; VPS, SPS, PPS for H.265; empty
    for Motion JPEG. Width and height are those of the picture shown (after cropping), in pixels.
    """

    codec: Codec
    width: int
    height: int
    parameter_sets: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """``config`` is the AudioSpecificConfig of AAC (ISO 14496-3), the OpusHead of Opus, empty for G.711."""

    codec: Codec
    sample_rate: int
    channels: int
    config: bytes = b""


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """The tracks of one stream; a change of it begins a new file."""

    video: VideoFormat
    audio: AudioFormat | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded picture (access unit) or piece of sound.

    ``data`` of H.264 and H.265 is a sequence of NAL units, each with a four-byte big-endian length in front, without
    parameter sets and access unit delimiters. ``pts`` and ``dts`` count in ``time_base`` seconds. ``arrival`` is the
    wall clock when the last byte had been received.
    """

    data: bytes
    pts: int
    dts: int
    time_base: Fraction
    key: bool
    track: Track
    arrival: WallUs
