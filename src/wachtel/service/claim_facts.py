"""What becomes known about a claim after it was handed in. Facts are only added; the last word on a thing counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.service.claim import Claim, ClaimedCamera
from wachtel.service.money import Money

WHOLE, SUBSCRIPTION = "", "subscription"
"""Names of items: the claim as a whole, its subscription; a camera's is `camera_item`."""

CUSTOMER, SYSTEM = "customer", "wachtel"
"""Who says a fact; anything else is the name of an operator's account."""


class FactKind(StrEnum):
    """What happened. ``label`` is the prepaid one with which a camera is sent in. `REOPENED` lets an item be decided
    anew by what is known by then, even if that is less."""

    RECEIPT_CAME = "receipt_came"
    RECEIPT_ACCEPTED = "receipt_accepted"
    RECEIPT_REFUSED = "receipt_refused"
    LABEL_SENT = "label_sent"
    LABEL_RECEIVED = "label_received"
    RETURNED = "returned"
    RECYCLED = "recycled"
    REVIEWED = "reviewed"
    DECIDED = "decided"
    REOPENED = "reopened"
    PAID = "paid"
    WITHDRAWN = "withdrawn"
    RESUMED = "resumed"
    BANK_CHANGED = "bank_changed"
    BANK_SHOWN = "bank_shown"
    FORGOTTEN = "forgotten"


UNSET = WallUs(0)

DATED = frozenset(
    {FactKind.LABEL_SENT, FactKind.LABEL_RECEIVED, FactKind.RETURNED, FactKind.RECYCLED, FactKind.WITHDRAWN}
)
"""Of these a second one on the same day says nothing new."""


@dataclass(frozen=True, slots=True)
class Fact:
    """``on`` is the day where the claimant lives. ``note`` is for people: a file's name, a reason, a bank's reference.

    ``amount`` belongs to `REVIEWED`, `DECIDED` and `PAID`.
    """

    kind: FactKind
    item: str
    on: date
    by: str
    amount: Money | None = None
    note: str = ""
    at: WallUs = UNSET


def camera_item(serial: str) -> str:
    """The name of a camera's item; serial numbers do not tell upper from lower case."""
    return f"camera:{serial_key(serial)}"


def serial_key(serial: str) -> str:
    """A serial number as it is compared."""
    return serial.strip().casefold()


def items_of(claim: Claim) -> tuple[str, ...]:
    """The names of everything that is claimed, in the claim's order."""
    names = [SUBSCRIPTION] if claim.subscription else []
    return (*names, *(camera_item(camera.serial) for camera in claim.cameras))


def last_of(facts: Iterable[Fact], item: str, *kinds: FactKind) -> Fact | None:
    """The last word on a thing."""
    found = None
    for fact in facts:
        if fact.item == item and fact.kind in kinds:
            found = fact
    return found


def as_known(claim: Claim, facts: Sequence[Fact]) -> Claim:
    """The claim with what became known since: receipts that were looked at, labels, cameras that came back."""
    subscription = claim.subscription
    if subscription is not None:
        receipt = _receipt(subscription.receipt, facts, SUBSCRIPTION)
        subscription = replace(subscription, receipt=receipt is True)
    cameras = tuple(_camera(camera, facts) for camera in claim.cameras)
    return replace(claim, subscription=subscription, cameras=cameras)


def withdrawn(facts: Iterable[Fact]) -> bool:
    """Whether the claimant took the claim back."""
    word = last_of(facts, WHOLE, FactKind.WITHDRAWN, FactKind.RESUMED)
    return word is not None and word.kind is FactKind.WITHDRAWN


def _camera(camera: ClaimedCamera, facts: Sequence[Fact]) -> ClaimedCamera:
    item = camera_item(camera.serial)
    label = last_of(facts, item, FactKind.LABEL_RECEIVED)
    back = last_of(facts, item, FactKind.RETURNED)
    return replace(
        camera,
        dealer_receipt=_receipt(camera.dealer_receipt, facts, item),
        label_received_on=camera.label_received_on if label is None else label.on,
        returned_on=camera.returned_on if back is None else back.on,
    )


def _receipt(stated: bool | None, facts: Sequence[Fact], item: str) -> bool | None:
    """What was said of the receipt; another one after a refusal has to be looked at anew."""
    verdict = stated
    for fact in facts:
        if fact.item != item:
            continue
        match fact.kind:
            case FactKind.RECEIPT_ACCEPTED:
                verdict = True
            case FactKind.RECEIPT_REFUSED:
                verdict = False
            case FactKind.RECEIPT_CAME if verdict is False:
                verdict = None
    return verdict
