"""What an actuator driver offers: something is switched by one way.

A driver is one folder under ``wachtel.actuators`` (or in a package of yours) and one entry point in the group
``wachtel.actuators``, whose object is an `ActuatorDriver`. It keeps no state: order, retries and records are the
business of `wachtel.automation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from wachtel.base.clock import Clock

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class Command:
    """The state something shall be in: ``level`` 0..100 for what can be dimmed, None for what is on or off."""

    on: bool
    level: int | None = None


class ActuatorDriver(Protocol[Settings]):
    """Drives things by one way. Methods but `drive` do no I/O and answer at once."""

    settings_type: type[Settings]
    """A frozen dataclass of plain values; it is stored encrypted."""

    def create(self, fields: Mapping[str, str], *, allow_local: bool) -> Settings:
        """Settings out of what a person typed. ``allow_local``: loopback and link-local addresses are meant.

        Raises `WachtelError` (invalid, forbidden_url) with the next step.
        """
        ...

    def address(self, settings: Settings) -> str:
        """Where it is, in a form that may be shown: without passwords and whatever else opens a door."""
        ...

    async def drive(self, command: Command, settings: Settings, clock: Clock) -> None:
        """Brings it into a state; returns when it has said that it is, within seconds.

        Harmless to repeat. Raises `WachtelError`; ``retryable`` says whether the same may succeed later.
        """
        ...
