"""Which message of a channel leaves next, and when: quiet hours, snoozing, the limit per hour, bundling. Pure.

A message that failed is tried again before any other. What is urgent waits for nothing. At most ``per_hour`` messages
leave in any hour: the first half of them one by one and at once, the rest spread over the hour; what comes faster is
bundled, so nothing is dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from wachtel.automation.rule_times import day_and_minute
from wachtel.base.units import HOUR_US, US_PER_S, WallUs
from wachtel.model.message import Message, MessageKind
from wachtel.model.schedule import ALWAYS, Schedule
from wachtel.model.wishes import Snooze
from wachtel.storage.state.outbox import OutboxEntry

LOOK_AGAIN_S = 60.0
"""Quiet hours and snoozing are looked at once a minute; the clock may be set meanwhile."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a channel now. ``quiet`` counts by the clock of the message's site, in ``zones``; ``sent`` are the
    times at which messages left in the last hour.
    """

    channel: str
    per_hour: int = 0
    quiet: Schedule = ALWAYS
    snoozes: tuple[Snooze, ...] = ()
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)
    sent: tuple[WallUs, ...] = ()

    @property
    def plain(self) -> bool:
        """True when each message simply leaves in its turn."""
        return not (self.per_hour or self.quiet.stretches or self.snoozes)

    def holds(self, message: Message, at: WallUs) -> bool:
        """Whether the message had to wait at this moment, by quiet hours or because somebody snoozed."""
        cameras = {camera.id for camera in message.cameras}
        for one in self.snoozes:
            mine = one.channel in ("", self.channel) and (not one.camera or cameras == {one.camera})
            if mine and one.since <= at < one.until:
                return True
        if not self.quiet.stretches:
            return False
        zone = self.zones.get("" if message.site is None else message.site.id) or self.zones.get("")
        return zone is not None and self.quiet.covers(*day_and_minute(at, zone))


@dataclass(frozen=True, slots=True)
class Leave:
    """These leave now: one by itself, or several in one."""

    entries: tuple[OutboxEntry, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing leaves for so long, or until something changes."""

    seconds: float


def next_step(waiting: Sequence[OutboxEntry], terms: Terms, now: WallUs) -> Leave | Rest | None:
    """None when nothing waits. ``waiting`` are in order."""
    if not waiting:
        return None
    for entry in waiting:
        if entry.tries:
            return Leave((entry,))
    alone = [entry for entry in waiting if entry.message is None or _passes(entry.message)]
    if alone:
        return Leave((alone[0],))
    free = [entry for entry in waiting if entry.message and not terms.holds(entry.message, now)]
    if not free:
        return Rest(_until_released(terms, now))
    if not terms.per_hour:
        return Leave((free[0],))
    room, wait_s = allowance(terms.sent, terms.per_hour, now)
    if not room:
        return Rest(wait_s)
    late = any(entry.message and terms.holds(entry.message, entry.created) for entry in free)
    return Leave((free[0],) if len(free) == 1 or (len(free) <= room and not late) else tuple(free))


def allowance(sent: Sequence[WallUs], per_hour: int, now: WallUs) -> tuple[int, float]:
    """How many messages may leave now, and, when that is none, in how many seconds one may.

    In no stretch of an hour more than ``per_hour`` leave. Times in the future are from before the clock was set back.
    """
    recent = sorted(at for at in sent if now - HOUR_US < at <= now)
    at_once = max(1, per_hour // 2)
    if len(recent) < at_once:
        return at_once - len(recent), 0.0
    full = len(recent) >= per_hour
    due = recent[-per_hour] + HOUR_US if full else recent[-1] + HOUR_US // (per_hour - at_once)
    return (1, 0.0) if due <= now else (0, (due - now) / US_PER_S)


def _passes(message: Message) -> bool:
    return message.kind.urgent or message.kind is MessageKind.BUNDLE


def _until_released(terms: Terms, now: WallUs) -> float:
    ends = [(one.until - now) / US_PER_S for one in terms.snoozes if one.until > now]
    return min([LOOK_AGAIN_S, *ends])
