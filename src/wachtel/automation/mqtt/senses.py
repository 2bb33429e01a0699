"""Sensors at the broker become signals of the house, in order and without holding anything up."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from wachtel.automation.mqtt.session import Heard
from wachtel.base.errors import WachtelError
from wachtel.model.broker import TopicSensor
from wachtel.protocols.mqtt.sensors import state_of

log = logging.getLogger(__name__)

LONGEST_QUEUE = 1000
"""So many changes wait; more push out the oldest."""

Sensed = Callable[[str, str, str], Awaitable[None]]
"""A site, a sensor's name, what it says."""


class Senses:
    """Lives in the loop. A sensor that only repeats itself is not passed on."""

    def __init__(self, sensed: Sensed) -> None:
        self._sensed = sensed
        self._by_topic: dict[str, list[TopicSensor]] = {}
        self._last: dict[str, str] = {}
        self._waiting: deque[tuple[TopicSensor, str]] = deque(maxlen=LONGEST_QUEUE)
        self._wake = asyncio.Event()

    @property
    def topics(self) -> frozenset[str]:
        """What must be listened to."""
        return frozenset(self._by_topic)

    def last(self, sensor: str) -> str | None:
        """What a sensor said last since the start."""
        return self._last.get(sensor)

    def watch(self, sensors: Iterable[TopicSensor]) -> None:
        """These and no others are sensors from now on."""
        by_topic: dict[str, list[TopicSensor]] = {}
        for sensor in sensors:
            by_topic.setdefault(sensor.topic, []).append(sensor)
        self._by_topic = by_topic
        known = {sensor.id for sensors in by_topic.values() for sensor in sensors}
        self._last = {sensor: state for sensor, state in self._last.items() if sensor in known}

    def heard(self, heard: Heard) -> None:
        """Takes a message; never waits, and knows nothing of topics nobody asked for."""
        for sensor in self._by_topic.get(heard.topic, ()):
            state = state_of(heard.payload, sensor.field)
            if state is None or self._last.get(sensor.id) == state:
                continue
            self._last[sensor.id] = state
            self._waiting.append((sensor, state))
            self._wake.set()

    async def run(self) -> None:
        """Passes on what was heard."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                sensor, state = self._waiting.popleft()
                try:
                    await self._sensed(sensor.site, sensor.name, state)
                except WachtelError as error:
                    self._last.pop(sensor.id, None)
                    log.warning("what the sensor %s says could not be stored: %s", sensor.name, error)
