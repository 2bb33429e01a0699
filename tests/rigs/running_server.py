"""A real `wachtel serve` in a process group of its own, for tests that kill parts of it."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import httpx

from wachtel.app.api_client import open_api

WACHTEL = [sys.executable, "-m", "wachtel"]

KEPT_OPEN = httpx.Limits(keepalive_expiry=2.0)
"""The server closes a connection that is idle for five seconds; a request must not meet that moment."""


def wait_until(true: Callable[[], bool], within_s: float, what: str) -> float:
    """Polls until ``true()``; gives the seconds it took, fails loudly when it takes longer."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > within_s:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - began


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """True when somebody takes connections there."""
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def wachtel(*arguments: str | Path, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    done = subprocess.run([*WACHTEL, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if check and done.returncode:
        raise AssertionError(f"wachtel {arguments[0]} ended {done.returncode}: {done.stderr}{done.stdout}")
    return done


class RunningServer:
    """``with RunningServer(data) as server:`` serves until the block ends.

    ``options``: further ones for the command. ``trusts``: what its certificate is checked against.
    """

    command: Sequence[str] = (*WACHTEL, "serve")

    def __init__(
        self,
        data: Path,
        port: int = 0,
        *,
        options: Sequence[str] = (),
        trusts: ssl.SSLContext | None = None,
        wrapper: Sequence[str] = (),
    ) -> None:
        self.data = data
        self._options = options
        self._trusts = trusts
        self._wrapper = wrapper
        self.port = port
        self.url = ""
        self.rtsp_url = ""
        self.started_s = 0.0
        self._token: str | None = None
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "RunningServer":
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Starts and waits until it is ready."""
        began = time.monotonic()
        log = (self.data.parent / "serve.log").open("a")
        ports = ["--port", str(self.port), "--rtsp-port", "0"]
        self._process = subprocess.Popen(
            [*self._wrapper, *self.command, "--data", str(self.data), *ports, *self._options],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        log.close()
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url.startswith(("http://", "https://")):
            raise AssertionError(f"the server did not start: {(self.data.parent / 'serve.log').read_text()}")
        self.rtsp_url = self._process.stdout.readline().strip()
        self.started_s = time.monotonic() - began

    @property
    def pid(self) -> int:
        """Main's process id, which is the group's too."""
        assert self._process is not None
        return self._process.pid

    def members(self) -> list[int]:
        """Process ids of the whole group that still run."""
        return [pid for pid in all_pids() if group_of(pid) == self.pid and not is_zombie(pid)]

    def stop(self) -> None:
        """Ends it in good order and makes sure that nobody of the group is left."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=30)
        self.reap()

    def kill_main(self) -> None:
        """kill -9 of main alone."""
        os.kill(self.pid, signal.SIGKILL)
        self._wait()

    def kill_group(self) -> None:
        """kill -9 of everything."""
        os.killpg(self.pid, signal.SIGKILL)
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        self._process.wait(timeout=10)

    def reap(self) -> None:
        """Closes the pipe of a process that has ended."""
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def token(self, name: str, scope: str = "view") -> str:
        """A new one, for a program of this name."""
        with open_api(self.data) as api:
            return str(api.call("POST", "/api/v1/tokens", {"name": name, "scope": scope})["token"])

    def client(self) -> httpx.Client:
        """A client with an administrator's token."""
        if self._token is None:
            self._token = self.token("rig", "admin")
        headers = {"Authorization": f"Bearer {self._token}"}
        return httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=10.0,
            limits=KEPT_OPEN,
            trust_env=False,
            verify=self._trusts or True,
        )

    def worker(self, name: str) -> int:
        """Process id of a worker by its name (media-0, analysis-0); 0 while there is none."""
        with self.client() as client:
            text = client.get("/metrics").text
        found = re.search(rf'wachtel_worker_pid\{{worker="{name}"\}} ([0-9.e+]+)', text)
        return int(float(found.group(1))) if found else 0


def all_pids() -> Iterator[int]:
    """All processes of this machine."""
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _stat(pid: int) -> list[str]:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def started_at(pid: int) -> int:
    """Clock ticks from the machine's start to the process's: with it a number that was given out again is told apart;
    -1 when the process is gone."""
    fields = _stat(pid)
    return int(fields[19]) if fields else -1


def group_of(pid: int) -> int:
    """The process group, -1 when the process is gone."""
    fields = _stat(pid)
    return int(fields[2]) if fields else -1


def is_zombie(pid: int) -> bool:
    """True for a process that has ended and is not yet collected."""
    fields = _stat(pid)
    return not fields or fields[0] in "ZX"
