"""A clapperboard: flash and beep at the same moment in the film are at the same moment in the recording."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from engine_rig import files_of, record

from wachtel.model.camera import Camera, MotionSettings, Transport
from wachtel.pipeline.engine import Engine
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera

SECONDS, FPS, RATE = 16, 25, 8000
BEEP_S = 0.08
PERMITTED_S = 0.04

CAMERAS = {
    "aac": ("aac", Transport.TCP, True),
    "aac-no-rtcp": ("aac", Transport.TCP, False),
    "aac-udp": ("aac", Transport.UDP, True),
    "pcma": ("pcm_alaw", Transport.TCP, True),
    "pcmu-udp-no-rtcp": ("pcm_mulaw", Transport.UDP, False),
}


def clapperboard(path: Path, encoder: str) -> Path:
    """A white picture and a beep at every full second."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(
            "libx264", rate=FPS, options={"tune": "zerolatency", "g": str(FPS), "bf": "0"}
        )
        audio = container.add_stream(encoder, rate=RATE)
        assert isinstance(video, VideoStream)
        assert isinstance(audio, AudioStream)
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        audio.codec_context.layout = "mono"
        for number in range(SECONDS * FPS):
            gray = np.full((96, 160), 235 if number % FPS == 0 else 30, np.uint8)
            frame = av.VideoFrame.from_ndarray(gray, format="gray8").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        size = 1024 if encoder == "aac" else RATE // 50
        at = np.arange(SECONDS * RATE) / RATE
        wave = np.where(at % 1.0 < BEEP_S, 0.5 * np.sin(2 * np.pi * 1000 * at), 0.0)
        for start in range(0, len(wave), size):
            piece = (wave[start : start + size] * 32767).astype(np.int16)[None, :]
            sound = av.AudioFrame.from_ndarray(piece, "s16", "mono")
            sound.sample_rate, sound.pts, sound.time_base = RATE, start, Fraction(1, RATE)
            container.mux(audio.encode(sound))
        container.mux(audio.encode(None))
    return path


def flashes(path: Path) -> list[float]:
    """When the picture turns white."""
    found, was_white = [], False
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.video[0]):
            white = bool(frame.to_ndarray(format="gray").mean() > 130)
            if white and not was_white:
                found.append(frame.time or 0.0)
            was_white = white
    return found


def beeps(path: Path) -> list[float]:
    """When the beep begins, to 5 ms."""
    found, quiet_s = [], 1.0
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.audio[0]):
            samples = frame.to_ndarray()
            samples = samples[0] / (32768 if samples.dtype == np.int16 else 1)
            step = frame.sample_rate // 200
            for start in range(0, len(samples), step):
                loud = np.abs(samples[start : start + step]).max() > 0.15
                if loud and quiet_s > 0.5:
                    found.append((frame.time or 0.0) + start / frame.sample_rate)
                quiet_s = 0.0 if loud else quiet_s + step / frame.sample_rate
    return found


def apart(path: Path) -> list[float]:
    """By how much each beep is later than its flash."""
    seen, heard = flashes(path), beeps(path)
    pairs = [(flash, min(heard, key=lambda beep: abs(beep - flash))) for flash in seen[1:-1]]
    return [beep - flash for flash, beep in pairs]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("sync")
    with ExitStack() as stack:
        cameras = []
        for name, (encoder, transport, rtcp) in CAMERAS.items():
            film = clapperboard(root / f"{name}{'.mp4' if encoder == 'aac' else '.mov'}", encoder)
            options = FakeCameraOptions(loop=True, rtcp=rtcp)
            fake = stack.enter_context(ThreadedFakeCamera(film, None, options))
            camera = Camera(
                id=name, site="home", name=name, main_url=fake.main_url, allow_local=True, transport=transport,
                record_audio=True, motion=MotionSettings(enabled=False),
            )  # fmt: skip
            cameras.append(camera)

        async def script(engine: Engine) -> None:
            await asyncio.sleep(10.0)

        record(root / "data", cameras, script)
    yield root


@pytest.mark.timeout(90)
@pytest.mark.parametrize("name", CAMERAS)
def test_flash_and_beep_stay_together(name: str, archive: Path) -> None:
    (file,) = files_of(archive / "data", name)
    found = apart(file)
    assert len(found) >= 4
    assert max(map(abs, found)) <= PERMITTED_S
    assert max(found) - min(found) <= 0.02
