"""The process that shows cameras as Wemo motion sensors. It knows their names and whether something moves, no more."""

import asyncio
import logging
import socket
import uuid
from dataclasses import dataclass, field

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.wire import Message, Unpacker, pack
from wachtel.pipeline.wemo_sensors.messages import (
    Listening,
    SensorsUp,
    SetMotion,
    Show,
    ShownCamera,
    ToSensors,
    Unheard,
)
from wachtel.pipeline.wemo_sensors.place import SensorPlace
from wachtel.pipeline.wemo_sensors.searches import ANNOUNCE_EVERY_S, Advertised, Searches
from wachtel.protocols.wemo import PORTS
from wachtel.protocols.wemo_sensor import MotionSensor, camera_identity

log = logging.getLogger(__name__)

MORE_PORTS = range(49160, 49240)
"""For a tenth camera and more: clients find these by searching only."""


@dataclass(slots=True)
class _Shown:
    """One camera: a sensor for each address, because each has subscribers of its own."""

    known: ShownCamera
    sensors: dict[str, MotionSensor] = field(default_factory=dict)
    places: dict[str, SensorPlace] = field(default_factory=dict)

    def advertised(self) -> list[Advertised]:
        """As it is told by SSDP."""
        return [
            Advertised(own, sensor.identity.udn, sensor.targets, self.places[own].url)
            for own, sensor in self.sensors.items()
        ]


class SensorsWorker:
    """One loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shown: dict[str, _Shown] = {}
        self._addresses: list[str] = []
        self._searches = Searches(
            lambda: [one for shown in self._shown.values() for one in shown.advertised()], clock
        )
        self._writer: asyncio.StreamWriter | None = None

    async def run(self, control: socket.socket) -> None:
        """Works until main closes the control socket, then says goodbye."""
        reader, self._writer = await asyncio.open_unix_connection(sock=control)
        self._tell(SensorsUp())
        unpacker: Unpacker[ToSensors] = Unpacker(ToSensors)
        announcing = asyncio.create_task(self._announce())
        try:
            while data := await reader.read(1 << 16):
                for message in unpacker.feed(data):
                    await self._take(message)
        finally:
            announcing.cancel()
            for camera in list(self._shown):
                await self._hide(camera)
            self._searches.close()

    def _tell(self, message: Message) -> None:
        assert self._writer is not None
        self._writer.write(pack(message))

    async def _take(self, message: ToSensors) -> None:
        match message:
            case SetMotion(camera, on):
                self._set(camera, on)
            case Show():
                await self._show(message)

    def _set(self, camera: str, on: bool) -> None:
        shown = self._shown.get(camera)
        if shown is None:
            return
        for own, sensor in shown.sensors.items():
            if sensor.state != on:
                sensor.state = on
                shown.places[own].notices.tell()

    async def _show(self, wanted: Show) -> None:
        if wanted.addresses != self._addresses:
            for camera in list(self._shown):
                await self._hide(camera)
            self._addresses = wanted.addresses
            for own, what in await self._searches.open(wanted.addresses):
                self._tell(Unheard(own, what))
        cameras = {one.camera: one for one in wanted.cameras}
        for camera in [one for one in self._shown if not self._still_so(one, cameras)]:
            await self._hide(camera)
        for one in wanted.cameras:
            if one.camera not in self._shown:
                await self._begin(one)
            self._set(one.camera, one.on)

    def _still_so(self, camera: str, wanted: dict[str, ShownCamera]) -> bool:
        known, new = self._shown[camera].known, wanted.get(camera)
        return new is not None and (known.serial, known.name) == (new.serial, new.name)

    async def _begin(self, camera: ShownCamera) -> None:
        shown = _Shown(camera)
        for own in self._addresses:
            sensor = MotionSensor(camera_identity(camera.serial, camera.name), lambda: str(uuid.uuid4()))
            sensor.state = camera.on
            place = SensorPlace(sensor, own, self._clock)
            if await place.open((*PORTS, *MORE_PORTS, 0)):
                shown.sensors[own], shown.places[own] = sensor, place
            else:
                self._tell(Unheard(own, "this machine does not have the address"))
        self._shown[camera.camera] = shown
        self._tell(Listening(camera.camera, [place.url for place in shown.places.values()]))
        self._searches.alive(shown.advertised())

    async def _hide(self, camera: str) -> None:
        shown = self._shown.pop(camera)
        self._searches.goodbye(shown.advertised())
        for place in shown.places.values():
            await place.close()
        self._tell(Listening(camera, []))

    async def _announce(self) -> None:
        while True:
            await self._clock.sleep(ANNOUNCE_EVERY_S)
            for shown in self._shown.values():
                self._searches.alive(shown.advertised())


def sensors_worker(control: socket.socket) -> None:
    """The entry of the process."""
    asyncio.run(SensorsWorker(SystemClock()).run(control))
