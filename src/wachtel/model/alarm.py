"""The alarm panel of a site: its zones, its delays, and what it is doing."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.model.rule import NEVER, ArmState

ALARMING = ("open", "on", "alarm")
"""States of a sensor that set off, where a zone does not say otherwise."""


class ZoneKind(StrEnum):
    """When a zone watches, and how long it waits.

    Perimeter: in every armed state, at once. Entry: in every armed state, after the entry delay. Interior: only while
    everybody is away. Always: smoke, water, tampering; even while the site is disarmed.
    """

    PERIMETER = "perimeter"
    ENTRY = "entry"
    INTERIOR = "interior"
    ALWAYS = "always"


class Phase(StrEnum):
    """What the panel is doing. Arming is the exit delay, pending the entry delay."""

    DISARMED = "disarmed"
    ARMING = "arming"
    ARMED = "armed"
    PENDING = "pending"
    TRIGGERED = "triggered"


class ArmedBy(StrEnum):
    """The way by which somebody arms or disarms."""

    PAGE = "page"
    RULE = "rule"
    MQTT = "mqtt"
    HOMEKIT = "homekit"


@dataclass(frozen=True, slots=True)
class AlarmZone:
    """Sensors and cameras that belong together.

    ``states`` are those of its sensors that set off. ``confirm``: one sensor alone is only a warning, until a camera of
    the site or another zone sees something too. ``siren`` False: the zone makes no noise.
    """

    id: str
    name: str
    kind: ZoneKind
    sensors: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    states: tuple[str, ...] = ALARMING
    confirm: bool = False
    siren: bool = True


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """How a panel is set up.

    ``exit_in`` are the states into which the exit delay leads; into the others it arms at once. ``sirens`` are
    actuators; they sound for at most ``siren_s``, at most ``most_sirens`` times until somebody disarms.
    ``confirm_s``: what happens within this time confirms each other. ``code_to_arm``: arming needs a code too, not only
    disarming. ``without_code`` are the ways that need no code at all.
    """

    zones: tuple[AlarmZone, ...] = ()
    exit_delay_s: float = 60.0
    entry_delay_s: float = 30.0
    exit_in: tuple[ArmState, ...] = (ArmState.AWAY,)
    sirens: tuple[str, ...] = ()
    siren_s: float = 180.0
    most_sirens: int = 3
    confirm_s: float = 60.0
    code_to_arm: bool = False
    without_code: tuple[ArmedBy, ...] = (ArmedBy.RULE,)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A sensor that nothing has confirmed yet; it can be until ``until``."""

    source: str
    zone: str
    until: WallUs


@dataclass(frozen=True, slots=True)
class PanelState:
    """All that a panel must remember over a restart.

    ``mode`` is the state it is armed to or will be, ``standing`` the one that rules see. ``until`` is the end of the
    running delay. ``sources`` are what set off, first one first, ``zone`` the zone of the first. ``sirens`` counts how
    often they sounded; ``siren_until`` and ``rest_until`` are the end of the sound and of the silence that follows.
    ``episode`` names this arming or alarm. ``armed_at``: what was seen before does not count. ``camera_at`` is when a
    camera saw something last, ``looked`` when all this was true.
    """

    phase: Phase = Phase.DISARMED
    mode: ArmState = ArmState.DISARMED
    standing: ArmState = ArmState.DISARMED
    since: WallUs = NEVER
    until: WallUs | None = None
    bypassed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    zone: str = ""
    siren_until: WallUs | None = None
    rest_until: WallUs | None = None
    sirens: int = 0
    doubts: tuple[Doubt, ...] = ()
    episode: str = ""
    armed_at: WallUs = NEVER
    camera_at: WallUs = NEVER
    looked: WallUs = NEVER


class AlarmWord(StrEnum):
    """What a panel is doing, in one word for people and programs."""

    DISARMED = "disarmed"
    ARMING = "arming"
    HOME = "home"
    AWAY = "away"
    NIGHT = "night"
    PENDING = "pending"
    TRIGGERED = "triggered"


def word_of(state: PanelState) -> AlarmWord:
    """The phase, and in the phase armed how."""
    return AlarmWord(state.mode.value if state.phase is Phase.ARMED else state.phase.value)


@dataclass(frozen=True, slots=True)
class AlarmStatus:
    """What anybody may know who may see the site. ``mode`` is what it is armed to or will be; ``until`` is the end of
    the running delay. ``zone`` is the name of the zone that set off, ``warned`` are sensors that nothing has confirmed.
    """

    site: str
    word: AlarmWord
    mode: ArmState
    since: WallUs
    until: WallUs | None = None
    zone: str = ""
    sources: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    bypassed: tuple[str, ...] = ()
    siren_until: WallUs | None = None


@dataclass(frozen=True, slots=True)
class FoundCode:
    """Whose code it is."""

    name: str
    duress: bool


class AlarmNoteKind(StrEnum):
    """What a line of the panel's log is about."""

    ARMING = "arming"
    ARMED = "armed"
    DISARMED = "disarmed"
    BYPASSED = "bypassed"
    PENDING = "pending"
    TRIGGERED = "triggered"
    AGAIN = "again"
    UNCONFIRMED = "unconfirmed"
    SIREN_ON = "siren_on"
    SIREN_OFF = "siren_off"
    NO_MORE_SIRENS = "no_more_sirens"
    CAMERA_LOST = "camera_lost"
    WRONG_CODE = "wrong_code"
    REFUSED_OPEN = "refused_open"
    SETTINGS = "settings"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class AlarmNote:
    """A line of the panel's log: what, by whom (a person, a sensor, a camera, "" for the clock), and a word on it."""

    at: WallUs
    kind: AlarmNoteKind
    who: str = ""
    detail: str = ""
