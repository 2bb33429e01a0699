"""The driver: it says what a device shall be, by the connection of the running server."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

from wachtel.actuators.api import Command
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.broker import check_topic

FIELDS = frozenset({"topic", "on", "off", "level"})
LONGEST_PAYLOAD = 1000
LEVEL, BRIGHTNESS = "{level}", "{brightness}"
FULL_BRIGHTNESS = 254
"""Zigbee's brightest (Zigbee Cluster Library, level control)."""

ZIGBEE_ON, ZIGBEE_OFF = '{"state":"ON"}', '{"state":"OFF"}'
ZIGBEE_LEVEL = '{"state":"ON","brightness":{brightness}}'


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """What is published at ``topic``. ``level`` is for dimmers, "" where there are no levels."""

    topic: str
    on: str
    off: str
    level: str = ""


class Publisher(Protocol):
    """The connection to the broker."""

    async def publish(self, topic: str, payload: str, /, *, retain: bool) -> None:
        """Raises `WachtelError`."""
        ...


class MqttDriver:
    """As `ActuatorDriver`. The server of each loop attaches its connection."""

    settings_type = MqttSettings

    def __init__(self) -> None:
        self._publishers: WeakKeyDictionary[asyncio.AbstractEventLoop, Publisher] = WeakKeyDictionary()

    def attach(self, publisher: Publisher) -> None:
        """Commands given in this loop are published there."""
        self._publishers[asyncio.get_running_loop()] = publisher

    def detach(self, publisher: Publisher) -> None:
        """They are not any more, unless somebody else attached meanwhile."""
        loop = asyncio.get_running_loop()
        if self._publishers.get(loop) is publisher:
            del self._publishers[loop]

    def create(self, fields: Mapping[str, str], *, allow_local: bool) -> MqttSettings:  # noqa: ARG002
        """Fields ``topic``, ``on``, ``off`` and ``level``; with a topic alone it is a device of Zigbee2MQTT.

        Raises `WachtelError` (invalid).
        """
        topic, on, off, level = (fields.get(name, "") for name in ("topic", "on", "off", "level"))
        check_topic(topic)
        if fields.keys() - FIELDS or max(len(on), len(off), len(level)) > LONGEST_PAYLOAD:
            raise WachtelError(
                ErrorKind.INVALID,
                "MQTT takes the fields topic, on, off and level, of at most 1000 characters.",
            )
        if on or off or level:
            if not on or not off:
                raise WachtelError(ErrorKind.INVALID, "It needs words for on and for off.")
            return MqttSettings(topic, on, off, level)
        set_topic = topic if topic.endswith("/set") else f"{topic}/set"
        check_topic(set_topic)
        return MqttSettings(set_topic, ZIGBEE_ON, ZIGBEE_OFF, ZIGBEE_LEVEL)

    def address(self, settings: MqttSettings) -> str:
        """The topic."""
        return settings.topic

    async def drive(self, command: Command, settings: MqttSettings, clock: Clock) -> None:  # noqa: ARG002
        """Returns when the broker has taken it. Raises `WachtelError`."""
        publisher = self._publishers.get(asyncio.get_running_loop())
        if publisher is None:
            raise WachtelError(
                ErrorKind.BUSY,
                "Only the running server speaks to the MQTT broker.",
                hint="Start it with `wachtel serve`.",
            )
        await publisher.publish(settings.topic, _payload(command, settings), retain=False)


def _payload(command: Command, settings: MqttSettings) -> str:
    if not command.on or command.level == 0:
        return settings.off
    if command.level is None or not settings.level:
        return settings.on
    brightness = round(command.level * FULL_BRIGHTNESS / 100)
    return settings.level.replace(LEVEL, str(command.level)).replace(BRIGHTNESS, str(brightness))
