"""Rules, actuators and the facts of a site over HTTP: who may, what is refused, what is shown."""

from typing import Any

import pytest
from conftest import House
from web_client import AppClient

from wachtel.base.units import WallUs
from wachtel.model.access import Scope
from wachtel.model.rule import Action, ActionKind, Order, RuleNote, Why
from wachtel.storage.state.rule_work import Made

LAMP = {"name": "Lampe 🐦", "site": "home", "fields": {"on": "http://anna:pass-canary@192.168.1.9/on-canary"}}
RULE: dict[str, Any] = {
    "name": "Licht",
    "site": "home",
    "triggers": [
        {"kind": "event_began", "cameras": ["flur"]},
        {"kind": "time", "time": "22:30", "days": ["mon"]},
    ],
    "conditions": {"schedule": [{"days": ["mon"], "start": "08:00", "end": "24:00"}], "light": "dark"},
}


def admin(house: House, *sites: str) -> AppClient:
    return house.client(house.token(Scope.ADMIN, frozenset(sites) or None))


def lamp(client: AppClient, **changes: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/actuators", json=LAMP | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def rule(client: AppClient, target: str, **changes: Any) -> dict[str, Any]:
    actions = [{"kind": "switch", "target": target, "off_after_s": 900}]
    answer = client.post("/api/v1/rules", json=RULE | {"actions": actions} | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_rule_comes_back_as_it_was_said(house: House) -> None:
    client = admin(house)
    made = rule(client, lamp(client)["id"])
    assert made["triggers"][1]["time"] == "22:30"
    assert made["conditions"]["schedule"] == [{"days": ["mon"], "start": "08:00", "end": "24:00"}]
    assert made["needs_place"] and made["conflicts"] == []
    assert client.get("/api/v1/rules").json() == [made]
    again = client.patch(f"/api/v1/rules/{made['id']}", json={"enabled": False, "name": "Aus"}).json()
    assert (again["enabled"], again["name"], again["triggers"]) == (False, "Aus", made["triggers"])
    assert client.delete(f"/api/v1/rules/{made['id']}").status_code == 204
    assert client.get("/api/v1/rules").json() == []


def test_a_quarrel_is_told_when_saving(house: House) -> None:
    client = admin(house)
    target = lamp(client)["id"]
    first = rule(client, target)
    off = rule(client, target, name="Aus", actions=[{"kind": "switch", "target": target, "on": False}])
    assert [(one["rule"], one["name"], one["actuator"]) for one in off["conflicts"]] == [
        (first["id"], "Licht", target)
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"triggers": []},
        {"triggers": [{"kind": "time", "time": "25:00"}]},
        {"triggers": [{"kind": "time"}]},
        {"triggers": [{"kind": "moon"}]},
        {"triggers": [{"kind": "event_began", "cameras": ["vorzelt"]}]},
        {"triggers": [{"kind": "event_began", "camera": "flur"}]},
        {"actions": [{"kind": "switch", "target": "nothing"}]},
        {"actions": [{"kind": "message", "target": "nobody"}]},
        {"actions": [{"kind": "publish", "topic": "a/#"}]},
        {"actions": [{"kind": "publish", "topic": "a/b"}]},
        {"actions": [{"kind": "arm"}]},
        {"conditions": {"light": "dusk"}},
        {"name": ""},
    ],
)
def test_what_cannot_be_meant_is_refused(house: House, wrong: dict[str, Any]) -> None:
    client, sound = admin(house), RULE | {"actions": [{"kind": "keep_clip"}]}
    assert client.post("/api/v1/rules", json=sound).status_code == 201
    answer = client.post("/api/v1/rules", json=sound | wrong)
    assert answer.status_code == 422, answer.text


def test_things_of_another_site_are_not_there(house: House) -> None:
    ours, theirs = admin(house, "home"), admin(house, "caravan")
    target = lamp(ours)["id"]
    made = rule(ours, target)
    assert theirs.get("/api/v1/rules").json() == [] == theirs.get("/api/v1/actuators").json()
    for method, path in (
        ("DELETE", f"/api/v1/rules/{made['id']}"),
        ("GET", f"/api/v1/rules/{made['id']}/log"),
        ("DELETE", f"/api/v1/actuators/{target}"),
        ("POST", f"/api/v1/actuators/{target}/drive"),
        ("GET", "/api/v1/sites/home/arm"),
        ("PUT", "/api/v1/sites/home/sensors/door"),
    ):
        assert theirs.request(method, path, json={"on": True}).status_code == 404, path
    foreign = {
        "actions": [{"kind": "switch", "target": target}],
        "site": "caravan",
        "triggers": [{"kind": "armed"}],
    }
    assert theirs.post("/api/v1/rules", json=RULE | foreign).status_code == 422
    assert theirs.post("/api/v1/rules", json=RULE | foreign | {"site": "home"}).status_code == 404


def test_the_address_of_an_actuator_is_never_shown(house: House) -> None:
    client = admin(house)
    made = lamp(client)
    assert made["address"] == "http://192.168.1.9/…"
    assert "canary" not in client.get("/api/v1/actuators").text + str(made)
    local = client.post("/api/v1/actuators", json=LAMP | {"fields": {"on": "http://127.0.0.1/"}})
    assert (local.status_code, local.json()["error"]["kind"]) == (422, "forbidden_url")


def test_the_log_says_why_and_what_came_of_it(house: House) -> None:
    client = admin(house)
    target = lamp(client)["id"]
    made = rule(client, target)
    order = Order(made["id"], "c1", 0, "home", Action(ActionKind.SWITCH, target), WallUs(5))
    note = RuleNote(made["id"], WallUs(5), "c1", Why.FIRED)
    house.state.rule_work.put(
        Made([("lane", order)], [note, RuleNote(made["id"], WallUs(6), "c2", Why.TOO_LIGHT)])
    )
    lines = client.get(f"/api/v1/rules/{made['id']}/log").json()
    assert [(line["why"], len(line["orders"])) for line in lines] == [("too_light", 0), ("fired", 1)]
    assert lines[1]["orders"][0]["state"] == "waiting"


def test_a_site_has_a_place_and_a_state(house: House) -> None:
    client = admin(house)
    assert client.get("/api/v1/sites/home/arm").json() == {"state": "disarmed", "since": None}
    assert client.get("/api/v1/sites/home/place").json() == {"latitude": None, "longitude": None}
    there = {"latitude": 52.5, "longitude": 13.4}
    assert client.put("/api/v1/sites/home/place", json=there).json() == there
    assert client.put("/api/v1/sites/home/place", json={"latitude": 91, "longitude": 0}).status_code == 422
    assert client.put("/api/v1/sites/home/arm", json={"state": "away"}).status_code == 503
