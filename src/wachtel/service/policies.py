"""Policies by name, their versions, and options; a later version may only favour the customer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.belkin import decide as decide_belkin
from wachtel.service.belkin_rules import BelkinRules
from wachtel.service.claim import Claim
from wachtel.service.codes import CURRENCIES
from wachtel.service.decision import Decision, Item, Reason, status_of
from wachtel.service.money import exact_amount
from wachtel.service.promise import decide as decide_promise

Decide = Callable[[Claim, BelkinRules, date | None, frozenset[int]], Decision]


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in all their versions, the oldest first."""

    name: str
    decide_by: Decide
    versions: tuple[BelkinRules, ...]
    has_deadline: bool = True
    differing: tuple[BelkinRules, ...] = field(init=False, repr=False, compare=False)
    """The versions that could decide differently."""

    def __post_init__(self) -> None:
        alike: list[BelkinRules] = []
        for rules in self.versions:
            same = (
                replace(rules, version=each.version, platform_off_on=each.platform_off_on) for each in alike
            )
            if not any(one == other for one, other in zip(same, alike, strict=True)):
                alike.append(rules)
        object.__setattr__(self, "differing", tuple(alike))

    def decide(
        self, claim: Claim, as_of: date | None = None, duplicates: frozenset[int] = frozenset()
    ) -> Decision:
        """The answer by the version that gives each item most; ``duplicates`` are positions of cameras that were
        claimed before."""
        first, *later = (self.decide_by(claim, rules, as_of, duplicates) for rules in self.differing)
        for decision in later:
            first = favour(first, decision)
        return first

    def amended(self, rules: BelkinRules) -> "Policy":
        """The policy with one more version."""
        return replace(self, versions=(*self.versions, rules))

    def with_options(self, options: Mapping[str, str], rates: Mapping[str, str]) -> "Policy":
        """The policy with other readings and further rates. Raises `WachtelError` (invalid)."""
        changes = dict(parse_option(name, value) for name, value in options.items())
        known = {name: parse_rate(name, text) for name, text in rates.items()}
        return replace(
            self,
            versions=tuple(
                replace(rules, **changes, rates=MappingProxyType({**rules.rates, **known}))
                for rules in self.versions
            ),
        )


def favour(earlier: Decision, later: Decision) -> Decision:
    """Item by item the one that is worth more; what was decided is never lowered."""
    subscription = earlier.subscription
    if subscription and later.subscription:
        subscription = better(subscription, later.subscription)
    cameras = tuple(better(*pair) for pair in zip(earlier.cameras, later.cameras, strict=True))
    status = status_of(subscription, cameras)
    return replace(earlier, subscription=subscription, cameras=cameras, status=status)


def better(earlier: Item, later: Item) -> Item:
    """The later item if it pays more, or opens what was closed, in the same currency."""
    if later.amount.currency != earlier.amount.currency:
        return earlier
    if later.amount.minor < earlier.amount.minor or earlier.reason is Reason.OK is not later.reason:
        return earlier
    return later if later.worth > earlier.worth else earlier


def policy_named(name: str) -> Policy:
    """Raises `WachtelError` (not_found) that lists the ones there are."""
    if name not in POLICIES:
        raise WachtelError(
            ErrorKind.NOT_FOUND,
            f"There is no policy {name[:40]!r}.",
            hint=f"There are: {', '.join(POLICIES)}.",
        )
    return POLICIES[name]


def parse_option(name: str, text: str) -> tuple[str, Any]:
    """An option's field and value; ``name`` may be that of the field or of its question (``A5``)."""
    named = [each for each in switchable() if name in (each.name, each.metadata.get("question"))]
    if not named:
        known = ", ".join(each.name for each in switchable())
        raise WachtelError(
            ErrorKind.INVALID, f"There is no option {name[:40]!r}.", hint=f"There are: {known}."
        )
    problem = None
    for each in named:
        try:
            return each.name, _value(each, text)
        except WachtelError as error:
            problem = problem or error
    assert problem is not None
    raise problem


def parse_rate(currency: str, text: str) -> Fraction:
    """What a month is worth in a currency, of any precision."""
    if currency not in CURRENCIES:
        raise WachtelError(ErrorKind.INVALID, f"{currency[:20]!r} is not a currency of ISO 4217.")
    rate = exact_amount(text)
    if not rate:
        raise WachtelError(ErrorKind.INVALID, f"The rate of {currency} must be more than zero.")
    return rate


def switchable() -> list[Any]:
    """The fields that an option can set."""
    fixed = {"version", "rates", "europe", "north_america"}
    return [each for each in fields(BelkinRules) if each.name not in fixed]


def _value(option: Any, text: str) -> object:
    readings = option.metadata.get("readings")
    if readings:
        spelled = {str(each).lower(): each for each in readings}
        if text.lower() in spelled:
            return spelled[text.lower()]
        allowed = ", ".join(spelled)
        raise WachtelError(
            ErrorKind.INVALID, f"{option.name} cannot be {text[:40]!r}.", hint=f"It is one of: {allowed}."
        )
    try:
        return date.fromisoformat(text) if option.type is date else _small_number(text)
    except ValueError:
        kind = "a date such as 2020-05-29" if option.type is date else "a whole number from 0 to 400"
        raise WachtelError(ErrorKind.INVALID, f"{option.name} is {kind}, not {text[:40]!r}.") from None


def _small_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:4]) <= 400):
        raise ValueError(text)
    return int(text)


_POSTPONED = BelkinRules(version=2, platform_off_on=date(2020, 6, 30))
"""The end was in fact moved to 30 June 2020; the reference of refunds stayed (question A19)."""

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "belkin-2020": Policy("belkin-2020", decide_belkin, (BelkinRules(), _POSTPONED)),
        "wachtel-promise": Policy("wachtel-promise", decide_promise, (BelkinRules(),), has_deadline=False),
    }
)
