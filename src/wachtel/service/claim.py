"""What a customer claims: facts only, already read and found possible."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from wachtel.service.money import Money

Plan = Literal["yearly", "monthly", "free"]
CameraKind = Literal["refund", "disposal"]

PLANS: tuple[Plan, ...] = ("yearly", "monthly", "free")
CAMERA_KINDS: tuple[CameraKind, ...] = ("refund", "disposal")


@dataclass(frozen=True, slots=True)
class ClaimedSubscription:
    """A plan from ``starts_on`` to before ``ends_on``; ``price`` is what was paid for the whole period, if known."""

    plan: Plan
    starts_on: date
    ends_on: date
    receipt: bool
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class ClaimedCamera:
    """One device. ``dealer_receipt`` is None when nothing was sent in, False for a receipt from somebody else."""

    serial: str
    kind: CameraKind = "refund"
    bought_on: date | None = None
    price: Money | None = None
    voucher_minor: int = 0
    dealer_receipt: bool | None = None
    label_received_on: date | None = None
    returned_on: date | None = None
    delivered_on: date | None = None
    bought_in: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One customer's claim; the times are where the customer lives, as `service.local_time` finds them."""

    id: str
    residence: str
    submitted_at: datetime
    received_at: datetime | None = None
    subscription: ClaimedSubscription | None = None
    cameras: tuple[ClaimedCamera, ...] = ()
