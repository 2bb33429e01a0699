"""``/api/v1/wemo``: Wemo devices in the house, found on demand, and sensors of theirs that are heard."""

from typing import Annotated

from pydantic import Field

from wachtel.actuators.wemo.finding import FoundWemo
from wachtel.actuators.wemo.settings import checked_host
from wachtel.automation.wemo.sensors import WemoSensor, sensor_name
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.protocols.wemo import SENSING, SWITCHED, WemoKind
from wachtel.web.access import TheAccess
from wachtel.web.answers import Answer, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.wemo import WemoHouse

Udn = Annotated[str, Field(max_length=128)]
Host = Annotated[str, Field(max_length=64)]
Port = Annotated[int, Field(ge=1, le=65535)]


class WemoSearchQuestion(Question):
    seconds: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = 3.0


class WemoLookQuestion(Question):
    """``host`` is an IPv4 address in numbers; ``allow_local``: this machine or the link is meant."""

    host: Host
    allow_local: bool = False


class WemoDeviceAnswer(Answer):
    """``udn`` is who it is, wherever it moves. ``switched``: rules can drive it; ``senses``: it may have a sensor.

    All texts are the device's own.
    """

    udn: str
    kind: WemoKind
    host: str
    port: int
    name: str
    model: str
    firmware: str
    switched: bool
    senses: bool


class WemoSensorAnswer(Answer):
    """``name`` is what rules of the site call it, ``label`` what it calls itself."""

    udn: str
    site: str
    name: str
    host: str
    port: int
    label: str


class WemoSensorQuestion(Question):
    """``name`` "" is made of ``label``."""

    udn: Udn
    site: Annotated[str, Field(max_length=64)]
    host: Host
    port: Port
    label: Annotated[str, Field(max_length=200)] = ""
    name: Annotated[str, Field(max_length=100)] = ""
    allow_local: bool = False


class WemoRoutes:
    """Nothing is asked unless a person asks for it."""

    def __init__(self, house: WemoHouse) -> None:
        self._house = house

    def add_to(self, door: Door) -> None:
        base, sensors = "/api/v1/wemo", "/api/v1/wemo/sensors"
        door.route("POST", f"{base}/search", self.search, needs=Permission.ADMIN, on=On.EACH)
        door.route("POST", f"{base}/look", self.look, needs=Permission.ADMIN, on=On.EACH)
        door.route("GET", sensors, self.sensors, needs=Permission.VIEW, on=On.EACH)
        door.route("POST", sensors, self.add_sensor, needs=Permission.ADMIN, on=On.EACH, status=201)
        door.route(
            "DELETE", f"{sensors}/{{udn}}", self.remove_sensor, needs=Permission.ADMIN, on=On.EACH, status=204
        )

    async def search(self, asked: WemoSearchQuestion) -> list[WemoDeviceAnswer]:
        """Asks the local networks for Wemo devices, once; answers when the time is over."""
        return [_device(one) for one in await self._house.search(asked.seconds)]

    async def look(self, asked: WemoLookQuestion) -> list[WemoDeviceAnswer]:
        """The Wemo devices at one address, at their usual ports."""
        return [_device(one) for one in await self._house.look(asked.host, allow_local=asked.allow_local)]

    async def sensors(self, access: TheAccess) -> list[WemoSensorAnswer]:
        """The Wemo sensors that are heard."""
        found = await self._house.sensors()
        return [_sensor(one) for one in found if access.may(Permission.VIEW, one.site)]

    async def add_sensor(self, asked: WemoSensorQuestion, access: TheAccess) -> WemoSensorAnswer:
        """Hears a Wemo sensor from now on; rules know it by its name, its states are on, off and unknown."""
        access.require(Permission.ADMIN, asked.site)
        host = checked_host(asked.host, allow_local=asked.allow_local)
        name = asked.name or sensor_name(asked.label, asked.udn)
        sensor = WemoSensor(asked.udn, asked.site, name, host, asked.port, asked.label)
        await self._house.add_sensor(sensor)
        return _sensor(sensor)

    async def remove_sensor(self, udn: Udn, access: TheAccess) -> None:
        """Hears it no more; rules then know its state as unknown."""
        known = next((one for one in await self._house.sensors() if one.udn == udn), None)
        if known is None or not access.may(Permission.VIEW, known.site):
            raise WachtelError(ErrorKind.NOT_FOUND, "This Wemo sensor is not heard.")
        access.require(Permission.ADMIN, known.site)
        await self._house.remove_sensor(udn)


def _device(found: FoundWemo) -> WemoDeviceAnswer:
    return WemoDeviceAnswer(
        udn=found.udn,
        kind=found.kind,
        host=found.host,
        port=found.port,
        name=found.name,
        model=found.model,
        firmware=found.firmware,
        switched=found.kind in SWITCHED,
        senses=found.kind in SENSING,
    )


def _sensor(sensor: WemoSensor) -> WemoSensorAnswer:
    return WemoSensorAnswer(
        udn=sensor.udn,
        site=sensor.site,
        name=sensor.name,
        host=sensor.host,
        port=sensor.port,
        label=sensor.label,
    )
