"""Plans, periods and subscriptions: month ends, leap years, cancellation, grace, notices, parts of a price."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.service.money import Money
from wachtel.service.notices import notices_of
from wachtel.service.periods import Period, day_in, parts_of, period, period_on
from wachtel.service.plans import NOTHING_HOSTED, Entitlements, PlanOffer, check_offer
from wachtel.service.subscriptions import (
    GRACE_DAYS,
    Change,
    Due,
    Ending,
    Standing,
    State,
    Subscription,
    change_of,
    entitled,
    state_on,
)

EXTRAS = Entitlements(30, 4, 2)
MONTHLY = PlanOffer("m", "Monthly", "monthly", {"EUR": Money(499, "EUR")}, EXTRAS)
YEARLY = PlanOffer("y", "Yearly", "yearly", {"EUR": Money(4999, "EUR")}, EXTRAS)
FREE = PlanOffer("f", "Free", "free", {}, EXTRAS)
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
INTERVALS = st.sampled_from(["monthly", "yearly"])


def sub(starts_on: date, *changes: Change, offer: PlanOffer = MONTHLY) -> Subscription:
    return Subscription("s", offer.id, "Anna", "DE", "EUR", "Europe/Berlin", starts_on, changes)


def state(
    one: Subscription, day: date, dues: dict[date, Due] | None = None, offer: PlanOffer = MONTHLY
) -> State:
    return state_on(one, offer, day, dues or {})


def test_months_are_clipped_at_their_end_and_come_back() -> None:
    starts = [period(date(2024, 1, 31), "monthly", number).start for number in range(4)]
    assert starts == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


def test_a_year_from_a_leap_day_is_clipped_and_comes_back() -> None:
    starts = [period(date(2024, 2, 29), "yearly", number).start for number in range(5)]
    assert [day.isoformat()[5:] for day in starts] == ["02-29", "02-28", "02-28", "02-28", "02-29"]


@given(DAYS, INTERVALS, st.integers(0, 4000))
def test_periods_follow_each_other_without_a_hole(
    start: date, interval: Literal["monthly", "yearly"], days: int
) -> None:
    day = start + timedelta(days=days)
    found = period_on(start, interval, day)
    assert found.start <= day < found.end
    assert period(start, interval, found.number + 1).start == found.end


@given(st.integers(0, 10**9), DAYS, st.integers(1, 800), st.lists(st.integers(-5, 900), max_size=6))
def test_parts_of_a_price_add_up_to_the_price(minor: int, start: date, days: int, cuts: list[int]) -> None:
    price, whole = Money(minor, "EUR"), Period(0, start, start + timedelta(days=days))
    parts = parts_of(price, whole, [start + timedelta(days=cut) for cut in cuts])
    assert sum(part.minor for part in parts) == minor and min(part.minor for part in parts) >= 0


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-03-29T00:59:59", "Europe/Berlin", "2026-03-29"),
        ("2026-03-28T22:59:59", "Europe/Berlin", "2026-03-28"),
        ("2026-03-29T22:00:00", "Europe/Berlin", "2026-03-30"),
        ("2026-10-25T23:00:00", "Europe/Berlin", "2026-10-26"),
        ("2026-10-25T22:59:59", "Europe/Berlin", "2026-10-25"),
        ("2026-01-01T09:59:59", "Pacific/Kiritimati", "2026-01-01"),
        ("2026-01-01T10:00:00", "Pacific/Kiritimati", "2026-01-02"),
    ],
)
def test_the_day_is_that_of_the_subscriber(moment: str, zone: str, day: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert day_in(WallUs(int(at.timestamp()) * 1_000_000), zone).isoformat() == day


def test_a_zone_that_is_not_there_is_named() -> None:
    with pytest.raises(WachtelError, match="Europe/Berlin"):
        day_in(WallUs(0), "Nowhere/Atoll")


def test_a_cancellation_ends_with_its_period_and_can_be_taken_back() -> None:
    begin, told = date(2026, 1, 31), date(2026, 2, 10)
    one = sub(begin, Change("cancel", told))
    assert state(one, told).ends_on == date(2026, 2, 28)
    assert state(one, date(2026, 2, 27)).standing is Standing.CANCELLED
    assert state(one, date(2026, 2, 28)).standing is Standing.ENDED
    again = sub(begin, Change("cancel", told), Change("resume", date(2026, 2, 27)))
    assert state(again, date(2026, 2, 28)).standing is Standing.ACTIVE
    late = sub(begin, Change("cancel", told), Change("resume", date(2026, 2, 28)))
    assert state(late, date(2026, 3, 1)).standing is Standing.ENDED


def test_saying_it_twice_changes_nothing_and_an_end_is_an_end() -> None:
    day = date(2026, 2, 10)
    one = sub(date(2026, 1, 31), Change("cancel", day))
    assert change_of("cancel", one, state(one, day), day) is None
    assert change_of("resume", one, state(one, day), day) == Change("resume", day)
    with pytest.raises(WachtelError, match="ended"):
        change_of("resume", one, state(one, date(2026, 3, 1)), date(2026, 3, 1))


def test_an_open_charge_has_its_grace() -> None:
    begin = date(2026, 2, 20)
    open_one = {begin: Due(begin)}
    last = begin + timedelta(days=GRACE_DAYS)
    assert state(sub(begin), last - timedelta(days=1), open_one).standing is Standing.GRACE
    ended = state(sub(begin), last, open_one)
    assert (ended.standing, ended.ending) == (Standing.ENDED, Ending.UNPAID)
    in_time = {begin: Due(begin, last - timedelta(days=1))}
    assert state(sub(begin), last, in_time).standing is Standing.ACTIVE
    assert state(sub(begin), last, {begin: Due(begin, last)}).standing is Standing.ENDED


def test_extras_end_with_the_subscription_and_not_before() -> None:
    one = sub(date(2026, 1, 1), Change("cancel", date(2026, 1, 5)))
    assert entitled(state(one, date(2026, 1, 31)), MONTHLY) == EXTRAS
    assert entitled(state(one, date(2026, 2, 1)), MONTHLY) == NOTHING_HOSTED
    assert entitled(state(sub(date(2026, 3, 1)), date(2026, 2, 1)), MONTHLY) == NOTHING_HOSTED


def test_the_end_is_told_30_7_and_1_days_before() -> None:
    one = sub(date(2026, 1, 1), Change("cancel", date(2026, 3, 1)), offer=YEARLY)
    found = list(notices_of("s", YEARLY, state(one, date(2026, 3, 1), offer=YEARLY), Money(4999, "EUR")))
    assert [(date(2027, 1, 1) - each.on).days for each in found] == [30, 7, 1]
    assert "weil es gekündigt ist" in found[0].words.de and "go on recording" in found[0].words.en


def test_a_late_end_is_told_at_once() -> None:
    one = sub(date(2026, 1, 1), Change("cancel", date(2026, 1, 20)))
    found = list(notices_of("s", MONTHLY, state(one, date(2026, 1, 20)), Money(499, "EUR")))
    assert [each.on for each in found] == [date(2026, 1, 20), date(2026, 1, 25), date(2026, 1, 31)]


def test_a_renewal_is_told_and_a_free_plan_is_silent() -> None:
    found = list(
        notices_of(
            "s", YEARLY, state(sub(date(2026, 1, 1)), date(2026, 5, 1), offer=YEARLY), Money(4999, "EUR")
        )
    )
    assert [each.kind for each in found] == ["renews"] * 3 and "49,99 EUR" in found[0].words.de
    assert (
        list(
            notices_of("s", FREE, state(sub(date(2026, 1, 1)), date(2026, 5, 1), offer=FREE), Money(0, "EUR"))
        )
        == []
    )


@given(
    DAYS,
    st.lists(st.tuples(st.sampled_from(["cancel", "resume"]), st.integers(-20, 500)), max_size=5),
    st.integers(0, 600),
)
def test_nobody_loses_a_day_that_was_paid(
    start: date, said: list[tuple[Literal["cancel", "resume"], int]], after: int
) -> None:
    """Whatever was said: an end lies at the border of a period, never inside one, and notices come before it."""
    changes = sorted(
        (Change(kind, start + timedelta(days=days)) for kind, days in said), key=lambda each: each.on
    )
    found = state(sub(start, *changes), start + timedelta(days=after))
    if found.ends_on is not None:
        assert found.ends_on == start or period_on(start, "monthly", found.ends_on).start == found.ends_on
        notices = list(notices_of("s", MONTHLY, found, Money(499, "EUR")))
        assert all(each.on <= found.ends_on for each in notices)
        assert notices or found.standing is Standing.ENDED


@pytest.mark.parametrize(
    "offer",
    [
        PlanOffer("a", "a", "free", {"EUR": Money(1, "EUR")}),
        PlanOffer("a", "a", "monthly", {}),
        PlanOffer("a", "a", "yearly", {"EUR": Money(0, "EUR")}),
        PlanOffer("a", "a", "yearly", {"EUR": Money(1, "EUR")}, Entitlements(hosted_days=-1)),
    ],
)
def test_offers_that_make_no_sense_are_refused(offer: PlanOffer) -> None:
    with pytest.raises(WachtelError):
        check_offer(offer)
