"""Small encoded clips for the tests of media, and the way to the shared footage."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from wachtel.base.units import WallUs
from wachtel.media import video
from wachtel.media.fmp4 import Muxer, SegmentIdentity
from wachtel.media.timestamps import Placed, Timeline
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat, StreamName, Track, VideoFormat

START = WallUs(1_795_000_000_000_000)
_FOOTAGE = Path(__file__).parents[3] / "../shared/footage"
_CODECS = {"h264": Codec.H264, "hevc": Codec.H265}


@dataclass(frozen=True, slots=True)
class Sample:
    """A format and packets whose arrival follows their stamps from `START` on."""

    video: VideoFormat
    packets: tuple[Packet, ...]

    @property
    def format(self) -> StreamFormat:
        return StreamFormat(self.video)

    def placed(self) -> list[Placed]:
        timeline = Timeline()
        return [timeline.place(packet) for packet in self.packets]


@cache
def encoded(
    encoder: str = "libx264",
    frames: int = 24,
    gop: int = 8,
    b_frames: int = 0,
    size: tuple[int, int] = (96, 64),
) -> Sample:
    """A moving gradient at 25 pictures a second."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream(encoder, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {
            "preset": "ultrafast",
            "bf": str(b_frames),
            "g": str(gop),
            "x265-params": "log-level=none",
        }
        for number in range(frames):
            column = np.arange(size[0], dtype=np.uint8) * 2 + np.uint8(number * 5 % 256)
            picture = np.broadcast_to(column[None, :, None], (size[1], size[0], 3))
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24"))
            )
        container.mux(stream.encode())
    file.seek(0)
    return demuxed(file)


def demuxed(file: BytesIO | Path) -> Sample:
    """The video packets of a file."""
    with av.open(file if isinstance(file, BytesIO) else str(file), "r") as container:
        stream = container.streams.video[0]
        codec = _CODECS[stream.codec_context.name]
        extradata = video.read_extradata(codec, stream.codec_context.extradata or b"")
        packets = [
            _packet(codec, extradata.length_size, packet) for packet in container.demux(stream) if packet.size
        ]
    return Sample(video.video_format(codec, extradata.parameter_sets), tuple(packets))


def _packet(codec: Codec, length_size: int, packet: "av.Packet[av.VideoStream]") -> Packet:
    assert packet.pts is not None and packet.dts is not None and packet.time_base is not None
    data, _ = video.normalise(codec, bytes(packet), length_size)
    arrival = WallUs(START + int(packet.dts * packet.time_base * 1_000_000))
    return Packet(data, packet.pts, packet.dts, packet.time_base, packet.is_keyframe, Track.VIDEO, arrival)


def footage(name: str) -> Path:
    """A file of the shared footage; the test is skipped where there is none."""
    path = _FOOTAGE / name
    if not path.exists():
        pytest.skip(f"the shared footage is not there ({name})")
    return path


def identity(start: WallUs = START, sequence: int = 0) -> SegmentIdentity:
    return SegmentIdentity("volume", "home", "door", StreamName.MAIN, "run", sequence, start)


def written(format: StreamFormat, placed: Sequence[Placed], *, close: bool = True) -> bytes:
    """A whole segment file."""
    muxer = Muxer(format, identity(placed[0].wall))
    parts = [muxer.head(), *(muxer.add(one) for one in placed)]
    return b"".join([*parts, muxer.tail()] if close else parts)


def later(packets: Sequence[Packet], seconds: float) -> list[Packet]:
    """The same packets again, with stamps and arrival moved on."""
    return [
        replace(
            packet,
            pts=packet.pts + round(seconds / packet.time_base),
            dts=packet.dts + round(seconds / packet.time_base),
            arrival=WallUs(packet.arrival + round(seconds * 1_000_000)),
        )
        for packet in packets
    ]


def pictures(data: bytes) -> list[tuple[Fraction, bytes]]:
    """Shown time in seconds and luma of every picture, by FFmpeg's demuxer and decoder."""
    with av.open(BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        return [
            (frame.pts * stream.time_base, frame.to_ndarray(format="gray").tobytes())
            for frame in container.decode(stream)
            if frame.pts is not None and stream.time_base is not None
        ]


def complaints(path: Path) -> str:
    """What ``ffmpeg`` says about a file while decoding it; nothing if all is well."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"],
        capture_output=True,
        text=True,
    )
    return done.stderr


@cache
def sound(
    encoder: str = "aac", seconds: float = 2.0, rate: int = 48_000
) -> tuple[AudioFormat, tuple[Packet, ...]]:
    """A tone; packets arrive as their stamps say from `START` on."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream(encoder, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        count = stream.codec_context.frame_size or 1024
        for number in range(int(seconds * rate / count)):
            wave = np.sin(np.arange(number * count, (number + 1) * count) * 2 * np.pi * 440 / rate)
            samples = (wave[None, :] * 0.5).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.rate, frame.pts, frame.time_base = rate, number * count, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as container:
        stream = container.streams.audio[0]
        codec = Codec.OPUS if encoder == "libopus" else Codec.AAC
        format = AudioFormat(codec, rate, 1, stream.codec_context.extradata or b"")
        packets = [_sound_packet(packet) for packet in container.demux(stream) if packet.size]
    return format, tuple(packets)


def _sound_packet(packet: "av.Packet[av.AudioStream]") -> Packet:
    assert packet.pts is not None and packet.dts is not None and packet.time_base is not None
    arrival = WallUs(START + int(packet.pts * packet.time_base * 1_000_000))
    return Packet(bytes(packet), packet.pts, packet.pts, packet.time_base, True, Track.AUDIO, arrival)
