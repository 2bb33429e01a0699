"""What somebody wants to be told by one channel, when, and how often."""

from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.schedule import ALWAYS, Schedule, check_schedule

MOST_PER_HOUR = 240
MOST_NAMES = 64


@dataclass(frozen=True, slots=True)
class Wishes:
    """``cameras`` and ``zones`` empty mean every one; who names zones hears only of events that touch one of them.

    Outside of ``schedule`` nothing is told, then or later. In the hours of ``quiet`` (none by default) messages wait,
    and are told in one when these end. At most ``per_hour`` messages leave in an hour, what is more is bundled; 0
    means each by itself, None as the kind of channel has it. ``language`` is that of the words (ISO 639-1).
    """

    cameras: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    schedule: Schedule = ALWAYS
    quiet: Schedule = ALWAYS
    per_hour: int | None = None
    language: str = "en"


NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Snooze:
    """Quiet from ``since`` to ``until``; ``channel`` or ``camera`` "" means every one."""

    channel: str
    camera: str
    since: WallUs
    until: WallUs


def check_wishes(wishes: Wishes) -> None:
    """Raises `WachtelError` (invalid) for what cannot be meant."""
    check_schedule(wishes.schedule)
    check_schedule(wishes.quiet)
    if wishes.per_hour is not None and not 0 <= wishes.per_hour <= MOST_PER_HOUR:
        raise WachtelError(
            ErrorKind.INVALID,
            f"A channel sends 1 to {MOST_PER_HOUR} messages an hour, or 0 for each by itself.",
        )
    if max(len(wishes.cameras), len(wishes.zones)) > MOST_NAMES:
        raise WachtelError(ErrorKind.INVALID, f"A channel names at most {MOST_NAMES} cameras or zones.")
