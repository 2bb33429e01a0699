"""Two cameras in one process: one drops its connection again and again, the other must not notice."""

import gc
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from process_costs import pss_mb

from wachtel.base.clock import SystemClock
from wachtel.model.stream import StreamName
from wachtel.pipeline.stream_thread import StreamThread
from wachtel.pipeline.tap import StreamFan
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.rtsp import driver
from wachtel.sources.rtsp.source import RtspSource
from wachtel.testing.fake_camera.process import FakeCameraProcess


class HastyClock(SystemClock):
    """Waits a hundredth of what it is asked to, so that back-offs do not slow a soak."""

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.wait(seconds / 100)


@dataclass(frozen=True, slots=True)
class Use:
    """What the process holds."""

    threads: int
    handles: int
    memory_mb: float

    @classmethod
    def now(cls) -> "Use":
        gc.collect()
        return cls(threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), pss_mb(os.getpid()))


@dataclass(frozen=True, slots=True)
class FlapReport:
    """``lost`` are RTP packets of the steady camera that never came, ``sessions`` its connections."""

    flaps: int
    steady_packets: int
    steady_sessions: int
    steady_lost: int
    before: Use
    after: Use


class FlapRig:
    """``run`` until the flapping camera has connected so many times."""

    def __init__(self, film: Path, period_s: float, *, hasty: bool) -> None:
        self._film = film
        self._period_s = period_s
        self._clock = HastyClock() if hasty else SystemClock()
        self._sources: list[RtspSource] = []

    def run(self, flaps: int, warm_up: int) -> FlapReport:
        """Measures what is held after the warm-up and at the end."""
        flap = ["--loop", "--fault", f"flap:{self._period_s}"]
        with ExitStack() as stack:
            # In processes of their own, so that what is measured is held by us.
            steady_camera = stack.enter_context(FakeCameraProcess(self._film, arguments=["--loop"]))
            flapping_camera = stack.enter_context(FakeCameraProcess(self._film, arguments=flap))
            steady = self._stream("steady", steady_camera.main_url, keep=True)
            flapping = self._stream("flapping", flapping_camera.main_url, keep=False)
            streams = (steady, flapping)
            for stream in streams:
                stream.start()
            _until(lambda: flapping.sessions >= warm_up and steady.packets > 0)
            before = Use.now()
            _until(lambda: flapping.sessions >= flaps)
            after = Use.now()
            for stream in streams:
                stream.ask_to_stop()
            assert all(stream.join(5.0) for stream in streams)
        lost = sum(source.lost for source in self._sources)
        return FlapReport(flapping.sessions, steady.packets, steady.sessions, lost, before, after)

    def _stream(self, name: str, url: str, *, keep: bool) -> StreamThread:
        fan = StreamFan(name, StreamName.MAIN)
        return StreamThread(name, partial(self._open, url, keep), fan, None, lambda _: None, self._clock)

    def _open(self, url: str, keep: bool) -> MediaSource:
        source = driver.open(parse_camera_url(url), SourceOptions(allow_local=True), SystemClock())
        if keep and isinstance(source, RtspSource):
            self._sources.append(source)
        return source


def _until(true: Callable[[], bool], patience_s: float = 3600.0) -> None:
    end = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > end:
            raise AssertionError("the rig stands still")
        time.sleep(0.02)
