"""What the connection to a broker reaches into, of one running installation."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from wachtel import __version__
from wachtel.automation.alarm_desk import ArmRequest
from wachtel.automation.mqtt.desk import MqttDesk
from wachtel.automation.mqtt.house import House
from wachtel.base.clock import Clock
from wachtel.model.alarm import AlarmWord, ArmedBy
from wachtel.model.camera import Camera, RecordingMode
from wachtel.model.rule import ArmState

if TYPE_CHECKING:
    from wachtel.app.edge import Edge


def mqtt_desk(edge: "Edge", clock: Clock) -> MqttDesk:
    """The desk, with everything looked up when it is needed."""
    engine = edge.engine
    house = House(edge.state, edge.index, engine.states, engine.gap_alarms, engine.clips, clock)
    desk = MqttDesk(
        edge.state,
        house,
        engine.announcements,
        _Control(edge),
        edge.rules.sensed,
        PanelsOf(edge),
        __version__,
        clock,
        partial(engine.hear, "mqtt"),
    )
    engine.on_sound.append(desk.heard_sound)
    return desk


class PanelsOf:
    """How sites are armed and what their panels do, at this moment."""

    def __init__(self, edge: "Edge") -> None:
        self._edge = edge

    def armed(self) -> dict[str, ArmState]:
        return self._edge.rules.armed()

    def words(self) -> dict[str, AlarmWord]:
        return {status.site: status.word for status in self._edge.alarms.statuses()}


class _Control:
    """Changes as the API makes them: stored first, then told."""

    def __init__(self, edge: "Edge") -> None:
        self._edge = edge

    async def camera(self, camera: str) -> Camera | None:
        return await asyncio.to_thread(self._edge.state.cameras.get, camera)

    async def detection(self, camera: Camera, on: bool) -> None:
        await self._change(replace(camera, motion=replace(camera.motion, enabled=on)))

    async def mode(self, camera: Camera, mode: RecordingMode) -> None:
        await self._change(replace(camera, mode=mode))

    async def arm(self, site: str, state: ArmState, code: str) -> None:
        way = ArmedBy.MQTT
        await self._edge.alarms.ask(ArmRequest(site, state, way.value, way, code=code))

    async def _change(self, camera: Camera) -> None:
        await asyncio.to_thread(self._edge.state.cameras.change, camera)
        await self._edge.engine.camera_changed(camera)
