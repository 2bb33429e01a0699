"""Wrong claims are answered one by one with the field named, and good ones beside them are decided."""

import json
from typing import Any

import pytest
from claims_at_hand import IN_TIME, a_camera, a_claim, a_desk, a_plan, answer
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.service.answers import as_json, as_rows
from wachtel.service.claim_stream import Element, split_list
from wachtel.service.decision import Decision, Rejection
from wachtel.service.policies import POLICIES, policy_named


def with_camera(**facts: Any) -> dict[str, Any]:
    return a_claim(cameras=[a_camera(**facts)])


WRONG = {
    "id": {**a_claim(), "id": ""},
    "residence": a_claim("XX"),
    "submitted_at": a_claim(submitted_at="tomorrow"),
    "colour": a_claim(colour="red"),
    "subscription": a_claim(subscription=[]),
    "subscription.plan": a_claim(subscription=a_plan("2020-11-15", plan="weekly")),
    "subscription.ends_on": a_claim(subscription=a_plan("2020-02-30")),
    "subscription.starts_on": a_claim(subscription=a_plan("2020-11-15", starts_on="15.11.2019")),
    "subscription.receipt": a_claim(subscription=a_plan("2020-11-15", receipt="yes")),
    "subscription.coupon": a_claim(subscription=a_plan("2020-11-15", coupon=1)),
    "cameras": a_claim(cameras={}),
    "cameras[0]": a_claim(cameras=["A1"]),
    "cameras[0].serial": with_camera(serial=None),
    "cameras[0].kind": with_camera(kind="gift"),
    "cameras[0].bought_on": with_camera(bought_on="2019-13-01"),
    "cameras[0].price": with_camera(price="-119.99"),
    "cameras[0].currency": with_camera(currency="XXX"),
    "cameras[0].voucher": with_camera(voucher="20,00"),
    "cameras[0].dealer_receipt": with_camera(dealer_receipt=1),
    "cameras[0].label_received_on": with_camera(label_received_on=20200620),
    "cameras[0].returned_on": with_camera(returned_on="2020-6-25"),
    "cameras[0].model": with_camera(model="F7D7602"),
    "cameras[1].serial": a_claim(cameras=[a_camera(), {"price": None}]),
}


@pytest.mark.parametrize("field", WRONG)
def test_the_wrong_field_is_named(field: str) -> None:
    refused = answer(WRONG[field])
    assert refused["status"] == "REJECTED" and refused.keys() == {"id", "status", "errors"}
    assert [error["field"] for error in refused["errors"]] == [field]
    assert all(error["message"] for error in refused["errors"])


def test_an_end_before_the_start_is_wrong() -> None:
    plan = a_plan("2019-01-01", starts_on="2019-06-01")
    assert answer(a_claim(subscription=plan))["errors"][0]["field"] == "subscription.ends_on"


@pytest.mark.parametrize("price", [119.99, "119.999", "1e3", "", "٣", "NaN", "1" * 20, "119.99 EUR"])
def test_a_price_is_digits_and_a_point(price: object) -> None:
    assert [error["field"] for error in answer(with_camera(price=price))["errors"]] == ["cameras[0].price"]


def test_currencies_have_their_own_digits() -> None:
    assert answer(with_camera(price="11999", currency="JPY"))["totals"] == {"JPY": "11999"}
    assert answer(with_camera(price="11.999", currency="KWD"))["totals"] == {"KWD": "11.999"}
    assert answer(with_camera(price="119.5", currency="JPY"))["status"] == "REJECTED"


def test_all_that_is_wrong_is_said_at_once() -> None:
    claim = {"id": "c9", "cameras": [{"price": "-1", "currency": "EUR"}]}
    refused = answer(claim)
    assert refused["id"] == "c9"
    fields = [error["field"] for error in refused["errors"]]
    assert fields == ["cameras[0].price", "cameras[0].serial", "residence", "submitted_at"]


