"""What an alarm panel decides: whom to tell, what sounds, how the site stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.alarm import (
    AlarmNote,
    AlarmNoteKind,
)
from wachtel.model.rule import ArmState


class Telling(StrEnum):
    """What people are told of."""

    ARMED = "armed"
    DISARMED = "disarmed"
    ALARM = "alarm"
    WARNING = "warning"
    CAMERA_LOST = "camera_lost"
    WRONG_CODES = "wrong_codes"
    OVER = "over"
    DURESS = "duress"


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell people. ``number`` tells apart what one episode tells more than once."""

    telling: Telling
    at: WallUs
    episode: str
    who: str = ""
    zone: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """Sirens sound for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """Sirens go off."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Rules see this arm state from now on."""

    armed: ArmState


Effect = Tell | Sound | Silence | Stand


@dataclass(slots=True)
class PanelOutcome:
    """What follows, in order."""

    effects: list[Effect] = field(default_factory=list)
    notes: list[AlarmNote] = field(default_factory=list)

    def note(self, at: WallUs, kind: AlarmNoteKind, who: str = "", detail: str = "") -> None:
        self.notes.append(AlarmNote(at, kind, who, detail))


class StillOpen(WachtelError):
    """Arming is refused because of sensors that are open; ``names`` are those."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            ErrorKind.CONFLICT,
            f"Not armed, because these are open: {', '.join(self.names)}.",
            hint="Close them, or arm and leave them out until the site is disarmed.",
            details={"open": ", ".join(self.names)},
            code="alarm_open",
        )
