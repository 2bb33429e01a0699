"""What main and the process that shows cameras as sensors say to each other."""

from wachtel.base.wire import Message


class ShownCamera(Message, frozen=True):
    """One camera to be shown, with its serial number and the name others see."""

    camera: str
    serial: str
    name: str
    on: bool


class Show(Message, frozen=True):
    """All that is to be shown from now on, at these own addresses; what was shown before and is not named leaves."""

    addresses: list[str]
    cameras: list[ShownCamera]


class SetMotion(Message, frozen=True):
    """What the sensor of a camera says from now on."""

    camera: str
    on: bool


ToSensors = Show | SetMotion


class SensorsUp(Message, frozen=True):
    """The process is ready."""


class Listening(Message, frozen=True):
    """Where a camera's sensor is to be found; [] when nowhere."""

    camera: str
    urls: list[str]


class Unheard(Message, frozen=True):
    """What stands in the way of an address."""

    address: str
    what: str


FromSensors = SensorsUp | Listening | Unheard
