"""The fake camera for code that has no event loop."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from wachtel.base.clock import Clock
from wachtel.testing.fake_camera.camera import FakeCamera
from wachtel.testing.fake_camera.options import FakeCameraOptions, FaultName
from wachtel.testing.fake_camera.state import CameraState

_PATIENCE_S = 20.0


class ThreadedFakeCamera:
    """``with ThreadedFakeCamera(file) as camera``: a `FakeCamera` with a thread and a loop of its own.

    ``state`` is changed by that thread; looking is safe, changing is not.
    """

    def __init__(
        self,
        main: Path,
        sub: Path | None = None,
        options: FakeCameraOptions | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._camera = FakeCamera(main, sub, options, clock)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-camera", daemon=True)
        self.state: CameraState = self._camera.state
        self.main_url = ""
        self.sub_url: str | None = None
        self.mjpeg_url = ""
        self.snapshot_url = ""

    def __enter__(self) -> "ThreadedFakeCamera":
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._camera.open(), self._loop).result(_PATIENCE_S)
        except BaseException:
            self._stop_loop()
            raise
        self.main_url, self.sub_url = self._camera.main_url, self._camera.sub_url
        self.mjpeg_url, self.snapshot_url = self._camera.mjpeg_url, self._camera.snapshot_url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self._camera.close(), self._loop).result(_PATIENCE_S)
        finally:
            self._stop_loop()

    @property
    def media_time_s(self) -> float:
        """How far the files have been played."""
        return self._camera.media_time_s

    def urls(self) -> dict[str, str]:
        """Every address, by what is to be had there."""
        return self._camera.urls()

    def url_with_credentials(self, url: str) -> str:
        """The same address with the user and password that are right."""
        return self._camera.url_with_credentials(url)

    def apply(self, fault: FaultName) -> None:
        """Lets a fault happen now."""
        self._call(lambda: self._camera.apply(fault))

    def recover(self) -> None:
        """Ends whatever lasts."""
        self._call(self._camera.recover)

    def _call(self, action: Callable[[], None]) -> None:
        async def in_loop() -> None:
            action()

        asyncio.run_coroutine_threadsafe(in_loop(), self._loop).result(_PATIENCE_S)

    def _stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()
