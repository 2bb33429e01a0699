"""What each fault does to the camera."""

import secrets
from collections.abc import Callable, Iterable
from typing import Protocol

from wachtel.base.units import microseconds
from wachtel.testing.fake_camera.device import Device, Manner
from wachtel.testing.fake_camera.options import Fault, FaultName

CLOCK_JUMP_S = 3600.0
_SHORTEST_FLAP_S = 0.1
PACKET_LOSS = 0.02
"""Share of the packets that are never sent."""


class Client(Protocol):
    """A connection, as a fault sees it."""

    def cut(self) -> None:
        """Ends at once."""
        ...

    def mute(self, muted: bool) -> None:
        """Sends no packets any more, or again."""
        ...


class Faults:
    """Brings faults about; ``clients`` gives those connected now."""

    def __init__(self, device: Device, clients: Callable[[], Iterable[Client]]) -> None:
        self._device = device
        self._clients = clients
        self._actions: dict[FaultName, Callable[[], None]] = {
            FaultName.DROP: self._drop,
            FaultName.FLAP: self._drop,
            FaultName.STALL: self._stall,
            FaultName.SILENT: lambda: self._behave(Manner.SILENT),
            FaultName.HALF_OPEN: lambda: self._behave(Manner.DEAF),
            FaultName.TRICKLE: lambda: self._behave(Manner.TRICKLING),
            FaultName.ENDLESS_HEADER: lambda: self._behave(Manner.ENDLESS),
            FaultName.WRONG_PASSWORD: self._change_password,
            FaultName.DTS_STEP_BACK: device.player.step_back,
            FaultName.SPS_CHANGE: device.player.change_format,
            FaultName.PACKET_LOSS: lambda: device.player.lose(PACKET_LOSS),
            FaultName.CLOCK_JUMP: lambda: device.player.jump(microseconds(CLOCK_JUMP_S)),
        }

    def apply(self, name: FaultName) -> None:
        """Lets a fault happen now."""
        self._actions[name]()

    def recover(self) -> None:
        """Ends whatever lasts: manners, silence and lost packets."""
        self._device.switches.manner = Manner.NORMAL
        self._device.player.lose(0)
        for client in self._clients():
            client.mute(False)

    async def bring_about(self, fault: Fault) -> None:
        """Waits for the fault's time, and for the end it may have."""
        at_s = fault.at_s
        await self._device.player.wait_until(at_s)
        self.apply(fault.name)
        while fault.name is FaultName.FLAP:
            at_s += max(fault.at_s, _SHORTEST_FLAP_S)
            await self._device.player.wait_until(at_s)
            self.apply(fault.name)
        if fault.for_s is not None:
            await self._device.player.wait_until(at_s + fault.for_s)
            self.recover()

    def _drop(self) -> None:
        for client in self._clients():
            client.cut()

    def _stall(self) -> None:
        for client in self._clients():
            client.mute(True)

    def _behave(self, manner: Manner) -> None:
        self._device.switches.manner = manner
        self._stall()

    def _change_password(self) -> None:
        self._device.gate.change_password(secrets.token_urlsafe())
        self._drop()
