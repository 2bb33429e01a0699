"""What others at the broker want: the newest wish counts, and nothing is done more often than once a second."""

import asyncio
import logging
from typing import Protocol

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.model.camera import Camera, RecordingMode
from wachtel.model.rule import ArmState
from wachtel.protocols.mqtt.topics import Arm, SetDetection, SetMode, SetRecording, Wish

log = logging.getLogger(__name__)

PAUSE_S = 1.0
MOST_WAITING = 500


class Control(Protocol):
    """What may be changed. All raise `WachtelError`."""

    async def camera(self, camera: str) -> Camera | None: ...

    async def detection(self, camera: Camera, on: bool, /) -> None: ...

    async def mode(self, camera: Camera, mode: RecordingMode, /) -> None: ...

    async def arm(self, site: str, state: ArmState, code: str, /) -> None: ...


class Wishes:
    """Lives in the loop."""

    def __init__(self, control: Control, clock: Clock) -> None:
        self._control = control
        self._clock = clock
        self._waiting: dict[tuple[type[Wish], str], Wish] = {}
        self._modes: dict[str, RecordingMode] = {}
        self._wake = asyncio.Event()

    def take(self, wish: Wish) -> None:
        """Never waits; a newer wish for the same takes the place of an older one."""
        key = (type(wish), wish.site if isinstance(wish, Arm) else wish.camera)
        if key in self._waiting or len(self._waiting) < MOST_WAITING:
            self._waiting[key] = wish
            self._wake.set()

    async def run(self) -> None:
        """Does what was asked for."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = self._waiting, {}
            for wish in waiting.values():
                try:
                    await self._do(wish)
                except WachtelError as error:
                    log.warning("what was asked for by MQTT was not done: %s", error)
            await self._clock.sleep(PAUSE_S)

    async def _do(self, wish: Wish) -> None:
        if isinstance(wish, Arm):
            await self._control.arm(wish.site, wish.state, wish.code)
            return
        camera = await self._control.camera(wish.camera)
        if camera is None:
            return
        match wish:
            case SetDetection(on=on):
                if camera.motion.enabled is not on:
                    await self._control.detection(camera, on)
            case SetRecording() | SetMode():
                await self._keep(camera, self._wanted_mode(camera, wish))

    def _wanted_mode(self, camera: Camera, wish: SetRecording | SetMode) -> RecordingMode:
        if isinstance(wish, SetMode):
            return wish.mode
        if not wish.on:
            return RecordingMode.OFF
        if camera.mode is not RecordingMode.OFF:
            return camera.mode
        return self._modes.get(camera.id, RecordingMode.CONTINUOUS)

    async def _keep(self, camera: Camera, mode: RecordingMode) -> None:
        if camera.mode is mode:
            return
        if camera.mode is not RecordingMode.OFF:
            self._modes[camera.id] = camera.mode
        await self._control.mode(camera, mode)
