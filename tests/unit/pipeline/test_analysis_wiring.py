"""The analysis worker under load: it says which camera it watches with economy, and asks the tap for less."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from wachtel.base.wire import Channel
from wachtel.model.camera import MotionSettings
from wachtel.model.stream import Codec, StreamFormat, StreamName, VideoFormat
from wachtel.pipeline.analysis_worker import FIGURES_EVERY_S, AnalysisWorker
from wachtel.pipeline.messages import AnalysisFigures, FromAnalysis, Tap, TapFormat, WatchCamera
from wachtel.testing.clock import FakeClock

FORMAT = StreamFormat(VideoFormat(Codec.H264, 640, 360, (b"sps", b"pps")))
CAMERAS = ("tor", "garten")
WAIT_S = 30.0


class Machine:
    """A worker in a thread, with main's end of its control socket and the media worker's end of its tap."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.cpu_s = FakeClock(), 0.0
        ours, theirs = socket.socketpair()
        ours.settimeout(WAIT_S)
        self.main: Channel[FromAnalysis] = Channel(ours, FromAnalysis)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.settimeout(WAIT_S)
        self._path = str(folder / "tap")
        self._listener.bind(self._path)
        self._listener.listen()
        worker = AnalysisWorker(theirs, self.clock, lambda: self.cpu_s)
        self._theirs, self._thread = theirs, threading.Thread(target=worker.run)
        self._thread.start()

    def watch(self, cameras: tuple[str, ...]) -> None:
        """Orders the worker to watch them, and sends the formats of their streams."""
        for camera in cameras:
            self.main.send(WatchCamera(camera, StreamName.SUB, self._path, MotionSettings()))
        connection, _ = self._listener.accept()
        connection.settimeout(WAIT_S)
        self.tap: Channel[Tap] = Channel(connection, Tap)
        for camera in cameras:
            self.tap.send(TapFormat(camera, StreamName.SUB, FORMAT))

    def policies_after(self, share: float, seen: int) -> dict[str, str]:
        """What the worker says of the cameras in its next figures, this share of a core spent since the last."""
        self.cpu_s += share * FIGURES_EVERY_S
        self.clock.advance(FIGURES_EVERY_S)
        policies: dict[str, str] = {}
        while len(policies) < seen:
            figures = [one for one in self.main.receive() if isinstance(one, AnalysisFigures)]
            policies |= {one.camera: one.policy for one in figures}
        return policies

    def wanted_of(self, camera: str, want: str) -> None:
        """Waits until the worker asks the tap for this."""
        while not any((one.camera, one.want) == (camera, want) for one in self.tap.receive()):
            pass

    def close(self) -> None:
        """Ends the worker as main's end would."""
        self.main.close()
        self._thread.join(WAIT_S)
        for one in (self._theirs, self._listener):
            one.close()
        self.tap.close()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.close()


def test_an_overloaded_worker_says_and_does_economy(machine: Machine) -> None:
    machine.watch(CAMERAS)
    for _ in range(3):
        machine.policies_after(0.3, len(CAMERAS))
    policies = machine.policies_after(0.95, len(CAMERAS))
    assert policies == {"tor": "key_frames", "garten": "every_frame"}
    machine.wanted_of("tor", "keys")
