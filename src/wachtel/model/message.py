"""What is told to people and programs outside, whatever the way it takes."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.model.event import Why


class MessageKind(StrEnum):
    """What a message is about; a channel says which it wants."""

    EVENT_BEGAN = "event_began"
    EVENT_ENDED = "event_ended"
    CAMERA_OFFLINE = "camera_offline"
    CAMERA_BACK = "camera_back"
    NOT_RECORDING = "not_recording"
    ALARM = "alarm"
    ALARM_WARNING = "alarm_warning"
    ALARM_OVER = "alarm_over"
    ARMED = "armed"
    DISARMED = "disarmed"
    DURESS = "duress"
    CHANNEL_FAILING = "channel_failing"
    RULE = "rule"
    BUNDLE = "bundle"
    TEST = "test"

    @property
    def urgent(self) -> bool:
        """Neither quiet hours nor snoozing nor bundling nor a limit per hour holds it back."""
        return self in URGENT


URGENT = frozenset({MessageKind.ALARM, MessageKind.ALARM_WARNING, MessageKind.DURESS})

_OF_THEMSELVES = (MessageKind.RULE, MessageKind.BUNDLE, MessageKind.TEST)

SUBSCRIBABLE = tuple(kind for kind in MessageKind if kind not in _OF_THEMSELVES)
"""Kinds a channel can ask for; a rule names its channel itself, a bundle is made of others, and a test is sent on
demand only."""

USUAL = tuple(kind for kind in SUBSCRIBABLE if kind is not MessageKind.DURESS)
"""Kinds a channel gets that asks for none: duress must not light up on the phone that is looked at."""

FOR_PEOPLE = tuple(kind for kind in USUAL if kind is not MessageKind.EVENT_ENDED)
"""What people are usually told; that motion is over is for programs."""


@dataclass(frozen=True, slots=True)
class Named:
    """A site or camera as people know it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Tally:
    """So many messages of one kind about one camera since ``first``."""

    kind: MessageKind
    camera: Named | None
    count: int
    first: WallUs


@dataclass(frozen=True, slots=True)
class Message:
    """One message. The same thing told twice has the same ``id``, so receivers can drop the second.

    ``at`` is when it became true, ``start`` and ``end`` are the ends of what it tells of (motion, outage). ``event``
    names the event, ``reason`` is an error kind and ``what`` its sentence, for cameras in trouble. ``link`` is the path
    of the page about it, ``snapshot`` the path of its picture; both are relative to the server's address, "" when there
    is none. A bundle stands for ``count`` things, which ``tally`` lists.
    """

    id: str
    kind: MessageKind
    at: WallUs
    site: Named | None = None
    cameras: tuple[Named, ...] = ()
    event: str = ""
    start: WallUs | None = None
    end: WallUs | None = None
    score: float | None = None
    zones: tuple[str, ...] = ()
    why: Why | None = None
    reason: str = ""
    what: str = ""
    link: str = ""
    snapshot: str = ""
    count: int = 1
    tally: tuple[Tally, ...] = ()
