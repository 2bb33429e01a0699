"""The fake camera for code that has no event loop: in a thread of its own, or in a process of its own."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import wachtel
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

    def __enter__(self) -> "ThreadedFakeCamera":
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._camera.open(), self._loop).result(_PATIENCE_S)
        except BaseException:
            self._stop_loop()
            raise
        self.main_url, self.sub_url = self._camera.main_url, self._camera.sub_url
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


class FakeCameraProcess:
    """``with FakeCameraProcess(file, arguments=["--loop"]) as camera``: so that its CPU time is not the
    tested code's."""

    def __init__(self, main: Path, sub: Path | None = None, arguments: Sequence[str] = ()) -> None:
        files = [str(path) for path in (main, sub) if path is not None]
        self._command = [sys.executable, "-m", "wachtel.testing.fake_camera", *files, *arguments]
        self._process: subprocess.Popen[str] | None = None
        self._expected = {"main", *([] if sub is None else ["sub"])}
        self.urls: dict[str, str] = {}

    def __enter__(self) -> "FakeCameraProcess":
        source = str(Path(wachtel.__file__).parents[1])
        paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self._process.stdout is not None
        while not self._expected <= self.urls.keys():
            name, _, url = self._process.stdout.readline().partition(" ")
            if not url:
                self._end()
                raise RuntimeError("the fake camera ended before it listened")
            self.urls[name] = url.strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def main_url(self) -> str:
        """The address of the main stream."""
        return self.urls["main"]

    @property
    def sub_url(self) -> str | None:
        """The address of the sub stream."""
        return self.urls.get("sub")

    @property
    def pid(self) -> int:
        """The process."""
        if self._process is None:
            raise RuntimeError("the fake camera does not run")
        return self._process.pid

    def _end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
