"""A subscription as a pure state machine: facts in, its standing on a day out. It never touches local recording.

Facts are only added: the first day, cancellations and their undoing, and which charges were paid when. A cancellation
ends it with the period it was made in. A charge that is not paid within `GRACE_DAYS` ends it too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.periods import Period, period_on
from wachtel.service.plans import NOTHING_HOSTED, Entitlements, PlanOffer

GRACE_DAYS = 14
"""So many days after it was due a charge may still be paid, and everything goes on meanwhile."""


class Standing(StrEnum):
    """Where a subscription stands on a day."""

    PENDING = "pending"
    ACTIVE = "active"
    CANCELLED = "cancelled"
    GRACE = "grace"
    ENDED = "ended"


class Ending(StrEnum):
    """Why it ends."""

    CANCELLED = "cancelled"
    UNPAID = "unpaid"
    SUNSET = "sunset"


@dataclass(frozen=True, slots=True)
class Change:
    """A wish of the subscriber, on the day it was said."""

    kind: Literal["cancel", "resume"]
    on: date


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who has which plan since when. ``time_zone`` decides which day it is; ``currency`` is what is paid in."""

    id: str
    plan: str
    subscriber: str
    residence: str
    currency: str
    time_zone: str
    starts_on: date
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A charge as the state machine sees it; ``paid_on`` None: not yet."""

    due_on: date
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where it stands. ``ends_on`` is the first day without hosted extras, None when it goes on; ``known_on`` the day
    since which that is known."""

    standing: Standing
    period: Period
    ends_on: date | None = None
    ending: Ending | None = None
    known_on: date | None = None


def state_on(
    subscription: Subscription,
    offer: PlanOffer,
    day: date,
    dues: Mapping[date, Due],
    sunset: tuple[date, date] | None = None,
) -> State:
    """Its state on a day, by what had happened until then.

    ``dues`` are its charges by the start of their period, ``sunset`` the days on which the service ends and on which
    that was announced.
    """
    ends = [*_cancelled(subscription, offer, day), *_unpaid(dues, day)]
    if sunset is not None:
        ends.append((sunset[0], Ending.SUNSET, sunset[1]))
    end = min(ends, key=lambda each: each[0], default=None)
    current = period_on(subscription.starts_on, offer.interval, day)
    if end is None:
        standing = Standing.PENDING if day < subscription.starts_on else Standing.ACTIVE
        return State(standing, current)
    return State(_standing(subscription, end, day), current, *end)


def entitled(state: State, offer: PlanOffer) -> Entitlements:
    """What the hub does for the subscriber: everything until the end, nothing before the start and after it."""
    if state.standing in (Standing.PENDING, Standing.ENDED):
        return NOTHING_HOSTED
    return offer.entitlements


def change_of(
    kind: Literal["cancel", "resume"], subscription: Subscription, state: State, day: date
) -> Change | None:
    """The change to be written down, None when it holds already. Raises `WachtelError` (conflict)."""
    if state.standing is Standing.ENDED:
        raise WachtelError(
            ErrorKind.CONFLICT,
            f"The subscription {subscription.id} ended on {state.ends_on}.",
            hint="Begin a new one.",
        )
    cancelled = bool(subscription.changes) and subscription.changes[-1].kind == "cancel"
    if cancelled is (kind == "cancel"):
        return None
    if subscription.changes and day < subscription.changes[-1].on:
        raise WachtelError(ErrorKind.CONFLICT, "That day lies before the last change.")
    return Change(kind, day)


def _standing(subscription: Subscription, end: tuple[date, Ending, date], day: date) -> Standing:
    ends_on, ending, _ = end
    if day >= ends_on:
        return Standing.ENDED
    if day < subscription.starts_on:
        return Standing.PENDING
    if ending is Ending.UNPAID:
        return Standing.GRACE
    return Standing.CANCELLED if ending is Ending.CANCELLED else Standing.ACTIVE


def _cancelled(subscription: Subscription, offer: PlanOffer, day: date) -> list[tuple[date, Ending, date]]:
    """The end by the last word said until this day; once it is reached, later words change nothing."""
    end: tuple[date, Ending, date] | None = None
    for change in subscription.changes:
        if change.on > day or (end is not None and change.on >= end[0]):
            break
        end = None
        if change.kind == "cancel":
            end = (_end_of_cancelled(subscription, offer, change.on), Ending.CANCELLED, change.on)
    return [] if end is None else [end]


def _end_of_cancelled(subscription: Subscription, offer: PlanOffer, day: date) -> date:
    """Whoever cancels before the first day pays nothing and gets nothing."""
    if day < subscription.starts_on:
        return subscription.starts_on
    return period_on(subscription.starts_on, offer.interval, day).end


def _unpaid(dues: Mapping[date, Due], day: date) -> list[tuple[date, Ending, date]]:
    """The first charge that is open, or was paid when the grace was over."""
    for due in sorted(dues.values(), key=lambda each: each.due_on):
        last = due.due_on + timedelta(days=GRACE_DAYS)
        open_then = due.paid_on is None or due.paid_on > day
        if due.due_on <= day and (open_then or (due.paid_on is not None and due.paid_on >= last)):
            return [(last, Ending.UNPAID, due.due_on)]
    return []