def answers(text: bytes, language: Any = "en") -> list[dict[str, Any]]:
    return [as_json(each, language) for each in a_desk().answer_all(split_list([text]))]


def test_good_claims_beside_wrong_ones_are_decided() -> None:
    good = [{**a_claim(subscription=a_plan("2020-06-29")), "id": name} for name in "abcde"]
    parts = [json.dumps(each) for each in good]
    parts[1] = '{"id": "b", "residence" "DE"}'
    parts[2] = json.dumps({**good[2], "cameras": [{"serial": "x" * 70_000}]})
    parts[3] = '{"id": "d", "id": "d2"}'
    found = answers(f"[{','.join(parts)}]".encode())
    assert [each["status"] for each in found] == ["DECIDED", "REJECTED", "REJECTED", "REJECTED", "DECIDED"]
    assert [each["id"] for each in found] == list("abcde")
    assert "64 KB" in found[2]["errors"][0]["message"] and "twice" in found[3]["errors"][0]["message"]


def test_a_serial_number_is_paid_once() -> None:
    claims = [
        {**with_camera(serial=serial), "id": name}
        for name, serial in (("a", "A1"), ("b", " a1"), ("c", "A2"))
    ]
    first, second, third = answers(json.dumps(claims).encode())
    assert [each["cameras"][0]["reason"] for each in (first, second, third)] == ["OK", "DUPLICATE", "OK"]
    assert second["errors"][0]["field"] == "cameras[0].serial" and second["totals"] == {"EUR": "0.00"}
    twice = answer(a_claim(cameras=[a_camera(), a_camera()]))
    assert [camera["reason"] for camera in twice["cameras"]] == ["OK", "DUPLICATE"]
    assert [error["field"] for error in twice["errors"]] == ["cameras[1].serial"]


def test_an_id_is_answered_once_and_a_late_claim_takes_no_place() -> None:
    late = {**with_camera(), "submitted_at": "2020-08-30T00:00:00"}
    claims = [late, with_camera(), with_camera()]
    found = answers(json.dumps(claims).encode())
    assert [each["status"] for each in found] == ["REJECTED", "DECIDED", "REJECTED"]
    assert found[0]["cameras"][0]["reason"] == "LATE" and found[2]["errors"][0]["field"] == "id"


def test_status_order() -> None:
    unproved = a_plan("2020-11-15", receipt=False)
    assert answer(a_claim(subscription=unproved))["status"] == "EVIDENCE_MISSING"
    assert answer(a_claim(subscription=unproved, cameras=[a_camera()]))["status"] == "EVIDENCE_MISSING"
    assert answer(a_claim("AU", subscription=unproved, cameras=[a_camera()]))["status"] == "MANUAL_REVIEW"


def test_elsewhere_a_person_decides() -> None:
    camera = answer(a_claim("AU", cameras=[a_camera(currency="AUD")]))["cameras"][0]
    assert (camera["reason"], camera["amount"], camera["suggestion"]) == ("MANUAL_REVIEW", "0.00", "full")
    assert camera["suggested_amount"] == "119.99"
    strict = answer(a_claim("AU", cameras=[a_camera()]), other_regions="reject")
    assert strict["cameras"][0]["reason"] == "NOT_COVERED_REGION"


def test_other_currencies_need_a_rate() -> None:
    claim = a_claim("CA", subscription=a_plan("2020-07-06"))
    assert answer(claim)["subscription"]["reason"] == "MANUAL_REVIEW"
    assert answer(claim, rates={"CAD": "13.455"})["subscription"]["amount"] == "26.92"
    assert answer(claim, rates={"CAD": "13.455"}, rounding="sum")["subscription"]["amount"] == "26.91"


