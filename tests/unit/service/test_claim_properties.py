"""Whatever is said about a claim, in whatever order: amounts never fall, nothing is paid twice, states are known."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.service.claim import Claim
from wachtel.service.claim_checks import check_fact, nothing_new
from wachtel.service.claim_facts import WHOLE, Fact, FactKind, items_of
from wachtel.service.claim_reading import read_claim
from wachtel.service.claim_standing import Stage, Standing, decided_now, standing_on
from wachtel.service.money import Money
from wachtel.service.policies import policy_named

POLICY = policy_named("belkin-2020")
FIRST = date(2020, 6, 10)
CLAIM = read_claim({
    "id": "c", "residence": "DE", "submitted_at": "2020-06-10T12:00:00",
    "subscription": {"plan": "yearly", "starts_on": "2019-11-15", "ends_on": "2020-11-15"},
    "cameras": [
        {"serial": "A1", "bought_on": "2019-11-29", "price": "119.99", "currency": "EUR"},
        {"serial": "B2", "kind": "disposal"},
    ],
})  # fmt: skip
assert isinstance(CLAIM, Claim)

said = st.lists(
    st.tuples(
        st.sampled_from(sorted(FactKind)),
        st.sampled_from([*items_of(CLAIM), WHOLE]),
        st.sampled_from(["customer", "eva"]),
        st.integers(0, 60),
    ),
    max_size=25,
)


def walk(words: list[tuple[FactKind, str, str, int]]) -> list[tuple[Standing, list[Fact]]]:
    """Says everything that may be said, paying whenever a payment is among it."""
    assert isinstance(CLAIM, Claim)
    facts: list[Fact] = []
    day, seen = FIRST, []
    for kind, item, who, days in sorted(words, key=lambda word: word[3]):
        day = FIRST + timedelta(days=days)
        standing = standing_on(day, CLAIM, facts, POLICY)
        if kind is FactKind.PAID:
            facts += [Fact(kind, one.name, day, who, one.due) for one in standing.items if one.due.minor]
        elif kind is not FactKind.REOPENED:
            amount = Money(100, "EUR") if kind is FactKind.REVIEWED else None
            fact = Fact(kind, item, day, who, amount, "because")
            try:
                check_fact(CLAIM, facts, fact, day)
            except WachtelError:
                continue
            if nothing_new(facts, fact):
                continue
            facts.append(fact)
        facts += decided_now(standing_on(day, CLAIM, facts, POLICY), facts, day)
        seen.append((standing_on(day, CLAIM, facts, POLICY), list(facts)))
    return seen


@settings(max_examples=300, deadline=None)
@given(said)
def test_what_was_decided_stays_and_is_paid_once(words: list[tuple[FactKind, str, str, int]]) -> None:
    decided: dict[str, int] = {}
    for standing, facts in walk(words):
        for one in standing.items:
            assert one.due.minor >= 0 and one.paid.minor <= one.item.amount.minor
            assert one.item.amount.minor >= decided.get(one.name, 0)
            if any(fact.kind is FactKind.DECIDED and fact.item == one.name for fact in facts):
                decided[one.name] = one.item.amount.minor
        if standing.stage in (Stage.PAID, Stage.CLOSED, Stage.WITHDRAWN, Stage.REJECTED):
            assert not standing.due


@settings(max_examples=100, deadline=None)
@given(said)
def test_a_standing_holds_until_the_day_it_names(words: list[tuple[FactKind, str, str, int]]) -> None:
    assert isinstance(CLAIM, Claim)
    for standing, facts in walk(words)[-1:]:
        last = max((fact.on for fact in facts), default=FIRST)
        for days in range(1, 90):
            day = last + timedelta(days=days)
            if standing.until is not None and day >= standing.until:
                break
            assert standing_on(day, CLAIM, facts, POLICY).stage is standing.stage
