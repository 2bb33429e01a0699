"""The analysis worker between tap and main: economy under load, and in which order signals are told."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from media_samples import encoded

from wachtel.base import plugins
from wachtel.base.wire import Channel
from wachtel.detectors.api import Detector, Picture
from wachtel.model.camera import Analysis, MotionSettings
from wachtel.model.event import Motion
from wachtel.model.stream import Codec, StreamFormat, StreamName, VideoFormat
from wachtel.pipeline.analysis_worker import FIGURES_EVERY_S, AnalysisWorker
from wachtel.pipeline.messages import (
    AnalysisFigures,
    ForgetCamera,
    FromAnalysis,
    SignalSeen,
    Tap,
    TapFormat,
    WatchCamera,
    tap_packet,
)
from wachtel.pipeline.watching import Edge
from wachtel.testing.clock import FakeClock

FORMAT = StreamFormat(VideoFormat(Codec.H264, 640, 360, (b"sps", b"pps")))
CAMERAS = ("tor", "garten")
WAIT_S = 30.0
USUAL, SHORT = ("every_frame", "usual"), ("key_frames", "budget")


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

    def watch(
        self, cameras: tuple[str, ...], *settings: MotionSettings, format: StreamFormat = FORMAT
    ) -> None:
        """Orders the worker to watch them, and sends the formats of their streams."""
        for camera, motion in zip(cameras, settings or [MotionSettings()] * len(cameras), strict=True):
            self.main.send(WatchCamera(camera, StreamName.SUB, self._path, motion))
        connection, _ = self._listener.accept()
        connection.settimeout(WAIT_S)
        self.tap: Channel[Tap] = Channel(connection, Tap)
        for camera in cameras:
            self.tap.send(TapFormat(camera, StreamName.SUB, format))

    def first_shed(self) -> str:
        """Nearly all of a core is spent until a camera is in economy for that; which one."""
        while True:
            self._spend(0.95)
            for one in self._figures():
                if (one.policy, one.reason) == SHORT:
                    return one.camera

    def _figures(self) -> list[AnalysisFigures]:
        return [one for one in self.main.receive() if isinstance(one, AnalysisFigures)]

    def _spend(self, share: float) -> None:
        self.cpu_s += share * FIGURES_EVERY_S
        self.clock.advance(FIGURES_EVERY_S)

    def policies(self, enough: Callable[[dict[str, tuple[str, str]]], bool]) -> dict[str, tuple[str, str]]:
        """What the worker says until that is enough."""
        told: dict[str, tuple[str, str]] = {}
        while not enough(told):
            told |= {one.camera: (one.policy, one.reason) for one in self._figures()}
        return told

    def signals(self, last: Callable[[SignalSeen], bool]) -> Iterator[SignalSeen]:
        """What is told of motion, up to the last one."""
        while True:
            for one in self.main.receive():
                if isinstance(one, SignalSeen):
                    yield one
                    if last(one):
                        return

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
    usual = machine.policies(lambda told: len(told) == len(CAMERAS))
    assert usual == dict.fromkeys(CAMERAS, USUAL)
    assert machine.first_shed() == "tor"
    machine.wanted_of("tor", "keys")


def test_who_sees_motion_itself_is_the_first_to_go_to_economy(machine: Machine) -> None:
    machine.watch(CAMERAS, MotionSettings(from_camera=False), MotionSettings())
    machine.policies(lambda told: len(told) == len(CAMERAS))
    assert machine.first_shed() == "garten"


def test_what_the_owner_chose_is_said_at_once(machine: Machine) -> None:
    machine.watch(("tor",), MotionSettings(analysis=Analysis.CAMERA))
    assert machine.policies(bool) == {"tor": ("camera", "settings")}


class Mover:
    """Sees motion in every picture."""

    picture_size = (48, 32)
    most_fps = 100.0

    def look(self, picture: Picture) -> Motion | None:
        return Motion(picture.at, picture.at, 0.9)

    def suspicious(self) -> bool:
        return True

    def create(self, settings: MotionSettings, width: int, height: int) -> Detector:
        return Mover()


def test_that_motion_goes_on_is_told_for_all_cameras_together(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "load", lambda group, name: Mover())
    sample = encoded(frames=90, gop=10)
    machine.watch(CAMERAS, format=sample.format)
    machine.tap.send(
        *(
            tap_packet(camera, StreamName.SUB, packet, packet.arrival, cached=False)
            for packet in sample.packets
            for camera in CAMERAS
        )
    )
    going_on = list(machine.signals(lambda one: one.camera == "garten" and one.signal.edge is Edge.UPDATE))
    machine.main.send(ForgetCamera("tor"))
    told = [*going_on, *machine.signals(lambda one: one.signal.edge is Edge.OFF)]
    edges = [(one.camera, one.signal.edge) for one in told]
    assert edges[:2] == [("tor", Edge.ON), ("garten", Edge.ON)]
    assert edges[-1] == ("tor", Edge.OFF)
    updates = [one for one in told if one.signal.edge is Edge.UPDATE]
    assert {one.camera for one in updates[:2]} == set(CAMERAS)
    assert updates[0].signal.at == updates[1].signal.at
