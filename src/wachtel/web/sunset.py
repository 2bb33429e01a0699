"""``/api/v1/sunset``: the announced end of the operator's service. It is text to be shown; nothing here reaches a
camera, whatever a notice says."""

import json
from datetime import date
from typing import Any

from pydantic import Field

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.service.money import totals
from wachtel.service.sunset_desk import Announced, SunsetDesk
from wachtel.service.sunset_notice import as_file
from wachtel.service.sunset_steps import ORDER, WORDS, Step, next_step
from wachtel.web.answers import Answer, Name, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.threads import OneThread


class StepAnswer(Answer):
    """``on`` null: still to come."""

    step: str
    on: str | None
    evidence: str
    text: dict[str, str]


class RefundsAnswer(Answer):
    """How many refunds were computed and paid out, and what they come to by currency."""

    computed: int
    paid: int
    totals: dict[str, str]


class SunsetAnswer(Answer):
    """``notice`` is null when nothing was announced or it cannot be read; ``verified``: the signature is right and the
    key the operator's own; ``signed`` is the notice with its proof, to be handed on."""

    announced: bool
    verified: bool
    problem: str
    notice: dict[str, str | int | bool] | None
    signed: dict[str, Any] | None
    steps: list[StepAnswer]
    next: str | None
    refunds: RefundsAnswer


class NewSunset(Question):
    """``ends_on``: the first day without the service, at least 180 days from today unless ``force`` is set."""

    operator: Name
    reason: str = Field(min_length=1, max_length=4000)
    ends_on: date
    force: bool = False


class SunsetChange(Question):
    """A later end, a larger percentage of the refund, or another wording."""

    ends_on: date | None = None
    refund_percent: int | None = Field(default=None, ge=100, le=1000)
    reason: str | None = Field(default=None, min_length=1, max_length=4000)


class NextStep(Question):
    """``evidence``: what proves it."""

    step: Step
    evidence: str = Field(max_length=4000)


class SunsetRoutes:
    """The end of a service, in order."""

    def __init__(self, desk: SunsetDesk, database: OneThread) -> None:
        self._desk = desk
        self._database = database

    def add_to(self, door: Door) -> None:
        path, all_of_it = "/api/v1/sunset", On.INSTALLATION
        door.route("GET", path, self.show, needs=Permission.VIEW, on=On.EACH)
        door.route("POST", path, self.announce, needs=Permission.ADMIN, on=all_of_it, status=201)
        door.route("PATCH", path, self.amend, needs=Permission.ADMIN, on=all_of_it)
        door.route("POST", f"{path}/steps", self.advance, needs=Permission.ADMIN, on=all_of_it)

    async def show(self) -> SunsetAnswer:
        """What is announced, what was done, and what comes next."""
        return await self._database.run(self._look)

    async def announce(self, asked: NewSunset) -> SunsetAnswer:
        """Announces the end of the service, signed with the operator's key."""
        await self._database.run(
            self._desk.announce, asked.operator, asked.reason, asked.ends_on, force=asked.force
        )
        return await self.show()

    async def amend(self, asked: SunsetChange) -> SunsetAnswer:
        """Changes the announcement, only in favour of the customers."""
        await self._database.run(
            self._desk.amend, ends_on=asked.ends_on, refund_percent=asked.refund_percent, reason=asked.reason
        )
        return await self.show()

    async def advance(self, asked: NextStep) -> SunsetAnswer:
        """Takes the next step with its evidence."""
        if asked.step is Step.ANNOUNCED:
            raise WachtelError(ErrorKind.CONFLICT, "The first step is the announcement itself.")
        await self._database.run(self._desk.advance, asked.step, asked.evidence)
        return await self.show()

    def _look(self) -> SunsetAnswer:
        found, done = self._desk.announced(), self._desk.steps()
        taken = {each.step: each for each in done}
        refunds = self._desk.billing.refunds()
        upcoming = next_step(done)
        return SunsetAnswer(
            announced=found is not None,
            verified=found is not None and found.verified,
            problem="" if found is None else found.problem,
            notice=None if found is None else _notice(found),
            signed=_signed(found),
            steps=[
                StepAnswer(
                    step=step,
                    on=taken[step].on.isoformat() if step in taken else None,
                    evidence=taken[step].evidence if step in taken else "",
                    text={"de": WORDS[step].de, "en": WORDS[step].en},
                )
                for step in ORDER
            ],
            next=None if upcoming is None else upcoming.value,
            refunds=RefundsAnswer(
                computed=len(refunds),
                paid=sum(each.paid_on is not None for each in refunds),
                totals={name: sum_.text for name, sum_ in totals(each.amount for each in refunds).items()},
            ),
        )


def _notice(found: Announced) -> dict[str, str | int | bool] | None:
    if found.notice is None:
        return None
    values: dict[str, str | int | bool] = json.loads(found.row.body)
    return values


def _signed(found: Announced | None) -> dict[str, Any] | None:
    if found is None or found.notice is None:
        return None
    signed: dict[str, Any] = json.loads(as_file(found.row.body, found.row.signature, found.row.key))
    return signed
