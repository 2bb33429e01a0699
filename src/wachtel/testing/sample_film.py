"""Small films of every kind a camera sends, made on the spot for tests and benchmarks."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import pi
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from wachtel.model.stream import VIDEO_TICKS_PER_S, Codec
from wachtel.testing.scene.frame_number import draw_frame_number

_VIDEO_ENCODERS = {Codec.H264: "libx264", Codec.H265: "libx265", Codec.MJPEG: "mjpeg"}
_AUDIO_ENCODERS = {Codec.AAC: "aac", Codec.PCMA: "pcm_alaw", Codec.PCMU: "pcm_mulaw"}
_TONE_HZ = 440.0


@dataclass(frozen=True, slots=True)
class SampleFilm:
    """``gop`` counts frames from key frame to key frame. G.711 sound needs a ``.mov`` file.

    ``still``: nothing but noise, and no number in the picture. ``profile`` is one of H.264. Every picture comes later
    by up to ``uneven`` ticks of 1/90000 s, each by chance.
    """

    seconds: float = 4.0
    fps: int = 10
    width: int = 320
    height: int = 180
    codec: Codec = Codec.H264
    gop: int = 10
    b_frames: int = 0
    profile: str = ""
    uneven: int = 0
    bit_rate: int = 300_000
    noise: float = 0.0
    audio: Codec | None = None
    audio_rate: int = 8000
    still: bool = False


def make_film(path: Path, film: SampleFilm = SampleFilm()) -> Path:
    """Writes the film and returns ``path``; but in a still one every frame carries its number."""
    with av.open(path.as_posix(), "w") as container:
        video = _video_stream(container, film)
        audio = _audio_stream(container, film)
        for frame in _pictures(film):
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            for sound in _sounds(film):
                container.mux(audio.encode(sound))
            container.mux(audio.encode(None))
    return path


def _video_stream(container: OutputContainer, film: SampleFilm) -> VideoStream:
    stream = container.add_stream(_VIDEO_ENCODERS[film.codec], rate=film.fps, options=_options(film))
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = film.width, film.height
    if film.uneven:
        stream.codec_context.time_base = Fraction(1, VIDEO_TICKS_PER_S)
    stream.pix_fmt = "yuvj420p" if film.codec is Codec.MJPEG else "yuv420p"
    return stream


def _options(film: SampleFilm) -> dict[str, str]:
    gop, rate = str(film.gop), str(film.bit_rate)
    if film.codec is Codec.MJPEG:
        return {}
    if film.codec is Codec.H265:
        fixed = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={film.b_frames}:log-level=none:pools=none"
        return {"preset": "ultrafast", "x265-params": fixed, "b": rate, "tag": "hvc1"}
    tune = {} if film.b_frames else {"tune": "zerolatency"}
    still = {"g": gop, "keyint_min": gop, "sc_threshold": "0", "bf": str(film.b_frames), "threads": "1"}
    profile = {"profile": film.profile} if film.profile else {}
    return {"preset": "veryfast", "b": rate, **tune, **still, **profile}


def _audio_stream(container: OutputContainer, film: SampleFilm) -> AudioStream | None:
    if film.audio is None:
        return None
    stream = container.add_stream(_AUDIO_ENCODERS[film.audio], rate=film.audio_rate)
    assert isinstance(stream, AudioStream)
    stream.codec_context.layout = "mono"
    return stream


def _pictures(film: SampleFilm) -> Iterator[VideoFrame]:
    """A bright patch that wanders over a gradient, or the gradient alone."""
    randomness = np.random.default_rng(1)
    x, y = np.arange(film.width), np.arange(film.height)[:, None]
    ground = (60 + 80 * x / film.width + 40 * y / film.height).astype(np.uint8)
    for number in range(round(film.seconds * film.fps)):
        gray = ground.copy()
        if not film.still:
            left = number * 7 % film.width
            gray[film.height // 3 : film.height // 2, left : left + film.width // 8] = 220
        if film.noise:
            gray = _noisy(gray, film.noise, randomness)
        if not film.still:
            draw_frame_number(gray, number)
        frame = VideoFrame.from_ndarray(gray, format="gray8").reformat(
            format="yuvj420p" if film.codec is Codec.MJPEG else "yuv420p"
        )
        frame.pts, frame.time_base = number, Fraction(1, film.fps)
        if film.uneven:
            late = int(randomness.integers(0, film.uneven, endpoint=True))
            frame.pts, frame.time_base = (
                number * VIDEO_TICKS_PER_S // film.fps + late,
                Fraction(1, VIDEO_TICKS_PER_S),
            )
        yield frame


def _noisy(gray: NDArray[np.uint8], strength: float, randomness: np.random.Generator) -> NDArray[np.uint8]:
    noise = randomness.normal(0, strength, gray.shape)
    return np.asarray(np.clip(gray + noise, 0, 255), np.uint8)


def _sounds(film: SampleFilm) -> Iterator[AudioFrame]:
    """A soft tone."""
    planar = film.audio is Codec.AAC
    size = 1024 if planar else film.audio_rate // 50
    total = round(film.seconds * film.audio_rate)
    for start in range(0, total, size):
        at = np.arange(start, min(total, start + size)) / film.audio_rate
        wave = 0.2 * np.sin(2 * pi * _TONE_HZ * at)
        samples = wave.astype(np.float32) if planar else (wave * 32767).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples[None, :], format="fltp" if planar else "s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = film.audio_rate, start, Fraction(1, film.audio_rate)
        yield frame
