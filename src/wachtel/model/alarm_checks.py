"""Whether an alarm panel can be meant as it is set up."""

import math

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.alarm import AlarmSettings, AlarmZone
from wachtel.model.rule import ArmState

MOST_ZONES = 32
MOST_IN_ZONE = 64
LONGEST_DELAY_S = 600.0
SHORTEST_SIREN_S, LONGEST_SIREN_S = 1.0, 900.0
MOST_SIRENS = 20


def check_alarm(settings: AlarmSettings) -> None:
    """Raises `WachtelError` (invalid) with the reason."""
    for seconds, what in (
        (settings.exit_delay_s, "exit delay"),
        (settings.entry_delay_s, "entry delay"),
        (settings.confirm_s, "time for confirming"),
    ):
        _check_between(seconds, 0, LONGEST_DELAY_S, what)
    _check_between(settings.siren_s, SHORTEST_SIREN_S, LONGEST_SIREN_S, "siren's time")
    if not 1 <= settings.most_sirens <= MOST_SIRENS:
        raise _invalid(f"Sirens sound once to {MOST_SIRENS} times.")
    if ArmState.DISARMED in settings.exit_in:
        raise _invalid("Nobody needs time to leave a site that is being disarmed.")
    if len(settings.zones) > MOST_ZONES:
        raise _invalid(f"A site has at most {MOST_ZONES} zones.")
    for zone in settings.zones:
        _check_zone(zone)
    _check_once([zone.id for zone in settings.zones], "Two zones have the same id.")
    _check_once([zone.name for zone in settings.zones], "Two zones have the same name.")


def _check_zone(zone: AlarmZone) -> None:
    if not zone.id or not zone.name.strip():
        raise _invalid("A zone needs a name.")
    if not zone.sensors and not zone.cameras:
        raise _invalid(f"The zone {zone.name} has neither a sensor nor a camera.")
    if len(zone.sensors) + len(zone.cameras) > MOST_IN_ZONE:
        raise _invalid(f"The zone {zone.name} has more than {MOST_IN_ZONE} sensors and cameras.")
    if zone.sensors and not all(zone.states):
        raise _invalid(f"The zone {zone.name} has an empty state.")
    if zone.sensors and not zone.states:
        raise _invalid(f"The zone {zone.name} does not say which states of its sensors set it off.")
    _check_once([*zone.sensors, *zone.cameras], f"The zone {zone.name} names something twice.")


def _check_once(names: list[str], what: str) -> None:
    if len(set(names)) != len(names):
        raise _invalid(what)


def _check_between(seconds: float, least: float, most: float, what: str) -> None:
    if not (math.isfinite(seconds) and least <= seconds <= most):
        raise _invalid(f"The {what} lasts from {least:.0f} to {most:.0f} seconds.")


def _invalid(what: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, what)
