"""The analysis worker process: decodes and looks. A crash or overload here costs no recording."""

import logging
import selectors
import socket
import time
from collections.abc import Callable
from typing import Any

from wachtel.base import plugins
from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import WachtelError
from wachtel.base.heap import keep_pictures
from wachtel.base.units import US_PER_S, MonoS
from wachtel.base.wire import Channel
from wachtel.model.stream import StreamName
from wachtel.pipeline.analysis_budget import AnalysisBudget
from wachtel.pipeline.ear import Ear
from wachtel.pipeline.messages import (
    AnalysisFigures,
    CandidatesSeen,
    ForgetCamera,
    FromTap,
    HearCamera,
    Ready,
    SignalSeen,
    SnapshotTaken,
    SoundHeard,
    TakeSnapshot,
    TapFormat,
    TapLoss,
    TapPacket,
    ToAnalysis,
    WatchCamera,
)
from wachtel.pipeline.tap_client import TapClient
from wachtel.pipeline.watched_camera import Choice, Seen, WatchedCamera
from wachtel.pipeline.watching import Edge

log = logging.getLogger(__name__)

TICK_S = 0.25
FIGURES_EVERY_S = 5.0


class AnalysisWorker:
    """One thread, one loop: orders from main, packets from media workers, signals to main."""

    def __init__(
        self, control: socket.socket, clock: Clock, cpu_s: Callable[[], float] = time.process_time
    ) -> None:
        self._control_socket = control
        self._control: Channel[ToAnalysis] = Channel(control, ToAnalysis)
        self._clock = clock
        self._taps: dict[str, TapClient] = {}
        self._cameras: dict[str, WatchedCamera] = {}
        self._tap_of: dict[str, TapClient] = {}
        self._ears: dict[str, tuple[Ear, TapClient]] = {}
        self._sound_taps: dict[str, TapClient] = {}
        self._wanted: dict[str, str] = {}
        self._told: dict[str, Choice] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ, None)
        self._next_tick = self._next_figures = MonoS(0.0)
        self._cpu_s = cpu_s
        self._budget = AnalysisBudget()
        self._going_on: list[SignalSeen] = []

    def run(self) -> None:
        """Works until main closes the control socket."""
        self._control.send(Ready())
        try:
            while True:
                self._connect_taps()
                for key, _ in self._selector.select(TICK_S):
                    self._take_from(key.data)
                if self._clock.monotonic_s() >= self._next_tick:
                    self._tick()
                self._tell_what_goes_on()
        except (EOFError, OSError):
            log.debug("main is gone")
        finally:
            for tap in (*self._taps.values(), *self._sound_taps.values()):
                tap.close()

    def _take_from(self, tap: TapClient | None) -> None:
        if tap is None:
            for order in self._control.receive():
                self._obey(order)
            return
        known = tap.socket
        take = self._sound if tap in self._sound_taps.values() else self._packet
        for message in tap.receive():
            take(message)
        if tap.socket is None and known is not None:
            self._selector.unregister(known)

    def _connect_taps(self) -> None:
        for tap in (*self._taps.values(), *self._sound_taps.values()):
            connected = tap.connect()
            if connected is not None:
                self._selector.register(connected, selectors.EVENT_READ, tap)

    def _obey(self, order: ToAnalysis) -> None:
        match order:
            case WatchCamera():
                self._forget(order.camera)
                driver = plugins.load("wachtel.detectors", "motion")
                self._cameras[order.camera] = WatchedCamera(order.camera, order.stream, order.motion, driver)
                self._tap_of[order.camera] = self._taps.setdefault(order.tap, TapClient(order.tap))
                self._ask(order.camera)
            case ForgetCamera(camera):
                self._forget(camera)
            case HearCamera():
                self._hear(order)
            case TakeSnapshot(ticket, camera):
                watched = self._cameras.get(camera)
                self._control.send(SnapshotTaken(ticket, watched.snapshot() if watched else b""))

    def _hear(self, order: HearCamera) -> None:
        known = self._ears.pop(order.camera, None)
        if known is not None:
            ear, tap = known
            self._tell_sounds(ear.stop())
            tap.want(order.camera, ear.stream, "none")
        if order.wishes:
            tap = self._sound_taps.setdefault(order.tap, TapClient(order.tap))
            self._ears[order.camera] = Ear(order.camera, order.stream, order.wishes), tap
            tap.want(order.camera, order.stream, "sound")

    def _sound(self, message: FromTap) -> None:
        ear, _ = self._ears.get(message.camera, (None, None))
        if ear is None or ear.stream is not message.stream:
            return
        match message:
            case TapFormat():
                ear.format(message.format)
            case TapPacket():
                self._tell_sounds(ear.packet(message))

    def _tell_sounds(self, heard: list[SoundHeard]) -> None:
        for one in heard:
            self._control.send(one)

    def _forget(self, camera: str) -> None:
        watched = self._cameras.pop(camera, None)
        if watched is not None:
            self._report(watched, watched.stop())
            self._keep_candidates(watched, all=True)
            self._wanted.pop(camera, None)
            self._told.pop(camera, None)
            self._tap_of.pop(camera).want(camera, watched.stream, "none")

    def _packet(self, message: FromTap) -> None:
        watched = self._cameras.get(message.camera)
        if watched is None or watched.stream is not message.stream:
            return
        try:
            match message:
                case TapFormat():
                    self._report(watched, watched.format(message.format))
                case TapPacket():
                    self._heed_lateness(watched, message)
                    self._report(watched, watched.packet(message))
                case TapLoss():
                    watched.lost(message.packets)
        except WachtelError as error:
            log.warning("camera %s cannot be analysed: %s", message.camera, error)
        self._ask(message.camera)

    def _heed_lateness(self, watched: WatchedCamera, packet: TapPacket) -> None:
        if not packet.cached:
            watched.late_s = max(watched.late_s, (self._clock.wall_us() - packet.at) / US_PER_S)

    def _keep_budget(self) -> None:
        """Overload costs pictures looked at, never recording; which cameras it costs them is decided here."""
        may_be = [one for one in self._cameras.values() if one.may_be_shed]
        willing = [one.camera for one in sorted(may_be, key=lambda one: not one.sees_itself)]
        before = len(self._budget.shed)
        late_s = max((one.late_s for one in self._cameras.values()), default=0.0)
        self._budget.judge(self._clock.monotonic_s(), self._cpu_s(), late_s, willing)
        if len(self._budget.shed) != before:
            log.warning("analysis: %d of %d cameras in economy", len(self._budget.shed), len(self._cameras))
        for camera, watched in self._cameras.items():
            watched.shed(camera in self._budget.shed)
            self._ask(camera)

    def _ask(self, camera: str) -> None:
        """Tells the tap when the camera's policy wants more or fewer packets than before, and main of the policy."""
        watched = self._cameras[camera]
        if watched.choice != self._told.get(camera):
            self._tell_figures(watched)
        if self._wanted.get(camera) != watched.want:
            self._wanted[camera] = watched.want
            self._tap_of[camera].want(camera, StreamName(watched.stream), watched.want)

    def _report(self, watched: WatchedCamera, seen: list[Seen]) -> None:
        for one in seen:
            message = SignalSeen(watched.camera, one.signal, one.snapshot, one.boxes, one.quality)
            if one.signal.edge is Edge.UPDATE:
                self._going_on.append(message)
            else:
                self._tell_what_goes_on()
                self._control.send(message)

    def _tell_what_goes_on(self) -> None:
        """All together: main is woken once, and nobody waits for it."""
        going_on, self._going_on = self._going_on, []
        self._control.send(*going_on)

    def _keep_candidates(self, watched: WatchedCamera, *, all: bool = False) -> None:
        for chunk in watched.candidates(all=all):
            self._control.send(CandidatesSeen(watched.camera, chunk))

    def _tick(self) -> None:
        now = self._clock.wall_us()
        self._next_tick = MonoS(self._clock.monotonic_s() + TICK_S)
        for watched in self._cameras.values():
            self._report(watched, watched.elapsed(now))
            self._keep_candidates(watched)
        for ear, _ in self._ears.values():
            self._tell_sounds(ear.elapsed(now))
        if self._clock.monotonic_s() >= self._next_figures:
            self._next_figures = MonoS(self._clock.monotonic_s() + FIGURES_EVERY_S)
            self._keep_budget()
            for watched in self._cameras.values():
                self._tell_figures(watched)
                watched.late_s = 0.0

    def _tell_figures(self, one: WatchedCamera) -> None:
        if one.choice is not None:
            self._told[one.camera] = one.choice
            self._control.send(AnalysisFigures(one.camera, one.pictures, one.losses, one.late_s, *one.choice))


def analysis_worker(control: socket.socket, *_: Any) -> None:
    """Entry of the process."""
    keep_pictures()
    AnalysisWorker(control, SystemClock()).run()
