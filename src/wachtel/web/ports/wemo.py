"""Wemo devices, as the web layer reaches them."""

from typing import Protocol

from wachtel.actuators.wemo.finding import FoundWemo
from wachtel.actuators.wemo.messages import Place
from wachtel.automation.wemo.imports import ImportWish, RulesImport
from wachtel.automation.wemo.presence import ShownSensor
from wachtel.automation.wemo.rule_import import Converted
from wachtel.automation.wemo.sensors import WemoSensor
from wachtel.web.ports.engine_off import not_running


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

    async def rules_of(self, place: Place, /) -> bytes:
        """The file with the rules a device keeps (not_found, unreachable)."""
        ...

    async def look_at_rules(self, data: bytes, wish: ImportWish, /) -> Converted:
        """What an import would make (bad_data, invalid)."""
        ...

    async def take_over_rules(self, data: bytes, wish: ImportWish, /) -> tuple[RulesImport, Converted]:
        """Makes the rules (bad_data, invalid)."""
        ...

    async def rule_imports(self) -> list[RulesImport]:
        """Imports that can be undone."""
        ...

    async def undo_import(self, imported: str, /) -> None:
        """Removes what an import made (not_found)."""
        ...


class NoWemo:
    """An engine that is off reaches no device."""

    async def search(self, _seconds: float) -> list[FoundWemo]:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def look(self, _host: str, *, allow_local: bool) -> list[FoundWemo]:  # noqa: ARG002 (it cannot look)
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def sensors(self) -> list[WemoSensor]:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def add_sensor(self, _sensor: WemoSensor) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def remove_sensor(self, _udn: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def networks(self) -> tuple[list[str], list[str], dict[str, str]]:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def listen_at(self, _addresses: list[str]) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def shown(self) -> list[ShownSensor]:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def show(self, _camera: str, _hold_s: float) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def hide(self, _camera: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def rules_of(self, _place: Place) -> bytes:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def look_at_rules(self, _data: bytes, _wish: ImportWish) -> Converted:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def take_over_rules(self, _data: bytes, _wish: ImportWish) -> tuple[RulesImport, Converted]:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def rule_imports(self) -> list[RulesImport]:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def undo_import(self, _imported: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()
