"""MQTT of one installation: one broker, what is said and heard there, trying it out, and listening around."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wachtel.actuators.mqtt import driver
from wachtel.automation.mqtt.house import LOUD, House, Panels
from wachtel.automation.mqtt.link import BrokerLink, LinkState
from wachtel.automation.mqtt.senses import Sensed, Senses
from wachtel.automation.mqtt.session import Heard, connected
from wachtel.automation.mqtt.wishes import Control, Wishes
from wachtel.automation.post import Happenings
from wachtel.automation.rule_doers import no_broker
from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.model.broker import Broker, HeardTopic
from wachtel.model.camera import Camera
from wachtel.model.live import AlarmChanged, CameraChanged, EventChanged
from wachtel.model.sound import SoundWant, SoundWish
from wachtel.protocols.mqtt.documents import Documents
from wachtel.protocols.mqtt.sensors import readings
from wachtel.protocols.mqtt.topics import ONLINE, Topics
from wachtel.storage.state import State

log = logging.getLogger(__name__)

ROUND_S = 1.0
ROUNDS_PER_LOAD = 60
BIRTH_PAUSE_S = 10.0
MOST_HEARD = 500
SHOWN_BYTES = 500


@dataclass(frozen=True, slots=True)
class _Running:
    """What belongs to one setting of the broker."""

    topics: Topics
    link: BrokerLink
    documents: Documents
    tasks: TaskSupervisor


class MqttDesk:
    """Created and used inside the loop; `start` first, `close` last. Without a broker it does nothing at all."""

    def __init__(
        self,
        state: State,
        house: House,
        happenings: Happenings,
        control: Control,
        sensed: Sensed,
        panels: Panels,
        version: str,
        clock: Clock,
        hear: Callable[[Sequence[SoundWant]], None] = lambda _wants: None,
    ) -> None:
        self._state = state
        self._house = house
        self._happenings = happenings
        self._panels = panels
        self._version = version
        self._clock = clock
        self._hear = hear
        self._sounds: tuple[SoundWant, ...] = ()
        self._tasks = TaskSupervisor(clock)
        self._senses = Senses(sensed)
        self._wishes = Wishes(control, clock)
        self._running: _Running | None = None
        self._stale = True
        self._born_at: float | None = None
        self._changing = asyncio.Lock()

    def start(self) -> None:
        """Connects, if a broker is set up."""
        driver.attach(self)
        self._tasks.keep("sensors by MQTT", self._senses.run)
        self._tasks.keep("wishes by MQTT", self._wishes.run)
        self._tasks.keep("MQTT", self._begin)

    async def close(self) -> None:
        """Says good-bye and stops."""
        driver.detach(self)
        await self._stop()
        await self._tasks.close()

    @property
    def state(self) -> LinkState | None:
        """How the connection is; None while there shall be none."""
        return None if self._running is None else self._running.link.state

    @property
    def said(self) -> int:
        """How many messages the broker took since it was set up."""
        return 0 if self._running is None else self._running.link.said

    def sensor_says(self, sensor: str) -> str | None:
        """What a sensor said last since the start."""
        return self._senses.last(sensor)

    async def changed(self) -> None:
        """The broker was stored, changed or removed: what is stored counts from now on."""
        async with self._changing:
            broker = await asyncio.to_thread(self._state.broker.get)
            running = self._running
            before = None if running is None else running.topics.broker
            await self._stop(forget=broker is None or (before is not None and _elsewhere(before, broker)))
            if broker is not None and broker.enabled:
                await self._run(broker)

    async def sensors_changed(self) -> None:
        """A sensor was added or removed."""
        self._senses.watch(await asyncio.to_thread(self._state.broker.sensors))
        if self._running is not None:
            self._running.link.listen_to(self._filters(self._running.topics))

    async def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        """Raises `WachtelError`: busy while there is no connection, invalid when none is set up."""
        if self._running is None:
            raise no_broker()
        await self._running.link.publish(topic, payload, retain=retain)

    async def test(self, broker: Broker) -> None:
        """Connects once. Raises `WachtelError` with what is wrong."""
        async with connected(broker):
            return

    async def listen(self, broker: Broker, seconds: float) -> list[HeardTopic]:
        """Everything that is said at the broker for a while, and what lies there; ours is left out."""
        heard: dict[str, Heard] = {}
        ours = (broker.prefix + "/", broker.discovery + "/")
        async with connected(broker) as session:
            await session.subscribe(["#"])
            try:
                async with asyncio.timeout(seconds):
                    async for one in session.messages():
                        if one.topic.startswith(ours) or (
                            one.topic not in heard and len(heard) >= MOST_HEARD
                        ):
                            continue
                        heard[one.topic] = one
            except TimeoutError:
                pass
        return [_heard_topic(one) for _, one in sorted(heard.items())]

    async def _begin(self) -> None:
        self._senses.watch(await asyncio.to_thread(self._state.broker.sensors))
        await self.changed()

    async def _run(self, broker: Broker) -> None:
        topics = Topics(broker, await asyncio.to_thread(self._state.broker.node))
        link = BrokerLink(topics, self._heard, self._clock)
        running = _Running(topics, link, Documents(topics, self._version), TaskSupervisor(self._clock))
        link.listen_to(self._filters(topics))
        await self._house.begin()
        self._running = running
        self._want_sounds()
        self._tell()
        running.tasks.keep("MQTT connection", link.run)
        running.tasks.keep("MQTT news", self._listen)
        running.tasks.keep("MQTT rounds", self._rounds)
        running.tasks.keep("MQTT pictures", lambda: self._house.show(link, topics))

    async def _stop(self, *, forget: bool = False) -> None:
        running, self._running = self._running, None
        self._want_sounds()
        if running is not None:
            await running.link.close(forget=forget)
            await running.tasks.close()

    def _filters(self, topics: Topics) -> frozenset[str]:
        commands = topics.commands if topics.broker.allow_control else ()
        return self._senses.topics | frozenset(commands)

    def _tell(self) -> None:
        running = self._running
        if running is not None:
            self._house.tell(running.link, running.topics, running.documents, self._panels)

    def heard_sound(self, camera: Camera, wish: SoundWish, on: bool) -> None:
        """A camera became loud, or it is over."""
        if wish == LOUD:
            self._house.sound(camera.id, on=on)
            if self._running is not None:
                self._house.tell_of(camera.id, self._running.link, self._running.topics)

    def _want_sounds(self) -> None:
        """Sound is decoded only while somebody is told of it."""
        wants = () if self._running is None else self._house.sounds()
        if wants != self._sounds:
            self._sounds = wants
            self._hear(wants)

    async def _listen(self) -> None:
        async for news in self._happenings.subscribe():
            match news:
                case EventChanged(event):
                    self._house.event(event)
                    if self._running is not None:
                        self._house.tell_of(event.camera, self._running.link, self._running.topics)
                case CameraChanged():
                    self._stale = True
                case AlarmChanged():
                    self._stale = True
                    self._tell()

    async def _rounds(self) -> None:
        number = 0
        while True:
            await self._clock.sleep(ROUND_S)
            number += 1
            whole = number % ROUNDS_PER_LOAD == 0
            if self._stale or whole:
                self._stale = False
                try:
                    await self._house.load()
                    self._want_sounds()
                    if whole:
                        await self._house.reconcile()
                except WachtelError as error:
                    self._stale = True
                    log.warning("MQTT has to wait for the database: %s", error)
            self._tell()

    def _heard(self, heard: Heard) -> None:
        """A message from the broker; what lay there is no wish."""
        self._senses.heard(heard)
        running = self._running
        if running is None or heard.retained:
            return
        if heard.topic == running.topics.birth:
            self._born(running.link, heard.payload)
        elif running.topics.broker.allow_control:
            wish = running.topics.wish(heard.topic, heard.payload)
            if wish is not None:
                self._wishes.take(wish)

    def _born(self, link: BrokerLink, payload: bytes) -> None:
        """Home Assistant has started: it may have forgotten everything."""
        now = self._clock.monotonic_s()
        recent = self._born_at is not None and now - self._born_at < BIRTH_PAUSE_S
        if payload == ONLINE.encode() and not recent:
            self._born_at = now
            link.say_again()


def _elsewhere(before: Broker, after: Broker | None) -> bool:
    """True when what lies at the broker would not be found again under the new settings."""
    if after is None:
        return True
    return (
        replace(before, host=after.host, port=after.port, prefix=after.prefix, discovery=after.discovery)
        != before
    )


def _heard_topic(heard: Heard) -> HeardTopic:
    shown = heard.payload[:SHOWN_BYTES].decode(errors="replace")
    printable = "".join(char if char.isprintable() else " " for char in shown)
    return HeardTopic(heard.topic, printable, tuple(readings(heard.payload).items()))
