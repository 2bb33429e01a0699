"""Our own promise: when a service ends, unused time is paid to the day, to everybody, without a form."""

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from wachtel.service.belkin import decide_cameras, duplicate_problem
from wachtel.service.belkin_rules import BelkinRules
from wachtel.service.belkin_subscription import currency_for, lost_months, of_months
from wachtel.service.claim import Claim, ClaimedSubscription
from wachtel.service.decision import Decision, Item, Reason, status_of
from wachtel.service.money import Money, zero
from wachtel.service.words import Words, day_words, money_words


def decide(
    claim: Claim, rules: BelkinRules, as_of: date | None, duplicates: frozenset[int] = frozenset()
) -> Decision:
    """No deadline and no receipt for the subscription; cameras by the rules of 2020, also without a deadline."""
    subscription = _subscription(claim, claim.subscription, rules) if claim.subscription else None
    cameras = decide_cameras(claim, rules, as_of, duplicates, late=False)
    problems = tuple(duplicate_problem(claim, number) for number in sorted(duplicates))
    return Decision(claim.id, status_of(subscription, cameras), subscription, cameras, problems)


def prepare_payments(
    subscriptions: Iterable[tuple[str, str, ClaimedSubscription]], rules: BelkinRules
) -> Iterator[tuple[str, Item]]:
    """A payment for every (subscriber, residence, subscription): the list itself is the claim, nobody is left out."""
    for subscriber, residence, subscription in subscriptions:
        yield subscriber, promised(residence, subscription, rules)


def _subscription(claim: Claim, subscription: ClaimedSubscription, rules: BelkinRules) -> Item:
    return promised(claim.residence, subscription, rules)


def promised(residence: str, subscription: ClaimedSubscription, rules: BelkinRules) -> Item:
    """The larger of unused time to the day and the rule of 2020."""
    currency = subscription.price.currency if subscription.price else currency_for(residence, rules)
    begin = max(rules.reference_on, subscription.starts_on)
    if subscription.ends_on <= begin or subscription.plan == "free":
        return Item(Reason.NOTHING_LOST, zero(currency), _nothing(rules), months=0)
    months = lost_months(begin, subscription.ends_on, rules)
    by_months = of_months(months, currency, rules) if currency in rules.rates else None
    by_days = _unused(subscription, begin)
    if by_months is None and by_days is None:
        return Item(Reason.MANUAL_REVIEW, zero(currency), _unknown(currency), months=months)
    amount = max((each for each in (by_days, by_months) if each), key=lambda each: each.minor)
    words = _compared(subscription, begin, by_days, months, by_months, amount)
    return Item(Reason.OK if amount.minor else Reason.NOTHING_LOST, amount, words, months=months)


def _unused(subscription: ClaimedSubscription, begin: date) -> Money | None:
    if subscription.price is None:
        return None
    whole = (subscription.ends_on - subscription.starts_on).days
    return subscription.price.part(Fraction((subscription.ends_on - begin).days, whole))


def _compared(
    subscription: ClaimedSubscription,
    begin: date,
    by_days: Money | None,
    months: int,
    by_months: Money | None,
    amount: Money,
) -> Words:
    words = Words("", "")
    if by_days is not None and subscription.price is not None:
        rest = (subscription.ends_on - begin).days
        whole = (subscription.ends_on - subscription.starts_on).days
        price, unused = money_words(subscription.price), money_words(by_days)
        words += Words(
            f"Taggenau: {price.de} x {rest}/{whole} Tage = {unused.de}.",
            f"To the day: {price.en} x {rest}/{whole} days = {unused.en}.",
        )
    if by_months is not None:
        rule = money_words(by_months)
        words += Words(
            f"Regel von 2020: verlorene Monate {months}, ergibt {rule.de}.",
            f"Rule of 2020: lost months {months}, which gives {rule.en}.",
        )
    paid = money_words(amount)
    words += Words(f"Gezahlt wird das Größere: {paid.de}.", f"The larger is paid: {paid.en}.")
    return Words(words.de.strip(), words.en.strip())


def _nothing(rules: BelkinRules) -> Words:
    off = day_words(rules.reference_on)
    return Words(
        f"Ab dem {off.de} ging nichts Bezahltes verloren.", f"Nothing paid for was lost from {off.en} on."
    )


def _unknown(currency: str) -> Words:
    return Words(
        f"Weder der gezahlte Preis noch ein Betrag je Monat in {currency} ist bekannt; das sieht ein Mensch an.",
        f"Neither the price paid nor an amount a month in {currency} is known; a person looks at it.",
    )
