"""Wemo devices, as the web layer reaches them."""

from typing import Protocol

from wachtel.actuators.wemo.finding import FoundWemo
from wachtel.automation.wemo.presence import ShownSensor
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

    async def networks(self) -> tuple[list[str], list[str], dict[str, str]]:
        """Own addresses at which cameras are shown, all own addresses, and what is wrong with which."""
        ...

    async def listen_at(self, addresses: list[str], /) -> None:
        """Shows cameras at these own addresses only (invalid)."""
        ...

    async def shown(self) -> list[ShownSensor]:
        """Every camera that is shown, as others see it."""
        ...

    async def show(self, camera: str, hold_s: float, /) -> None:
        """Shows a camera (invalid)."""
        ...

    async def hide(self, camera: str, /) -> None: ...


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

    async def networks(self) -> tuple[list[str], list[str], dict[str, str]]:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def listen_at(self, _addresses: list[str]) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def shown(self) -> list[ShownSensor]:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def show(self, _camera: str, _hold_s: float) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def hide(self, _camera: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()


def _no_engine() -> WachtelError:
    return WachtelError(ErrorKind.BUSY, "The server is not running.", hint="Start it with `wachtel serve`.")
