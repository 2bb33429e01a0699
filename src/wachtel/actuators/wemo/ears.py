"""Subscriptions to what sensors tell: one listener for each of our addresses. Imported by the worker only."""

import threading
from collections.abc import Callable

from pywemo.ouimeaux_device import Device

from wachtel.actuators.wemo.device import WemoDevice, sensor_state
from wachtel.actuators.wemo.finding import own_address
from wachtel.actuators.wemo.wemo_library import BoundRegistry

Heard = Callable[[str], None]


class Ears:
    """Usable by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._registries: dict[str, BoundRegistry] = {}
        self._known: dict[str, tuple[Device, BoundRegistry]] = {}

    def hear(self, device: WemoDevice, heard: Heard) -> None:
        """Subscribes, unless that is done; a device that was opened anew is subscribed to anew."""
        opened, udn = device.opened, device.place.udn
        known = self._known.get(udn)
        if opened is None or (known is not None and known[0] is opened):
            return
        self.forget(udn)
        try:
            registry = self._registry(own_address(device.place.host))
        except OSError:
            return

        def event(told: Device, kind: str, value: str) -> None:
            told.subscription_update(kind, value)
            heard(sensor_state(told))

        registry.on(opened, None, event)
        registry.register(opened)
        with self._lock:
            self._known[udn] = (opened, registry)

    def is_told(self, device: WemoDevice) -> bool:
        """Whether it tells by itself at the moment."""
        known = self._known.get(device.place.udn)
        return known is not None and known[0] is device.opened and known[1].is_subscribed(known[0])

    def forget(self, udn: str) -> None:
        """Ends the subscription."""
        with self._lock:
            known = self._known.pop(udn, None)
        if known is not None:
            known[1].unregister(known[0])

    def _registry(self, own: str) -> BoundRegistry:
        with self._lock:
            registry = self._registries.get(own)
            if registry is None:
                registry = self._registries[own] = BoundRegistry(own)
                registry.start()
            return registry
