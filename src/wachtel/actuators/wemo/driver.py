"""The driver of Wemo devices as main has it: it hands orders to the process that speaks to them."""

import asyncio
from collections.abc import Mapping
from typing import Protocol
from weakref import WeakKeyDictionary

from wachtel.actuators.api import Command
from wachtel.actuators.wemo.settings import WemoSettings, read_settings
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError


class WemoHands(Protocol):
    """Whoever reaches the devices."""

    async def drive(self, command: Command, settings: WemoSettings) -> None:
        """Returns when the device says that it is so. Raises `WachtelError`."""
        ...


class WemoDriver:
    """As `ActuatorDriver`. The engine of each loop attaches what reaches its devices."""

    settings_type = WemoSettings

    def __init__(self) -> None:
        self._hands: WeakKeyDictionary[asyncio.AbstractEventLoop, WemoHands] = WeakKeyDictionary()

    def attach(self, hands: WemoHands) -> None:
        """From now on orders given in this loop go there."""
        self._hands[asyncio.get_running_loop()] = hands

    def detach(self, hands: WemoHands) -> None:
        """Orders go nowhere, unless somebody else attached meanwhile."""
        loop = asyncio.get_running_loop()
        if self._hands.get(loop) is hands:
            del self._hands[loop]

    def create(self, fields: Mapping[str, str], *, allow_local: bool) -> WemoSettings:
        """Fields ``udn``, ``host``, ``port`` and ``self_off_s``. Raises `WachtelError` (invalid, forbidden_url)."""
        return read_settings(fields, allow_local=allow_local)

    def address(self, settings: WemoSettings) -> str:
        """Host and port, as it is entered."""
        return f"wemo://{settings.host}:{settings.port}"

    async def drive(self, command: Command, settings: WemoSettings, clock: Clock) -> None:  # noqa: ARG002
        """Returns when the device says that it is so. Raises `WachtelError`."""
        hands = self._hands.get(asyncio.get_running_loop())
        if hands is None:
            raise WachtelError(
                ErrorKind.BUSY,
                "Wemo devices are driven by the running server only.",
                hint="Start it with `wachtel serve`.",
            )
        await hands.drive(command, settings)
