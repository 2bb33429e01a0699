"""What a notifier driver offers: a message goes out by one way.

A driver is one folder under ``wachtel.notifiers`` (or in a package of yours) and one entry point in the group
``wachtel.notifiers``, whose object is a `NotifierDriver`. It keeps no state: order, retries, limits and records are the
business of `wachtel.automation`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Protocol, TypeVar

from wachtel.base.clock import Clock
from wachtel.model.message import Message

Settings = TypeVar("Settings")

NO_FIELDS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver took the message. ``status`` is its own word for that, such as an HTTP status, None without one."""

    status: int | None = None


class Needs(StrEnum):
    """What has to be there for a message to arrive: nothing outside the house, the internet, or the internet and the
    push service of the browser's maker.
    """

    LAN = "lan"
    INTERNET = "internet"
    PUSH_SERVICE = "push_service"


class Priority(IntEnum):
    """How much a message may disturb."""

    LOW = 2
    USUAL = 3
    HIGH = 4
    URGENT = 5


async def no_picture() -> bytes | None:
    """There is none."""
    return None


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it goes out by one channel: put into words, with what is enclosed.

    ``language`` is that of ``title`` and ``text`` (ISO 639-1). ``link`` leads to the page about it, ``quiet_page`` to
    one that asks whether to be quiet for an hour, and ``quiet_link`` does that when it is sent a POST by whoever. All
    are absolute, "" when nobody knows how this machine is reached; ``quiet_path`` is the last one below the page's own
    address, and ``picture_path`` a picture that can be fetched there for a short time by whoever knows it.
    ``picture`` gives a JPEG, None when there is none; asking costs time, so only who shows it asks.
    """

    message: Message
    title: str
    text: str
    language: str = "en"
    priority: Priority = Priority.USUAL
    link: str = ""
    quiet_link: str = ""
    quiet_page: str = ""
    picture_path: str = ""
    quiet_path: str = ""
    picture: Callable[[], Awaitable[bytes | None]] = no_picture


class NotifierDriver(Protocol[Settings]):
    """Sends messages by one way. Methods but `deliver` do no I/O and answer at once."""

    settings_type: type[Settings]
    """A frozen dataclass of plain values; it is stored encrypted."""

    per_hour: int
    """How many messages an hour a person gets by this way unless somebody says otherwise; 0 for programs, which want
    every single one."""

    def create(self, address: str, *, allow_local: bool, fields: Mapping[str, str] = NO_FIELDS) -> Settings:
        """Settings for the address a person typed, with fresh secrets.

        ``allow_local`` is the person's word that loopback and link-local addresses are meant. ``fields`` is what else
        this way wants to know. Raises `WachtelError` (forbidden_url, invalid) with the next step.
        """
        ...

    def change(
        self,
        settings: Settings,
        address: str | None,
        *,
        allow_local: bool,
        fields: Mapping[str, str] = NO_FIELDS,
    ) -> Settings:
        """The same settings with another address (None: the one it has) and other fields (those left out stay);
        secrets stay. Raises as `create`.
        """
        ...

    def address(self, settings: Settings) -> str:
        """Where messages go, in a form that may be shown: without passwords and whatever else opens a door."""
        ...

    def secret(self, settings: Settings) -> str:
        """What the receiver needs to know that a message is ours; shown once. "" when there is no such thing."""
        ...

    def needs(self, settings: Settings) -> Needs:
        """What has to be there, as far as the address tells."""
        ...

    async def deliver(self, letter: Letter, settings: Settings, clock: Clock) -> Receipt:
        """Hands the message over; returns when the receiver has said that it took it, within seconds.

        Must be harmless to repeat: whatever the receiver needs to know a message again is made of its id. Raises
        `WachtelError`; ``retryable`` says whether the same may succeed later, ``details["status"]`` what the receiver
        answered.
        """
        ...
