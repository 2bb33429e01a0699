"""Encodes a film again: in another size, or because no camera sends it as it is."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

_GOP_S = 2
_NEVER = "100000"
_X265 = f"bframes=0:scenecut=0:keyint={_NEVER}:log-level=none"


def make_smaller(path: Path, target: Path) -> Path:
    """Writes the film at three quarters of its size: same codec, key frames in the same places, same sound."""
    with av.open(path.as_posix()) as source, av.open(target.as_posix(), "w") as copy:
        video = source.streams.video[0]
        name = "libx265" if video.codec_context.name == "hevc" else "libx264"
        _copy(source, copy, _encoder(name, video, copy, Fraction(3, 4), _NEVER))
    return target


def make_playable(path: Path, target: Path) -> Path:
    """Writes the film's video as H.264 with a key frame every two seconds, without its sound.

    Pictures follow each other at the film's average rate: the times in files that need this are not to be
    trusted.
    """
    with av.open(path.as_posix()) as source, av.open(target.as_posix(), "w") as copy:
        video = source.streams.video[0]
        rate = video.average_rate or Fraction(25)
        encoder = _encoder("libx264", video, copy, Fraction(1), str(max(1, round(_GOP_S * rate))))
        for number, frame in enumerate(source.decode(video)):
            picture = frame.reformat(encoder.width, encoder.height, format="yuv420p")
            picture.pict_type = PictureType.NONE
            picture.pts, picture.time_base = number, 1 / rate
            copy.mux(encoder.encode(picture))
        copy.mux(encoder.encode(None))
    return target


def _encoder(name: str, video: VideoStream, copy: OutputContainer, scale: Fraction, gop: str) -> VideoStream:
    options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "24", "g": gop, "forced-idr": "1"}
    if name == "libx265":
        options["x265-params"] = _X265
    stream = copy.add_stream(name, rate=video.average_rate, options=options)
    assert isinstance(stream, VideoStream)
    stream.width = int(video.codec_context.width * scale) & ~1
    stream.height = int(video.codec_context.height * scale) & ~1
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = video.time_base or Fraction(1, 90_000)
    return stream


def _copy(source: InputContainer, copy: OutputContainer, encoder: VideoStream) -> None:
    video = source.streams.video[0]
    audio = source.streams.audio[0] if source.streams.audio else None
    other_audio = copy.add_stream_from_template(audio) if audio is not None else None
    for packet in source.demux([video, *([audio] if audio is not None else [])]):
        if not packet.size:
            continue
        if packet.stream_index == video.index:
            _encode(video.decode(packet), encoder, copy)
        elif other_audio is not None:
            packet.stream = other_audio
            copy.mux(packet)
    _encode(video.decode(None), encoder, copy)
    copy.mux(encoder.encode(None))


def _encode(frames: Iterable[VideoFrame], encoder: VideoStream, copy: OutputContainer) -> None:
    for frame in frames:
        picture = frame.reformat(encoder.width, encoder.height, format="yuv420p")
        picture.pict_type = PictureType.I if frame.key_frame else PictureType.NONE
        copy.mux(encoder.encode(picture))
