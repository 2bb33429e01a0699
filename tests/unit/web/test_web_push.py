"""Devices of people, and the pictures in what they show."""

import pytest
from conftest import ORIGIN, House
from push_service import PushService
from web_client import AppClient

from wachtel.accounts.passwords import hash_password
from wachtel.automation.push_devices import link_signer
from wachtel.automation.signed_links import Opens
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.access import Scope
from wachtel.storage.state.accounts import Account

DEVICE = {"name": "Handy", "endpoint": "https://push.example/endpoint-canary"} | {
    name: value for name, value in PushService().fields.items() if name != "key"
}


def person(house: House, name: str, scope: Scope = Scope.VIEW) -> AppClient:
    house.state.accounts.add(Account(name, name, scope, hash_password("long enough"), house.clock.wall_us()))
    client = AppClient(house.app, house.runner.run, ORIGIN, {"origin": ORIGIN}, "192.168.1.50")
    assert client.post("/api/v1/session", json={"name": name, "password": "long enough"}).status_code == 200
    return client


def test_a_person_has_devices_of_their_own(house: House) -> None:
    anna, bert = person(house, "anna"), person(house, "bert")
    assert len(anna.get("/api/v1/push").json()["public_key"]) == 87
    made = anna.post("/api/v1/push", json=DEVICE)
    assert made.status_code == 201, made.text
    assert "canary" not in made.text and made.json()["address"] == "https://push.example/…"
    assert [one["name"] for one in anna.get("/api/v1/push").json()["devices"]] == ["Handy"]
    assert bert.get("/api/v1/push").json()["devices"] == []
    path = f"/api/v1/push/{made.json()['id']}"
    assert bert.delete(path).status_code == 404 and anna.delete(path).status_code == 204


def test_the_same_browser_takes_its_own_place(house: House) -> None:
    anna = person(house, "anna")
    for name in ("Handy", "Telefon"):
        anna.post("/api/v1/push", json=DEVICE | {"name": name})
    assert [one["name"] for one in anna.get("/api/v1/push").json()["devices"]] == ["Telefon"]
    (channel,) = house.state.channels.all()
    assert (channel.account, channel.kind, channel.allow_local) == ("anna", "webpush", False)


@pytest.mark.parametrize(
    "endpoint", ["https://192.168.1.1/x", "http://push.example/x", "https://localhost/x"]
)
def test_a_browser_cannot_name_what_is_in_the_house(house: House, endpoint: str) -> None:
    assert person(house, "anna").post("/api/v1/push", json=DEVICE | {"endpoint": endpoint}).status_code == 422


def test_a_token_has_no_devices_and_a_person_that_leaves_takes_theirs_along(house: House) -> None:
    program = house.client(house.token(Scope.ADMIN))
    assert program.post("/api/v1/push", json=DEVICE).status_code == 403
    person(house, "owner", Scope.ADMIN)
    person(house, "anna").post("/api/v1/push", json=DEVICE)
    house.state.accounts.remove("anna")
    assert house.state.channels.all() == []


def test_a_picture_opens_by_its_link_for_a_while(house: House) -> None:
    event = house.engine.happened[0].id
    signer = link_signer(house.state)
    later = WallUs(house.clock.wall_us() + 60 * US_PER_S)
    stranger = house.client()
    good = signer.sign(Opens.PICTURE, event, later)
    answer = stranger.get(f"/api/v1/message-pictures/{good}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    old = signer.sign(Opens.PICTURE, event, WallUs(house.clock.wall_us() - US_PER_S))
    other = signer.sign(Opens.QUIET, event, later)
    for bad in (old, other, good[:-1], good + "A", good.replace(".", "..", 1), "x", "é", "." * 700):
        assert stranger.get(f"/api/v1/message-pictures/{bad}").status_code == 404, bad
