"""A post office over a fresh state.sqlite, with a catalog in memory and a clock in the test's hand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from wachtel.automation.channels import GROUP, ChannelBook, NewChannel
from wachtel.automation.post import Post
from wachtel.base import plugins
from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.camera import Camera, StreamState
from wachtel.model.event import Event, EventKind
from wachtel.model.live import Announcement, EventChanged
from wachtel.model.message import SUBSCRIBABLE, Message, MessageKind
from wachtel.model.stream import StreamName
from wachtel.notifiers.api import NO_FIELDS, Letter, Needs, Receipt
from wachtel.pipeline.announcements import Broadcast
from wachtel.storage.api import EventPage, EventQuery
from wachtel.storage.state import State, open_state
from wachtel.storage.state.channels import Channel
from wachtel.testing.clock import FakeClock


@dataclass
class MemoryCatalog:
    """The events that are on the disk."""

    stored: dict[str, Event] = field(default_factory=dict)

    def event(self, event: str) -> Event | None:
        return self.stored.get(event)

    def open_events(self) -> list[Event]:
        return [event for event in self.stored.values() if event.end is None]

    def events(self, query: EventQuery) -> EventPage:
        ordered = sorted(self.stored.values(), key=lambda event: (event.start, event.id), reverse=True)
        ids = [event.id for event in ordered]
        rest = ordered[ids.index(query.before) + 1 :] if query.before else ordered
        page = tuple(rest[: query.limit])
        return EventPage(page, page[-1].id if len(rest) > query.limit else None)


@dataclass
class States:
    """What the cameras say."""

    main: dict[str, StreamState] = field(default_factory=dict)

    def of(self, camera: str) -> Mapping[StreamName, StreamState]:
        return {StreamName.MAIN: self.main[camera]} if camera in self.main else {}


@dataclass(frozen=True)
class ScriptedSettings:
    address: str


@dataclass
class ScriptedDriver:
    """Answers as ``answer`` says: it returns None for a success, or what to raise."""

    settings_type = ScriptedSettings
    answer: Callable[[Message, str], Exception | None] = lambda message, address: None
    taken: list[tuple[str, str]] = field(default_factory=list)
    tries: list[tuple[str, str]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    per_hour: int = 0

    def create(
        self, address: str, *, allow_local: bool, fields: Mapping[str, str] = NO_FIELDS
    ) -> ScriptedSettings:
        return ScriptedSettings(address)

    def change(
        self,
        settings: ScriptedSettings,
        address: str | None,
        *,
        allow_local: bool,
        fields: Mapping[str, str] = NO_FIELDS,
    ) -> ScriptedSettings:
        return settings if address is None else ScriptedSettings(address)

    def address(self, settings: ScriptedSettings) -> str:
        return "shown"

    def secret(self, settings: ScriptedSettings) -> str:
        return "s3cret"

    def needs(self, settings: ScriptedSettings) -> Needs:
        return Needs.LAN

    async def deliver(self, letter: Letter, settings: ScriptedSettings, clock: Clock) -> Receipt:
        message = letter.message
        self.tries.append((settings.address, message.id))
        trouble = self.answer(message, settings.address)
        if trouble is not None:
            raise trouble
        self.taken.append((settings.address, message.id))
        self.letters.append(letter)
        return Receipt(200)

    def at(self, address: str) -> list[str]:
        """Messages taken at one address, in order."""
        return [message for where, message in self.taken if where == address]


def use(driver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes this the driver of the kind ``scripted``."""
    known, load = plugins.available(GROUP), plugins.load
    monkeypatch.setattr(plugins, "available", lambda group: {"scripted": None, **known})
    monkeypatch.setattr(
        plugins,
        "load",
        lambda group, name: driver if name == "scripted" else load(group, name),
    )


@dataclass
class Office:
    """One installation without pictures."""

    data: Path
    clock: FakeClock = field(default_factory=FakeClock)
    catalog: MemoryCatalog = field(default_factory=MemoryCatalog)
    states: States = field(default_factory=States)
    news: "Broadcast[Announcement]" = field(default_factory=Broadcast)

    def __post_init__(self) -> None:
        self.state: State = open_state(self.data)
        if not self.state.cameras.all():
            self.state.cameras.add(Camera("garden", "home", "Garten 🐦", "rtsp://192.168.1.20/"))

    def channel(
        self,
        url: str = "one",
        kind: str = "scripted",
        *,
        site: str | None = None,
        kinds: frozenset[MessageKind] = frozenset(SUBSCRIBABLE),
    ) -> Channel:
        asked = NewChannel(f"to {url}", kind, url, site, kinds, allow_local=True)
        made = ChannelBook(self.state.channels, self.clock).add(asked).channel
        self.clock.advance(60)
        return made

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Post]:
        """The office open for business."""
        post = Post(self.state, self.catalog, self.states, self.news, self.clock)
        post.start()
        await until(lambda: len(self.news) == 1 and self.clock.sleepers >= 1)
        try:
            yield post
        finally:
            await post.close()

    def happens(self, number: int, *, ended: bool = True, camera: str = "garden") -> Event:
        """An event is on the disk now, and announced."""
        event = self.stored(number, ended=ended, camera=camera)
        self.news.tell(EventChanged(event))
        return event

    def stored(self, number: int, *, ended: bool = True, camera: str = "garden") -> Event:
        """An event is on the disk, and nobody was told."""
        now = self.clock.wall_us()
        event = Event(
            id=f"e{number:03}",
            site="home",
            camera=camera,
            kind=EventKind.MOTION,
            start=WallUs(now - 2 * US_PER_S),
            reported=WallUs(now - US_PER_S),
            end=now if ended else None,
            score=0.9,
            snapshot=True,
        )
        self.catalog.stored[event.id] = event
        return event

    async def advance(self, seconds: float, step_s: float = 10.0, sleepers: int = 2) -> None:
        """Lets time go by; after each step everybody does what is due and sleeps again."""
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await until(lambda: self.clock.sleepers >= sleepers)


async def until(true: Callable[[], bool], within_s: float = 10.0) -> None:
    """Lets the loop work until something is true."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not true():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError("it did not become true")
        await asyncio.sleep(0.001)


async def quiet(post: Post, office: Office) -> None:
    """Until nothing waits in the outbox."""
    await until(lambda: not office.state.outbox.waiting())
