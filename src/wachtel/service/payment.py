"""How money comes and goes: a narrow door, because every operator has another bank.

Every order has a key; the same order given twice moves money once. `ManualPayments` is an operator who looks at the
bank account; a fake for tests is in `wachtel.testing.payments`, and what every way must do in
`wachtel.testing.contracts.payment`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.money import Money


class Outcome(StrEnum):
    """What became of an order: done, in somebody's hands, or refused for good."""

    DONE = "done"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Order:
    """Money to be collected from, or paid out to, a subscriber; ``amount`` is more than zero."""

    key: str
    subscriber: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an order; ``reference`` is how the other side finds it again."""

    key: str
    outcome: Outcome
    reference: str


class Payments(Protocol):
    """One way to move money. Blocking. Raises `WachtelError`: invalid for an order of nothing, conflict when a key
    comes again with another order, unreachable when the same order should be tried again."""

    @property
    def name(self) -> str: ...

    def collect(self, order: Order) -> Receipt:
        """Money from a subscriber."""
        ...

    def pay_out(self, order: Order) -> Receipt:
        """Money to a subscriber."""
        ...

    def look(self, key: str) -> Receipt | None:
        """What became of an order, None when it was never given."""
        ...


class ManualPayments:
    """A person does it: every order waits until somebody says that the money moved."""

    name = "manual"

    def __init__(self) -> None:
        self._receipts: dict[str, tuple[str, Order, Receipt]] = {}

    def collect(self, order: Order) -> Receipt:
        return self._note("collect", order)

    def pay_out(self, order: Order) -> Receipt:
        return self._note("pay_out", order)

    def look(self, key: str) -> Receipt | None:
        found = self._receipts.get(key)
        return None if found is None else found[2]

    def confirm(self, key: str, reference: str) -> Receipt:
        """The money moved. Raises `WachtelError` (not_found)."""
        found = self._receipts.get(key)
        if found is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no order {key[:80]!r}.")
        if found[2].outcome is Outcome.WAITING:
            self._receipts[key] = (*found[:2], Receipt(key, Outcome.DONE, reference))
        return self._receipts[key][2]

    def _note(self, direction: str, order: Order) -> Receipt:
        check_order(order)
        fresh = (direction, order, Receipt(order.key, Outcome.WAITING, ""))
        known = self._receipts.setdefault(order.key, fresh)
        if known[:2] != fresh[:2]:
            raise other_order(order)
        return known[2]


def check_order(order: Order) -> None:
    """Raises `WachtelError` (invalid) for an order of nothing."""
    if order.amount.minor <= 0 or not order.key:
        raise WachtelError(ErrorKind.INVALID, "An order has a key and is for more than zero.")


def other_order(order: Order) -> WachtelError:
    """The key is taken."""
    return WachtelError(ErrorKind.CONFLICT, f"The key {order.key[:80]} stands for another order.")
