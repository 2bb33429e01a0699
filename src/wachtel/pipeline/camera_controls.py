"""Cameras that turn, zoom and switch: one conversation with each, one question at a time, and an end to every movement.

A movement is only as long as somebody keeps asking for it: who lets go of a button says so, and who is cut off says
nothing, which stops the camera just the same.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.base.units import MonoS
from wachtel.cameras.api import Device, DeviceOptions, WithEncoder, WithMovement, WithRelays
from wachtel.cameras.drivers import driver_for
from wachtel.model.camera import Camera
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.device import EncoderSettings, Preset, Reach, Relay, SubStreamPlan
from wachtel.protocols.camera_url import parse_device_url
from wachtel.sources.trust import TrustFirst

HELD_S = 1.5
"""A movement ends so long after it was last asked for."""
REPEAT_S = 2.0
"""Devices that limit a movement themselves are told again before it ends."""
STOP_TRIES = 5
STOP_AGAIN_S = 0.5
WRONG_PASSWORD_REST_S = 60.0
"""Further tries with a password that was refused lock accounts."""

LONG_AGO = MonoS(-math.inf)
Speeds = tuple[float, float, float]
STILL: Speeds = (0.0, 0.0, 0.0)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Controls:
    """What can be done with a camera; ``reach`` is None for one that cannot be moved."""

    reach: Reach | None = None
    presets: Sequence[Preset] = ()
    relays: Sequence[Relay] = ()


@dataclass(slots=True)
class _Grip:
    """One camera in hand."""

    camera: Camera
    trust: TrustFirst
    device: Device | None = None
    refused: WachtelError | None = None
    refused_until: MonoS = LONG_AGO
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: Speeds = STILL
    until: MonoS = LONG_AGO
    sent: Speeds | None = STILL
    sent_at: MonoS = LONG_AGO
    moving: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list["asyncio.Future[None]"] = field(default_factory=list)

    def let_go(self) -> None:
        device, self.device = self.device, None
        if device is not None:
            device.close()


class ControlDesk:
    """Lives in main's loop; the talking is done in threads, which call ``learnt`` with certificates they have seen."""

    def __init__(
        self, clock: Clock, learnt: Callable[[str, PinnedCertificate], None] = lambda *_: None
    ) -> None:
        self._clock = clock
        self._learnt = learnt
        self._grips: dict[str, _Grip] = {}
        self._tasks = TaskSupervisor(clock)

    async def controls(self, camera: Camera) -> Controls:
        """What this camera offers. Raises `WachtelError` when it does not answer."""
        if camera.device_url is None:
            return Controls()
        return await self._ask(camera, _offered)

    async def go_to(self, camera: Camera, preset: str) -> None:
        """Turns the camera to a preset. Raises `WachtelError` (not_found ...)."""
        await self._ask(camera, lambda device: _movable(device).go_to(preset))

    async def switch(self, camera: Camera, relay: str, *, on: bool) -> None:
        """Switches an output. Raises `WachtelError` (not_found ...)."""
        await self._ask(camera, lambda device: _switchable(device).switch(relay, on=on))

    async def sub_stream(self, camera: Camera) -> SubStreamPlan:
        """How the camera's small stream is set, and how it should be. Raises `WachtelError`."""
        return await self._ask(camera, lambda device: _tunable(device).sub_stream())

    async def set_sub_stream(self, camera: Camera, settings: EncoderSettings) -> SubStreamPlan:
        """Sets it; the owner's consent is the caller's. Raises `WachtelError`."""
        return await self._ask(camera, lambda device: _tunable(device).set_sub_stream(settings))

    async def move(self, camera: Camera, speeds: Speeds) -> None:
        """Pan, tilt and zoom, -1..1 each, until `HELD_S` from now; all zero stops at once.

        Returns when the camera has been told. Raises `WachtelError` when it cannot be.
        """
        grip = self._grip(camera)
        grip.wanted = speeds
        grip.until = MonoS(self._clock.monotonic_s() + (HELD_S if speeds != STILL else 0.0))
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        grip.asked.append(told)
        grip.changed.set()
        if not grip.moving:
            grip.moving = True
            self._tasks.keep(f"movement of {camera.id}", lambda: self._drive(camera, grip))
        await told

    def forget(self, camera: str) -> None:
        """The camera was changed or removed."""
        grip = self._grips.pop(camera, None)
        if grip is not None:
            grip.let_go()

    async def close(self) -> None:
        """Stops what moves and lets go of all."""
        for grip in self._grips.values():
            grip.until = LONG_AGO
            grip.changed.set()
        moving = [grip for grip in self._grips.values() if grip.moving]
        for _ in range(20):
            if not any(grip.moving for grip in moving):
                break
            await self._clock.sleep(0.05)
        await self._tasks.close()
        for camera in list(self._grips):
            self.forget(camera)

    async def _drive(self, camera: Camera, grip: _Grip) -> None:
        """Tells the camera what is wanted until that is to stand still."""
        tries = 0
        while True:
            grip.changed.clear()
            asked, grip.asked = grip.asked, []
            now = self._clock.monotonic_s()
            wanted = grip.wanted if now < grip.until else STILL
            failed = await self._tell(camera, grip, wanted, now)
            for told in asked:
                _settle(told, failed)
            tries = tries + 1 if failed is not None else 0
            if failed is not None:
                grip.until = LONG_AGO
            if not grip.asked and (grip.sent == STILL or tries > STOP_TRIES or _hopeless(failed)):
                grip.moving = False
                return
            await self._pause(grip, STOP_AGAIN_S if failed is not None else self._rest_s(grip))

    async def _tell(self, camera: Camera, grip: _Grip, wanted: Speeds, now: MonoS) -> WachtelError | None:
        fresh = now - grip.sent_at < REPEAT_S or wanted == STILL
        if grip.sent == wanted and fresh:
            return None
        grip.sent, grip.sent_at = None, now

        def work(device: Device) -> None:
            movable = _movable(device)
            movable.stop() if wanted == STILL else movable.move(*wanted)

        try:
            await self._ask(camera, work, grip)
        except WachtelError as error:
            return error
        grip.sent = wanted
        return None

    def _rest_s(self, grip: _Grip) -> float:
        now = self._clock.monotonic_s()
        return max(0.01, min(grip.until - now, grip.sent_at + REPEAT_S - now))

    async def _pause(self, grip: _Grip, seconds: float) -> None:
        waits = [
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(_until(grip.changed)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _grip(self, camera: Camera) -> _Grip:
        if camera.device_url is None:
            raise lacks_device()
        grip = self._grips.get(camera.id)
        if grip is None or not _same_door(grip, camera):
            self.forget(camera.id)
            trust = TrustFirst(camera.certificates, self._clock, partial(self._learnt, camera.id))
            grip = self._grips[camera.id] = _Grip(camera, trust)
        return grip

    async def _ask(self, camera: Camera, work: Callable[[Device], T], grip: _Grip | None = None) -> T:
        grip = grip or self._grip(camera)
        async with grip.turn:
            if grip.refused is not None and self._clock.monotonic_s() < grip.refused_until:
                raise grip.refused
            grip.refused = None
            try:
                return await asyncio.to_thread(self._at_work, grip, work)
            except WachtelError as error:
                if error.kind is ErrorKind.WRONG_PASSWORD:
                    grip.refused = error
                    grip.refused_until = MonoS(self._clock.monotonic_s() + WRONG_PASSWORD_REST_S)
                if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.INVALID):
                    grip.let_go()
                raise

    def _at_work(self, grip: _Grip, work: Callable[[Device], T]) -> T:
        if grip.device is None:
            url = parse_device_url(grip.camera.device_url or "")
            options = DeviceOptions(allow_local=grip.camera.allow_local, trust=grip.trust)
            grip.device = driver_for(url.scheme).open(url, options, self._clock)
        return work(grip.device)


def _same_door(grip: _Grip, camera: Camera) -> bool:
    """Whether the camera is still spoken to in the same way; certificates that were learnt since change nothing."""
    known = {pin.at: pin.sha256 for pin in grip.trust.known}
    same = all(known.get(pin.at, pin.sha256) == pin.sha256 for pin in camera.certificates)
    before = grip.camera
    return same and (before.device_url, before.allow_local) == (camera.device_url, camera.allow_local)


def lacks_device() -> WachtelError:
    """For cameras that are known by their streams alone."""
    return WachtelError(
        ErrorKind.INVALID,
        "Only a camera that was added by its device's address can be moved and switched from here.",
        code="device_lacks",
        hint="Add it by onvif://user:password@ and its address.",
    )


def _offered(device: Device) -> Controls:
    reach, presets = None, ()  # type: tuple[Reach | None, Sequence[Preset]]
    if isinstance(device, WithMovement):
        try:
            reach, presets = device.reach(), device.presets()
        except WachtelError as error:
            if error.kind is not ErrorKind.NOT_FOUND and error.code != "onvif_refuses":
                raise
    return Controls(reach, presets, device.relays() if isinstance(device, WithRelays) else ())


def _movable(device: Device) -> WithMovement:
    if not isinstance(device, WithMovement):
        raise WachtelError(ErrorKind.NOT_FOUND, "The camera does not offer movement.", code="device_lacks")
    return device


def _switchable(device: Device) -> WithRelays:
    if not isinstance(device, WithRelays):
        raise WachtelError(ErrorKind.NOT_FOUND, "The camera does not offer outputs.", code="device_lacks")
    return device


def _tunable(device: Device) -> WithEncoder:
    if not isinstance(device, WithEncoder):
        raise WachtelError(ErrorKind.NOT_FOUND, "The camera cannot be set up from here.", code="device_lacks")
    return device


def _settle(told: "asyncio.Future[None]", failed: WachtelError | None) -> None:
    if told.done():
        return
    if failed is None:
        told.set_result(None)
    else:
        told.set_exception(failed)


def _hopeless(failed: WachtelError | None) -> bool:
    return failed is not None and not failed.retryable


async def _until(event: asyncio.Event) -> None:
    await event.wait()