def test_region_delivery_and_disposal() -> None:
    abroad = a_claim("US", cameras=[a_camera("2019-05-29", bought_in="DE")])
    assert answer(abroad, region_by="purchase")["totals"] == {"EUR": "119.99"}
    assert answer(a_claim("US", cameras=[a_camera()]), region_by="purchase")["status"] == "EVIDENCE_MISSING"
    delivered = a_claim("US", cameras=[a_camera("2019-05-29", "129.99", "USD", delivered_on="2019-06-05")])
    assert answer(delivered)["totals"] == {"USD": "64.91"}
    assert answer(delivered, warranty_from="delivery")["totals"] == {"USD": "66.15"}
    old = a_claim(submitted_at="2021-01-01T00:00:00", cameras=[{"serial": "A9", "kind": "disposal"}])
    assert (answer(old)["status"], answer(old)["cameras"][0]["reason"]) == ("DECIDED", "DISPOSAL")


def test_as_of_a_day_later_days_have_not_happened() -> None:
    claim = json.dumps(with_camera(returned_on="2020-07-10")).encode()

    def reason(as_of: str | None) -> str:
        from datetime import date

        policy, day = policy_named("belkin-2020"), date.fromisoformat(as_of) if as_of else None
        decision = policy.decide(_claim(claim), day)
        return decision.cameras[0].reason.value

    assert [reason(day) for day in (None, "2020-07-01", "2020-07-10")] == ["OK", "AWAITING_RETURN", "OK"]
    never = json.dumps(with_camera(returned_on=None)).encode()
    decided = policy_named("belkin-2020").decide
    from datetime import date

    assert decided(_claim(never), date(2020, 7, 20)).cameras[0].reason == "AWAITING_RETURN"
    assert decided(_claim(never), date(2020, 7, 21)).cameras[0].reason == "CANCELLED"


def _claim(text: bytes) -> Any:
    from wachtel.service.claim_reading import read_claim

    return read_claim(json.loads(text))


def test_words_in_both_languages() -> None:
    claim = json.dumps([a_claim(subscription=a_plan("2020-11-15"))]).encode()
    (german,), (english,) = answers(claim, "de"), answers(claim, "en")
    assert "6 x 9,20 EUR = 55,20 EUR" in german["subscription"]["explanation"]
    assert "6 x 9.20 EUR = 55.20 EUR" in english["subscription"]["explanation"]


def test_a_table_holds_no_formula() -> None:
    claim = {**with_camera(serial="=HYPERLINK(1)"), "id": "@SUM(1)"}
    (row,) = as_rows(a_desk().answer(Element(json.dumps(claim).encode())), "en")
    assert row[0] == "'@SUM(1)" and row[3] == "'=HYPERLINK(1)" and row[4] == "119.99"


@pytest.mark.parametrize(
    ("name", "value"),
    [("colour", "red"), ("months", "never"), ("rest_days", "x"), ("reference_on", "soon"), ("A16", "no")],
)
def test_an_option_that_does_not_exist_is_said(name: str, value: str) -> None:
    with pytest.raises(WachtelError) as caught:
        POLICIES["belkin-2020"].with_options({name: value}, {})
    assert name in caught.value.what or "both_refunds" in caught.value.what


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["DE", "US", "2020-06-10", IN_TIME, "EUR", "119.99", "yearly", "refund"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from([
            "id", "residence", "submitted_at", "subscription", "cameras", "plan", "starts_on", "ends_on", "receipt",
            "serial", "price", "currency", "bought_on", "voucher",
        ]),
        inner,
        max_size=8,
    ),
    max_leaves=30,
)  # fmt: skip


@given(VALUES)
def test_whatever_comes_is_answered(value: object) -> None:
    found = a_desk().answer(Element(json.dumps(value).encode()))
    assert isinstance(found, Decision | Rejection)
    json.dumps(as_json(found, "de"), ensure_ascii=False).encode()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_json_are_answered(text: bytes) -> None:
    assert isinstance(a_desk().answer(Element(text)), Decision | Rejection)


def test_a_claim_nested_too_deeply_is_answered() -> None:
    found = a_desk().answer(Element(b"[" * 30_000 + b"]" * 30_000))
    assert isinstance(found, Rejection) and found.problems[0].field == "claim"
