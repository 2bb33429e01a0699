"""``/api/v1/claims/form`` and ``/mine``: customers hand in what they claim and see what becomes of it. Nobody logs in:
a claim has a key of its own, sent in the header ``Wachtel-Claim`` as ``ID KEY``."""

import asyncio
from collections import deque
from datetime import date
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.model.access import Permission
from wachtel.service.bank import BankDetails, checked_bank
from wachtel.service.claim_desk import ClaimCase, ClaimDesk, unknown
from wachtel.service.claim_facts import CUSTOMER, FactKind
from wachtel.service.codes import CURRENCY_OF
from wachtel.service.receipts import LARGEST_BYTES, too_large
from wachtel.web.answers import Answer, Question, Refusal
from wachtel.web.claim_shapes import (
    BankQuestion,
    ClaimAnswer,
    HandedInAnswer,
    NewClaim,
    claim_answer,
    problems,
)
from wachtel.web.door import Door

HEADER = "wachtel-claim"
HAND_INS_PER_HOUR = 20
"""From one address; a family with a caravan needs two."""
_HOUR_S = 3600.0


class FormAnswer(Answer):
    """``claims_until`` is the last day, null where there is none; ``currencies`` says what is paid in where."""

    open: bool
    policy: str
    claims_until: str | None
    currencies: dict[str, str]
    largest_file_bytes: int


class CustomersWord(Question):
    """``label_received`` needs ``item`` and ``on``; the others are about the claim as a whole."""

    kind: Literal["label_received", "withdrawn", "resumed"]
    item: str = Field(default="", max_length=300)
    on: date | None = None


class HandInRate:
    """How often one address may hand something in."""

    def __init__(self, clock: Clock, most: int = HAND_INS_PER_HOUR) -> None:
        self._clock = clock
        self._most = most
        self._taken: dict[str, deque[MonoS]] = {}

    def take(self, address: str) -> None:
        """Raises `WachtelError` (busy) with the next step."""
        now = self._clock.monotonic_s()
        for known in [name for name, times in self._taken.items() if now - times[-1] > _HOUR_S]:
            del self._taken[known]
        times = self._taken.setdefault(address, deque(maxlen=self._most))
        if len(times) == self._most and now - times[0] <= _HOUR_S:
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                "Too many claims came from here within an hour.",
                kind=ErrorKind.BUSY,
                hint="Try again in an hour; nothing of what you entered is lost as long as this page is open.",
            )
        times.append(now)


class ClaimRoutes:
    """The customer's side."""

    def __init__(self, desk: ClaimDesk, clock: Clock) -> None:
        self._desk = desk
        self._rate = HandInRate(clock)
        self._uploads = asyncio.Semaphore(4)

    def add_to(self, door: Door) -> None:
        form, mine, public = "/api/v1/claims/form", "/api/v1/claims/mine", Permission.PUBLIC
        door.route("GET", form, self.form, needs=public)
        door.route("POST", form, self.hand_in, needs=public, status=201)
        door.route("GET", mine, self.mine, needs=public)
        door.route("PUT", f"{mine}/bank", self.bank, needs=public)
        door.route("POST", f"{mine}/facts", self.say, needs=public)
        door.route("POST", f"{mine}/files", self.send_file, needs=public)
        door.route(
            "GET", f"{mine}/files/{{sha256}}", self.file, needs=public, gives="application/octet-stream"
        )

    async def form(self) -> FormAnswer:
        """Whether claims can be handed in, by which rules and until when."""
        settings = await asyncio.to_thread(self._desk.settings)
        policy = settings.rules()
        last = max(rules.claims_until for rules in policy.versions)
        return FormAnswer(
            open=settings.open,
            policy=settings.policy,
            claims_until=last.isoformat() if policy.has_deadline else None,
            currencies=CURRENCY_OF,
            largest_file_bytes=LARGEST_BYTES,
        )

    async def hand_in(self, asked: NewClaim, request: Request) -> Response:
        """Hands a claim in; what is wrong with it is answered field by field."""
        self._rate.take(request.client.host if request.client else "")
        bank = _bank(asked.bank) if asked.bank is not None else None
        handed = await asyncio.to_thread(self._desk.hand_in, asked.value(), asked.person(), bank, asked.key)
        if handed.rejection is not None:
            found = [one.model_dump() for one in problems(handed.rejection)]
            first = found[0]
            error = {
                "kind": ErrorKind.INVALID, "what": f"{first['field']}: {first['text']['en']}", "hint": "",
                "details": {"field": first["field"], **first["text"]},
            }  # fmt: skip
            return JSONResponse({"error": error, "problems": found}, status_code=422)
        assert handed.id is not None
        return JSONResponse(HandedInAnswer(id=handed.id, new=handed.new).model_dump(), status_code=201)

    async def mine(self, request: Request) -> ClaimAnswer:
        """The claim whose key is shown, as it stands today."""
        return await asyncio.to_thread(self._answer, await self._case(request))

    async def bank(self, asked: BankQuestion, request: Request) -> ClaimAnswer:
        """Another account to pay to."""
        case = await self._case(request)
        await asyncio.to_thread(self._desk.set_bank, case.row.id, _bank(asked))
        return await self.mine(request)

    async def say(self, asked: CustomersWord, request: Request) -> ClaimAnswer:
        """That the label came, or that the claim is taken back or taken up again."""
        case = await self._case(request)
        await asyncio.to_thread(
            self._desk.say, case.row.id, FactKind(asked.kind), asked.item, CUSTOMER, asked.on
        )
        return await self.mine(request)

    async def send_file(self, request: Request, item: str, name: str) -> ClaimAnswer:
        """A receipt as PDF, JPEG, PNG or WebP, up to 10 MB, in the body of the request."""
        case = await self._case(request)
        async with self._uploads:
            content = await body_of(request)
            await asyncio.to_thread(self._desk.add_file, case.row.id, item[:300], name[:500], content)
        return await self.mine(request)

    async def file(self, request: Request, sha256: str) -> Response:
        """A file of the claim, to be saved."""
        case = await self._case(request)
        return await file_response(self._desk, case.row.id, sha256)

    async def _case(self, request: Request) -> ClaimCase:
        claim, _, key = request.headers.get(HEADER, "").partition(" ")
        if not key:
            raise unknown()
        return await asyncio.to_thread(self._desk.by_key, claim, key)

    def _answer(self, case: ClaimCase) -> ClaimAnswer:
        found = self._desk
        return claim_answer(case, found.contact(case.row.id), found.bank(case.row.id), names=False)


async def body_of(request: Request) -> bytes:
    """A file in the body. Raises `WachtelError` (invalid) when it is too large."""
    said = request.headers.get("content-length", "0")
    if said.isdigit() and int(said) > LARGEST_BYTES:
        raise too_large()
    return await request.body()


async def file_response(desk: ClaimDesk, claim: str, sha256: str) -> Response:
    """To be saved, never shown by the browser as a page of ours."""
    row, content = await asyncio.to_thread(desk.file, claim, sha256)
    name = quote(row.name, safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type=row.media_type, headers=headers)


def _bank(asked: BankQuestion) -> BankDetails:
    return checked_bank(asked.holder, asked.iban, asked.routing, asked.account)


def no_such_number() -> WachtelError:
    """An operator asked for a claim that is not there."""
    return WachtelError(ErrorKind.NOT_FOUND, "There is no such claim.")
