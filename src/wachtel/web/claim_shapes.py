"""How claims are asked for and answered; every sentence comes in German and English."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from wachtel.base.units import WallUs
from wachtel.service.bank import BankDetails
from wachtel.service.claim_desk import ClaimCase, Contact
from wachtel.service.claim_facts import CUSTOMER, SYSTEM
from wachtel.service.claim_standing import ItemStanding
from wachtel.service.claim_words import FACTS, NEXT, STAGES
from wachtel.service.decision import Rejection
from wachtel.service.words import Words
from wachtel.web.answers import Answer, Name, Question, moment

Text = dict[str, str]


class ClaimedPlan(Question):
    """``ends_on``: the first day that is not paid for any more."""

    plan: Literal["yearly", "monthly", "free"]
    starts_on: date
    ends_on: date
    price: str | None = Field(default=None, max_length=30)
    currency: str | None = Field(default=None, max_length=3)


class ClaimedDevice(Question):
    """``kind`` disposal: it is only sent in to be recycled."""

    serial: Name
    kind: Literal["refund", "disposal"] = "refund"
    bought_on: date | None = None
    price: str | None = Field(default=None, max_length=30)
    currency: str | None = Field(default=None, max_length=3)
    voucher: str | None = Field(default=None, max_length=30)
    bought_in: str | None = Field(default=None, max_length=2)


class ContactQuestion(Question):
    name: Name
    email: str = Field(default="", max_length=300)
    address: str = Field(default="", max_length=1000)


class BankQuestion(Question):
    """An IBAN, or routing and account number in the United States."""

    holder: str = Field(default="", max_length=200)
    iban: str = Field(default="", max_length=60)
    routing: str = Field(default="", max_length=20)
    account: str = Field(default="", max_length=40)


class NewClaim(Question):
    """``key``: at least 128 random bits that the browser makes; whoever has it, has the claim."""

    key: str = Field(min_length=22, max_length=100, pattern="^[A-Za-z0-9_-]+$")
    residence: str = Field(min_length=2, max_length=2)
    subscription: ClaimedPlan | None = None
    cameras: list[ClaimedDevice] = Field(default=[], max_length=50)
    contact: ContactQuestion
    bank: BankQuestion | None = None

    def value(self) -> dict[str, Any]:
        """As `wachtel refund` reads it."""
        plan = (
            None
            if self.subscription is None
            else self.subscription.model_dump(mode="json", exclude_none=True)
        )
        cameras = [each.model_dump(mode="json", exclude_none=True) for each in self.cameras]
        return {"residence": self.residence, "subscription": plan, "cameras": cameras}

    def person(self) -> Contact:
        return Contact(self.contact.name, self.contact.email, self.contact.address)


class HandedInAnswer(Answer):
    """``new`` is false when the same claim was handed in before."""

    id: str
    new: bool


class ClaimProblem(Answer):
    """``field`` is a path such as ``cameras[0].price``."""

    field: str
    text: Text


class ClaimItemAnswer(Answer):
    """``until``: the last day for what comes next, whose turn that is being ``turn``."""

    name: str
    serial: str | None
    reason: str
    amount: str
    currency: str
    due: str
    paid: str
    provisional: str | None
    suggested: str | None
    next: str
    turn: Literal["customer", "operator", "nobody"]
    until: str | None
    explanation: Text
    next_text: Text


class ClaimFactAnswer(Answer):
    kind: str
    item: str
    on: str
    at: str
    by: str
    amount: str | None
    currency: str | None
    note: str
    text: Text


class ClaimFileAnswer(Answer):
    sha256: str
    item: str
    purpose: str
    name: str
    media_type: str
    size: int
    at: str


class ClaimAnswer(Answer):
    """A claim as it stands today. ``contact`` is null once deleted, ``bank`` is the end of the account's number."""

    id: str
    number: int
    source: str
    submitted_at: str
    residence: str
    stage: str
    stage_text: Text
    due: dict[str, str]
    items: list[ClaimItemAnswer]
    facts: list[ClaimFactAnswer]
    files: list[ClaimFileAnswer]
    contact: dict[str, str] | None
    bank: str | None


def claim_answer(
    case: ClaimCase, contact: Contact | None, bank: BankDetails | None, *, names: bool
) -> ClaimAnswer:
    """Everything about a claim but the account itself; without ``names`` whoever works at the desk is "operator"."""
    return ClaimAnswer(
        id=case.row.id,
        number=case.row.number or 0,
        source=case.row.source,
        submitted_at=case.claim.submitted_at.isoformat(),
        residence=case.claim.residence,
        stage=case.standing.stage,
        stage_text=both(STAGES[case.standing.stage]),
        due={name: money.text for name, money in case.standing.due.items()},
        items=[_item(one) for one in case.standing.items],
        facts=[
            ClaimFactAnswer(
                kind=fact.kind,
                item=fact.item,
                on=fact.on.isoformat(),
                at=moment(fact.at),
                by=fact.by if names or fact.by in (CUSTOMER, SYSTEM) else "operator",
                amount=None if fact.amount is None else fact.amount.text,
                currency=None if fact.amount is None else fact.amount.currency,
                note=fact.note,
                text=both(FACTS[fact.kind]),
            )
            for fact in case.facts
        ],
        files=[
            ClaimFileAnswer(
                sha256=row.sha256, item=row.item, purpose=row.purpose, name=row.name,
                media_type=row.media_type, size=row.size, at=moment(WallUs(row.at)),
            )
            for row in case.files
        ],
        contact=None
        if contact is None
        else {"name": contact.name, "email": contact.email, "address": contact.address},
        bank=None if bank is None else bank.hint,
    )  # fmt: skip


def problems(rejection: Rejection) -> list[ClaimProblem]:
    """What is wrong, field by field."""
    return [ClaimProblem(field=one.field, text=both(one.message)) for one in rejection.problems]


def both(words: Words) -> Text:
    """In both languages."""
    return {"de": words.de, "en": words.en}


def _item(one: ItemStanding) -> ClaimItemAnswer:
    item = one.item
    return ClaimItemAnswer(
        name=one.name,
        serial=item.serial,
        reason=item.reason,
        amount=item.amount.text,
        currency=item.amount.currency,
        due=one.due.text,
        paid=one.paid.text,
        provisional=None if item.provisional is None else item.provisional.text,
        suggested=None if item.suggested is None else item.suggested.text,
        next=one.next,
        turn=one.turn,
        until=None if one.until is None else one.until.isoformat(),
        explanation=both(item.words),
        next_text=both(NEXT[one.next]),
    )
