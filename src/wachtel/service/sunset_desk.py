"""Announces the end of a service, keeps its order, and computes what everybody gets: the list of subscriptions is the
list of refunds, so nobody can be forgotten."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.belkin_rules import BelkinRules
from wachtel.service.billing import Billing, Charge, End
from wachtel.service.claim import ClaimedSubscription
from wachtel.service.decision import Reason
from wachtel.service.money import Money, zero
from wachtel.service.periods import day_in
from wachtel.service.promise import prepare_payments
from wachtel.service.subscriptions import Subscription
from wachtel.service.sunset_notice import (
    SunsetNotice,
    amend,
    announce,
    canonical,
    read_notice,
    sign,
    signed_by,
)
from wachtel.service.sunset_steps import Done, Facts, Step, advance, next_step
from wachtel.service.words import Words, money_words
from wachtel.storage.state.business import BusinessBooks, EntryRow, NoticeRow, StepRow
from wachtel.storage.state.operator_key import OperatorKey

_FREE = Words("Es war nichts für die Zeit danach bezahlt.", "Nothing was paid for the time after it.")


@dataclass(frozen=True, slots=True)
class Announced:
    """The newest notice as it lies there. ``notice`` is None when it cannot be read, ``verified`` says that its
    signature is right and the key this operator's own; ``problem`` is why not."""

    row: NoticeRow
    notice: SunsetNotice | None
    verified: bool
    problem: str = ""


