"""The subscription's refund by the programme of 2020: lost months times the month's rate (T1 to T4)."""

from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from wachtel.service.belkin_rules import BelkinRules
from wachtel.service.claim import Claim, ClaimedSubscription
from wachtel.service.codes import CURRENCY_OF, minor_digits
from wachtel.service.days import months_and_days
from wachtel.service.decision import Item, Reason
from wachtel.service.money import Money, half_up, zero
from wachtel.service.words import Words, day_words, days_words, money_words, months_words


def currency_for(residence: str, rules: BelkinRules) -> str:
    """Europe is paid in euros, everybody else in the currency of the place."""
    return "EUR" if residence in rules.europe else CURRENCY_OF[residence]


def end_of(subscription: ClaimedSubscription, rules: BelkinRules) -> date:
    """The first day that was not paid for any more (question A2)."""
    return subscription.ends_on + timedelta(days=rules.end_date == "inclusive")


def lost_months(begin: date, end: date, rules: BelkinRules) -> int:
    """Months that count as lost from ``begin`` to before ``end`` (T3, questions A3 and A4)."""
    months, days = months_and_days(begin, end)
    if rules.shortest_rest == "real_month" and not months:
        return 0
    if rules.months == "started":
        return months + bool(days) if (end - begin).days >= rules.rest_days else 0
    return months + (days >= rules.rest_days)


def of_months(months: int, currency: str, rules: BelkinRules) -> Money:
    """The refund for so many months (question A7: where it is rounded)."""
    if rules.rounding == "sum":
        return Money(half_up(rules.rates[currency] * months * 10 ** minor_digits(currency)), currency)
    return Money(_one_month(rules.rates[currency], currency) * months, currency)


@lru_cache(maxsize=1024)
def _one_month(rate: Fraction, currency: str) -> int:
    return half_up(rate * 10 ** minor_digits(currency))


def decide_subscription(claim: Claim, subscription: ClaimedSubscription, rules: BelkinRules) -> Item:
    """The refund of a claim in time."""
    currency = currency_for(claim.residence, rules)
    if subscription.plan == "free" or (
        subscription.plan == "monthly" and rules.monthly_plans == "not_covered"
    ):
        return _not_covered(subscription, currency, rules)
    begin = max(rules.reference_on, subscription.starts_on)
    end = end_of(subscription, rules)
    if end <= begin:
        return Item(Reason.NOTHING_LOST, zero(currency), _nothing_lost(subscription, rules), months=0)
    months = lost_months(begin, end, rules)
    if not months:
        return Item(Reason.REST_UNDER_7_DAYS, zero(currency), _rest(begin, end) + _too_short(rules), months=0)
    if not subscription.receipt:
        return Item(Reason.EVIDENCE_MISSING, zero(currency), _no_receipt(months), months=months)
    if currency not in rules.rates:
        return Item(Reason.MANUAL_REVIEW, zero(currency), _no_rate(months, currency), months=months)
    return _paid(subscription, months, _rest(begin, end), of_months(months, currency, rules), rules)


def _paid(
    subscription: ClaimedSubscription, months: int, rest: Words, amount: Money, rules: BelkinRules
) -> Item:
    words = rest + _product(months, amount, rules)
    if not rules.cap_at_price_paid:
        return Item(Reason.OK, amount, words, months=months)
    price = subscription.price
    if price is None:
        return Item(Reason.EVIDENCE_MISSING, zero(amount.currency), _no_price(), months=months)
    if price.currency != amount.currency:
        return Item(
            Reason.MANUAL_REVIEW, zero(amount.currency), _other_currency(price, amount), months=months
        )
    if price.minor >= amount.minor:
        return Item(Reason.OK, amount, words, months=months)
    reason = Reason.OK if price.minor else Reason.NOTHING_LOST
    return Item(reason, price, words + _capped(price), months=months)


