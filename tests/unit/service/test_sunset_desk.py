"""Billing and the end of a service over a real state.sqlite, with time in our hands."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.service.billing import Billing
from wachtel.service.money import Money
from wachtel.service.payment import ManualPayments
from wachtel.service.plans import Entitlements, PlanOffer
from wachtel.service.settling import settle
from wachtel.service.subscriptions import Standing
from wachtel.service.sunset_desk import SunsetDesk
from wachtel.service.sunset_steps import ORDER, Step
from wachtel.storage.state import open_state
from wachtel.storage.state.business import NoticeRow
from wachtel.testing.clock import FakeClock
from wachtel.testing.payments import FakePayments

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Office:
    """An operator's desk on a day; ``to`` moves to another one."""

    def __init__(self, data: Path) -> None:
        self.state = open_state(data)
        self.clock = FakeClock(int(NOON.timestamp()) * 1_000_000)
        self.desk = SunsetDesk(
            self.state.business, self.state.operator_key, self.clock, lambda: "Europe/Berlin"
        )
        self.billing: Billing = self.desk.billing
        price = {"EUR": Money(499, "EUR"), "USD": Money(599, "USD")}
        self.billing.add_offer(PlanOffer("m", "Monthly", "monthly", price, Entitlements(30, 4, 2)))
        self.billing.add_offer(PlanOffer("y", "Yearly", "yearly", {"EUR": Money(12_000, "EUR")}))
        self.billing.add_offer(PlanOffer("f", "Free", "free", {}))

    def to(self, day: date) -> None:
        wanted = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1_000_000
        self.clock.jump_wall((wanted - self.clock.wall_us()) / 1_000_000)

    def sell(self, plan: str, who: str = "Anna", residence: str = "DE") -> str:
        return self.billing.subscribe(plan, who, residence, "Europe/Berlin").subscription.id

    def pay_all(self) -> None:
        self.billing.book_due()
        settle(self.billing, FakePayments())

    def until(self, step: Step) -> None:
        for each in ORDER[len(self.desk.steps()) : ORDER.index(step) + 1]:
            self.desk.advance(each, f"proof of {each}")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "data")
    yield made
    made.state.close()


def test_charges_come_once_a_period_and_end_with_the_subscription(office: Office) -> None:
    one = office.sell("m")
    assert (office.billing.book_due(), office.billing.book_due()) == (1, 0)
    office.pay_all()
    office.to(date(2026, 2, 28))
    assert office.billing.book_due() == 1
    office.billing.change(one, "cancel")
    office.pay_all()
    office.to(date(2026, 4, 15))
    assert office.billing.book_due() == 0
    assert [str(each.end) for each in office.billing.charges()] == ["2026-02-28", "2026-03-31"]
    assert office.billing.get(one).state.standing is Standing.ENDED


def test_a_payment_is_noted_once_and_not_after_the_grace(office: Office) -> None:
    office.sell("m")
    office.billing.book_due()
    charge = office.billing.charges()[0].id
    with pytest.raises(WachtelError, match="ended then"):
        office.billing.pay(charge, "late", date(2026, 2, 14))
    assert office.billing.pay(charge, "first").reference == "first"
    assert office.billing.pay(charge, "second").reference == "first"
    assert office.billing.all()[0].open == Money(0, "EUR")


def test_the_ledger_keeps_what_was_booked(office: Office) -> None:
    office.sell("m")
    office.billing.book_due()
    entry = office.state.business.entries()[0]
    with pytest.raises(WachtelError) as caught:
        office.state.business.book([replace(entry, minor=1)])
    assert caught.value.kind is ErrorKind.CONFLICT
    assert office.state.business.entries() == [entry]


def test_settling_moves_money_once_and_leaves_what_is_refused(office: Office) -> None:
    office.sell("m")
    office.sell("m", "Ben")
    office.billing.book_due()
    bank = FakePayments()
    bank.refuses.add("Ben")
    assert (settle(office.billing, bank), settle(office.billing, bank)) == (1, 0)
    assert [order.subscriber for _, order in bank.moved] == ["Anna"]
    assert settle(office.billing, ManualPayments()) == 0


def test_everybody_gets_a_refund_and_the_order_is_kept(office: Office) -> None:
    subscriptions = [office.sell("y"), office.sell("m", "Ben"), office.sell("f", "Cem")]
    office.pay_all()
    office.desk.announce("Village", "We retire.", date(2026, 7, 31))
    with pytest.raises(WachtelError, match="not the turn"):
        office.desk.advance(Step.PAID, "proof")
    office.until(Step.REFUNDS_PREPARED)
    refunds = {each.subscription: each for each in office.billing.refunds()}
    assert list(refunds) == subscriptions
    # 184 of 365 days of 120.00 are 60.49; the rule of 2020 gives 6 months of 9.20 = 55.20
    assert refunds[subscriptions[0]].amount == Money(6049, "EUR")
    assert (
        "184/365" in refunds[subscriptions[0]].words.en and "60,49 EUR" in refunds[subscriptions[0]].words.de
    )
    assert [refunds[each].amount.minor for each in subscriptions[1:]] == [0, 0]
    with pytest.raises(WachtelError, match="not paid yet"):
        office.desk.advance(Step.PAID, "proof")
    office.pay_all()
    office.desk.advance(Step.PAID, "bank")
    with pytest.raises(WachtelError, match="promised until 2026-07-31"):
        office.desk.advance(Step.ENDED, "switched off")
    office.to(date(2026, 7, 31))
    assert office.desk.advance(Step.ENDED, "switched off").on == date(2026, 7, 31)
    assert office.billing.get(subscriptions[2]).state.standing is Standing.ENDED
    with pytest.raises(WachtelError, match="nothing can be sold"):
        office.sell("m")


def test_an_amendment_never_lowers_a_refund_and_books_what_is_more(office: Office) -> None:
    one = office.sell("y")
    office.pay_all()
    office.desk.announce("Village", "We retire.", date(2026, 7, 31))
    office.until(Step.REFUNDS_PREPARED)
    office.desk.amend(ends_on=date(2026, 12, 31))
    assert office.desk.prepare() == 0
    office.desk.amend(refund_percent=800)
    assert office.desk.prepare() == 1
    amounts = [each.amount.minor for each in office.billing.refunds()]
    assert amounts[0] == 6049 and sum(amounts) == 8 * max(1019, 920)
    assert {each.subscription for each in office.billing.refunds()} == {one}
    with pytest.raises(WachtelError, match="favour"):
        office.desk.amend(ends_on=date(2026, 8, 1))


def test_a_notice_that_is_not_ours_ends_nothing(office: Office) -> None:
    office.sell("m")
    office.state.business.add_notice(NoticeRow(7, b"\xff<script>", b"", b"", WallUs(0)))
    found = office.desk.announced()
    assert found is not None and found.notice is None and not found.verified and found.problem
    assert office.desk.end() is None
    office.to(date(2026, 1, 31) + timedelta(days=1))
    assert office.billing.all()[0].state.standing is Standing.ACTIVE
