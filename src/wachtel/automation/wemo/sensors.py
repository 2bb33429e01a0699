"""Wemo sensors that somebody wants to hear, and what rules know them as."""

import re
from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.wemo import SENSING, kind_of
from wachtel.storage.state.settings import Settings

SETTING = "wemo_sensors"
MOST_SENSORS = 64
_SPELT = {
    ord(char): spelt
    for char, spelt in zip("äöüßÄÖÜ", ("ae", "oe", "ue", "ss", "Ae", "Oe", "Ue"), strict=True)
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,99}")


@dataclass(frozen=True, slots=True)
class WemoSensor:
    """``udn`` is the device, ``name`` what rules of ``site`` call its sensor, ``label`` what it calls itself."""

    udn: str
    site: str
    name: str
    host: str
    port: int
    label: str = ""


class WemoSensors:
    """Blocking; usable by any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> list[WemoSensor]:
        """Every sensor, oldest first."""
        return self._settings.get(SETTING, list[WemoSensor]) or []

    def add(self, sensor: WemoSensor) -> None:
        """Raises `WachtelError` (invalid, conflict)."""
        known = self.all()
        if kind_of(sensor.udn) not in SENSING:
            raise _invalid("This Wemo device has no sensor.", "A Wemo Motion or a Maker has one.")
        if _NAME.fullmatch(sensor.name) is None:
            raise _invalid(
                "A sensor's name begins with a letter or a digit.",
                "Letters, digits, spaces and _ . : / - may follow, a hundred at most.",
            )
        if any(one.udn == sensor.udn for one in known):
            raise WachtelError(ErrorKind.CONFLICT, "This Wemo sensor is heard already.")
        if any((one.site, one.name) == (sensor.site, sensor.name) for one in known):
            raise WachtelError(
                ErrorKind.CONFLICT, f"There is a sensor {sensor.name!r} already.", hint="Choose another name."
            )
        if len(known) >= MOST_SENSORS:
            raise _invalid(f"{MOST_SENSORS} Wemo sensors are heard already.", "Remove one of them.")
        self._settings.put(SETTING, [*known, sensor])

    def remove(self, udn: str) -> WemoSensor:
        """Raises `WachtelError` (not_found)."""
        known = self.all()
        gone = next((one for one in known if one.udn == udn), None)
        if gone is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "This Wemo sensor is not heard.")
        self._settings.put(SETTING, [one for one in known if one.udn != udn] or None)
        return gone


def sensor_name(label: str, udn: str) -> str:
    """A name for rules out of what a device calls itself."""
    plain = re.sub(r"[^A-Za-z0-9_.:/-]+", " ", label.translate(_SPELT)).strip()
    return f"wemo.{plain or udn.rpartition('-')[2]}"[:100].strip()


def _invalid(what: str, hint: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, what, hint=hint)
