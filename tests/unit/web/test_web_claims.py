"""Claims over HTTP: customers by a key of their own, operators as admins."""

import csv
import io
from typing import Any

import httpx
import pytest
from conftest import ORIGIN, House

from wachtel.model.access import Scope
from wachtel.web.headers import LARGEST_FILE_BYTES

KEY = "A" * 32
PDF = b"%PDF-1.7 receipt"
CLAIM: dict[str, Any] = {
    "key": KEY,
    "residence": "DE",
    "subscription": {"plan": "yearly", "starts_on": "2025-11-15", "ends_on": "2030-11-15"},
    "cameras": [{"serial": "A1", "bought_on": "2026-01-05", "price": "119.99", "currency": "EUR"}],
    "contact": {"name": "Ada Ex", "email": "ada@example.org"},
    "bank": {"holder": "Ada Ex", "iban": "DE89 3704 0044 0532 0130 00"},
}
TODAY = {"claims_until": "2199-01-01", "reference_on": "2026-11-01"}


class Desk:
    """An open desk with a customer and an operator."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.operator = house.client(house.token(Scope.ADMIN))
        self.customer = house.client()
        self.customer.headers["origin"] = ORIGIN
        self.open()

    def open(self, **changes: object) -> None:
        body = {"open": True, "policy": "belkin-2020", "options": TODAY, **changes}
        assert self.operator.put("/api/v1/claims/desk", json=body).status_code == 200

    def hand_in(self, **changes: object) -> httpx.Response:
        return self.customer.post("/api/v1/claims/form", json={**CLAIM, **changes})

    def mine(self, method: str = "GET", path: str = "", key: str = KEY, **more: Any) -> httpx.Response:
        claim = self.hand_in_once
        headers = {"wachtel-claim": f"{claim} {key}"}
        return self.customer.request(method, f"/api/v1/claims/mine{path}", headers=headers, **more)

    @property
    def hand_in_once(self) -> str:
        return str(self.hand_in().json()["id"])


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_customer_hands_in_and_an_operator_pays(desk: Desk) -> None:
    handed = desk.hand_in()
    assert handed.status_code == 201
    shown = desk.mine().json()
    assert (shown["stage"], shown["bank"], shown["contact"]["name"]) == ("evidence_missing", "3000", "Ada Ex")
    for item in ("subscription", "camera:a1"):
        sent = desk.mine("POST", f"/files?item={item}&name=beleg.pdf", content=PDF + item.encode())
        assert sent.status_code == 200, sent.text
    (listed,) = desk.operator.get("/api/v1/claims", params={"stage": "checking"}).json()["claims"]
    one = f"/api/v1/claims/{listed['number']}"
    receipt = desk.operator.get(f"{one}/files/{listed['files'][0]['sha256']}")
    assert receipt.content == PDF + b"subscription"
    assert receipt.headers["content-disposition"].startswith("attachment")
    for item in ("subscription", "camera:a1"):
        desk.operator.post(f"{one}/facts", json={"kind": "receipt_accepted", "item": item})
    label = desk.operator.post(f"{one}/files", params={"item": "camera:a1", "name": "label.pdf"}, content=PDF)
    assert label.json()["items"][1]["next"] == "confirm_label"
    came = desk.mine("POST", "/facts", json={"kind": "label_received", "item": "camera:a1"})
    assert came.json()["items"][1]["next"] == "return_camera", came.text
    back = desk.operator.post(f"{one}/facts", json={"kind": "returned", "item": "camera:a1"}).json()
    assert back["stage"] == "decided"
    table = list(csv.reader(io.StringIO(desk.operator.get("/api/v1/claims/payments.csv").text)))
    assert table[1][:3] == [handed.json()["id"], "Ada Ex", "DE89370400440532013000"]
    assert table[1][5] == back["due"]["EUR"]
    paid = desk.operator.post(f"{one}/paid", json={"reference": "SEPA 7"}).json()
    assert (paid["stage"], paid["due"]) == ("paid", {})
    rows = desk.operator.get(f"{one}/decision.csv", params={"lang": "de"}).text
    assert {fact["by"] for fact in desk.mine().json()["facts"]} == {"customer", "wachtel", "operator"}
    assert "119.99" in rows and "Beleg" in str(desk.mine().json()["facts"][0]["text"]["de"])


def test_the_same_form_twice_is_one_claim(desk: Desk) -> None:
    first, second = desk.hand_in().json(), desk.hand_in().json()
    assert (first["id"], first["new"], second["new"]) == (second["id"], True, False)


def test_what_is_wrong_is_said_field_by_field(desk: Desk) -> None:
    wrong = {"serial": "B2", "price": "-1", "currency": "EUR", "bought_on": "2026-01-05"}
    answer = desk.hand_in(residence="XX", cameras=[wrong])
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["problems"]} == {"residence", "cameras[0].price"}
    bank = desk.hand_in(bank={"holder": "Ada", "iban": "DE89370400440532013001"})
    assert (bank.status_code, bank.json()["error"]["details"]["field"]) == (422, "bank.iban")
    assert desk.hand_in(cameras=[{"serial": "B2", "dealer_receipt": True}]).status_code == 422


def test_without_the_key_there_is_no_claim(desk: Desk) -> None:
    assert desk.mine().status_code == 200
    for key in ("", "B" * 32, "é"):
        headers = {b"wachtel-claim": f"{desk.hand_in_once} {key}".encode()}
        assert desk.customer.get("/api/v1/claims/mine", headers=headers).status_code == 404
    assert desk.customer.get("/api/v1/claims/mine").status_code == 404
    assert desk.house.client().get("/api/v1/claims").status_code == 401
    viewer = desk.house.client(desk.house.token(Scope.CONTROL))
    assert viewer.get("/api/v1/claims").status_code == 403


def test_a_closed_form_takes_nothing_and_keeps_what_it_has(desk: Desk) -> None:
    claim = desk.hand_in_once
    desk.open(open=False)
    assert not desk.customer.get("/api/v1/claims/form").json()["open"]
    assert desk.hand_in(key="C" * 32).status_code == 404
    shown = desk.customer.get("/api/v1/claims/mine", headers={"wachtel-claim": f"{claim} {KEY}"})
    assert shown.status_code == 200


def test_one_address_cannot_flood_the_desk(desk: Desk) -> None:
    codes = [desk.hand_in(key=f"{number:0>32}").status_code for number in range(22)]
    assert codes == [201] * 20 + [429] * 2
    desk.house.advance(3601)
    assert desk.hand_in(key="D" * 32).status_code == 201


def test_files_are_looked_at_and_limited(desk: Desk) -> None:
    path = "/files?item=camera:a1&name=x.pdf"
    assert desk.mine("POST", path, content=b"<html>").status_code == 422
    assert desk.mine("POST", path, content=bytes(LARGEST_FILE_BYTES + 1)).status_code in (413, 422)
    assert desk.mine("POST", "/files?item=camera:zz&name=x.pdf", content=PDF).status_code == 422
    assert desk.mine("GET", "/files/" + "0" * 64).status_code == 404


def test_claims_are_brought_in_bulk_one_by_one(desk: Desk) -> None:
    good: dict[str, Any] = {
        "id": "o/1",
        "submitted_at": "2026-11-02",
        "residence": "DE",
        "subscription": None,
        "cameras": [],
    }
    answers = desk.operator.post(
        "/api/v1/claims/import", json={"claims": [good, {"id": "o2", "nonsense": 1}, 7, good]}
    ).json()
    assert [(one["id"], one["new"]) for one in answers] == [
        ("o/1", True),
        ("o2", False),
        (None, False),
        ("o/1", False),
    ]
    assert "nonsense" in [problem["field"] for problem in answers[1]["problems"]]
    (found,) = desk.operator.get("/api/v1/claims", params={"text": "o/1"}).json()["claims"]
    assert found["stage"] == "closed"


def test_rules_that_do_not_exist_are_refused(desk: Desk) -> None:
    for body in ({"policy": "nonsense"}, {"options": {"months": "thirteenth"}}, {"rates": {"EUR": "-1"}}):
        answer = desk.operator.put("/api/v1/claims/desk", json={"open": True, **body})
        assert answer.status_code in (404, 422), answer.text


def test_looking_at_the_account_and_deleting_it_are_written_down(desk: Desk) -> None:
    claim = desk.hand_in_once
    number = desk.mine().json()["number"]
    bank = desk.operator.get(f"/api/v1/claims/{number}/bank").json()
    assert bank["iban"] == "DE89370400440532013000"
    assert desk.mine("PUT", "/bank", json={"holder": "Ada", "routing": "021000021", "account": "12345"}).json()[
        "bank"
    ] == "2345"  # fmt: skip
    assert desk.operator.post(f"/api/v1/claims/{number}/forget").status_code == 409
    assert desk.mine("POST", "/facts", json={"kind": "withdrawn"}).json()["stage"] == "withdrawn"
    gone = desk.operator.post(f"/api/v1/claims/{number}/forget").json()
    assert (gone["contact"], gone["bank"], gone["files"]) == (None, None, [])
    kinds = [fact["kind"] for fact in desk.mine().json()["facts"]]
    assert kinds == ["bank_shown", "bank_changed", "withdrawn", "forgotten"]
    assert claim == gone["id"]
