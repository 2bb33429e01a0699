"""Where a claim stands on a day: a pure state machine over what was claimed and what became known since.

handed in -> receipts missing or to be checked -> decided -> label sent -> camera back in time, or cancelled -> paid.
Each item (the subscription, each camera) goes its own way; the claim's stage is that of the item that is furthest
behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from wachtel.service.claim import Claim, ClaimedCamera
from wachtel.service.claim_facts import (
    SUBSCRIPTION,
    SYSTEM,
    Fact,
    FactKind,
    as_known,
    camera_item,
    last_of,
    withdrawn,
)
from wachtel.service.claim_words import kept_words, reviewed_words
from wachtel.service.decision import Item, Reason, Status
from wachtel.service.money import Money, totals, zero
from wachtel.service.policies import Policy


class Next(StrEnum):
    """What has to happen with an item; `ItemStanding.turn` says by whom."""

    SEND_RECEIPT = "send_receipt"
    CHECK_RECEIPT = "check_receipt"
    REVIEW = "review"
    SEND_LABEL = "send_label"
    CONFIRM_LABEL = "confirm_label"
    RETURN_CAMERA = "return_camera"
    PAY = "pay"
    RECYCLE = "recycle"
    NOTHING = "nothing"


class Stage(StrEnum):
    """Where the claim as a whole stands."""

    CHECKING = "checking"
    EVIDENCE_MISSING = "evidence_missing"
    AWAITING_RETURN = "awaiting_return"
    DECIDED = "decided"
    PAID = "paid"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OF_CUSTOMER = frozenset({Next.SEND_RECEIPT, Next.CONFIRM_LABEL, Next.RETURN_CAMERA})
OPEN = frozenset({Stage.CHECKING, Stage.EVIDENCE_MISSING, Stage.AWAITING_RETURN, Stage.DECIDED})

_STAGES = (
    (Stage.CHECKING, frozenset({Next.CHECK_RECEIPT, Next.REVIEW})),
    (Stage.EVIDENCE_MISSING, frozenset({Next.SEND_RECEIPT})),
    (Stage.AWAITING_RETURN, frozenset({Next.SEND_LABEL, Next.CONFIRM_LABEL, Next.RETURN_CAMERA})),
    (Stage.DECIDED, frozenset({Next.PAY})),
)


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """``due`` is what is to be paid for it now, ``paid`` what was; ``until`` is the last day for what is next."""

    name: str
    item: Item
    next: Next
    due: Money
    paid: Money
    until: date | None = None

    @property
    def turn(self) -> Literal["customer", "operator", "nobody"]:
        """Who has to do what is next."""
        if self.next is Next.NOTHING:
            return "nobody"
        return "customer" if self.next in OF_CUSTOMER else "operator"


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim on a day. ``until``: the first day on which it may stand otherwise though nobody did anything."""

    stage: Stage
    items: tuple[ItemStanding, ...]
    until: date | None = None

    @property
    def due(self) -> dict[str, Money]:
        """What is to be paid now, by currency."""
        return {name: money for name, money in totals(one.due for one in self.items).items() if money.minor}


def standing_on(
    day: date, claim: Claim, facts: Sequence[Fact], policy: Policy, duplicates: frozenset[int] = frozenset()
) -> Standing:
    """Where it stands; ``duplicates`` are positions of cameras whose serial number another claim has."""
    known = as_known(claim, facts)
    decision = policy.decide(known, day, duplicates)
    items = []
    if decision.subscription is not None:
        items.append(_standing(SUBSCRIPTION, decision.subscription, None, facts, policy))
    for camera, item in zip(known.cameras, decision.cameras, strict=True):
        items.append(_standing(camera_item(camera.serial), item, camera, facts, policy))
    if withdrawn(facts):
        rest = tuple(replace(one, next=Next.NOTHING, due=zero(one.due.currency), until=None) for one in items)
        return Standing(Stage.WITHDRAWN, rest)
    untils = [one.until for one in items if one.until is not None]
    return Standing(
        _stage(items, decision.status),
        tuple(items),
        min(untils) + timedelta(days=1) if untils else None,
    )


