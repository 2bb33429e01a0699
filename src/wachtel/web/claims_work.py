"""``/api/v1/claims``: what an operator does with claims: look, check receipts, send labels, decide, pay."""

import asyncio
import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from wachtel.model.access import Permission
from wachtel.service.answers import harmless
from wachtel.service.bank import BankDetails
from wachtel.service.claim_desk import ClaimCase, ClaimDesk, DeskSettings
from wachtel.service.claim_facts import FactKind
from wachtel.service.claim_standing import Stage
from wachtel.service.money import parse_money
from wachtel.service.words import Language
from wachtel.storage.state.claims import ClaimBooks
from wachtel.web.access import TheAccess
from wachtel.web.answers import Answer, Question
from wachtel.web.claim_shapes import ClaimAnswer, ClaimProblem, claim_answer, problems
from wachtel.web.claims import body_of, file_response, no_such_number
from wachtel.web.door import Door
from wachtel.web.guard import On

MOST_SHOWN = 100
MOST_BROUGHT = 200

Word = Literal[
    "receipt_accepted", "receipt_refused", "label_sent", "label_received", "returned", "recycled", "reviewed",
    "reopened", "withdrawn", "resumed",
]  # fmt: skip


class ClaimsAnswer(Answer):
    """Claims, newest first; ``next`` goes on with older ones. ``stages``: how many stand where."""

    claims: list[ClaimAnswer]
    next: int | None
    stages: dict[str, int]


class DeskAnswer(Answer):
    """Whether customers may hand claims in, and the rules with their options and rates."""

    open: bool
    policy: str
    options: dict[str, str]
    rates: dict[str, str]


class DeskQuestion(Question):
    open: bool
    policy: str = Field(default="belkin-2020", max_length=60)
    options: dict[str, str] = Field(default={}, max_length=60)
    rates: dict[str, str] = Field(default={}, max_length=200)


class ClaimsBrought(Question):
    """Claims as `wachtel refund` reads them."""

    claims: list[Any] = Field(max_length=MOST_BROUGHT)


class BroughtAnswer(Answer):
    """``id`` is null when even that could not be read; ``problems`` is empty when the claim was taken."""

    id: str | None
    new: bool
    stage: str | None
    problems: list[ClaimProblem]


class OperatorsWord(Question):
    """``amount`` with ``currency`` belongs to ``reviewed``, ``note`` is read by the customer; ``on`` is today where
    nothing is said."""

    kind: Word
    item: str = Field(default="", max_length=300)
    on: date | None = None
    amount: str | None = Field(default=None, max_length=30)
    currency: str = Field(default="EUR", max_length=3)
    note: str = Field(default="", max_length=2000)


class ClaimPaid(Question):
    """``reference``: how the transfer is found again."""

    reference: str = Field(min_length=1, max_length=200)


class BankAnswer(Answer):
    """Null when there is none, or the key file is gone."""

    holder: str | None
    iban: str | None
    routing: str | None
    account: str | None


