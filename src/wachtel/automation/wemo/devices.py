"""The process for Wemo devices as main sees it: orders go in, outcomes and what sensors say come out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from wachtel.actuators.api import Command
from wachtel.actuators.wemo import driver
from wachtel.actuators.wemo.messages import (
    Done,
    Drive,
    FetchRules,
    FromWemo,
    KnowDevice,
    Listen,
    Moved,
    Place,
    Sensed,
    Unlisten,
    WorkerUp,
)
from wachtel.actuators.wemo.settings import WemoSettings
from wachtel.automation.actuators import settings_of
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.base.wire import Message
from wachtel.pipeline.worker_process import WorkerProcess
from wachtel.storage.state.actuators import Actuators

log = logging.getLogger(__name__)

DRIVE_PATIENCE_S = 12.0
FETCH_PATIENCE_S = 40.0
STOP_PATIENCE_S = 6.0
KIND = "wemo"

Heard = Callable[[str, str], Awaitable[None]]
"""Called with a device's unique name and what its sensor says."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    outcome: asyncio.Future[bytes]
    message: Message


class WemoDevices:
    """Created inside the loop. The process starts with the first device that anybody has to do with."""

    def __init__(self, actuators: Actuators, clock: Clock, heard: Heard) -> None:
        self._actuators = actuators
        self._clock = clock
        self._heard = heard
        self._given: dict[str, Place] = {}
        self._places: dict[str, Place] = {}
        self._listening: dict[str, Place] = {}
        self._waiting: dict[int, _Waiting] = {}
        self._number = 0
        self._tasks = TaskSupervisor(clock)
        self._started = False
        self.worker: WorkerProcess[FromWemo] = WorkerProcess(
            "wemo-0",
            "wachtel.actuators.wemo.worker:wemo_worker",
            (),
            FromWemo,
            clock,
            on_start=self._begin,
            on_message=self._take,
            on_death=self._died,
        )

    async def start(self) -> None:
        """Takes orders from now on, and gets acquainted with the devices that rules drive."""
        driver.attach(self)
        for settings in await asyncio.to_thread(self._known):
            self._remember(settings)

    def _known(self) -> list[WemoSettings]:
        found = []
        for actuator in self._actuators.all():
            if actuator.kind == KIND:
                settings = settings_of(driver, self._actuators.settings(actuator.id))
                if settings is not None:
                    found.append(settings)
        return found

    def _remember(self, settings: WemoSettings) -> Place:
        """Where it is: where it was found last, unless it was entered anew since."""
        given = Place(settings.udn, settings.host, settings.port)
        if self._given.get(given.udn) != given:
            self._given[given.udn] = self._places[given.udn] = given
            self._send(KnowDevice(given))
        return self._places[given.udn]

    async def drive(self, command: Command, settings: WemoSettings) -> None:
        """As `WemoHands.drive`. Raises `WachtelError`."""
        place = self._remember(settings)
        self_off_s = settings.self_off_s if command.on else 0
        await self._asked(
            lambda number: Drive(number, place, command.on, command.level, self_off_s), DRIVE_PATIENCE_S
        )

    async def rules_of(self, place: Place) -> bytes:
        """The file with the rules a device keeps, as it gives it. Raises `WachtelError`."""
        return await self._asked(lambda number: FetchRules(number, place), FETCH_PATIENCE_S)

    def listen(self, places: Iterable[Place]) -> None:
        """Whose sensors are heard from now on; no others are."""
        wanted = {place.udn: place for place in places}
        for udn in self._listening.keys() - wanted.keys():
            self._send(Unlisten(udn))
        for udn in wanted.keys() - self._listening.keys():
            self._send(Listen(wanted[udn]))
        self._listening = wanted

    async def close(self) -> None:
        """Ends the process."""
        driver.detach(self)
        if self._started:
            await self.worker.end(STOP_PATIENCE_S)
        await self._tasks.close()

    async def _asked(self, message: Callable[[int], Message], patience_s: float) -> bytes:
        self._number += 1
        number = self._number
        outcome: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = _Waiting(outcome, message(number))
        self._send(self._waiting[number].message)
        try:
            return await asyncio.wait_for(outcome, patience_s)
        except TimeoutError:
            raise WachtelError(
                ErrorKind.TIMEOUT,
                "The Wemo device did not say in time that it did it.",
                code="wemo_late",
                hint="It is tried again.",
            ) from None
        finally:
            self._waiting.pop(number, None)

    def _send(self, message: Message) -> None:
        """What is sent while the process is not up yet is in what it is told when it is."""
        if not self._started:
            self._started = True
            self._tasks.keep(self.worker.name, self.worker.run)
        self.worker.send(message)

    def _begin(self) -> None:
        self.worker.send_all(KnowDevice(place) for place in self._places.values())
        self.worker.send_all(Listen(place) for place in self._listening.values())
        self.worker.send_all(waiting.message for waiting in self._waiting.values())

    def _take(self, message: FromWemo) -> None:
        match message:
            case Done():
                self._done(message)
            case Sensed(udn, state) if udn in self._listening:
                self._tasks.keep(f"wemo sensor {udn}", lambda: self._tell(udn, state))
            case Moved(place):
                log.info("a Wemo device was found again at %s:%d", place.host, place.port)
                for places in (self._places, self._listening):
                    if place.udn in places:
                        places[place.udn] = place
            case WorkerUp() | Sensed():
                pass

    async def _tell(self, udn: str, state: str) -> None:
        await self._heard(udn, state)

    def _done(self, done: Done) -> None:
        waiting = self._waiting.pop(done.number, None)
        if waiting is None or waiting.outcome.done():
            return
        if done.kind is None:
            waiting.outcome.set_result(done.content)
        else:
            waiting.outcome.set_exception(WachtelError(done.kind, done.what, hint=done.hint, code=done.code))

    def _died(self) -> None:
        """Whoever waits is told; rules try again."""
        for waiting in self._waiting.values():
            if not waiting.outcome.done():
                waiting.outcome.set_exception(
                    WachtelError(
                        ErrorKind.BUSY,
                        "The process for Wemo devices ended.",
                        code="wemo_ended",
                        hint="It is started again, and this is tried again.",
                    )
                )
        self._waiting.clear()
