"""Making and removing actuators."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from wachtel.actuators.api import ActuatorDriver, Command
from wachtel.base import plugins
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state.actuators import Actuator, Actuators

GROUP = "wachtel.actuators"


@dataclass(frozen=True, slots=True)
class NewActuator:
    """``kind`` names a driver, ``fields`` are what it wants to know."""

    name: str
    site: str
    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    allow_local: bool = False


class ActuatorBook:
    """Blocking, but for `drive`; usable by any thread."""

    def __init__(self, actuators: Actuators, clock: Clock) -> None:
        self._actuators = actuators
        self._clock = clock

    def all(self) -> list[Actuator]:
        """Every actuator, oldest first."""
        return self._actuators.all()

    def get(self, actuator: str) -> Actuator | None:
        return self._actuators.get(actuator)

    def add(self, asked: NewActuator) -> Actuator:
        """Raises `WachtelError` (invalid, forbidden_url, disk_error)."""
        driver = driver_of(asked.kind)
        settings = driver.create(asked.fields, allow_local=asked.allow_local)
        actuator = Actuator(
            secrets.token_hex(6),
            asked.site,
            asked.name,
            asked.kind,
            driver.address(settings),
            self._clock.wall_us(),
        )
        self._actuators.add(actuator, msgspec.json.encode(settings).decode())
        return actuator

    def remove(self, actuator: str) -> None:
        """Raises `WachtelError` (not_found)."""
        self._actuators.remove(actuator)

    async def drive(self, actuator: Actuator, command: Command) -> None:
        """Switches it now, past whatever rules ordered. Raises `WachtelError`."""
        driver = driver_of(actuator.kind)
        settings = settings_of(driver, self._actuators.settings(actuator.id))
        if settings is None:
            raise WachtelError(ErrorKind.BUSY, "Its address cannot be read, because the key file is gone.")
        await driver.drive(command, settings, self._clock)


def driver_of(kind: str) -> ActuatorDriver[Any]:
    """The driver of a kind of actuator. Raises `WachtelError` (invalid) that lists the kinds there are."""
    known = plugins.available(GROUP)
    if kind not in known:
        names = ", ".join(sorted(known)) or "none"
        raise WachtelError(ErrorKind.INVALID, f"There is no kind of actuator {kind!r} (installed: {names}).")
    driver: ActuatorDriver[Any] = plugins.load(GROUP, kind)
    return driver


def settings_of(driver: ActuatorDriver[Any], stored: str | None) -> Any | None:
    """The driver's settings from their stored form; None stays None."""
    return None if stored is None else msgspec.json.decode(stored, type=driver.settings_type)
