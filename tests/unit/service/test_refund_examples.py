"""The worked examples of docs/reference/refunds.md, by their numbers, with each option in both positions."""

import pytest
from claims_at_hand import a_camera, a_claim, a_plan, answer, camera_paid, plan_paid


def subscribed(residence: str, ends_on: str, **plan: str) -> dict[str, object]:
    return a_claim(residence, subscription=a_plan(ends_on, **plan))


def owning(residence: str, camera: dict[str, object]) -> dict[str, object]:
    return a_claim(residence, cameras=[camera])


def test_the_example_of_the_format() -> None:
    plan = a_plan("2020-11-15", starts_on="2019-11-15")
    decision = answer(a_claim(subscription=plan, cameras=[a_camera(voucher="20.00", kind="refund")]))
    words = decision["subscription"].pop("explanation"), decision["cameras"][0].pop("explanation")
    assert all(words)
    assert decision == {
        "id": "c1",
        "status": "DECIDED",
        "subscription": {"amount": "55.20", "currency": "EUR", "months": 6, "reason": "OK"},
        "cameras": [{"serial": "A1", "amount": "99.99", "currency": "EUR", "reason": "OK"}],
        "totals": {"EUR": "155.19"},
    }


def test_example_1_seven_days_make_a_month() -> None:
    claim = subscribed("US", "2020-06-05")
    assert plan_paid(claim) == ("9.99", "USD", "OK")
    assert plan_paid(claim, end_date="inclusive") == ("9.99", "USD", "OK")
    assert plan_paid(claim, shortest_rest="real_month") == ("0.00", "USD", "REST_UNDER_7_DAYS")
    assert plan_paid(claim, months="started") == ("9.99", "USD", "OK")


def test_example_2_six_days_do_not() -> None:
    claim = subscribed("US", "2020-06-04")
    assert plan_paid(claim) == ("0.00", "USD", "REST_UNDER_7_DAYS")
    assert plan_paid(claim, end_date="inclusive") == ("9.99", "USD", "OK")
    assert plan_paid(claim, months="started") == ("0.00", "USD", "REST_UNDER_7_DAYS")


def test_example_3_a_month_and_no_day() -> None:
    claim = subscribed("DE", "2020-06-29")
    assert plan_paid(claim) == ("9.20", "EUR", "OK")
    assert plan_paid(claim, shortest_rest="real_month") == ("9.20", "EUR", "OK")
    assert plan_paid(claim, months="started") == ("9.20", "EUR", "OK")
    assert plan_paid(claim, end_date="inclusive", months="started") == ("18.40", "EUR", "OK")


def test_example_5_a_month_and_seven_days() -> None:
    claim = subscribed("DE", "2020-07-06")
    assert plan_paid(claim) == ("18.40", "EUR", "OK")
    assert plan_paid(subscribed("DE", "2020-07-05")) == ("9.20", "EUR", "OK")
    assert plan_paid(subscribed("DE", "2020-07-05"), months="started") == ("18.40", "EUR", "OK")


def test_example_7_more_than_was_paid() -> None:
    plan = a_plan("2021-05-28", starts_on="2020-05-28", price="99.99", currency="USD")
    claim = a_claim("US", subscription=plan)
    assert plan_paid(claim) == ("119.88", "USD", "OK")
    assert plan_paid(claim, cap_at_price_paid="true") == ("99.99", "USD", "OK")
    unpriced = subscribed("US", "2021-05-28", starts_on="2020-05-28")
    assert plan_paid(unpriced) == ("119.88", "USD", "OK")
    assert plan_paid(unpriced, cap_at_price_paid="true") == ("0.00", "USD", "EVIDENCE_MISSING")


def test_example_9_a_monthly_plan() -> None:
    claim = subscribed("DE", "2020-06-20", starts_on="2020-05-20", plan="monthly")
    assert plan_paid(claim) == ("0.00", "EUR", "NOT_COVERED_PLAN")
    assert answer(claim)["subscription"]["flag"] == "A5"
    assert plan_paid(claim, monthly_plans="like_yearly") == ("9.20", "EUR", "OK")
    assert plan_paid(claim, A5="like_yearly") == ("9.20", "EUR", "OK")


