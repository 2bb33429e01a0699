"""Keeps the books of an operator: offers, subscriptions, charges and what was paid. Rules are elsewhere and pure."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import msgspec

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.codes import CURRENCY_OF
from wachtel.service.money import Money, zero
from wachtel.service.notices import Notice, notices_of
from wachtel.service.periods import Period, day_in, period, zone
from wachtel.service.plans import Entitlements, PlanOffer, check_offer
from wachtel.service.subscriptions import (
    GRACE_DAYS,
    Change,
    Due,
    State,
    Subscription,
    change_of,
    entitled,
    state_on,
)
from wachtel.service.words import Words
from wachtel.storage.state.business import BusinessBooks, ChangeRow, EntryRow, PlanRow, SubscriptionRow

OLDEST_START_DAYS = 3653
"""A subscription may begin so many days ago, when it is brought here from elsewhere."""

NO_WORDS = Words("", "")

End = tuple[date, date]
"""The day on which the service ends, and the day on which that was announced."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a period costs, or with the kind ``refund`` what is given back; ``paid_on`` None: not paid yet."""

    id: str
    kind: str
    subscription: str
    start: date
    end: date
    amount: Money
    due_on: date
    paid_on: date | None = None
    reference: str = ""
    words: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription with all that follows from it today."""

    subscription: Subscription
    offer: PlanOffer
    state: State
    entitlements: Entitlements
    notices: tuple[Notice, ...]
    open: Money


class Billing:
    """Blocking; usable by any thread. ``sunset`` says whether and when the service ends."""

    def __init__(
        self, books: BusinessBooks, clock: Clock, sunset: Callable[[], End | None] = lambda: None
    ) -> None:
        self._books = books
        self._clock = clock
        self._sunset = sunset

    def today(self, time_zone: str) -> date:
        """The day it is there."""
        return day_in(self._clock.wall_us(), time_zone)

    def offers(self) -> dict[str, PlanOffer]:
        """All plans by id, in the order in which they were added."""
        return {row.id: _offer(row) for row in self._books.plans()}

    def add_offer(self, offer: PlanOffer) -> PlanOffer:
        """Raises `WachtelError` (invalid, conflict)."""
        check_offer(offer)
        prices = {currency: price.minor for currency, price in offer.prices.items()}
        extras = offer.entitlements
        if offer.id in self.offers():
            raise WachtelError(ErrorKind.CONFLICT, f"There is a plan {offer.id} already.")
        self._books.add_plan(
            PlanRow(
                offer.id,
                offer.name,
                offer.interval,
                msgspec.json.encode(prices).decode(),
                extras.hosted_days,
                extras.cameras,
                extras.channels,
                self._clock.wall_us(),
            )
        )
        return offer

    def subscribe(
        self,
        plan: str,
        subscriber: str,
        residence: str,
        time_zone: str,
        *,
        currency: str | None = None,
        starts_on: date | None = None,
    ) -> Standing:
        """A new subscription, from today on if nothing else is said. Raises `WachtelError` (not_found, invalid)."""
        offer = self.offers().get(plan)
        if offer is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no plan {plan[:60]!r}.")
        if residence not in CURRENCY_OF:
            raise _wrong("residence", f"{residence[:20]!r} is not a region code such as DE.")
        zone(time_zone)
        today = self.today(time_zone)
        begin = starts_on or today
        if abs((begin - today).days) > OLDEST_START_DAYS:
            raise _wrong("starts_on", "A subscription begins within ten years from today.")
        self._refuse_after_the_end(begin)
        chosen = currency or CURRENCY_OF[residence]
        offer.price_in(chosen)
        made = SubscriptionRow(
            secrets.token_hex(6), plan, subscriber, residence, chosen, time_zone, begin.isoformat(),
            self._clock.wall_us(),
        )  # fmt: skip
        self._books.add_subscription(made)
        return self.get(made.id)

    def all(self) -> list[Standing]:
        """Every subscription as it stands today, the ended ones too."""
        offers, dues, end = self.offers(), self._dues(), self._sunset()
        return [
            self._standing(one, offers[one.plan], dues.get(one.id, {}), end) for one in self.subscriptions()
        ]

    def get(self, subscription: str) -> Standing:
        """Raises `WachtelError` (not_found)."""
        found = [each for each in self.all() if each.subscription.id == subscription]
        if not found:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no subscription {subscription[:60]!r}.")
        return found[0]

    def subscriptions(self) -> list[Subscription]:
        """The facts, in the order in which they were added."""
        changes: dict[str, list[Change]] = {}
        for row in self._books.changes():
            kind: Literal["cancel", "resume"] = "cancel" if row.kind == "cancel" else "resume"
            changes.setdefault(row.subscription, []).append(Change(kind, date.fromisoformat(row.on_day)))
        return [_subscription(row, tuple(changes.get(row.id, ()))) for row in self._books.subscriptions()]

    def change(self, subscription: str, kind: Literal["cancel", "resume"]) -> Standing:
        """Cancels at the end of the period, or takes a cancellation back; saying it twice changes nothing.

        Raises `WachtelError` (not_found, conflict).
        """
        found = self.get(subscription)
        today = self.today(found.subscription.time_zone)
        change = change_of(kind, found.subscription, found.state, today)
        if change is not None:
            row = ChangeRow(subscription, change.kind, change.on.isoformat(), self._clock.wall_us())
            self._books.add_change(row)
        return self.get(subscription)

    def charges(self) -> list[Charge]:
        """All charges in the order in which they were booked."""
        return self._booked("charge", "payment")

    def refunds(self) -> list[Charge]:
        """What the operator owes to subscribers when the service ends, in the order in which it was computed."""
        return self._booked("refund", "payout")

    def _booked(self, kind: str, answered_by: str) -> list[Charge]:
        entries = self._books.entries()
        paid = {row.about: row for row in entries if row.kind == answered_by}
        return [_charge(row, paid.get(row.key)) for row in entries if row.kind == kind]

    def book_due(self) -> int:
        """Books a charge for every period that has begun, once, and says how many were new."""
        return self._books.book([row for standing in self.all() for row in self._due_rows(standing)])

    def pay(self, charge: str, reference: str, on: date | None = None) -> Charge:
        """Notes that a charge was paid, or a refund paid out; saying it twice changes nothing.

        Raises `WachtelError` (not_found, conflict).
        """
        found = self._find(charge)
        if found.paid_on is None:
            paid_on = on or self.today(self.get(found.subscription).subscription.time_zone)
            if found.kind == "charge":
                _refuse_after_grace(found, paid_on)
            self._books.book([self._payment(found, paid_on, reference)])
        return self._find(charge)

    def _find(self, charge: str) -> Charge:
        for each in (*self.charges(), *self.refunds()):
            if each.id == charge:
                return each
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no charge {charge[:60]!r}.")

    def _payment(self, charge: Charge, on: date, reference: str) -> EntryRow:
        kind = "payment" if charge.kind == "charge" else "payout"
        return EntryRow(
            f"{charge.id}.paid", kind, charge.subscription, charge.id, charge.amount.minor,
            charge.amount.currency, on.isoformat(), charge.start.isoformat(), charge.end.isoformat(),
            reference, reference, self._clock.wall_us(),
        )  # fmt: skip

    def _due_rows(self, standing: Standing) -> Iterator[EntryRow]:
        one, offer = standing.subscription, standing.offer
        today = self.today(one.time_zone)
        price = offer.price_in(one.currency)
        known = {charge.start for charge in self.charges() if charge.subscription == one.id}
        for begun in periods_until(one.starts_on, offer, today, standing.state.ends_on):
            if price.minor and begun.start not in known:
                yield EntryRow(
                    f"{one.id}.{begun.start}", "charge", one.id, "", price.minor, price.currency,
                    max(begun.start, today).isoformat(), begun.start.isoformat(), begun.end.isoformat(),
                    offer.name, offer.name, self._clock.wall_us(),
                )  # fmt: skip

    def _dues(self) -> dict[str, dict[date, Due]]:
        found: dict[str, dict[date, Due]] = {}
        for charge in self.charges():
            found.setdefault(charge.subscription, {})[charge.start] = Due(charge.due_on, charge.paid_on)
        return found

    def _standing(
        self, one: Subscription, offer: PlanOffer, dues: Mapping[date, Due], end: End | None
    ) -> Standing:
        state = state_on(one, offer, self.today(one.time_zone), dues, end)
        price = offer.price_in(one.currency)
        notices = tuple(notices_of(one.id, offer, state, price))
        still_open = sum(due.paid_on is None for due in dues.values())
        owed = Money(price.minor * still_open, one.currency) if still_open else zero(one.currency)
        return Standing(one, offer, state, entitled(state, offer), notices, owed)

    def _refuse_after_the_end(self, begin: date) -> None:
        end = self._sunset()
        if end is not None and begin >= end[0]:
            raise WachtelError(
                ErrorKind.CONFLICT,
                f"The service ends on {end[0]}; nothing can be sold for the time after it.",
            )


def periods_until(starts_on: date, offer: PlanOffer, today: date, ends_on: date | None) -> Iterator[Period]:
    """The periods that have begun by today and before the end."""
    number = 0
    while True:
        begun = period(starts_on, offer.interval, number)
        if begun.start > today or (ends_on is not None and begun.start >= ends_on):
            return
        yield begun
        number += 1


def _offer(row: PlanRow) -> PlanOffer:
    prices = msgspec.json.decode(row.prices, type=dict[str, int])
    interval: Literal["yearly", "monthly", "free"] = (
        "yearly" if row.interval == "yearly" else "monthly" if row.interval == "monthly" else "free"
    )
    extras = Entitlements(row.hosted_days, row.cameras, row.channels)
    money = {currency: Money(minor, currency) for currency, minor in prices.items()}
    return PlanOffer(row.id, row.name, interval, money, extras)


def _subscription(row: SubscriptionRow, changes: tuple[Change, ...]) -> Subscription:
    begin = date.fromisoformat(row.starts_on)
    return Subscription(
        row.id, row.plan, row.subscriber, row.residence, row.currency, row.time_zone, begin, changes
    )


def _charge(row: EntryRow, paid: EntryRow | None) -> Charge:
    return Charge(
        row.key,
        row.kind,
        row.subscription,
        date.fromisoformat(row.start),
        date.fromisoformat(row.end),
        Money(row.minor, row.currency),
        date.fromisoformat(row.on_day),
        None if paid is None else date.fromisoformat(paid.on_day),
        "" if paid is None else paid.words_en,
        Words(row.words_de, row.words_en),
    )


def _refuse_after_grace(charge: Charge, paid_on: date) -> None:
    last = charge.due_on + timedelta(days=GRACE_DAYS)
    if paid_on >= last:
        raise WachtelError(
            ErrorKind.CONFLICT,
            f"The charge {charge.id} had to be paid before {last}, and the subscription ended then.",
            hint="Give the money back, and begin a new subscription.",
        )


def _wrong(field: str, what: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, what, details={"field": field})
