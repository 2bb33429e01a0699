"""Money: whole minor units of one currency; ratios are exact and rounding happens only where it is written."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.codes import CURRENCIES, minor_digits

LONGEST_AMOUNT = 12
"""Digits before the point that an amount may have."""

_AMOUNT = re.compile(rf"([0-9]{{1,{LONGEST_AMOUNT}}})(?:\.([0-9]{{1,9}}))?")


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """``minor`` units (cents; yen for JPY) of a currency by its ISO 4217 code."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def minus(self, other: "Money") -> "Money":
        """The rest, but never below zero."""
        return Money(max(0, self.minor - self._same(other).minor), self.currency)

    def part(self, ratio: Fraction) -> "Money":
        """This times a ratio, rounded half up to the minor unit."""
        return Money(half_up(self.minor * ratio), self.currency)

    def split(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Parts by weight that add up to exactly this; the ends of the parts are rounded, never the parts.

        Raises ValueError for negative weights, or if all are zero.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative, and one must be positive")
        ends, reached = [0], 0
        for weight in weights:
            reached += weight
            ends.append(half_up(Fraction(self.minor * reached, total)))
        return tuple(Money(end - begin, self.currency) for begin, end in pairwise(ends))

    @property
    def text(self) -> str:
        """``119.99``: with as many digits as the currency has."""
        digits = minor_digits(self.currency)
        if not digits:
            return str(self.minor)
        whole, rest = divmod(self.minor, 10**digits)
        return f"{whole}.{rest:0{digits}d}"

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} cannot be added to {self.currency}")
        return other


def zero(currency: str) -> Money:
    """Nothing."""
    return Money(0, currency)


def totals(amounts: Iterable[Money]) -> dict[str, Money]:
    """The sum of each currency, in the order in which they come."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, zero(amount.currency)) + amount
    return sums


def exact_amount(text: str) -> Fraction:
    """The number in ``9.20``, of any precision. Raises `WachtelError` (invalid)."""
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise _no_amount(text)
    whole, rest = found.group(1), found.group(2) or ""
    return Fraction(int(whole + rest), 10 ** len(rest))


@lru_cache(maxsize=4096)
def parse_money(text: str, currency: str) -> Money:
    """An amount such as ``119.99``. Raises `WachtelError` (invalid), also for more digits than the currency has."""
    if currency not in CURRENCIES:
        raise WachtelError(ErrorKind.INVALID, f"{currency[:20]} is not a currency of ISO 4217.")
    minor = exact_amount(text) * 10 ** minor_digits(currency)
    if minor.denominator != 1:
        raise WachtelError(
            ErrorKind.INVALID,
            f"{text} has more digits after the point than {currency} knows.",
            hint=f"{currency} has {minor_digits(currency)}.",
        )
    return Money(minor.numerator, currency)


def _no_amount(text: str) -> WachtelError:
    if re.fullmatch(r"-\s*[0-9.]+", text):
        return WachtelError(ErrorKind.INVALID, "An amount must not be negative.")
    return WachtelError(
        ErrorKind.INVALID,
        f"{text[:40]!r} is not an amount.",
        hint="Write digits with a point and no currency, such as 119.99.",
    )
