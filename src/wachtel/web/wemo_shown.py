"""``/api/v1/wemo/shown`` and ``/api/v1/cameras/{camera}/wemo``: cameras shown to the network as Wemo sensors."""

from typing import Annotated

from pydantic import Field

from wachtel.automation.wemo.presence import ShownSensor
from wachtel.automation.wemo.shown import DEFAULT_HOLD_S, LONGEST_HOLD_S, SHORTEST_HOLD_S
from wachtel.model.access import Permission
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.wemo import WemoHouse

Address = Annotated[str, Field(max_length=15)]


class WemoNetworksAnswer(Answer):
    """``addresses`` are chosen, ``choices`` are this machine's own; ``troubles`` say why one cannot be used."""

    addresses: list[str]
    choices: list[str]
    troubles: dict[str, str]


class WemoNetworksQuestion(Question):
    """[] shows cameras nowhere."""

    addresses: Annotated[list[Address], Field(max_length=8)]


class WemoCameraAnswer(Answer):
    """``name`` and ``serial`` are what others see, ``urls`` where; ``on`` is what the sensor says now."""

    shown: bool
    hold_s: float
    name: str
    serial: str
    on: bool
    urls: list[str]


class WemoCameraQuestion(Question):
    """``hold_s``: how long the sensor stays on after the last motion."""

    shown: bool
    hold_s: Annotated[float, Field(ge=SHORTEST_HOLD_S, le=LONGEST_HOLD_S, allow_inf_nan=False)] = (
        DEFAULT_HOLD_S
    )


class WemoShownRoutes:
    """Off unless an owner switches it on."""

    def __init__(self, house: WemoHouse) -> None:
        self._house = house

    def add_to(self, door: Door) -> None:
        networks, camera = "/api/v1/wemo/networks", "/api/v1/cameras/{camera}/wemo"
        door.route("GET", networks, self.networks, needs=Permission.ADMIN, on=On.INSTALLATION)
        door.route("PUT", networks, self.set_networks, needs=Permission.ADMIN, on=On.INSTALLATION)
        door.route("GET", camera, self.shown, needs=Permission.VIEW, on=On.CAMERA)
        door.route("PUT", camera, self.show, needs=Permission.ADMIN, on=On.CAMERA)

    async def networks(self) -> WemoNetworksAnswer:
        """In which networks cameras are shown as Wemo sensors, by this machine's addresses there."""
        addresses, choices, troubles = await self._house.networks()
        return WemoNetworksAnswer(addresses=addresses, choices=choices, troubles=troubles)

    async def set_networks(self, asked: WemoNetworksQuestion) -> WemoNetworksAnswer:
        """Shows cameras at these addresses of this machine, and at no others."""
        await self._house.listen_at(asked.addresses)
        return await self.networks()

    async def shown(self, camera: TheCamera) -> WemoCameraAnswer:
        """How the camera looks from outside, if it is shown."""
        found = next((one for one in await self._house.shown() if one.camera == camera.id), None)
        return _answer(found)

    async def show(self, asked: WemoCameraQuestion, camera: TheCamera) -> WemoCameraAnswer:
        """Shows the camera to the chosen networks as a Wemo motion sensor, or hides it."""
        if asked.shown:
            await self._house.show(camera.id, asked.hold_s)
        else:
            await self._house.hide(camera.id)
        return await self.shown(camera)


def _answer(sensor: ShownSensor | None) -> WemoCameraAnswer:
    if sensor is None:
        return WemoCameraAnswer(shown=False, hold_s=DEFAULT_HOLD_S, name="", serial="", on=False, urls=[])
    return WemoCameraAnswer(
        shown=True,
        hold_s=sensor.hold_s,
        name=sensor.name,
        serial=sensor.serial,
        on=sensor.on,
        urls=list(sensor.urls),
    )