def test_example_10_nothing_lost() -> None:
    claim = subscribed("DE", "2020-05-29")
    assert plan_paid(claim) == ("0.00", "EUR", "NOTHING_LOST")
    assert plan_paid(claim, end_date="inclusive") == ("0.00", "EUR", "REST_UNDER_7_DAYS")


@pytest.mark.parametrize(
    ("submitted", "paid", "reason", "status"),
    [
        ("2020-07-30T23:59:00", "55.20", "OK", "DECIDED"),
        ("2020-07-31T00:00:00", "0.00", "LATE", "REJECTED"),
        ("2020-07-30T21:59:00Z", "55.20", "OK", "DECIDED"),
        ("2020-07-30T22:00:00Z", "0.00", "LATE", "REJECTED"),
    ],
)
def test_example_11_the_deadline(submitted: str, paid: str, reason: str, status: str) -> None:
    claim = a_claim(submitted_at=submitted, subscription=a_plan("2020-11-15", starts_on="2019-11-15"))
    assert plan_paid(claim) == (paid, "EUR", reason)
    assert answer(claim)["status"] == status
    arrived = {**claim, "received_at": "2020-08-02T10:00:00"}
    assert plan_paid(arrived) == (paid, "EUR", reason)
    assert plan_paid(arrived, deadline_counts="arrival") == ("0.00", "EUR", "LATE")


def test_example_13_the_full_price_in_europe() -> None:
    claim = owning("DE", a_camera("2019-11-29", "119.99", voucher="20.00"))
    assert camera_paid(claim) == ("99.99", "EUR", "OK")
    assert camera_paid(claim, vouchers="ignore") == ("119.99", "EUR", "OK")
    assert camera_paid(claim, europe_warranty="at_service_end") == ("99.99", "EUR", "OK")


def test_example_14_too_old() -> None:
    assert camera_paid(owning("DE", a_camera("2018-03-31", "129.99"))) == ("0.00", "EUR", "TOO_OLD")
    first = owning("DE", a_camera("2018-04-01", "129.99"))
    assert camera_paid(first) == ("129.99", "EUR", "OK")
    assert camera_paid(first, cut_off_day="out") == ("0.00", "EUR", "TOO_OLD")
    assert camera_paid(owning("DE", a_camera("2018-04-02")), cut_off_day="out")[2] == "OK"
    assert camera_paid(first, europe_warranty="at_service_end") == ("0.00", "EUR", "WARRANTY_EXHAUSTED")


def test_example_16_pro_rata_in_the_united_states() -> None:
    claim = owning("US", a_camera("2019-05-29", "129.99", "USD"))
    assert camera_paid(claim) == ("64.91", "USD", "OK")
    assert "365/731" in answer(claim)["cameras"][0]["explanation"]
    assert camera_paid(claim, pro_rata_unit="months") == ("65.00", "USD", "OK")
    assert camera_paid(claim, pro_rata_from="cut_off") == ("75.22", "USD", "OK")
    assert camera_paid(claim, north_american_cameras="full") == ("129.99", "USD", "OK")


def test_example_19_thirty_days_after_the_label() -> None:
    def returned(day: str | None) -> dict[str, object]:
        return owning("DE", a_camera(voucher="20.00", label_received_on="2020-08-10", returned_on=day))

    assert camera_paid(returned("2020-09-09")) == ("99.99", "EUR", "OK")
    assert camera_paid(returned("2020-09-10")) == ("0.00", "EUR", "CANCELLED")
    assert camera_paid(returned("2020-09-09"), last_return_day="out") == ("0.00", "EUR", "CANCELLED")
    assert camera_paid(returned("2020-09-08"), last_return_day="out") == ("99.99", "EUR", "OK")
    waiting = answer(returned(None))["cameras"][0]
    assert (waiting["reason"], waiting["amount"], waiting["provisional_amount"]) == (
        "AWAITING_RETURN",
        "0.00",
        "99.99",
    )


def test_example_21_no_dealer_s_receipt() -> None:
    claim = owning("DE", a_camera("2019-03-01", dealer_receipt=False))
    assert camera_paid(claim) == ("0.00", "EUR", "NO_AUTHORISED_RECEIPT")
    assert answer(claim)["status"] == "DECIDED"