class ClaimWorkRoutes:
    """The operator's side."""

    def __init__(self, desk: ClaimDesk, books: ClaimBooks) -> None:
        self._desk = desk
        self._books = books

    def add_to(self, door: Door) -> None:
        def add(method: str, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
            door.route(
                method,
                f"/api/v1/claims{path}",
                endpoint,
                needs=Permission.ADMIN,
                on=On.INSTALLATION,
                **more,
            )

        add("GET", "", self.all)
        add("GET", "/desk", self.desk)
        add("PUT", "/desk", self.set_up)
        add("POST", "/import", self.bring)
        add("GET", "/payments.csv", self.payments, gives="text/csv")
        add("GET", "/{number}", self.one)
        add("GET", "/{number}/decision.csv", self.decision, gives="text/csv")
        add("GET", "/{number}/bank", self.bank)
        add("POST", "/{number}/facts", self.say)
        add("POST", "/{number}/files", self.send_label)
        add("GET", "/{number}/files/{sha256}", self.file, gives="application/octet-stream")
        add("POST", "/{number}/paid", self.paid)
        add("POST", "/{number}/forget", self.forget)

    async def all(
        self,
        stage: Annotated[list[Stage] | None, Query()] = None,
        text: Annotated[str, Query(max_length=200)] = "",
        before: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = 50,
    ) -> ClaimsAnswer:
        """Claims by where they stand."""

        def look() -> ClaimsAnswer:
            self._desk.refresh()
            page = self._books.page(stage, text, before, limit)
            shown = [self._answer(self._desk.case(row.id)) for row in page.rows]
            return ClaimsAnswer(claims=shown, next=page.next, stages=self._books.by_stage())

        return await asyncio.to_thread(look)

    async def desk(self) -> DeskAnswer:
        """By which rules claims are decided."""
        return _desk(await asyncio.to_thread(self._desk.settings))

    async def set_up(self, asked: DeskQuestion) -> DeskAnswer:
        """Opens or closes the form, or chooses rules; what was decided is never lowered by that."""
        settings = DeskSettings(asked.open, asked.policy, dict(asked.options), dict(asked.rates))
        await asyncio.to_thread(self._desk.set_up, settings)
        return await self.desk()

    async def bring(self, asked: ClaimsBrought, access: TheAccess) -> list[BroughtAnswer]:
        """Takes over many claims; each is answered by itself, and a second time changes nothing."""

        def bring() -> list[BroughtAnswer]:
            return [self._brought(value, access.who.name) for value in asked.claims]

        return await asyncio.to_thread(bring)

    async def one(self, number: int) -> ClaimAnswer:
        """A claim as it stands today."""
        return await asyncio.to_thread(self._shown, number)

    async def decision(self, number: int, lang: Language = "en") -> Response:
        """The arithmetic of a claim as a table."""
        case = await asyncio.to_thread(self._case, number)
        return _table("decision.csv", _decision_rows(case, lang))

    async def bank(self, number: int, access: TheAccess) -> BankAnswer:
        """The account to pay to; that somebody looked is written down."""
        case = await asyncio.to_thread(self._case, number)
        found = await asyncio.to_thread(self._desk.bank, case.row.id, access.who.name)
        if found is None:
            return BankAnswer(holder=None, iban=None, routing=None, account=None)
        return BankAnswer(holder=found.holder, iban=found.iban, routing=found.routing, account=found.account)

    async def say(self, number: int, asked: OperatorsWord, access: TheAccess) -> ClaimAnswer:
        """What became known: a receipt was looked at, a label sent, a camera came back, a person decided."""
        amount = None if asked.amount is None else parse_money(asked.amount, asked.currency)

        def say() -> ClaimAnswer:
            case = self._case(number)
            self._desk.say(
                case.row.id, FactKind(asked.kind), asked.item, access.who.name, asked.on, amount, asked.note
            )
            return self._shown(number)

        return await asyncio.to_thread(say)

    async def send_label(
        self, number: int, request: Request, item: str, name: str, access: TheAccess
    ) -> ClaimAnswer:
        """A return label for a camera, which the customer can print."""
        case = await asyncio.to_thread(self._case, number)
        content = await body_of(request)
        await asyncio.to_thread(
            self._desk.add_file, case.row.id, item[:300], name[:500], content, access.who.name
        )
        return await self.one(number)

    async def file(self, number: int, sha256: str) -> Response:
        """A receipt or label, to be saved."""
        case = await asyncio.to_thread(self._case, number)
        return await file_response(self._desk, case.row.id, sha256)

    async def paid(self, number: int, asked: ClaimPaid, access: TheAccess) -> ClaimAnswer:
        """Notes that what is due was paid."""

        def pay() -> ClaimAnswer:
            self._desk.pay(self._case(number).row.id, asked.reference, access.who.name)
            return self._shown(number)

        return await asyncio.to_thread(pay)

    async def forget(self, number: int, access: TheAccess) -> ClaimAnswer:
        """Deletes name, account and files of a claim that is over. This cannot be undone."""

        def forget() -> ClaimAnswer:
            self._desk.forget(self._case(number).row.id, access.who.name)
            return self._shown(number)

        return await asyncio.to_thread(forget)

    async def payments(self, access: TheAccess) -> Response:
        """Everything that is due now with the account to pay to, for the bank; that somebody looked is written down."""

        def rows() -> list[tuple[str, ...]]:
            return list(self._due_rows(access.who.name))

        return _table("payments.csv", await asyncio.to_thread(rows))

    def _due_rows(self, who: str) -> Iterator[tuple[str, ...]]:
        yield ("claim", "holder", "iban", "routing", "account", "amount", "currency")
        before: int | None = None
        while True:
            page = self._books.page(None, "", before, MOST_SHOWN)
            for row in page.rows:
                due = self._desk.case(row.id).standing.due
                bank = self._desk.bank(row.id, who) if due else None
                for currency, money in due.items():
                    yield (row.id, *_account(bank), money.text, currency)
            before = page.next
            if before is None:
                return

    def _brought(self, value: Any, who: str) -> BroughtAnswer:
        handed = self._desk.take_over(value, who)
        if handed.id is None:
            assert handed.rejection is not None
            return BroughtAnswer(
                id=handed.rejection.id, new=False, stage=None, problems=problems(handed.rejection)
            )
        stage = self._desk.case(handed.id).standing.stage
        return BroughtAnswer(id=handed.id, new=handed.new, stage=stage, problems=[])

    def _case(self, number: int) -> ClaimCase:
        claim = self._books.id_of(number) if 0 < number < 1 << 62 else None
        if claim is None:
            raise no_such_number()
        return self._desk.case(claim)

    def _shown(self, number: int) -> ClaimAnswer:
        return self._answer(self._case(number))

    def _answer(self, case: ClaimCase) -> ClaimAnswer:
        found = self._desk
        return claim_answer(case, found.contact(case.row.id), found.bank(case.row.id), names=True)


def _desk(settings: DeskSettings) -> DeskAnswer:
    return DeskAnswer(
        open=settings.open, policy=settings.policy, options=settings.options, rates=settings.rates
    )


def _account(bank: BankDetails | None) -> tuple[str, str, str, str]:
    return ("", "", "", "") if bank is None else (bank.holder, bank.iban, bank.routing, bank.account)


def _decision_rows(case: ClaimCase, language: Language) -> Iterator[tuple[str, ...]]:
    yield ("claim", "item", "amount", "currency", "paid", "reason", "explanation")
    for one in case.standing.items:
        item = one.item
        yield (
            case.row.id, one.name, item.amount.text, item.amount.currency, one.paid.text, item.reason,
            item.words.of(language),
        )  # fmt: skip


def _table(name: str, rows: Any) -> Response:
    text = io.StringIO()
    csv.writer(text).writerows(tuple(harmless(cell) for cell in row) for row in rows)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
