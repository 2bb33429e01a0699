"""Rules: what sets them off, under which conditions, and what they do then."""

from dataclasses import dataclass, field
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.model.schedule import ALWAYS, DAYS, Day, Schedule
from wachtel.model.sound import SoundWish

NEVER = WallUs(0)


class ArmState(StrEnum):
    """How a site is armed."""

    DISARMED = "disarmed"
    HOME = "home"
    AWAY = "away"
    NIGHT = "night"


class TriggerKind(StrEnum):
    """What sets a rule off. The first two come from a camera's picture, the next three from its recording."""

    EVENT_BEGAN = "event_began"
    EVENT_ENDED = "event_ended"
    CAMERA_OFFLINE = "camera_offline"
    CAMERA_BACK = "camera_back"
    NOT_RECORDING = "not_recording"
    TIME = "time"
    SUNRISE = "sunrise"
    SUNSET = "sunset"
    SENSOR = "sensor"
    ARMED = "armed"
    PRESENCE = "presence"
    ALARM = "alarm"
    SOUND = "sound"


OF_EVENTS = frozenset({TriggerKind.EVENT_BEGAN, TriggerKind.EVENT_ENDED})
OF_CAMERAS = OF_EVENTS | {
    TriggerKind.CAMERA_OFFLINE,
    TriggerKind.CAMERA_BACK,
    TriggerKind.NOT_RECORDING,
    TriggerKind.SOUND,
}
OF_THE_CLOCK = frozenset({TriggerKind.TIME, TriggerKind.SUNRISE, TriggerKind.SUNSET})


class Presence(StrEnum):
    """What somebody's coming or going means: a person is home or away, the first one came, the last one left."""

    HOME = "home"
    AWAY = "away"
    FIRST_HOME = "first_home"
    EVERYBODY_AWAY = "everybody_away"


ALARM_STATES = ("arming", "home", "away", "night", "pending", "triggered", "disarmed")
"""What an alarm panel can come to do, as a trigger names it."""


class Light(StrEnum):
    """Whether the sun is down or up at the site."""

    DARK = "dark"
    LIGHT = "light"


class ActionKind(StrEnum):
    """What a rule does."""

    SWITCH = "switch"
    DIM = "dim"
    SIREN = "siren"
    CALL = "call"
    PUBLISH = "publish"
    MESSAGE = "message"
    KEEP_CLIP = "keep_clip"
    SNAPSHOT = "snapshot"
    ARM = "arm"
    PRESET = "preset"
    RELAY = "relay"


DRIVEN = frozenset({ActionKind.SWITCH, ActionKind.DIM, ActionKind.SIREN, ActionKind.CALL})
"""Actions that name an actuator."""

OF_CAMERA_PARTS = frozenset({ActionKind.PRESET, ActionKind.RELAY})
"""Actions that name a camera and one of its presets or outputs, as ``camera/part``."""

HELD = frozenset({ActionKind.SWITCH, ActionKind.DIM, ActionKind.SIREN, ActionKind.RELAY})
"""Actions that leave an actuator in a state, which can be ended after a while."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One thing that sets a rule off. Fields that the kind does not use are empty.

    ``cameras`` empty means every camera of the site; ``zones`` and ``lines`` empty mean the whole picture. ``sensor``
    becoming ``state`` sets off. ``minute`` of the site's day, on ``days``; ``offset_min`` counts from sunrise or
    sunset, negative before it. ``armed`` is the new state of the site, None any. ``state``
    is a `Presence` for the kind presence, where ``person`` "" means anybody, and one of `ALARM_STATES` for alarm.
    """

    kind: TriggerKind
    cameras: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    sensor: str = ""
    state: str = ""
    minute: int | None = None
    days: tuple[Day, ...] = DAYS
    offset_min: int = 0
    armed: ArmState | None = None
    person: str = ""
    sound: SoundWish | None = None


@dataclass(frozen=True, slots=True)
class SensorIs:
    """A sensor of the site that must be in this state."""

    sensor: str
    state: str


@dataclass(frozen=True, slots=True)
class Conditions:
    """All must hold at the moment of the trigger; the default allows everything.

    ``schedule`` counts in the site's own time; ``armed`` empty means in any state. ``somebody_home`` False: nobody is.
    """

    schedule: Schedule = ALWAYS
    armed: tuple[ArmState, ...] = ()
    light: Light | None = None
    sensors: tuple[SensorIs, ...] = ()
    somebody_home: bool | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a rule does; fields that the kind does not use are empty.

    ``target`` is an actuator, a channel, or ``camera/part``; ``on`` is for switches, ``level`` 0..100 for dimmers.
    ``off_after_s``: undone so long after what set the rule off is over; None never. ``text`` is a message's text or
    what is published at ``topic``, ``retain`` keeps it there. ``armed`` is the state to set.
    """

    kind: ActionKind
    target: str = ""
    on: bool = True
    level: int | None = None
    off_after_s: float | None = None
    text: str = ""
    topic: str = ""
    retain: bool = False
    armed: ArmState | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Any trigger, under all conditions, does all actions, at one site. It counts what happens from ``hears_from``."""

    id: str
    site: str
    name: str
    triggers: tuple[Trigger, ...]
    actions: tuple[Action, ...]
    conditions: Conditions = field(default_factory=Conditions)
    enabled: bool = True
    created: WallUs = NEVER
    hears_from: WallUs = NEVER


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site lies, in degrees; north and east are positive."""

    latitude: float
    longitude: float


class Why(StrEnum):
    """Why a rule did or did not fire."""

    FIRED = "fired"
    NOT_NOW = "not_now"
    NOT_ARMED_SO = "not_armed_so"
    TOO_LIGHT = "too_light"
    TOO_DARK = "too_dark"
    NO_PLACE = "no_place"
    SENSOR_DIFFERS = "sensor_differs"
    PRESENCE_DIFFERS = "presence_differs"
    TOO_LATE = "too_late"
    TOO_OFTEN = "too_often"
    BY_RULE = "by_rule"
    ENDED = "ended"
    STILL_HELD = "still_held"


@dataclass(frozen=True, slots=True)
class RuleNote:
    """A line of a rule's log. ``cause`` names what set it off or would have; ``times`` how often it was the same."""

    rule: str
    at: WallUs
    cause: str
    why: Why
    detail: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """One action to be done now, made once by a rule and a cause. ``place`` is the action's place in the rule.

    ``camera`` and ``event`` are those of the cause, "" for none.
    """

    rule: str
    cause: str
    place: int
    site: str
    action: Action
    made: WallUs
    camera: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An actuator that a rule keeps on: until ``until``, or as long as any of ``signals`` lasts; neither means for
    good.

    ``action`` is what holds it; ``place`` is its place in the rule.
    """

    actuator: str
    rule: str
    place: int
    site: str
    action: Action
    until: WallUs | None = None
    signals: tuple[str, ...] = ()
