"""What is answered: every amount with a reason code and the arithmetic in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from wachtel.service.money import Money
from wachtel.service.words import Words


class Reason(StrEnum):
    """Why an amount is what it is."""

    OK = "OK"
    NOTHING_LOST = "NOTHING_LOST"
    REST_UNDER_7_DAYS = "REST_UNDER_7_DAYS"
    NOT_COVERED_PLAN = "NOT_COVERED_PLAN"
    NOT_COVERED_REGION = "NOT_COVERED_REGION"
    LATE = "LATE"
    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    TOO_OLD = "TOO_OLD"
    NO_AUTHORISED_RECEIPT = "NO_AUTHORISED_RECEIPT"
    WARRANTY_EXHAUSTED = "WARRANTY_EXHAUSTED"
    AWAITING_RETURN = "AWAITING_RETURN"
    CANCELLED = "CANCELLED"
    DUPLICATE = "DUPLICATE"
    DISPOSAL = "DISPOSAL"
    MANUAL_REVIEW = "MANUAL_REVIEW"


class Status(StrEnum):
    """Where a claim stands."""

    DECIDED = "DECIDED"
    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Item:
    """One amount. ``provisional`` is what will be paid once the camera is back, ``suggested`` what a person who looks
    at it may pay, ``flag`` the question of the rules (``A5``) whose other reading would pay something."""

    reason: Reason
    amount: Money
    words: Words
    serial: str | None = None
    months: int | None = None
    provisional: Money | None = None
    suggested: Money | None = None
    flag: str | None = None

    @property
    def worth(self) -> int:
        """What the customer gets or may still get, in minor units."""
        return max(each.minor for each in (self.amount, self.provisional, self.suggested) if each is not None)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a claim; ``field`` is a path such as ``cameras[0].price``."""

    field: str
    message: Words


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a claim that could be read."""

    id: str
    status: Status
    subscription: Item | None
    cameras: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()

    def items(self) -> Iterator[Item]:
        """Subscription first, then cameras."""
        if self.subscription:
            yield self.subscription
        yield from self.cameras


@dataclass(frozen=True, slots=True)
class Rejection:
    """The answer to a claim that could not be read; ``id`` is None when even that could not be found."""

    id: str | None
    problems: tuple[Problem, ...]


def status_of(subscription: Item | None, cameras: tuple[Item, ...]) -> Status:
    """Manual review goes before missing evidence; only what is wholly late is rejected."""
    reasons = {item.reason for item in (*cameras, *((subscription,) if subscription else ()))}
    if reasons == {Reason.LATE}:
        return Status.REJECTED
    if Reason.MANUAL_REVIEW in reasons:
        return Status.MANUAL_REVIEW
    return Status.EVIDENCE_MISSING if Reason.EVIDENCE_MISSING in reasons else Status.DECIDED
