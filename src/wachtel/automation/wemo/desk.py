"""Everything Wemo of one installation: devices are found, driven and heard, cameras are shown."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from wachtel.actuators.wemo.finding import FoundWemo
from wachtel.actuators.wemo.messages import Place
from wachtel.actuators.wemo.settings import checked_host
from wachtel.automation.wemo.devices import WemoDevices
from wachtel.automation.wemo.imports import ImportWish, RuleImports, RulesImport
from wachtel.automation.wemo.presence import ShownSensor, WemoPresence
from wachtel.automation.wemo.rule_import import Converted
from wachtel.automation.wemo.sensors import WemoSensor, WemoSensors
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.discovery.networks import local_networks
from wachtel.cameras.discovery.search import SearchPlan, default_plan
from wachtel.cameras.discovery.wemo import find_wemo, of_host
from wachtel.storage.state import State


class RulesAtWork(Protocol):
    """Rules, as this desk knows them."""

    async def sensed(self, site: str, sensor: str, state: str, /) -> None: ...

    async def rules_changed(self) -> None: ...


class WemoDesk:
    """Created inside the loop; `start` first, `close` last. ``plan`` says where to look; asked for each search."""

    def __init__(
        self,
        state: State,
        rules: RulesAtWork,
        presence: WemoPresence,
        clock: Clock,
        plan: Callable[[], SearchPlan] = default_plan,
    ) -> None:
        self.presence = presence
        self.sensor_book = WemoSensors(state.settings)
        self.devices = WemoDevices(state.actuators, clock, self._heard)
        self._rules = rules
        self._imports = RuleImports(state, rules.rules_changed, clock)
        self._clock = clock
        self._plan = plan
        self._searching = False
        self._sensors: dict[str, WemoSensor] = {}

    async def start(self) -> None:
        """Devices that rules drive are met, opted-in sensors are heard; of all others nothing is asked."""
        await self.devices.start()
        await self._listen()
        await self.presence.start()

    async def close(self) -> None:
        """Ends the processes."""
        await self.presence.close()
        await self.devices.close()

    async def search(self, seconds: float) -> list[FoundWemo]:
        """Asks the local networks now. Raises `WachtelError` (busy, unreachable)."""
        if self._searching:
            raise WachtelError(
                ErrorKind.BUSY,
                "A search is running already.",
                hint="It ends within half a minute.",
                code="search_runs",
            )
        self._searching = True
        try:
            return await asyncio.to_thread(find_wemo, self._plan(), seconds, self._clock)
        finally:
            self._searching = False

    async def look(self, host: str, *, allow_local: bool) -> list[FoundWemo]:
        """The Wemo devices at one address. Raises `WachtelError` (invalid, forbidden_url)."""
        return await asyncio.to_thread(of_host, checked_host(host, allow_local=allow_local))

    async def sensors(self) -> list[WemoSensor]:
        """Those that are heard."""
        return list(self._sensors.values())

    async def add_sensor(self, sensor: WemoSensor) -> None:
        """Hears it from now on. Raises `WachtelError` (invalid, conflict, not_found)."""
        await asyncio.to_thread(self.sensor_book.add, sensor)
        await self._listen()

    async def remove_sensor(self, udn: str) -> None:
        """Hears it no more; what held because of it ends. Raises `WachtelError` (not_found)."""
        gone = await asyncio.to_thread(self.sensor_book.remove, udn)
        await self._listen()
        await self._rules.sensed(gone.site, gone.name, "unknown")

    async def rules_of(self, place: Place) -> bytes:
        """As `WemoDevices.rules_of`."""
        return await self.devices.rules_of(place)

    async def networks(self) -> tuple[list[str], list[str], dict[str, str]]:
        """Own addresses at which cameras are shown, all own addresses, and what is wrong with which."""
        own = [address for address, _ in await asyncio.to_thread(local_networks)]
        return list(self.presence.addresses()), own, dict(self.presence.troubles)

    async def listen_at(self, addresses: list[str]) -> None:
        """As `WemoPresence.listen_at`."""
        await self.presence.listen_at(addresses)

    async def shown(self) -> list[ShownSensor]:
        """As `WemoPresence.sensors`."""
        return self.presence.sensors()

    async def show(self, camera: str, hold_s: float) -> None:
        """As `WemoPresence.show`."""
        await self.presence.show(camera, hold_s)

    async def hide(self, camera: str) -> None:
        """As `WemoPresence.hide`."""
        await self.presence.hide(camera)

    async def look_at_rules(self, data: bytes, wish: ImportWish) -> Converted:
        """As `RuleImports.look`."""
        return await self._imports.look(data, wish)

    async def take_over_rules(self, data: bytes, wish: ImportWish) -> tuple[RulesImport, Converted]:
        """As `RuleImports.apply`."""
        return await self._imports.apply(data, wish)

    async def rule_imports(self) -> list[RulesImport]:
        """As `RuleImports.all`."""
        return await self._imports.all()

    async def undo_import(self, imported: str) -> None:
        """As `RuleImports.undo`."""
        await self._imports.undo(imported)

    async def _listen(self) -> None:
        found = await asyncio.to_thread(self.sensor_book.all)
        self._sensors = {one.udn: one for one in found}
        self.devices.listen(Place(one.udn, one.host, one.port) for one in found)

    async def _heard(self, udn: str, state: str) -> None:
        sensor = self._sensors.get(udn)
        if sensor is not None:
            await self._rules.sensed(sensor.site, sensor.name, state)