class SunsetDesk:
    """Blocking; usable by any thread. ``time_zone`` is the operator's."""

    def __init__(
        self, books: BusinessBooks, key: OperatorKey, clock: Clock, time_zone: Callable[[], str]
    ) -> None:
        self._books = books
        self._key = key
        self._clock = clock
        self._time_zone = time_zone
        self.billing = Billing(books, clock, self.end)

    def announced(self) -> Announced | None:
        """What is announced, None when nothing is: the newest notice that can be trusted, else the newest of all.

        Never fails for what a notice says."""
        rows = sorted(self._books.notices(), key=lambda row: row.version, reverse=True)
        looked_at = [self._looked_at(row) for row in rows]
        trusted = [each for each in looked_at if each.verified]
        return next(iter(trusted or looked_at), None)

    def end(self) -> End | None:
        """The days of end and announcement, if this operator announced one."""
        found = self.announced()
        if found is None or found.notice is None or not found.verified:
            return None
        return found.notice.ends_on, found.notice.announced_on

    def steps(self) -> list[Done]:
        """What was done, in order."""
        return [
            Done(Step(row.step), date.fromisoformat(row.on_day), row.evidence) for row in self._books.steps()
        ]

    def announce(self, operator: str, reason: str, ends_on: date, *, force: bool = False) -> None:
        """Signs and writes the first notice. Raises `WachtelError` (invalid, conflict)."""
        if self._books.notices():
            raise WachtelError(
                ErrorKind.CONFLICT,
                "The end is announced already.",
                hint="Amend it: a later end or larger refunds.",
            )
        today = self._today()
        notice = announce(secrets.token_hex(8), operator, reason, today, ends_on, force=force)
        self._write(notice)
        self._take(advance([], Step.ANNOUNCED, f"notice {notice.id}", Facts(today, ends_on)))

    def amend(
        self, *, ends_on: date | None = None, refund_percent: int | None = None, reason: str | None = None
    ) -> None:
        """Signs and writes the next version. Raises `WachtelError` (invalid, conflict)."""
        if any(done.step is Step.ENDED for done in self.steps()):
            raise WachtelError(ErrorKind.CONFLICT, "The service has ended; nothing can be amended.")
        self._write(amend(self._own(), ends_on, refund_percent, reason))

    def advance(self, step: Step, evidence: str) -> Done:
        """Takes the next step. Refunds are computed for all with that step, and again with every later one, so that an
        amendment or a late payment is not forgotten. Raises `WachtelError` (conflict, invalid)."""
        notice = self._own()
        done = self.steps()
        if step is next_step(done) and step in (Step.REFUNDS_PREPARED, Step.PAID, Step.ENDED):
            self.prepare()
        unpaid = sum(each.paid_on is None and each.amount.minor > 0 for each in self.billing.refunds())
        facts = Facts(self._today(), notice.ends_on, self._without_refund(), unpaid)
        taken = advance(done, step, evidence, facts)
        self._take(taken)
        return taken

    def prepare(self) -> int:
        """Books what every subscription gets, and more where more is due now; never less. Says how many are new."""
        notice = self._own()
        rows = [self._row(one, notice) for one in self.billing.subscriptions()]
        return self._books.book([row for row in rows if row is not None])

    def refund_of(self, one: Subscription, notice: SunsetNotice) -> tuple[Money, Words, Reason]:
        """What a subscription gets: its unused paid time by our promise, times the notice's percentage."""
        rules = BelkinRules(reference_on=notice.ends_on, platform_off_on=notice.ends_on)
        paid = [
            (one.id, one.residence, _claimed(charge, self.billing.offers()[one.plan].interval))
            for charge in self.billing.charges()
            if charge.subscription == one.id and charge.paid_on is not None and charge.end > notice.ends_on
        ]
        amount, words = zero(one.currency), Words("", "")
        for _, item in prepare_payments(paid, rules):
            amount, words = amount + item.amount, words + item.words
        amount = amount.part(Fraction(notice.refund_percent, 100))
        if not amount.minor:
            return amount, _FREE, Reason.NOTHING_LOST
        if notice.refund_percent != 100:
            words += _times(notice.refund_percent, amount)
        return amount, Words(words.de.strip(), words.en.strip()), Reason.OK

    def _row(self, one: Subscription, notice: SunsetNotice) -> EntryRow | None:
        booked = [each for each in self.billing.refunds() if each.subscription == one.id]
        amount, words, reason = self.refund_of(one, notice)
        more = amount.minor - sum(each.amount.minor for each in booked)
        if booked and more <= 0:
            return None
        day = notice.ends_on.isoformat()
        return EntryRow(
            f"refund.{one.id}.{len(booked) + 1}", "refund", one.id, reason, more, one.currency,
            self._today().isoformat(), day, day, words.de, words.en, self._clock.wall_us(),
        )  # fmt: skip

    def _without_refund(self) -> int:
        has = {each.subscription for each in self.billing.refunds()}
        return sum(one.id not in has for one in self.billing.subscriptions())

    def _own(self) -> SunsetNotice:
        found = self.announced()
        if found is None:
            raise WachtelError(
                ErrorKind.CONFLICT, "No end is announced.", hint="Begin with `wachtel sunset announce`."
            )
        if found.notice is None or not found.verified:
            raise WachtelError(ErrorKind.CONFLICT, f"The announcement cannot be used: {found.problem}.")
        return found.notice

    def _looked_at(self, row: NoticeRow) -> Announced:
        try:
            notice = read_notice(row.body)
        except WachtelError as error:
            return Announced(row, None, False, error.what)
        if not signed_by(row.body, row.signature, row.key):
            return Announced(row, notice, False, "the signature is wrong")
        if row.key != self._key.public():
            return Announced(row, notice, False, "it was signed with another key than this operator's")
        return Announced(row, notice, True)

    def _write(self, notice: SunsetNotice) -> None:
        key = self._key.private()
        public = self._key.public()
        assert public is not None
        row = NoticeRow(notice.version, canonical(notice), sign(notice, key), public, self._clock.wall_us())
        self._books.add_notice(row)

    def _take(self, done: Done) -> None:
        self._books.add_step(
            StepRow(done.step.value, done.on.isoformat(), done.evidence, self._clock.wall_us())
        )

    def _today(self) -> date:
        return day_in(self._clock.wall_us(), self._time_zone())


def _claimed(charge: Charge, interval: str) -> ClaimedSubscription:
    plan = "yearly" if interval == "yearly" else "monthly"
    return ClaimedSubscription(plan, charge.start, charge.end, True, charge.amount)  # type: ignore[arg-type]


def _times(percent: int, amount: Money) -> Words:
    paid = money_words(amount)
    return Words(
        f"Davon werden {percent} Prozent gezahlt: {paid.de}.", f"{percent} percent of it are paid: {paid.en}."
    )
