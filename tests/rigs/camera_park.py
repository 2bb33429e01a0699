"""Many small fake cameras on one loop, and a record of every picture they sent."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wachtel.model.stream import StreamName
from wachtel.testing.fake_camera.camera import FakeCamera
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.sample_film import SampleFilm, make_film

FPS = 10
SMALL = SampleFilm(seconds=6.0, fps=FPS, width=320, height=180, gop=FPS, noise=3.0)
MARK_BYTES = 16
"""A picture is recognised by its last bytes; the noise in it makes them its own."""

_HEADERS_BYTES = 14
"""RTP, and what says that a unit is in pieces."""
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One picture that left the camera: monotonic seconds, and its mark."""

    at_s: float
    mark: bytes


def mark_of(packets: list[bytes]) -> bytes:
    """The last bytes of a picture; they may have been cut into two packets (RFC 6184 section 5.8)."""
    return b"".join(packet[_HEADERS_BYTES:] for packet in packets[-2:])[-MARK_BYTES:]


@dataclass(slots=True)
class SentPictures:
    """A listener that writes down what goes out. Read by other threads; the list only grows."""

    pictures: list[Sent] = field(default_factory=list)

    def take(self, track: int, packets: list[bytes], key: bool) -> None:
        if track == 0:
            self.pictures.append(Sent(time.monotonic(), mark_of(packets)))

    def take_report(self, track: int, report: bytes) -> None:
        """Reports hold no picture."""

    def end(self) -> None:
        """A loop does not end."""


class CameraPark:
    """``with CameraPark(folder, 8) as park``: cameras that play one small film round and round."""

    def __init__(self, folder: Path, count: int) -> None:
        self.sent = [SentPictures() for _ in range(count)]
        self.urls: list[str] = []
        self._film = folder / "small.mp4"
        self._cameras: list[FakeCamera] = []
        self._count = count
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="camera-park", daemon=True)

    def __enter__(self) -> "CameraPark":
        make_film(self._film, SMALL)
        self._thread.start()
        self._run(self._open())
        self.urls = [camera.main_url for camera in self._cameras]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()

    def change_format(self) -> None:
        """All go over to their other size at the next key frame, or back to the first at the film's beginning."""

        def change(camera: FakeCamera) -> None:
            feed = camera.feeds[StreamName.MAIN]
            feed.changed = feed.other if feed.changed is None else None

        self._each(change)

    async def _open(self) -> None:
        options = FakeCameraOptions(loop=True)
        for sent in self.sent:
            camera = FakeCamera(self._film, None, options)
            await camera.open()
            self._cameras.append(camera)
            await camera.prepare_other_format()
            camera.feeds[StreamName.MAIN].join(sent)

    async def _close(self) -> None:
        for camera in self._cameras:
            await camera.close()

    def _each(self, action: Callable[[FakeCamera], None]) -> None:
        async def in_loop() -> None:
            for camera in self._cameras:
                action(camera)

        self._run(in_loop())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)
