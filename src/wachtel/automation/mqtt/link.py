"""The lasting connection: says what changed and nothing else, says it again where the broker forgot, comes back."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wachtel.automation.mqtt.session import Heard, Session, connected
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.broker import Broker
from wachtel.protocols.mqtt.topics import OFFLINE, ONLINE, Topics

log = logging.getLogger(__name__)

RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
JITTER = 0.2
MOST_PER_S = 100
SWEEP_S = 5.0
FAREWELL_S = 3.0


@dataclass(frozen=True, slots=True)
class LinkState:
    """How the connection is. ``trouble`` says why there is none."""

    connected: bool
    since: WallUs
    trouble: WachtelError | None = None


class BrokerLink:
    """Lives in the loop; `run` until cancelled. ``heard`` is called for each message and must not wait."""

    def __init__(self, topics: Topics, heard: Callable[[Heard], None], clock: Clock) -> None:
        self.state = LinkState(False, clock.wall_us())
        self._topics = topics
        self._broker: Broker = topics.broker
        self._heard = heard
        self._clock = clock
        self._lasting: dict[str, bytes] = {}
        self._due: dict[str, None] = {}
        self._filters: frozenset[str] = frozenset()
        self._session: Session | None = None
        self._wake = asyncio.Event()
        self.said = 0
        """How many messages the broker took."""

    def say(self, topic: str, payload: bytes) -> None:
        """From now on this lies at the topic, for everybody who comes; nothing happens where it does already."""
        if self._lasting.get(topic) == payload:
            return
        self._lasting[topic] = payload
        self._due[topic] = None
        self._wake.set()

    def take_back(self, topic: str) -> None:
        """Nothing lies at the topic any more."""
        self.say(topic, b"")

    def says(self, topic: str) -> bool:
        """True where something of ours lies."""
        return bool(self._lasting.get(topic))

    def topics(self) -> list[str]:
        """Where something of ours lies."""
        return [topic for topic, payload in self._lasting.items() if payload]

    def say_again(self) -> None:
        """Everything once more, because somebody forgot it."""
        self._due |= dict.fromkeys(self._lasting)
        self._wake.set()

    def listen_to(self, filters: frozenset[str]) -> None:
        """These and no others are listened to."""
        self._filters = filters
        self._wake.set()

    async def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        """Says something once; returns when the broker has taken it. Raises `WachtelError`."""
        if self._session is None:
            raise self.state.trouble or WachtelError(
                ErrorKind.BUSY,
                "There is no connection to the MQTT broker yet.",
                hint="Try again in a moment.",
            )
        await self._session.publish(topic, payload, retain=retain)
        self.said += 1

    async def run(self) -> None:
        """Connects, again and again."""
        tries = 0
        while True:
            began = self._clock.monotonic_s()
            try:
                await self._connect()
            except WachtelError as error:
                if (
                    self.state.connected
                    or self.state.trouble is None
                    or str(self.state.trouble) != str(error)
                ):
                    log.warning("MQTT: %s", error)
                self.state = LinkState(False, self._clock.wall_us(), error)
            if self._clock.monotonic_s() - began > RETRY_S[-1]:
                tries = 0
            wait = RETRY_S[min(tries, len(RETRY_S) - 1)]
            tries += 1
            await self._clock.sleep(wait * random.uniform(1 - JITTER, 1 + JITTER))

    async def _connect(self) -> None:
        async with connected(self._broker, self._topics.status) as session:
            self._session = session
            self.state = LinkState(True, self._clock.wall_us())
            works = [asyncio.ensure_future(work(session)) for work in (self._speak, self._listen)]
            try:
                await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._session = None
                await _end(works)
            for work in works:
                if not work.cancelled():
                    work.result()

    async def close(self, *, forget: bool = False) -> None:
        """Says good-bye, with ``forget`` takes back everything first; call it before `run` is cancelled."""
        session = self._session
        if session is None:
            return
        self._due.clear()
        try:
            async with asyncio.timeout(FAREWELL_S):
                for topic in self.topics() if forget else ():
                    await session.publish(topic, b"", retain=True)
                await session.publish(self._topics.status, b"" if forget else OFFLINE, retain=True)
        except (WachtelError, TimeoutError):
            log.warning("the MQTT broker could not be told that we leave")

    async def _speak(self, session: Session) -> None:
        """Sends what is due, one after the other, each when the last one was taken."""
        await session.publish(self._topics.status, ONLINE, retain=True)
        self._due = dict.fromkeys(self._lasting)
        listening: frozenset[str] = frozenset()
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._filters != listening:
                await session.unsubscribe(listening - self._filters)
                await session.subscribe(sorted(self._filters - listening))
                listening = self._filters
            while self._due:
                await self._next(session)
                await self._clock.sleep(1 / MOST_PER_S)

    async def _next(self, session: Session) -> None:
        topic = next(iter(self._due))
        payload = self._lasting.get(topic, b"")
        await session.publish(topic, payload, retain=True)
        self.said += 1
        if self._lasting.get(topic, b"") == payload:
            self._due.pop(topic, None)
            if not payload:
                self._lasting.pop(topic, None)

    async def _listen(self, session: Session) -> None:
        await session.subscribe([self._topics.documents, self._topics.birth])
        sweep_ends: float | None = self._clock.monotonic_s() + SWEEP_S
        async for heard in session.messages():
            self._swept(heard)
            self._heard(heard)
            if sweep_ends is not None and self._clock.monotonic_s() > sweep_ends:
                sweep_ends = None
                await session.unsubscribe([self._topics.documents])

    def _swept(self, heard: Heard) -> None:
        """Takes back what an earlier run left at the broker and nobody stands for any more."""
        if not heard.retained or not heard.payload or self.says(heard.topic):
            return
        for topic in self._topics.left_behind(heard.topic):
            if not self.says(topic):
                self._lasting[topic] = b""
                self._due[topic] = None
                self._wake.set()


async def _end(works: Sequence[asyncio.Future[None]]) -> None:
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