def decided_now(standing: Standing, facts: Sequence[Fact], day: date) -> list[Fact]:
    """What has to be written down, so that no later version of the rules can lower it."""
    found = []
    for one in standing.items:
        before = _floor(one.name, facts)
        if one.item.reason is Reason.OK and (before is None or before.minor < one.item.amount.minor):
            found.append(Fact(FactKind.DECIDED, one.name, day, SYSTEM, one.item.amount))
    return found


def _standing(
    name: str, item: Item, camera: ClaimedCamera | None, facts: Sequence[Fact], policy: Policy
) -> ItemStanding:
    item = _never_less(name, _reviewed(name, item, facts), facts)
    paid = _paid(name, item.amount.currency, facts)
    coming, until = _next(name, item, camera, facts, policy)
    due = zero(item.amount.currency)
    if item.reason is Reason.OK and item.amount.minor > paid.minor:
        due = item.amount.minus(paid)
        coming, until = Next.PAY, None
    return ItemStanding(name, item, coming, due, paid, until)


def _reviewed(name: str, item: Item, facts: Sequence[Fact]) -> Item:
    """A person's word where the rules have none."""
    word = last_of(facts, name, FactKind.REVIEWED)
    if item.reason is not Reason.MANUAL_REVIEW or word is None or word.amount is None:
        return item
    reason = Reason.OK if word.amount.minor else Reason.NOTHING_LOST
    words = item.words + reviewed_words(word.amount, word.note)
    return replace(item, reason=reason, amount=word.amount, words=words, suggested=None)


def _never_less(name: str, item: Item, facts: Sequence[Fact]) -> Item:
    """What was decided stays, unless somebody opened it again and said why."""
    floor = _floor(name, facts)
    if floor is None or floor.currency != item.amount.currency or floor.minor <= item.amount.minor:
        return item
    return replace(
        item, reason=Reason.OK, amount=floor, words=item.words + kept_words(floor), provisional=None
    )


def _floor(name: str, facts: Sequence[Fact]) -> Money | None:
    word = last_of(facts, name, FactKind.DECIDED, FactKind.REOPENED)
    return None if word is None or word.kind is FactKind.REOPENED else word.amount


def _paid(name: str, currency: str, facts: Sequence[Fact]) -> Money:
    amounts = [one.amount for one in facts if one.kind is FactKind.PAID and one.item == name and one.amount]
    return Money(sum(one.minor for one in amounts if one.currency == currency), currency)


def _next(
    name: str, item: Item, camera: ClaimedCamera | None, facts: Sequence[Fact], policy: Policy
) -> tuple[Next, date | None]:
    match item.reason:
        case Reason.EVIDENCE_MISSING:
            word = last_of(facts, name, FactKind.RECEIPT_CAME, FactKind.RECEIPT_REFUSED)
            came = word is not None and word.kind is FactKind.RECEIPT_CAME
            return (Next.CHECK_RECEIPT if came else Next.SEND_RECEIPT), None
        case Reason.MANUAL_REVIEW:
            return Next.REVIEW, None
        case Reason.AWAITING_RETURN | Reason.DISPOSAL if camera is not None and camera.returned_on is None:
            return _way_back(name, item, camera, facts, policy)
        case _:
            back = camera is not None and camera.returned_on is not None
            recycled = last_of(facts, name, FactKind.RECYCLED) is not None
            return (Next.RECYCLE if back and not recycled else Next.NOTHING), None


def _way_back(
    name: str, item: Item, camera: ClaimedCamera, facts: Sequence[Fact], policy: Policy
) -> tuple[Next, date | None]:
    if camera.label_received_on is not None:
        if item.reason is Reason.DISPOSAL:
            return Next.RETURN_CAMERA, None
        days = max(
            rules.return_days - (rules.last_return_day == "out") for rules in policy.differing
        )  # the version that gives the customer most
        return Next.RETURN_CAMERA, camera.label_received_on + timedelta(days=days)
    sent = last_of(facts, name, FactKind.LABEL_SENT) is not None
    return (Next.CONFIRM_LABEL if sent else Next.SEND_LABEL), None


def _stage(items: Sequence[ItemStanding], status: Status) -> Stage:
    if status is Status.REJECTED:
        return Stage.REJECTED
    for stage, steps in _STAGES:
        if any(one.next in steps for one in items):
            return stage
    return Stage.PAID if any(one.paid.minor for one in items) else Stage.CLOSED
