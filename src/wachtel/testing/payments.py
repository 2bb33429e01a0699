"""A way of payment made of memory: money moves at once, or not, as a test wants it."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.payment import Order, Outcome, Receipt, check_order, other_order


class FakePayments:
    """``away``: nobody answers. ``refuses``: subscribers whose orders are refused. ``moved`` holds what moved."""

    name = "fake"

    def __init__(self) -> None:
        self.away = False
        self.refuses: set[str] = set()
        self.moved: list[tuple[str, Order]] = []
        self._receipts: dict[str, tuple[str, Order, Receipt]] = {}

    def collect(self, order: Order) -> Receipt:
        return self._move("collect", order)

    def pay_out(self, order: Order) -> Receipt:
        return self._move("pay_out", order)

    def look(self, key: str) -> Receipt | None:
        found = self._receipts.get(key)
        return None if found is None else found[2]

    def _move(self, direction: str, order: Order) -> Receipt:
        check_order(order)
        if self.away:
            raise WachtelError(ErrorKind.UNREACHABLE, "The bank does not answer.", hint="Try again.")
        known = self._receipts.get(order.key)
        if known is None:
            refused = order.subscriber in self.refuses
            receipt = Receipt(
                order.key, Outcome.REFUSED if refused else Outcome.DONE, f"fake-{len(self.moved)}"
            )
            if not refused:
                self.moved.append((direction, order))
            self._receipts[order.key] = (direction, order, receipt)
            return receipt
        if known[:2] != (direction, order):
            raise other_order(order)
        return known[2]
