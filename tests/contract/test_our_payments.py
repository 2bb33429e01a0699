"""The contract of ways of payment, run on ours."""

import pytest

from wachtel.service.money import Money
from wachtel.service.payment import ManualPayments, Order, Outcome, Payments
from wachtel.testing.contracts.payment import PaymentContract
from wachtel.testing.payments import FakePayments


class TestManualPayments(PaymentContract):
    @pytest.fixture
    def payments(self) -> Payments:
        return ManualPayments()

    def test_a_person_says_that_the_money_moved(self) -> None:
        payments = ManualPayments()
        payments.collect(Order("a", "Anna", Money(1, "EUR")))
        assert payments.confirm("a", "statement 12").outcome is Outcome.DONE
        assert payments.confirm("a", "another").reference == "statement 12"


class TestFakePayments(PaymentContract):
    @pytest.fixture
    def payments(self) -> Payments:
        return FakePayments()
