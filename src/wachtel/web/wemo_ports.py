"""Wemo devices, as the web layer reaches them."""

from typing import Protocol

from wachtel.actuators.wemo.finding import FoundWemo
from wachtel.automation.wemo.sensors import WemoSensor
from wachtel.base.errors import ErrorKind, WachtelError


class WemoHouse(Protocol):
    """Wemo devices in the house. All raise `WachtelError`."""

    async def search(self, seconds: float, /) -> list[FoundWemo]:
        """Asks the local networks now (busy, unreachable)."""
        ...

    async def look(self, host: str, /, *, allow_local: bool) -> list[FoundWemo]:
        """The devices at one address (invalid, forbidden_url)."""
        ...

    async def sensors(self) -> list[WemoSensor]: ...

    async def add_sensor(self, sensor: WemoSensor, /) -> None:
        """Hears it from now on (invalid, conflict)."""
        ...

    async def remove_sensor(self, udn: str, /) -> None:
        """Hears it no more (not_found)."""
        ...


class NoWemo:
    """An engine that is off reaches no device."""

    async def search(self, _seconds: float) -> list[FoundWemo]:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def look(self, _host: str, *, allow_local: bool) -> list[FoundWemo]:  # noqa: ARG002 (it cannot look)
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def sensors(self) -> list[WemoSensor]:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def add_sensor(self, _sensor: WemoSensor) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def remove_sensor(self, _udn: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()


def _no_engine() -> WachtelError:
    return WachtelError(ErrorKind.BUSY, "The server is not running.", hint="Start it with `wachtel serve`.")
