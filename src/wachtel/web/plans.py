"""``/api/v1/plans``, ``/subscriptions``, ``/charges``: what an operator sells. Nothing here reaches a camera."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from wachtel.model.access import Permission
from wachtel.service.billing import Billing, Charge, Standing
from wachtel.service.money import parse_money
from wachtel.service.plans import Entitlements, PlanOffer
from wachtel.web.answers import Answer, Name, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.threads import OneThread

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Id = Annotated[str, Path(max_length=100)]


class ExtrasAnswer(Answer):
    """What the hub does for a subscriber."""

    hosted_days: int
    cameras: int
    channels: int


class PlanAnswer(Answer):
    """``prices``: amount by currency, for one period."""

    id: str
    name: str
    interval: str
    prices: dict[str, str]
    entitlements: ExtrasAnswer


class NewExtras(Question):
    hosted_days: int = Field(default=0, ge=0, le=1_000_000)
    cameras: int = Field(default=0, ge=0, le=1_000_000)
    channels: int = Field(default=0, ge=0, le=1_000_000)


class NewPlan(Question):
    """``prices``: ``{"EUR": "4.99"}``, empty for a free plan."""

    id: Slug
    name: Name
    interval: Literal["yearly", "monthly", "free"]
    prices: dict[str, str] = Field(default={}, max_length=50)
    entitlements: NewExtras = NewExtras()


class NoticeAnswer(Answer):
    """To be told on ``on``."""

    kind: str
    on: str
    text: dict[str, str]


class SubscriptionAnswer(Answer):
    """``ends_on``: the first day without the operator's extras, null when it goes on. ``open``: what is not paid."""

    id: str
    plan: str
    subscriber: str
    residence: str
    time_zone: str
    starts_on: str
    standing: str
    period: tuple[str, str]
    ends_on: str | None
    ending: str | None
    entitlements: ExtrasAnswer
    notices: list[NoticeAnswer]
    open: str
    currency: str


class NewSubscription(Question):
    """Left out, ``currency`` is that of the residence, ``starts_on`` today, ``time_zone`` that of the first site."""

    plan: str = Field(max_length=100)
    subscriber: Name
    residence: str = Field(pattern=r"^[A-Z]{2}$")
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    time_zone: str | None = Field(default=None, max_length=100)
    starts_on: date | None = None


class ChargeAnswer(Answer):
    """``kind``: ``charge``, or ``refund`` for what is given back. ``paid_on`` null: not yet."""

    id: str
    kind: str
    subscription: str
    start: str
    end: str
    amount: str
    currency: str
    due_on: str
    paid_on: str | None
    reference: str
    text: dict[str, str]


class Paid(Question):
    """``on`` null: today. ``reference``: how the bank's statement calls it."""

    reference: str = Field(default="", max_length=300)
    on: date | None = None


class BookedAnswer(Answer):
    """How many charges are new."""

    booked: int


