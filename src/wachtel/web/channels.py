"""``/api/v1/channels``: ways to tell people and programs, and what became of each message."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from wachtel.automation.channels import ChannelBook, ChannelChange, MadeChannel, NewChannel
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.model.message import MessageKind
from wachtel.model.wishes import MOST_NAMES, MOST_PER_HOUR, Snooze, Wishes
from wachtel.notifiers.api import Needs
from wachtel.storage.state import State
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.deliveries import Delivery, DeliveryResult
from wachtel.web.access import TheAccess, TheChannel
from wachtel.web.answers import Answer, Change, Name, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.motion_questions import Hours, HoursAnswer, hours_answer, schedule_of
from wachtel.web.ports.house import Messages
from wachtel.web.snoozing import SnoozeAnswer, snooze_answer
from wachtel.web.threads import OneThread

Url = Annotated[str, Field(min_length=1, max_length=2048)]
Fields = dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=1000)]]
Language = Literal["de", "en"]
Names = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=300)], ...], Field(max_length=MOST_NAMES)
]
PerHour = Annotated[int, Field(ge=0, le=MOST_PER_HOUR)]
Kinds = Annotated[frozenset[MessageKind], Field(min_length=1)]


class DeliveryAnswer(Answer):
    """One try: ``result`` is delivered, failed (it is tried again) or refused (it is not).

    ``status`` is the receiver's own word, such as an HTTP status; ``reason`` an error kind, "" when delivered. ``code``
    and ``details`` are for the same sentence in another language.
    """

    message: str
    kind: MessageKind
    attempt: int
    at: str
    result: DeliveryResult
    status: int | None
    duration_ms: int
    reason: str
    what: str
    code: str
    details: dict[str, str]


class ChannelAnswer(Answer):
    """``address`` shows the host only; ``site`` null means every site; ``locked`` that the key file is gone.

    One that is not ``enabled`` gets no messages, but can be tested. ``waiting`` counts messages on their way, ``last``
    is the newest try. ``needs`` is what has to be there for a message to arrive: nothing but the own network (lan), the
    internet, or also the browser maker's push_service; null when nobody can tell. ``person`` is whose device it
    is; ``snoozed`` says what it is quiet about now.
    """

    id: str
    name: str
    kind: str
    site: str | None
    kinds: list[MessageKind]
    address: str
    allow_local: bool
    locked: bool
    enabled: bool
    created: str
    language: str
    needs: Needs | None
    person: str | None
    cameras: list[str]
    zones: list[str]
    schedule: list[HoursAnswer]
    quiet: list[HoursAnswer]
    per_hour: int
    snoozed: list[SnoozeAnswer]
    waiting: int
    last: DeliveryAnswer | None


class MadeChannelAnswer(ChannelAnswer):
    """``secret`` is what signatures are made with. It is shown this once; null when it is the old one."""

    secret: str | None


class ChannelQuestion(Question):
    """``site`` null means every site, ``kinds`` null what this kind of channel usually tells; ``fields`` are what it
    wants to know beside the address. ``allow_local``: an address of this machine or of the link is meant.
    """

    name: Name
    kind: Annotated[str, Field(max_length=64)] = "webhook"
    url: Url
    site: Annotated[str, Field(max_length=64)] | None = None
    kinds: Kinds | None = None
    allow_local: bool = False
    fields: Fields = Field(default={}, max_length=16)
    language: Language = "en"
    cameras: Names = ()
    zones: Names = ()
    schedule: Hours = Field(default=[])
    quiet: Hours = Field(default=[])
    per_hour: PerHour | None = None

    def wishes(self) -> Wishes:
        return Wishes(
            self.cameras,
            self.zones,
            schedule_of(self.schedule),
            schedule_of(self.quiet),
            self.per_hour,
            self.language,
        )


class ChannelChangeQuestion(Change):
    """Only the fields that are sent are changed."""

    name: Name | None = None
    url: Url | None = None
    kinds: Kinds | None = None
    allow_local: bool | None = None
    enabled: bool | None = None
    fields: Fields | None = Field(default=None, max_length=16)
    language: Language | None = None
    cameras: Names | None = None
    zones: Names | None = None
    schedule: Hours | None = None
    quiet: Hours | None = None
    per_hour: PerHour | None = None

    def wishes(self, before: Wishes) -> Wishes:
        """What is not sent stays."""
        return Wishes(
            before.cameras if self.cameras is None else self.cameras,
            before.zones if self.zones is None else self.zones,
            before.schedule if self.schedule is None else schedule_of(self.schedule),
            before.quiet if self.quiet is None else schedule_of(self.quiet),
            before.per_hour if self.per_hour is None else self.per_hour,
            before.language if self.language is None else self.language,
        )


class ChannelRoutes:
    """Making channels, trying them, and looking at what they delivered."""

    def __init__(
        self,
        book: ChannelBook,
        state: State,
        messages: Messages,
        database: OneThread,
        clock: Clock,
    ) -> None:
        self._book = book
        self._state = state
        self._outbox = state.outbox
        self._deliveries = state.deliveries
        self._clock = clock
        self._messages = messages
        self._database = database

    def add_to(self, door: Door) -> None:
        admin, all_of_them, one = Permission.ADMIN, "/api/v1/channels", "/api/v1/channels/{channel}"
        door.route("GET", all_of_them, self.all, needs=admin, on=On.EACH)
        door.route("POST", all_of_them, self.add, needs=admin, on=On.EACH, status=201)
        door.route("PATCH", one, self.change, needs=admin, on=On.CHANNEL)
        door.route("DELETE", one, self.remove, needs=admin, on=On.CHANNEL, status=204)
        door.route("POST", f"{one}/test", self.test, needs=admin, on=On.CHANNEL)
        door.route("GET", f"{one}/deliveries", self.deliveries, needs=admin, on=On.CHANNEL)

    async def find(self, channel: str) -> Channel | None:
        return await self._database.run(self._book.get, channel)

    async def all(self, access: TheAccess) -> list[ChannelAnswer]:
        """Every channel, oldest first."""
        channels = await self._database.run(self._book.all)
        return [
            await self._answer(channel) for channel in channels if access.may(Permission.ADMIN, channel.site)
        ]

    async def add(self, asked: ChannelQuestion, access: TheAccess) -> MadeChannelAnswer:
        """Adds a channel; it hears of everything that happens from now on."""
        _require(access, asked.site)
        wanted = NewChannel(
            asked.name,
            asked.kind,
            asked.url,
            asked.site,
            asked.kinds,
            asked.allow_local,
            asked.fields,
            asked.wishes(),
        )
        made = await self._database.run(self._book.add, wanted)
        await self._messages.channels_changed()
        return await self._made(made)

    async def change(self, asked: ChannelChangeQuestion, channel: TheChannel) -> MadeChannelAnswer:
        """Changes a channel; what waits in it is tried at once, or discarded when it is switched off. The secret
        stays.
        """
        change = ChannelChange(
            asked.name,
            asked.url,
            asked.kinds,
            asked.allow_local,
            asked.enabled,
            asked.fields or {},
            asked.wishes(channel.wishes),
        )
        made = await self._database.run(self._book.change, channel, change)
        await self._messages.hurry(channel.id)
        return await self._made(made)

    async def remove(self, channel: TheChannel) -> None:
        """Removes a channel, with its waiting messages."""
        await self._database.run(self._book.remove, channel.id)
        await self._messages.channels_changed()

    async def test(self, channel: TheChannel) -> DeliveryAnswer:
        """Sends a test message now, and says what came of it."""
        return delivery_answer(await self._messages.test(channel))

    async def deliveries(
        self, channel: TheChannel, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> list[DeliveryAnswer]:
        """The newest tries, newest first."""
        found = await self._database.run(self._deliveries.of, channel.id, limit)
        return [delivery_answer(delivery) for delivery in found]

    async def _made(self, made: MadeChannel) -> MadeChannelAnswer:
        answer = await self._answer(made.channel)
        return MadeChannelAnswer(secret=made.secret or None, **dict(answer))

    async def _answer(self, channel: Channel) -> ChannelAnswer:
        last = await self._database.run(self._deliveries.of, channel.id, 1)
        waiting = await self._database.run(self._outbox.waiting)
        return ChannelAnswer(
            id=channel.id,
            name=channel.name,
            kind=channel.kind,
            site=channel.site,
            kinds=sorted(channel.kinds),
            address=channel.address,
            allow_local=channel.allow_local,
            locked=await self._database.run(self._book.locked, channel),
            enabled=channel.enabled,
            created=moment(channel.created),
            language=channel.wishes.language,
            needs=await self._database.run(self._book.needs, channel),
            person=await self._database.run(self._person, channel),
            cameras=list(channel.wishes.cameras),
            zones=list(channel.wishes.zones),
            schedule=hours_answer(channel.wishes.schedule),
            quiet=hours_answer(channel.wishes.quiet),
            per_hour=self._book.per_hour(channel),
            snoozed=[snooze_answer(one) for one in await self._database.run(self._snoozed, channel)],
            waiting=waiting.get(channel.id, 0),
            last=delivery_answer(last[0]) if last else None,
        )

    def _person(self, channel: Channel) -> str | None:
        account = None if channel.account is None else self._state.accounts.get(channel.account)
        return None if account is None else account.name

    def _snoozed(self, channel: Channel) -> list[Snooze]:
        now = self._clock.wall_us()
        return [
            one
            for one in self._state.snoozes.all()
            if one.channel in ("", channel.id) and one.since <= now < one.until
        ]


def _require(access: TheAccess, site: str | None) -> None:
    if site is not None:
        access.require(Permission.ADMIN, site)
    elif not access.may(Permission.ADMIN, None):
        raise WachtelError(
            ErrorKind.DENIED,
            "A channel for every site takes an administrator of all of them.",
            hint="Name a site.",
        )


def delivery_answer(delivery: Delivery) -> DeliveryAnswer:
    """One try, as the API says it."""
    return DeliveryAnswer(
        message=delivery.message,
        kind=delivery.kind,
        attempt=delivery.attempt,
        at=moment(delivery.at),
        result=delivery.result,
        status=delivery.status,
        duration_ms=delivery.duration_ms,
        reason=delivery.reason,
        what=delivery.what,
        code=delivery.code,
        details=dict(delivery.details),
    )
