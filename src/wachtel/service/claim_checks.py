"""What may be said about a claim, by whom, and when saying it changes nothing. Pure."""

from collections.abc import Sequence
from datetime import date

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.claim import Claim
from wachtel.service.claim_facts import CUSTOMER, DATED, SYSTEM, WHOLE, Fact, FactKind, items_of, last_of

_OF_CAMERAS = frozenset({FactKind.LABEL_SENT, FactKind.LABEL_RECEIVED, FactKind.RETURNED, FactKind.RECYCLED})
_OF_ITEMS = _OF_CAMERAS | {
    FactKind.RECEIPT_ACCEPTED, FactKind.RECEIPT_REFUSED, FactKind.REVIEWED, FactKind.REOPENED,
}  # fmt: skip
_BY_CUSTOMER = frozenset({FactKind.LABEL_RECEIVED, FactKind.WITHDRAWN, FactKind.RESUMED})
_SAYABLE = _OF_ITEMS | {FactKind.WITHDRAWN, FactKind.RESUMED}
_VERDICT = (FactKind.RECEIPT_ACCEPTED, FactKind.RECEIPT_REFUSED, FactKind.RECEIPT_CAME)
_RIVALS = {
    FactKind.WITHDRAWN: (FactKind.WITHDRAWN, FactKind.RESUMED),
    FactKind.RESUMED: (FactKind.WITHDRAWN, FactKind.RESUMED),
    FactKind.RECEIPT_ACCEPTED: _VERDICT,
    FactKind.RECEIPT_REFUSED: _VERDICT,
    FactKind.REOPENED: (FactKind.REOPENED, FactKind.DECIDED),
}
"""What a fact can be overruled by."""


def check_item(claim: Claim, item: str) -> None:
    """Raises `WachtelError` (invalid) when the claim has no such item."""
    if item not in items_of(claim):
        names = ", ".join(items_of(claim))
        raise WachtelError(ErrorKind.INVALID, f"The claim has no {item[:80]!r}.", hint=f"It has: {names}.")


def check_fact(claim: Claim, facts: Sequence[Fact], fact: Fact, today: date) -> None:
    """Raises `WachtelError` (invalid, denied, conflict) for what cannot be true or is not this person's to say."""
    if fact.kind not in _SAYABLE or fact.by == SYSTEM:
        raise WachtelError(ErrorKind.INVALID, f"{fact.kind} cannot be said here.")
    if fact.kind in _OF_ITEMS:
        check_item(claim, fact.item)
    elif fact.item != WHOLE:
        raise WachtelError(ErrorKind.INVALID, f"{fact.kind} is said of a claim as a whole.")
    if fact.kind in _OF_CAMERAS and not fact.item.startswith("camera:"):
        raise WachtelError(ErrorKind.INVALID, f"{fact.kind} is said of a camera.")
    if fact.on > today:
        raise WachtelError(ErrorKind.INVALID, f"{fact.on} is still to come.", details={"field": "on"})
    if fact.kind is FactKind.REVIEWED and fact.amount is None:
        raise WachtelError(ErrorKind.INVALID, "A decision needs its amount.", details={"field": "amount"})
    if fact.kind is FactKind.REOPENED and not fact.note:
        raise WachtelError(
            ErrorKind.INVALID, "Say why: the customer will read it.", details={"field": "note"}
        )
    if fact.by == CUSTOMER:
        _check_customer(facts, fact)


def _check_customer(facts: Sequence[Fact], fact: Fact) -> None:
    """Customers say when the label came, once, and may take the claim back as long as nothing was paid."""
    if fact.kind not in _BY_CUSTOMER:
        raise WachtelError(ErrorKind.DENIED, "Only the operator can say this.")
    if fact.kind is FactKind.LABEL_RECEIVED:
        sent = last_of(facts, fact.item, FactKind.LABEL_SENT)
        if sent is None or fact.on < sent.on:
            raise WachtelError(
                ErrorKind.INVALID, "No label was on its way on that day.", details={"field": "on"}
            )
        if last_of(facts, fact.item, FactKind.LABEL_RECEIVED) is not None:
            raise WachtelError(ErrorKind.CONFLICT, "The day of the label is known already.")
    if fact.kind is FactKind.WITHDRAWN and any(one.kind is FactKind.PAID for one in facts):
        raise WachtelError(ErrorKind.CONFLICT, "This claim was paid; it cannot be taken back.")


def nothing_new(facts: Sequence[Fact], fact: Fact) -> bool:
    """The last word on this thing is the same already."""
    last = last_of(facts, fact.item, *_RIVALS.get(fact.kind, (fact.kind,)))
    if last is None:
        return fact.kind is FactKind.RESUMED
    same = last.kind is fact.kind and last.amount == fact.amount
    return same and (last.on == fact.on if fact.kind in DATED - {FactKind.WITHDRAWN} else True)
