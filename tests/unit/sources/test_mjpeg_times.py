"""Motion JPEG says nothing of time; what comes unevenly is recorded so that any player counts its pictures right."""

import random
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from wachtel.media.fmp4 import Muxer
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import Packet, StreamFormat
from wachtel.sources.http_stream import HttpStream
from wachtel.sources.mjpeg.source import MjpegSource
from wachtel.testing.clock import FakeClock
from wachtel.testing.fake_camera.pictures import to_jpeg

FIVE_MS = 450


class Line:
    """The answer of a camera: one picture per read, each after a while of its own."""

    def __init__(self, clock: FakeClock, arrivals: list[float]) -> None:
        gray = np.full((96, 160), 90, np.uint8)
        jpeg = to_jpeg(av.VideoFrame.from_ndarray(gray, format="gray8"))
        self._part = b"--b\r\nContent-Length: %d\r\n\r\n" % len(jpeg) + jpeg + b"\r\n"
        self._clock, self._arrivals, self._now = clock, iter(arrivals), 0.0
        self.source: MjpegSource | None = None

    def read(self) -> bytes:
        arrival = next(self._arrivals, None)
        if arrival is None:
            assert self.source is not None
            self.source.close()
            return b""
        self._clock.advance(arrival - self._now)
        self._now = arrival
        return self._part

    def shut(self) -> None: ...

    def close(self) -> None: ...


def items(arrivals: list[float]) -> Iterator[StreamFormat | Packet]:
    clock = FakeClock()
    line = Line(clock, arrivals)
    line.source = MjpegSource(cast(HttpStream, line), 10.0, clock.monotonic_s(), clock)
    return line.source.packets()


def uneven(jitter_s: float, seed: int = 3) -> list[float]:
    """Ten pictures a second, each late by chance."""
    chance = random.Random(seed)
    return sorted(n * 0.1 + chance.expovariate(1 / jitter_s) for n in range(120))


@pytest.mark.parametrize("arrivals", [uneven(0.03), uneven(0.3), [1.0] * 50])
def test_times_rise_in_steps_of_five_milliseconds(arrivals: list[float]) -> None:
    stamps = [item.pts for item in items(arrivals) if isinstance(item, Packet)]
    assert len(stamps) == len(arrivals)
    steps = [two - one for one, two in pairwise(stamps)]
    assert min(steps) >= FIVE_MS
    assert {step % FIVE_MS for step in steps} == {0}


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to judge the files")
@pytest.mark.parametrize("jitter_s", [0.01, 0.08, 0.3])
def test_ffmpeg_has_nothing_to_say_of_an_uneven_recording(jitter_s: float, tmp_path: Path) -> None:
    timeline, muxer, written = Timeline(), None, b""
    for item in items(uneven(jitter_s)):
        if isinstance(item, Packet):
            assert muxer is not None
            written += muxer.add(timeline.place(item))
        else:
            muxer = Muxer(item)
            written = muxer.head()
    path = tmp_path / "uneven.mp4"
    path.write_bytes(written)
    plain = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    assert subprocess.run(plain, capture_output=True, text=True).stderr == ""
