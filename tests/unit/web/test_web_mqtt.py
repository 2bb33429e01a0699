"""The broker over HTTP: who may, what is kept secret, what stays."""

from conftest import House

from wachtel.model.access import Scope

BROKER = {"host": "192.168.1.5", "user": "wachtel", "password": "pass-canary@:/?#%&ü"}


def test_a_broker_comes_back_without_its_password(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    assert client.get("/api/v1/mqtt").json()["broker"] is None
    made = client.put("/api/v1/mqtt", json=BROKER)
    assert made.status_code == 200, made.text
    assert "canary" not in made.text
    found = client.get("/api/v1/mqtt").json()
    assert found == made.json()
    assert found["broker"]["has_password"] and not found["connected"]
    stored = house.state.broker.get()
    assert stored is not None and stored.password == BROKER["password"] and stored.port == 1883
    assert client.delete("/api/v1/mqtt").status_code == 204
    assert house.state.broker.get() is None


def test_the_password_stays_with_its_host_and_user(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    client.put("/api/v1/mqtt", json=BROKER)
    same = {"host": "192.168.1.5", "user": "wachtel", "tls": True}
    assert client.put("/api/v1/mqtt", json=same).json()["broker"]["has_password"]
    stored = house.state.broker.get()
    assert stored is not None and (stored.password, stored.port) == (BROKER["password"], 8883)
    other = client.put("/api/v1/mqtt", json=same | {"host": "192.168.1.6"}).json()
    assert not other["broker"]["has_password"]


def test_only_administrators_of_everything_may(house: House) -> None:
    for token in (
        house.token(Scope.VIEW),
        house.token(Scope.CONTROL),
        house.token(Scope.ADMIN, frozenset({"home"})),
    ):
        client = house.client(token)
        for method, path in (
            ("GET", "/api/v1/mqtt"),
            ("PUT", "/api/v1/mqtt"),
            ("DELETE", "/api/v1/mqtt"),
            ("POST", "/api/v1/mqtt/test"),
            ("POST", "/api/v1/mqtt/listen"),
            ("GET", "/api/v1/mqtt/sensors"),
            ("POST", "/api/v1/mqtt/sensors"),
            ("DELETE", "/api/v1/mqtt/sensors/x"),
        ):
            assert client.request(method, path, json=BROKER).status_code == 403, path


def test_sensors_are_added_once_and_removed(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    asked = {"site": "home", "name": "door", "topic": "zigbee2mqtt/Haustür", "field": "contact"}
    made = client.post("/api/v1/mqtt/sensors", json=asked)
    assert made.status_code == 201, made.text
    assert client.get("/api/v1/mqtt/sensors").json() == [asked | {"id": made.json()["id"], "state": None}]
    assert client.post("/api/v1/mqtt/sensors", json=asked).status_code == 409
    for wrong in ({"topic": "a/#"}, {"name": "ä"}, {"topic": "$SYS/x"}, {"field": "x" * 61}):
        answer = client.post("/api/v1/mqtt/sensors", json=asked | {"name": "other"} | wrong)
        assert answer.status_code == 422, wrong
    nowhere = client.post("/api/v1/mqtt/sensors", json=asked | {"site": "nowhere"})
    assert nowhere.status_code in (403, 404)
    assert client.delete(f"/api/v1/mqtt/sensors/{made.json()['id']}").status_code == 204
    assert client.delete(f"/api/v1/mqtt/sensors/{made.json()['id']}").status_code == 404


def test_rules_may_publish_once_there_is_a_broker(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    rule = {
        "name": "Melden",
        "site": "home",
        "triggers": [{"kind": "armed"}],
        "actions": [{"kind": "publish", "topic": "haus/alarm", "text": "scharf"}],
    }
    assert client.post("/api/v1/rules", json=rule).status_code == 422
    assert client.put("/api/v1/mqtt", json={"host": "192.168.1.5"}).status_code == 200
    assert client.post("/api/v1/rules", json=rule).status_code == 201


def test_without_a_broker_there_is_nothing_to_try(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    assert client.post("/api/v1/mqtt/test").status_code == 422
    assert client.post("/api/v1/mqtt/listen").status_code == 422