def _not_covered(subscription: ClaimedSubscription, currency: str, rules: BelkinRules) -> Item:
    words = Words(
        "Die Ankündigung spricht nur von Jahresabos (T2); dieses Abo ist keines.",
        "The announcement speaks of yearly subscriptions only (T2); this one is not.",
    )
    begin = max(rules.reference_on, subscription.starts_on)
    months = lost_months(begin, end_of(subscription, rules), rules)
    if subscription.plan == "free" or not months:
        return Item(Reason.NOT_COVERED_PLAN, zero(currency), words, months=0)
    wide = months_words(months)
    words += Words(
        f"Nach der weiten Lesart (R3, Option monthly_plans) wäre verloren: {wide.de}.",
        f"By the wide reading (R3, option monthly_plans) this would be lost: {wide.en}.",
    )
    return Item(Reason.NOT_COVERED_PLAN, zero(currency), words, months=0, flag="A5")


@lru_cache(maxsize=4096)
def _rest(begin: date, end: date) -> Words:
    first, last, total = day_words(begin), day_words(end), days_words((end - begin).days)
    months, days = months_and_days(begin, end)
    whole, left = months_words(months), days_words(days)
    return Words(
        f"Vom {first.de} bis vor dem {last.de} bleiben {total.de}: {whole.de} und {left.de}.",
        f"From {first.en} to before {last.en} {total.en} remain: {whole.en} and {left.en}.",
    )


def _product(months: int, amount: Money, rules: BelkinRules) -> Words:
    exact = rules.rates[amount.currency] if rules.rounding == "sum" else None
    one = money_words(of_months(1, amount.currency, rules))
    de, en = (one.de, one.en) if exact is None else (_plain(exact).replace(".", ","), _plain(exact))
    paid, counted = money_words(amount), months_words(months)
    return Words(
        f"Als verloren zählt: {counted.de}; {months} x {de} = {paid.de}.",
        f"Counted as lost: {counted.en}; {months} x {en} = {paid.en}.",
    )


def _plain(rate: Fraction) -> str:
    return f"{float(rate):.6f}".rstrip("0").rstrip(".")


def _nothing_lost(subscription: ClaimedSubscription, rules: BelkinRules) -> Words:
    end, off = day_words(subscription.ends_on), day_words(rules.reference_on)
    return Words(
        f"Das Abo endet am {end.de}, der erste verlorene Tag ist der {off.de}: Es ging nichts verloren.",
        f"The subscription ends on {end.en} and the first lost day is {off.en}: nothing was lost.",
    )


def _too_short(rules: BelkinRules) -> Words:
    if rules.shortest_rest == "real_month":
        return Words("Das ist weniger als ein voller Monat (T2).", "That is less than a full month (T2).")
    return Words(
        f"Ein Monat zählt erst ab {rules.rest_days} Tagen (T3).",
        f"A month counts from {rules.rest_days} days on (T3).",
    )


def _no_receipt(months: int) -> Words:
    counted = months_words(months)
    return Words(
        f"Als verloren zählt: {counted.de}. Es fehlt der Beleg für das Abo (T8); bitte nachreichen.",
        f"Counted as lost: {counted.en}. The receipt for the subscription is missing (T8); please send it.",
    )


def _no_price() -> Words:
    return Words(
        "Für die Obergrenze fehlt der gezahlte Preis des Abos.",
        "The price paid for the subscription is missing, and the refund is limited to it.",
    )


def _other_currency(price: Money, amount: Money) -> Words:
    return Words(
        f"Bezahlt wurde in {price.currency}, erstattet wird in {amount.currency}; das sieht ein Mensch an.",
        f"It was paid in {price.currency} and is refunded in {amount.currency}; a person looks at it.",
    )


def _no_rate(months: int, currency: str) -> Words:
    counted = months_words(months)
    return Words(
        f"Als verloren zählt: {counted.de}. Für {currency} ist kein Betrag je Monat hinterlegt (T4).",
        f"Counted as lost: {counted.en}. No amount a month is stored for {currency} (T4).",
    )


def _capped(price: Money) -> Words:
    paid = money_words(price)
    return Words(f"Höchstens der gezahlte Preis: {paid.de}.", f"At most the price paid: {paid.en}.")
