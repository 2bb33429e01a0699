"""Motion that cameras see themselves becomes signals, by the same door as the detector's.

One thread for each camera that was added by its device's address: it listens, and begins anew with patience after a
fault. Everything else happens in main's loop.
"""

import asyncio
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from wachtel.base.clock import Clock
from wachtel.base.errors import RETRY_HELPS, WachtelError
from wachtel.base.tasks import supervised
from wachtel.base.units import WallUs, microseconds
from wachtel.cameras.api import Device, DeviceOptions, WithMotion
from wachtel.cameras.drivers import driver_for
from wachtel.detectors.judging.wall_clock import WallClock
from wachtel.model.camera import Camera
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.device import MotionReport
from wachtel.model.event import SignalKind
from wachtel.pipeline.backoff import Backoff
from wachtel.pipeline.messages import SignalSeen
from wachtel.pipeline.watching import Edge, Signal
from wachtel.protocols.camera_url import parse_device_url
from wachtel.sources.trust import TrustFirst

log = logging.getLogger(__name__)

TELL_EVERY_S = 1.0
"""How often a motion that goes on is told again, so that another's end does not end the event."""
LONGEST_S = 300.0
"""A camera that never says that motion is over has lost its word on the way."""
CAMERA_SCORE = 0.5
"""Cameras give no measure of how sure they are."""
SLOW_RETRY_S = 600.0
"""After a wrong password, or from a camera without such events: more tries would lock the account."""


@dataclass(slots=True)
class CameraWord:
    """One camera's own word on motion, as signals. Pure: ``counts`` says whether motion counts at a time."""

    counts: Callable[[WallUs], bool]
    _active: set[str] = field(default_factory=set)
    _running: Signal | None = None
    _told: WallUs = field(default=WallUs(0))

    def take(self, report: MotionReport) -> Signal | None:
        """What a report changes."""
        if report.active:
            self._active.add(report.source)
        else:
            self._active.discard(report.source)
        if self._active and self._running is None and self.counts(report.at):
            at = report.at
            self._told = at
            self._running = Signal(SignalKind.MOTION, Edge.ON, at, at, at, CAMERA_SCORE)
            return self._running
        return self.lost(report.at) if not self._active else None

    def tick(self, now: WallUs) -> Signal | None:
        """What the passing of time changes."""
        running = self._running
        if running is None or now - self._told < microseconds(TELL_EVERY_S):
            return None
        if now - running.since > microseconds(LONGEST_S) or not self.counts(now):
            return self.lost(now)
        self._told = now
        self._running = replace(running, edge=Edge.UPDATE, at=now, last=now)
        return self._running

    def lost(self, at: WallUs) -> Signal | None:
        """The camera is silent from now on, or sees nothing any more."""
        running, self._running = self._running, None
        self._active.clear()
        if running is None:
            return None
        at = max(at, running.at)
        return replace(running, edge=Edge.OFF, at=at, last=at)


@dataclass(slots=True)
class _Ear:
    """What listens to one camera."""

    camera: Camera
    word: CameraWord
    trust: TrustFirst
    closed: threading.Event = field(default_factory=threading.Event)
    device: Device | None = None

    def close(self) -> None:
        self.closed.set()
        if self.device is not None:
            self.device.close()


class CameraMotionDesk:
    """Lives in main's loop; ``seen`` hears of the signals."""

    def __init__(
        self,
        clock: Clock,
        seen: Callable[[SignalSeen], None],
        learnt: Callable[[str, PinnedCertificate], None] = lambda *_: None,
    ) -> None:
        self._clock = clock
        self._seen = seen
        self._learnt = learnt
        self._ears: dict[str, _Ear] = {}

    def watch(self, camera: Camera) -> None:
        """Listens to this camera from now on, if its own word is wanted; called again when settings change."""
        known = self._ears.get(camera.id)
        if known is not None and _listening(known.camera) == _listening(camera):
            known.camera, known.word.counts = camera, _counting(camera)
            return
        self.forget(camera.id)
        if camera.device_url is None or not (camera.motion.enabled and camera.motion.from_camera):
            return
        trust = TrustFirst(camera.certificates, self._clock, partial(self._learnt, camera.id))
        ear = _Ear(camera, CameraWord(_counting(camera)), trust)
        self._ears[camera.id] = ear
        loop = asyncio.get_running_loop()
        name = f"motion of {camera.id}"
        threading.Thread(target=self._listen, args=(ear, loop), name=name, daemon=True).start()

    def forget(self, camera: str) -> None:
        """Listens no longer."""
        ear = self._ears.pop(camera, None)
        if ear is not None:
            ear.close()
            self._tell(ear, ear.word.lost(self._clock.wall_us()))

    def tick(self) -> None:
        """To be called some times a second."""
        for ear in self._ears.values():
            self._tell(ear, ear.word.tick(self._clock.wall_us()))

    def stop(self) -> None:
        """Ends everything."""
        for camera in list(self._ears):
            self.forget(camera)

    def _tell(self, ear: _Ear, signal: Signal | None) -> None:
        if signal is not None:
            self._seen(SignalSeen(ear.camera.id, signal, b""))

    def _heard(self, ear: _Ear, report: MotionReport | None) -> None:
        """In the loop; None when the camera cannot be heard any more."""
        if ear.closed.is_set():
            return
        word = ear.word
        self._tell(ear, word.lost(self._clock.wall_us()) if report is None else word.take(report))

    def _listen(self, ear: _Ear, loop: asyncio.AbstractEventLoop) -> None:
        backoff = Backoff(random.Random(ear.camera.id))
        while not ear.closed.is_set():
            began = self._clock.monotonic_s()
            failed = supervised(lambda: self._hear(ear, loop), f"motion of {ear.camera.id}")
            if not _call(loop, partial(self._heard, ear, None)) or ear.closed.is_set():
                return
            wait_s = backoff.failed(self._clock.monotonic_s() - began)
            if failed is not None:
                log.info("%s tells no motion: %s", ear.camera.id, failed)
                wait_s = wait_s if failed.kind in RETRY_HELPS else SLOW_RETRY_S
            self._clock.wait(ear.closed, wait_s)

    def _hear(self, ear: _Ear, loop: asyncio.AbstractEventLoop) -> WachtelError | None:
        """Until the camera falls silent."""
        url = parse_device_url(ear.camera.device_url or "")
        options = DeviceOptions(allow_local=ear.camera.allow_local, trust=ear.trust)
        device = driver_for(url.scheme).open(url, options, self._clock)
        ear.device = device
        try:
            if ear.closed.is_set() or not isinstance(device, WithMotion):
                ear.closed.set()
                return None
            for report in device.motion():
                if report is not None and not _call(loop, partial(self._heard, ear, report)):
                    break
        finally:
            device.close()
        return None


def _call(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> bool:
    """False when the loop is gone."""
    try:
        loop.call_soon_threadsafe(work)
    except RuntimeError:
        return False
    return True


def _counting(camera: Camera) -> Callable[[WallUs], bool]:
    clock, schedule = WallClock(camera.motion.time_zone), camera.motion.schedule
    return lambda at: clock.covers(schedule, at)


def _listening(camera: Camera) -> tuple[object, ...]:
    """What decides whether and where to listen."""
    wanted = camera.motion.enabled and camera.motion.from_camera
    return camera.device_url, wanted, camera.allow_local, camera.certificates
