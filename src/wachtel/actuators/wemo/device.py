"""One Wemo device as its lane drives it. Imported by the worker only; every method blocks for seconds at most."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from pywemo.exceptions import PyWeMoException
from pywemo.ouimeaux_device import Device
from pywemo.ouimeaux_device.dimmer import Dimmer
from pywemo.ouimeaux_device.maker import Maker

from wachtel.actuators.wemo import wemo_library
from wachtel.actuators.wemo.finding import FoundWemo, NobodyThere, look, look_at_host
from wachtel.actuators.wemo.messages import Place
from wachtel.base.errors import ErrorKind, WachtelError

log = logging.getLogger(__name__)

T = TypeVar("T")

STANDBY = 8
"""An Insight that is on while what is plugged in draws next to nothing."""

SETTLE_S = 0.2
READ_BACK_TRIES = 3
_LIBRARY_ERRORS = (PyWeMoException, SyntaxError, ValueError, LookupError, TypeError, AssertionError, OSError)
"""What pywemo and its XML parser raise for a device that is away, or says nonsense."""

Search = Callable[[str, str], tuple[str, int] | None]


class WemoDevice:
    """Opened when it is first needed; found again when its port has moved."""

    def __init__(self, place: Place, search: Search, moved: Callable[[Place], None]) -> None:
        self.place = self._given = place
        self._search = search
        self._moved = moved
        self._device: Device | None = None

    def given(self, place: Place) -> None:
        """Somebody says where it is; news only if it is not what was said before."""
        if place not in (self.place, self._given):
            self.place = place
            self._device = None
        self._given = place

    @property
    def opened(self) -> Device | None:
        """What pywemo knows it as, None before the first question and after a failed one."""
        return self._device

    def drive(self, on: bool, level: int | None, self_off_s: int) -> None:
        """Brings it into a state and asks whether it is in it. Raises `WachtelError`."""
        self._ask(lambda device: _order(device, on, level, self_off_s))
        for again in range(READ_BACK_TRIES):
            if again:
                time.sleep(SETTLE_S)
            if self._ask(lambda device: _is_so(device, on, level)):
                return
        raise WachtelError(
            ErrorKind.BUSY,
            f"The Wemo device at {self.place.host} took the order and is not {'on' if on else 'off'}.",
            code="wemo_not_so",
            details={"host": self.place.host},
        )

    def is_on(self) -> bool:
        """As it says now. Raises `WachtelError`."""
        return self._ask(lambda device: _state_of(device) in (1, STANDBY))

    def sensor(self) -> str:
        """``on`` or ``off`` as its sensor says now. Raises `WachtelError`."""

        def read(device: Device) -> str:
            _state_of(device)
            return sensor_state(device)

        return self._ask(read)

    def rules_path(self) -> str:
        """The address of the file with its rules, "" for none. Raises `WachtelError`."""

        def read(device: Device) -> str:
            rules = device.services.get("rules")
            if rules is None or "FetchRules" not in rules.actions:
                return ""
            return str(rules.actions["FetchRules"]().get("ruleDbPath", ""))

        return self._ask(read)

    def open(self) -> Device:
        """Raises `WachtelError` (unreachable)."""
        return self._ask(lambda device: device)

    def _ask(self, question: Callable[[Device], T]) -> T:
        """Asks; when that fails it is looked for once, and asked again."""
        try:
            return question(self._here())
        except _LIBRARY_ERRORS as error:
            log.info("the Wemo device at %s: %s", self.place.host, error)
        self._device = None
        self._find_again()
        try:
            return question(self._here())
        except _LIBRARY_ERRORS as error:
            self._device = None
            raise self._away() from error

    def _here(self) -> Device:
        """It itself, and no other device that has its address by now."""
        place = self.place
        if self._device is None:
            self._device = wemo_library.open_device(place.udn, place.host, place.port)
            return self._device
        try:
            there = look(place.host, place.port)
        except NobodyThere:
            there = None
        if there is None or there.udn != place.udn:
            raise LookupError("somebody else, or nobody, is at its address")
        return self._device

    def _find_again(self) -> None:
        """By the usual ports of the host where it was, then by asking the network, if that was not done just now."""
        udn, host = self.place.udn, self.place.host
        known: list[FoundWemo] = look_at_host(host, udn, self.place.port)
        there = (known[0].host, known[0].port) if known else self._search(udn, host)
        if there is None:
            raise self._away()
        place = Place(udn, *there)
        if place != self.place:
            self.place = place
            self._moved(place)

    def _away(self) -> WachtelError:
        return WachtelError(
            ErrorKind.UNREACHABLE,
            f"The Wemo device at {self.place.host} does not answer.",
            code="wemo_away",
            hint="Is it plugged in, and in the same network?",
            details={"host": self.place.host},
        )


def _order(device: Device, on: bool, level: int | None, self_off_s: int) -> None:
    """``Error`` in its answer means that it is so already; reading back tells."""
    arguments: dict[str, Any] = {"BinaryState": int(on)}
    if on and level is not None and isinstance(device, Dimmer):
        arguments["brightness"] = max(1, level)
    if on and self_off_s:
        arguments |= {"Duration": self_off_s, "EndAction": 0, "UDN": device.udn}
    device.services["basicevent"].actions["SetBinaryState"](**arguments)


def _is_so(device: Device, on: bool, level: int | None) -> bool:
    state = _state_of(device)
    if isinstance(device, Maker) and on and device.switch_mode:
        return True
    if (state in (1, STANDBY)) != on:
        return False
    if on and level is not None and isinstance(device, Dimmer):
        return device.get_brightness() == max(1, level)
    return True


def _state_of(device: Device) -> int:
    """As it says now. Some say more figures behind the state, which pywemo takes for off."""
    state = device.get_state(force_update=True)
    said = device.basic_state_params.get("BinaryState", "").partition("|")[0]
    return int(said) if said.isdecimal() and not isinstance(device, Maker) else state


def sensor_state(device: Device) -> str:
    """``on`` or ``off``; a Maker's sensor says 0 while its contact is closed."""
    if isinstance(device, Maker):
        return "on" if device.has_sensor and device.sensor_state else "off"
    return "on" if device.get_state() else "off"
