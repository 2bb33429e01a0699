"""Money is exact, and rounded only where it is said."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.service.codes import CURRENCIES
from wachtel.service.money import Money, exact_amount, half_up, parse_money, totals


@given(st.integers(0, 10**12 - 1), st.sampled_from(sorted(CURRENCIES)))
def test_what_is_written_reads_the_same(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert parse_money(money.text, currency) == money


@pytest.mark.parametrize(("value", "rounded"), [("1/2", 1), ("3/2", 2), ("149/100", 1), ("5/2", 3), ("0", 0)])
def test_a_half_goes_up(value: str, rounded: int) -> None:
    assert half_up(Fraction(value)) == rounded


def test_what_is_left_is_never_negative() -> None:
    assert Money(100, "EUR").minus(Money(150, "EUR")) == Money(0, "EUR")
    assert Money(150, "EUR").minus(Money(100, "EUR")) == Money(50, "EUR")


def test_currencies_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="USD"):
        Money(1, "EUR") + Money(1, "USD")
    assert totals([Money(1, "EUR"), Money(2, "USD"), Money(3, "EUR")]) == {
        "EUR": Money(4, "EUR"),
        "USD": Money(2, "USD"),
    }


def test_nothing_can_be_split_into_no_parts() -> None:
    for weights in ([0, 0], [2, -1]):
        with pytest.raises(ValueError, match="weights"):
            Money(100, "EUR").split(weights)


@given(st.text(max_size=30))
def test_amounts_are_read_or_refused(text: str) -> None:
    try:
        assert exact_amount(text) >= 0
    except WachtelError as error:
        assert error.what
