"""What every way of payment must do (`wachtel.service.payment`), as tests that its author inherits.

::

    class TestMyBank(PaymentContract):
        @pytest.fixture
        def payments(self) -> Payments: ...
"""

from abc import ABC, abstractmethod

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.money import Money
from wachtel.service.payment import Order, Outcome, Payments

ORDER = Order("contract.1", "Anna", Money(499, "EUR"))


class PaymentContract(ABC):
    """Inherit, fill in the fixture, and run pytest."""

    @pytest.fixture
    @abstractmethod
    def payments(self) -> Payments:
        """A way of payment that never saw an order."""

    def test_it_has_a_name(self, payments: Payments) -> None:
        assert payments.name

    def test_an_unknown_key_is_unknown(self, payments: Payments) -> None:
        assert payments.look("never.given") is None

    @pytest.mark.parametrize("direction", ["collect", "pay_out"])
    def test_an_order_is_answered_and_found_again(self, payments: Payments, direction: str) -> None:
        receipt = getattr(payments, direction)(ORDER)
        assert receipt.key == ORDER.key and receipt.outcome in tuple(Outcome)
        assert payments.look(ORDER.key) == receipt

    @pytest.mark.parametrize("direction", ["collect", "pay_out"])
    def test_the_same_order_again_moves_nothing_more(self, payments: Payments, direction: str) -> None:
        first = getattr(payments, direction)(ORDER)
        assert getattr(payments, direction)(ORDER) == first

    @pytest.mark.parametrize(
        "other", [Order(ORDER.key, "Anna", Money(500, "EUR")), Order(ORDER.key, "Ben", ORDER.amount)]
    )
    def test_a_key_stands_for_one_order(self, payments: Payments, other: Order) -> None:
        payments.collect(ORDER)
        with pytest.raises(WachtelError) as caught:
            payments.collect(other)
        assert caught.value.kind is ErrorKind.CONFLICT

    def test_money_does_not_go_back_under_the_key_it_came_by(self, payments: Payments) -> None:
        payments.collect(ORDER)
        with pytest.raises(WachtelError) as caught:
            payments.pay_out(ORDER)
        assert caught.value.kind is ErrorKind.CONFLICT

    @pytest.mark.parametrize("minor", [0, -1])
    def test_nothing_and_less_than_nothing_are_no_order(self, payments: Payments, minor: int) -> None:
        with pytest.raises(WachtelError) as caught:
            payments.collect(Order("contract.2", "Anna", Money(minor, "EUR")))
        assert caught.value.kind is ErrorKind.INVALID
