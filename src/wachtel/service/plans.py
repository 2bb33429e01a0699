"""Plans as data: a price in each currency, and what it allows of hosted extras, never of local recording."""

from collections.abc import Mapping
from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.claim import PLANS, Plan
from wachtel.service.money import Money

__all__ = ["MONTHS_OF", "NOTHING_HOSTED", "PLANS", "Entitlements", "Interval", "PlanOffer", "check_offer"]

Interval = Plan
"""How often is paid: ``yearly``, ``monthly``, or ``free``: never."""

MONTHS_OF: Mapping[Interval, int] = {"yearly": 12, "monthly": 1, "free": 1}
"""Calendar months of a period; that of a free plan only counts."""

MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What the operator's hub does for a subscriber: days of hosted storage, cameras on the hub, message channels."""

    hosted_days: int = 0
    cameras: int = 0
    channels: int = 0


NOTHING_HOSTED = Entitlements()


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """What is sold. ``prices`` holds the price of one period by currency."""

    id: str
    name: str
    interval: Interval
    prices: Mapping[str, Money]
    entitlements: Entitlements = NOTHING_HOSTED

    def price_in(self, currency: str) -> Money:
        """Zero for a free plan. Raises `WachtelError` (invalid) for a currency it is not sold in."""
        if self.interval == "free":
            return Money(0, currency)
        if currency not in self.prices:
            raise WachtelError(
                ErrorKind.INVALID,
                f"The plan {self.id} is not sold in {currency}.",
                hint=f"It is sold in: {', '.join(sorted(self.prices))}.",
                details={"field": "currency"},
            )
        return self.prices[currency]


def check_offer(offer: PlanOffer) -> PlanOffer:
    """The same offer. Raises `WachtelError` (invalid): a free plan costs nothing, every other one something."""
    if offer.interval not in PLANS:
        raise _wrong("interval", f"A plan is {', '.join(PLANS)}, not {str(offer.interval)[:20]!r}.")
    if offer.interval == "free" and offer.prices:
        raise _wrong("prices", "A free plan has no price.")
    if offer.interval != "free" and not offer.prices:
        raise _wrong("prices", "A plan that is not free needs a price.")
    if any(not price.minor for price in offer.prices.values()):
        raise _wrong("prices", "A price is more than zero; what costs nothing is a free plan.")
    extras = offer.entitlements
    if not all(0 <= each <= MOST for each in (extras.hosted_days, extras.cameras, extras.channels)):
        raise _wrong("entitlements", f"An entitlement is a whole number from 0 to {MOST}.")
    return offer


def _wrong(field: str, what: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, what, details={"field": field})
