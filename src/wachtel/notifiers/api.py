"""What a notifier driver offers: a message goes out by one way.

A driver is one folder under ``wachtel.notifiers`` (or in a package of yours) and one entry point in the group
``wachtel.notifiers``, whose object is a `NotifierDriver`. It keeps no state: order, retries and records are the
business of `wachtel.automation`.
"""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from wachtel.base.clock import Clock
from wachtel.model.message import Message

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver took the message. ``status`` is its own word for that, such as an HTTP status, None without one."""

    status: int | None = None


class NotifierDriver(Protocol[Settings]):
    """Sends messages by one way. Methods but `deliver` do no I/O and answer at once."""

    settings_type: type[Settings]
    """A frozen dataclass of plain values; it is stored encrypted."""

    def create(self, address: str, *, allow_local: bool) -> Settings:
        """Settings for the address a person typed, with fresh secrets.

        ``allow_local`` is the person's word that loopback and link-local addresses are meant. Raises `WachtelError`
        (forbidden_url, invalid) with the next step.
        """
        ...

    def change(self, settings: Settings, address: str | None, *, allow_local: bool) -> Settings:
        """The same settings with another address (None: the one it has); secrets stay. Raises as `create`."""
        ...

    def address(self, settings: Settings) -> str:
        """Where messages go, in a form that may be shown: without passwords and whatever else opens a door."""
        ...

    def secret(self, settings: Settings) -> str:
        """What the receiver needs to know that a message is ours; shown once. "" when there is no such thing."""
        ...

    async def deliver(self, message: Message, settings: Settings, clock: Clock) -> Receipt:
        """Hands the message over; returns when the receiver has said that it took it, within seconds.

        Must be harmless to repeat: whatever the receiver needs to know a message again is made of ``message.id``.
        Raises `WachtelError`; ``retryable`` says whether the same may succeed later, ``details["status"]`` what the
        receiver answered.
        """
        ...
