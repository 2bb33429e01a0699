"""The fake camera in a process of its own, so that its CPU time is not that of what is measured."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import wachtel

_PATIENCE_S = 20.0


class FakeCameraProcess:
    """``with FakeCameraProcess(file, arguments=["--loop"]) as camera``: so that its CPU time is not the
    tested code's."""

    MODULE = "wachtel.testing.fake_camera"

    def __init__(self, main: Path, sub: Path | None = None, arguments: Sequence[str] = ()) -> None:
        files = [str(path) for path in (main, sub) if path is not None]
        self._command = [sys.executable, "-m", self.MODULE, "--end-with-stdin"]
        self._command += [*files, *arguments]
        self._process: subprocess.Popen[str] | None = None
        self._expected = {"main", "mjpeg", "snapshot", *([] if sub is None else ["sub"])}
        self.urls: dict[str, str] = {}

    def __enter__(self) -> Self:
        source = str(Path(wachtel.__file__).parents[1])
        paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
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

    def wait(self) -> int:
        """Waits for the process to end by itself; its exit code."""
        if self._process is None:
            raise RuntimeError("the fake camera does not run")
        return self._process.wait(_PATIENCE_S)

    def _end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
