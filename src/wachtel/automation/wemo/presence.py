"""Cameras as Wemo motion sensors: what happens goes to the process that shows them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from wachtel.automation.wemo.motion_states import MotionStates
from wachtel.automation.wemo.shown import ShownBook, WemoShown
from wachtel.base.clock import Clock, next_tick
from wachtel.base.errors import WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.model.camera import CameraCondition, StreamState
from wachtel.model.event import Event
from wachtel.model.live import Announcement, CameraChanged, EventChanged
from wachtel.model.stream import StreamName
from wachtel.pipeline.wemo_sensors.messages import (
    FromSensors,
    Listening,
    SensorsUp,
    SetMotion,
    Show,
    ShownCamera,
    Unheard,
)
from wachtel.pipeline.worker_process import WorkerProcess
from wachtel.storage.state import State

log = logging.getLogger(__name__)

STOP_PATIENCE_S = 6.0


class Happenings(Protocol):
    """What happens in the house."""

    def subscribe(self) -> AsyncIterator[Announcement]: ...


class CameraStates(Protocol):
    """How cameras are."""

    def of(self, camera: str) -> Mapping[StreamName, StreamState]: ...


@dataclass(frozen=True, slots=True)
class ShownSensor:
    """How a shown camera looks from outside. ``urls`` is empty while it is not visible."""

    camera: str
    name: str
    serial: str
    hold_s: float
    on: bool
    urls: tuple[str, ...]


class WemoPresence:
    """Created inside the loop; `start` first, `close` last. The process runs only while a camera is shown."""

    def __init__(self, state: State, happenings: Happenings, states: CameraStates, clock: Clock) -> None:
        self.book = ShownBook(state.settings)
        self.troubles: dict[str, str] = {}
        self._state = state
        self._happenings = happenings
        self._states = states
        self._clock = clock
        self._shown = WemoShown()
        self._names: dict[str, str] = {}
        self._motion = MotionStates()
        self._urls: dict[str, tuple[str, ...]] = {}
        self._tasks = TaskSupervisor(clock)
        self._worker: WorkerProcess[FromSensors] | None = None
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Shows what is set to be shown."""
        self._tasks.keep("cameras as sensors", self._listen)
        self._tasks.keep("holds of sensors", self._tick)
        await self._load()

    async def close(self) -> None:
        """Says goodbye and stops."""
        await self._stop()
        await self._tasks.close()

    async def show(self, camera: str, hold_s: float) -> None:
        """Shows a camera from now on. Raises `WachtelError` (invalid)."""
        await asyncio.to_thread(self.book.show, camera, hold_s)
        await self._load()

    async def hide(self, camera: str) -> None:
        """Shows it no more."""
        await asyncio.to_thread(self.book.hide, camera)
        await self._load()

    async def listen_at(self, addresses: list[str]) -> None:
        """Shows cameras at these own addresses only. Raises `WachtelError` (invalid)."""
        await asyncio.to_thread(self.book.listen_at, addresses)
        await self._load()

    def addresses(self) -> tuple[str, ...]:
        """Where cameras are shown."""
        return self._shown.addresses

    def sensors(self) -> list[ShownSensor]:
        """Every shown camera as others see it."""
        return [
            ShownSensor(
                camera,
                self._names[camera],
                self._shown.serial(camera),
                self._shown.cameras[camera],
                self._motion.is_on(camera),
                self._urls.get(camera, ()),
            )
            for camera in self._names
        ]

    async def _load(self) -> None:
        async with self._changing:
            shown, names = await asyncio.to_thread(self._read)
            if (shown, names) == (self._shown, self._names):
                return
            self._shown, self._names = shown, names
            self._motion.show({camera: shown.cameras[camera] for camera in names})
            for camera in names:
                self._look(camera)
            if names and shown.addresses:
                await self._run()
            else:
                await self._stop()

    def _read(self) -> tuple[WemoShown, dict[str, str]]:
        shown = self.book.get()
        known = [self._state.cameras.get(camera) for camera in sorted(shown.cameras)]
        return shown, {one.id: one.name for one in known if one is not None}

    async def _run(self) -> None:
        if self._worker is None:
            worker: WorkerProcess[FromSensors] = WorkerProcess(
                "wemo-sensors-0",
                "wachtel.pipeline.wemo_sensors.worker:sensors_worker",
                (),
                FromSensors,
                self._clock,
                on_start=self._tell_all,
                on_message=self._take,
                on_death=self._urls.clear,
            )
            self._worker = worker
            self._tasks.keep(worker.name, worker.run)
        else:
            self._tell_all()

    async def _stop(self) -> None:
        worker, self._worker = self._worker, None
        self._urls.clear()
        self.troubles.clear()
        if worker is not None:
            await worker.end(STOP_PATIENCE_S)

    def _tell_all(self) -> None:
        self.troubles.clear()
        cameras = [
            ShownCamera(camera, self._shown.serial(camera), name, self._motion.is_on(camera))
            for camera, name in self._names.items()
            if self._motion.is_visible(camera)
        ]
        if self._worker is not None:
            self._worker.send(Show(list(self._shown.addresses), cameras))

    def _take(self, message: FromSensors) -> None:
        match message:
            case Listening(camera, urls):
                self._urls[camera] = tuple(urls)
            case Unheard(address, what):
                log.warning("cameras cannot be shown at %s: %s", address, what)
                self.troubles[address] = what
            case SensorsUp():
                pass

    async def _listen(self) -> None:
        async for news in self._happenings.subscribe():
            match news:
                case EventChanged(event):
                    self._event(event)
                case CameraChanged(camera) if camera in self._names:
                    self._look(camera)
                    await self._reload()

    async def _reload(self) -> None:
        try:
            await self._load()
        except WachtelError as error:
            log.warning("what is shown as a sensor cannot be read: %s", error)

    def _event(self, event: Event) -> None:
        if event.end is not None:
            self._motion.ended(event.camera, event.id, self._clock.monotonic_s())
        elif self._motion.began(event.camera, event.id):
            self._say(event.camera)

    def _look(self, camera: str) -> None:
        """Whether the camera gives pictures."""
        state = self._states.of(camera).get(StreamName.MAIN)
        if state is not None and state.condition is CameraCondition.LIVE:
            if self._motion.back(camera):
                self._tell_all()
        elif self._motion.away(camera, self._clock.monotonic_s()):
            self._say(camera)

    def _say(self, camera: str) -> None:
        if self._worker is not None:
            self._worker.send(SetMotion(camera, self._motion.is_on(camera)))

    async def _tick(self) -> None:
        while True:
            await next_tick(self._clock)
            off, hidden = self._motion.tick(self._clock.monotonic_s())
            for camera in off:
                self._say(camera)
            if hidden:
                self._tell_all()