class PlanRoutes:
    """Plans, subscriptions and charges."""

    def __init__(self, billing: Billing, database: OneThread, default_zone: Callable[[], str]) -> None:
        self._billing = billing
        self._database = database
        self._default_zone = default_zone

    def add_to(self, door: Door) -> None:
        plans, all_of_it = "/api/v1/plans", On.INSTALLATION
        door.route("GET", plans, self.plans, needs=Permission.ADMIN, on=all_of_it)
        door.route("POST", plans, self.add_plan, needs=Permission.ADMIN, on=all_of_it, status=201)
        path = "/api/v1/subscriptions"
        door.route("GET", path, self.all, needs=Permission.ADMIN, on=all_of_it)
        door.route("POST", path, self.subscribe, needs=Permission.ADMIN, on=all_of_it, status=201)
        one = f"{path}/{{subscription}}"
        door.route("POST", f"{one}/cancel", self.cancel, needs=Permission.ADMIN, on=all_of_it)
        door.route("POST", f"{one}/resume", self.resume, needs=Permission.ADMIN, on=all_of_it)
        charges = "/api/v1/charges"
        door.route("GET", charges, self.charges, needs=Permission.ADMIN, on=all_of_it)
        door.route("POST", charges, self.book, needs=Permission.ADMIN, on=all_of_it)
        door.route("POST", f"{charges}/{{charge}}/paid", self.paid, needs=Permission.ADMIN, on=all_of_it)

    async def plans(self) -> list[PlanAnswer]:
        """What is sold."""
        return [_plan(offer) for offer in (await self._database.run(self._billing.offers)).values()]

    async def add_plan(self, asked: NewPlan) -> PlanAnswer:
        """Adds a plan; it stays as it is from then on."""
        prices = {currency: parse_money(text, currency) for currency, text in asked.prices.items()}
        extras = Entitlements(**asked.entitlements.model_dump())
        offer = PlanOffer(asked.id, asked.name, asked.interval, prices, extras)
        return _plan(await self._database.run(self._billing.add_offer, offer))

    async def all(self) -> list[SubscriptionAnswer]:
        """Every subscription as it stands today, with what its subscriber is to be told when."""
        return [_subscription(one) for one in await self._database.run(self._billing.all)]

    async def subscribe(self, asked: NewSubscription) -> SubscriptionAnswer:
        """Begins a subscription."""

        def make() -> Standing:
            return self._billing.subscribe(
                asked.plan, asked.subscriber, asked.residence, asked.time_zone or self._default_zone(),
                currency=asked.currency, starts_on=asked.starts_on,
            )  # fmt: skip

        return _subscription(await self._database.run(make))

    async def cancel(self, subscription: Id) -> SubscriptionAnswer:
        """Ends it with its period; can be taken back until then."""
        return _subscription(await self._database.run(self._billing.change, subscription, "cancel"))

    async def resume(self, subscription: Id) -> SubscriptionAnswer:
        """Takes a cancellation back."""
        return _subscription(await self._database.run(self._billing.change, subscription, "resume"))

    async def charges(self) -> list[ChargeAnswer]:
        """Charges, then refunds, each in the order in which they were booked."""

        def both() -> list[Charge]:
            return [*self._billing.charges(), *self._billing.refunds()]

        return [_charge(each) for each in await self._database.run(both)]

    async def book(self) -> BookedAnswer:
        """Books what has become due by today; doing it again changes nothing."""
        return BookedAnswer(booked=await self._database.run(self._billing.book_due))

    async def paid(self, charge: Id, asked: Paid) -> ChargeAnswer:
        """Notes that a charge was paid or a refund paid out; doing it again changes nothing."""
        return _charge(await self._database.run(self._billing.pay, charge, asked.reference, asked.on))


def _extras(extras: Entitlements) -> ExtrasAnswer:
    return ExtrasAnswer(hosted_days=extras.hosted_days, cameras=extras.cameras, channels=extras.channels)


def _plan(offer: PlanOffer) -> PlanAnswer:
    return PlanAnswer(
        id=offer.id,
        name=offer.name,
        interval=offer.interval,
        prices={currency: price.text for currency, price in offer.prices.items()},
        entitlements=_extras(offer.entitlements),
    )


def _subscription(standing: Standing) -> SubscriptionAnswer:
    one, state = standing.subscription, standing.state
    return SubscriptionAnswer(
        id=one.id,
        plan=one.plan,
        subscriber=one.subscriber,
        residence=one.residence,
        time_zone=one.time_zone,
        starts_on=one.starts_on.isoformat(),
        standing=state.standing,
        period=(state.period.start.isoformat(), state.period.end.isoformat()),
        ends_on=None if state.ends_on is None else state.ends_on.isoformat(),
        ending=state.ending,
        entitlements=_extras(standing.entitlements),
        notices=[
            NoticeAnswer(
                kind=each.kind, on=each.on.isoformat(), text={"de": each.words.de, "en": each.words.en}
            )
            for each in standing.notices
        ],
        open=standing.open.text,
        currency=one.currency,
    )


def _charge(each: Charge) -> ChargeAnswer:
    return ChargeAnswer(
        id=each.id,
        kind=each.kind,
        subscription=each.subscription,
        start=each.start.isoformat(),
        end=each.end.isoformat(),
        amount=each.amount.text,
        currency=each.amount.currency,
        due_on=each.due_on.isoformat(),
        paid_on=None if each.paid_on is None else each.paid_on.isoformat(),
        reference=each.reference,
        text={"de": each.words.de, "en": each.words.en},
    )
