"""What holds for every claim by the programme of 2020 and by our own promise."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from claims_at_hand import a_camera, a_claim, a_plan, answer
from hypothesis import given
from hypothesis import strategies as st

from wachtel.service.belkin_rules import BelkinRules
from wachtel.service.claim import PLANS, Claim, ClaimedCamera, ClaimedSubscription
from wachtel.service.days import add_months, months_and_days
from wachtel.service.decision import Reason, Status
from wachtel.service.money import Money
from wachtel.service.policies import POLICIES, favour
from wachtel.service.promise import prepare_payments, promised

BELKIN = POLICIES["belkin-2020"]
SUBMITTED = datetime(2020, 6, 10, 12)
DAYS = st.dates(date(2017, 1, 1), date(2023, 12, 31))
MINOR = st.integers(0, 100_000)
REGIONS = st.sampled_from(["DE", "US", "CA", "GB", "AU", "JP", "IS"])


@st.composite
def subscriptions(draw: st.DrawFn) -> ClaimedSubscription:
    starts, ends = sorted((draw(DAYS), draw(DAYS)))
    price = Money(draw(MINOR), draw(st.sampled_from(["EUR", "USD"]))) if draw(st.booleans()) else None
    return ClaimedSubscription(draw(st.sampled_from(PLANS)), starts, ends, draw(st.booleans()), price)


@st.composite
def cameras(draw: st.DrawFn) -> ClaimedCamera:
    return ClaimedCamera(
        serial="A1",
        kind=draw(st.sampled_from(["refund", "disposal"])),
        bought_on=draw(st.none() | DAYS),
        price=draw(st.none() | st.builds(Money, MINOR, st.sampled_from(["EUR", "USD"]))),
        voucher_minor=draw(MINOR),
        dealer_receipt=draw(st.none() | st.booleans()),
        label_received_on=draw(st.none() | DAYS),
        returned_on=draw(st.none() | DAYS),
    )


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    return Claim(
        id="c1",
        residence=draw(REGIONS),
        submitted_at=draw(st.datetimes(datetime(2020, 6, 1), datetime(2020, 8, 31))),
        subscription=draw(st.none() | subscriptions()),
        cameras=tuple(draw(st.lists(cameras(), max_size=2))),
    )


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "cut_off_day": st.sampled_from(["in", "out"]),
        "end_date": st.sampled_from(["exclusive", "inclusive"]),
        "months": st.sampled_from(["calendar", "started"]),
        "shortest_rest": st.sampled_from(["seven_days", "real_month"]),
        "monthly_plans": st.sampled_from(["not_covered", "like_yearly"]),
        "cap_at_price_paid": st.sampled_from(["true", "false"]),
        "pro_rata_from": st.sampled_from(["service_end", "cut_off"]),
        "pro_rata_unit": st.sampled_from(["days", "months"]),
        "europe_warranty": st.sampled_from(["by_purchase", "at_service_end"]),
        "other_regions": st.sampled_from(["review", "reject"]),
    },
)


@given(claims(), OPTIONS, st.sampled_from(sorted(POLICIES)))
def test_no_amount_is_negative_and_zero_has_a_reason(
    claim: Claim, options: dict[str, str], name: str
) -> None:
    decision = POLICIES[name].with_options(options, {}).decide(claim)
    for item in decision.items():
        assert item.amount.minor >= 0
        assert (item.amount.minor > 0) == (item.reason is Reason.OK)
        assert item.words.de and item.words.en


@given(claims(), OPTIONS)
def test_deciding_again_changes_nothing(claim: Claim, options: dict[str, str]) -> None:
    policy = BELKIN.with_options(options, {})
    assert policy.decide(claim) == policy.decide(claim)
    assert favour(policy.decide(claim), policy.decide(claim)) == policy.decide(claim)


def paid_for_plan(ends_on: date, options: dict[str, str], residence: str = "DE") -> int:
    plan = ClaimedSubscription("yearly", date(2018, 1, 1), ends_on, receipt=True)
    decision = BELKIN.with_options({**options, "cap_at_price_paid": "false"}, {}).decide(
        Claim("c1", residence, SUBMITTED, subscription=plan)
    )
    assert decision.subscription
    return decision.subscription.amount.minor


@given(DAYS.filter(lambda day: day >= date(2018, 1, 1)), st.integers(1, 400), OPTIONS)
def test_a_later_end_never_pays_less(ends_on: date, days: int, options: dict[str, str]) -> None:
    assert paid_for_plan(ends_on, options) <= paid_for_plan(ends_on + timedelta(days=days), options)


def paid_for_camera(
    residence: str, bought_on: date, minor: int, options: dict[str, str], voucher: int = 0
) -> int:
    camera = ClaimedCamera(
        "A1", "refund", bought_on, Money(minor, "USD"), voucher, True, date(2020, 6, 20), date(2020, 6, 25)
    )
    decision = BELKIN.with_options(options, {}).decide(Claim("c1", residence, SUBMITTED, cameras=(camera,)))
    return decision.cameras[0].amount.minor


@given(DAYS, st.integers(1, 400), MINOR, st.sampled_from(["DE", "US"]), OPTIONS)
def test_a_later_purchase_never_pays_less(
    bought_on: date, days: int, minor: int, residence: str, options: dict[str, str]
) -> None:
    later = bought_on + timedelta(days=days)
    assert paid_for_camera(residence, bought_on, minor, options) <= paid_for_camera(
        residence, later, minor, options
    )


def test_each_day_of_purchase_pays_at_least_as_much_as_the_one_before() -> None:
    days = [date(2018, 1, 1) + timedelta(days=number) for number in range(1500)]
    paid = [paid_for_camera("US", day, 1_000_003, {}) for day in days]
    assert paid == sorted(paid) and paid[0] == 0 and paid[-1] == 1_000_003


@given(DAYS, MINOR, MINOR, OPTIONS)
def test_europe_is_paid_at_least_what_north_america_is(
    bought_on: date, minor: int, voucher: int, options: dict[str, str]
) -> None:
    options = {name: value for name, value in options.items() if name != "europe_warranty"}
    there = paid_for_camera("US", bought_on, minor, options, voucher)
    assert paid_for_camera("FR", bought_on, minor, options, voucher) >= there


@given(claims(), st.dates(date(2020, 5, 1), date(2020, 9, 1)), st.dates(date(2020, 7, 1), date(2020, 9, 1)))
def test_an_amendment_never_lowers_what_was_decided(claim: Claim, reference: date, until: date) -> None:
    amendment = BelkinRules(version=3, reference_on=reference, claims_until=until)
    before, after = BELKIN.decide(claim), BELKIN.amended(amendment).decide(claim)
    for old, new in zip(before.items(), after.items(), strict=True):
        assert new.amount.minor >= old.amount.minor
        assert new.reason is Reason.OK or old.reason is not Reason.OK


def test_an_amendment_that_favours_the_customer_counts() -> None:
    plan = ClaimedSubscription("yearly", date(2019, 11, 15), date(2020, 11, 15), receipt=True)
    claim = Claim("c1", "DE", datetime(2020, 8, 10), subscription=plan)
    later = BELKIN.amended(BelkinRules(version=3, claims_until=date(2020, 8, 31)))
    assert BELKIN.decide(claim).status is Status.REJECTED
    assert later.decide(claim).status is Status.DECIDED
    assert (
        later.decide(claim).subscription == BELKIN.decide(replace(claim, submitted_at=SUBMITTED)).subscription
    )


def test_the_move_to_the_end_of_june_changes_no_refund() -> None:
    assert [rules.platform_off_on for rules in BELKIN.versions] == [date(2020, 5, 29), date(2020, 6, 30)]
    assert {rules.reference_on for rules in BELKIN.versions} == {date(2020, 5, 29)}


@given(MINOR, st.lists(st.integers(0, 731), min_size=1).filter(any))
def test_parts_add_up_to_the_price(minor: int, weights: list[int]) -> None:
    price = Money(minor, "EUR")
    parts = price.split(weights)
    assert sum(part.minor for part in parts) == minor and min(part.minor for part in parts) >= 0


@given(DAYS, st.integers(0, 2000))
def test_months_and_days_lead_from_begin_to_end(begin: date, days: int) -> None:
    end = begin + timedelta(days=days)
    months, left = months_and_days(begin, end)
    assert add_months(begin, months) + timedelta(days=left) == end
    assert add_months(begin, months + 1) > end


def test_a_month_is_clipped_to_its_end() -> None:
    assert add_months(date(2020, 5, 29), 9) == date(2021, 2, 28)
    assert add_months(date(2019, 5, 29), 9) == date(2020, 2, 29)
    assert add_months(date(2020, 2, 29), 24) == date(2022, 2, 28)
    assert months_and_days(date(2020, 5, 29), date(2021, 3, 7)) == (9, 7)
    assert months_and_days(date(2020, 1, 31), date(2020, 2, 29)) == (1, 0)


@pytest.mark.parametrize(
    ("bought_on", "fraction"),
    [
        ("2019-05-29", "365/731"),
        ("2020-02-29", "640/730"),
        ("2018-06-01", "3/731"),
        ("2020-03-01", "641/730"),
    ],
)
def test_leap_years_in_the_warranty(bought_on: str, fraction: str) -> None:
    decision = answer(a_claim("US", cameras=[a_camera(bought_on, currency="USD")]))
    assert fraction in decision["cameras"][0]["explanation"]


@pytest.mark.parametrize(
    ("residence", "submitted_at", "in_time"),
    [
        ("DE", "2020-07-30T23:59:59", True),
        ("DE", "2020-07-31T00:00:00+02:00", False),
        ("DE", "2020-07-30T22:30:00+00:00", False),
        ("GB", "2020-07-30T22:59:00Z", True),
        ("GB", "2020-07-30T23:00:00Z", False),
        ("PT", "2020-07-30T23:30:00+00:00", True),
        ("US", "2020-07-30T23:59:00-04:00", True),
        ("US", "2020-07-31T00:00:00-04:00", False),
        ("US", "2020-07-31T09:00:00Z", True),
        ("US", "2020-07-31T10:00:00Z", False),
    ],
)
def test_the_deadline_ends_at_midnight_where_the_customer_lives(
    residence: str, submitted_at: str, in_time: bool
) -> None:
    claim = a_claim(residence, submitted_at, subscription=a_plan("2020-11-15"))
    assert (answer(claim)["status"] == "DECIDED") is in_time


@pytest.mark.parametrize(
    ("submitted_at", "in_time"),
    [
        ("2020-10-25T22:30:00Z", True),
        ("2020-10-25T23:00:00Z", False),
        ("2020-10-25T02:30:00", True),
        ("2020-10-24T22:30:00Z", True),
    ],
)
def test_a_deadline_on_the_day_the_clocks_go_back(submitted_at: str, in_time: bool) -> None:
    claim = a_claim("DE", submitted_at, subscription=a_plan("2020-11-15"))
    assert (answer(claim, claims_until="2020-10-25")["status"] == "DECIDED") is in_time


@pytest.mark.parametrize(
    ("submitted_at", "in_time"), [("2020-03-29T21:59:00Z", True), ("2020-03-29T22:00:00Z", False)]
)
def test_a_deadline_on_the_day_the_clocks_go_forward(submitted_at: str, in_time: bool) -> None:
    claim = a_claim("DE", submitted_at, subscription=a_plan("2020-11-15"))
    assert (answer(claim, claims_until="2020-03-29")["status"] == "DECIDED") is in_time


@given(subscriptions(), REGIONS)
def test_the_promise_pays_at_least_the_rule_of_2020(
    subscription: ClaimedSubscription, residence: str
) -> None:
    old = BELKIN.decide(Claim("c1", residence, SUBMITTED, subscription=subscription)).subscription
    new = promised(residence, subscription, BelkinRules())
    assert old
    if old.amount.currency == new.amount.currency:
        assert new.amount.minor >= old.amount.minor
    assert new.amount.minor > 0 or new.reason is not Reason.OK


def test_the_promise_pays_to_the_day_without_receipt_or_deadline() -> None:
    plan = a_plan("2020-06-01", starts_on="2019-06-01", receipt=False, price="122.00", currency="EUR")
    item = answer(a_claim(submitted_at="2024-01-01T00:00:00", subscription=plan), "wachtel-promise")[
        "subscription"
    ]
    assert (item["amount"], item["reason"]) == ("1.00", "OK")
    assert "122.00 EUR x 3/366 days = 1.00 EUR" in item["explanation"]


def test_the_promise_forgets_nobody() -> None:
    plan = ClaimedSubscription("monthly", date(2020, 5, 15), date(2020, 6, 15), False, Money(999, "USD"))
    listed = [(f"s{number}", "US", plan) for number in range(50)]
    payments = list(prepare_payments(listed, BelkinRules()))
    assert [name for name, _ in payments] == [f"s{number}" for number in range(50)]
    assert {json.dumps([item.reason, item.amount.text]) for _, item in payments} == {'["OK", "9.99"]'}
