"""A real TURN server (coturn) on loopback, for views that may go no other way."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from running_server import free_port, listens, wait_until

USER, PASSWORD = "wachtel", 'of "two", words'


@dataclass(frozen=True, slots=True)
class Turn:
    """Where it listens, and what it has written."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}"


@contextmanager
def turn_server(folder: Path) -> Iterator[Turn]:
    """Skips where coturn is not installed."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("needs coturn: apt-get install coturn")
    turn = Turn(free_port(), folder / "turn.log")
    options = [
        "--no-tls", "--no-dtls", "--no-cli", "--no-stdout-log", "--simple-log", "--verbose",
        "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers", f"--log-file={turn.log}",
        f"--listening-port={turn.port}", "--lt-cred-mech", "--realm=wachtel.test", f"--user={USER}:{PASSWORD}",
        f"--pidfile={folder / 'turn.pid'}", f"--userdb={folder / 'turn.sqlite'}", "-c", "/dev/null",
    ]  # fmt: skip
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(turn.port), 20, "the TURN server listens")
        yield turn
    finally:
        process.terminate()
        process.wait(10)
