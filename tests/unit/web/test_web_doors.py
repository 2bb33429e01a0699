"""Every route is locked, whatever it does."""

import pytest
from conftest import ORIGIN, House
from fastapi import FastAPI
from web_client import AppClient

from wachtel.model.access import Permission, Scope
from wachtel.web.door import Door, declarations
from wachtel.web.guard import Declared, On

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/api/v1/session"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/first-run"),
    ("POST", "/api/v1/login-link"),
    ("GET", "/ca"),
    ("GET", "/ca/page.css"),
    ("GET", "/ca/ca.crt"),
    ("GET", "/ca/ca.pem"),
    ("GET", "/ca/wachtel.mobileconfig"),
    ("GET", "/api/v1/message-pictures/{token}"),
    ("POST", "/api/v1/quiet/{token}"),
    ("GET", "/api/v1/claims/form"),
    ("POST", "/api/v1/claims/form"),
    ("GET", "/api/v1/claims/mine"),
    ("PUT", "/api/v1/claims/mine/bank"),
    ("POST", "/api/v1/claims/mine/facts"),
    ("POST", "/api/v1/claims/mine/files"),
    ("GET", "/api/v1/claims/mine/files/{sha256}"),
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/{path:path}"),
    ("HEAD", "/{path:path}"),
}
SCOPES = {Permission.VIEW: None, Permission.CONTROL: Scope.VIEW, Permission.ADMIN: Scope.CONTROL}


def address(path: str, *, foreign: bool = False) -> str:
    names = {"{camera}": "flur", "{site}": "home", "{event}": "20261121T140100000Z-flur"}
    if foreign:
        names = {"{camera}": "vorzelt", "{site}": "caravan", "{event}": "20261121T140300000Z-vorzelt"}
    for place, name in names.items():
        path = path.replace(place, name)
    return (
        path.replace("{token}", "x")
        .replace("{account}", "x")
        .replace("{channel}", "x")
        .replace("{rule}", "x")
        .replace("{actuator}", "x")
        .replace("{sensor}", "x")
        .replace("{export}", "x")
        .replace("{number}", "1")
        .replace("{sha256}", "x")
        .replace("{path:path}", "x")
    )


def status(client: AppClient, method: str, path: str) -> int:
    if method != "WEBSOCKET":
        return client.request(method, path, json={}, headers={"origin": ORIGIN}).status_code
    socket = client.socket(path, headers={"origin": ORIGIN})
    first = socket.receive()
    socket.end()
    return 101 if first["type"] == "websocket.accept" else int(first["status"])


def locked(house: House) -> dict[tuple[str, str], Declared]:
    return {key: declared for key, declared in declarations(house.app.routes).items() if key not in PUBLIC}


def test_the_public_routes_are_the_known_ones(house: House) -> None:
    found = declarations(house.app.routes)
    assert {key for key, declared in found.items() if declared.needs is Permission.PUBLIC} == PUBLIC


def test_every_other_route_answers_401_to_nobody(house: House) -> None:
    client = house.client()
    answers = {key: status(client, key[0], address(key[1])) for key in locked(house)}
    assert len(answers) >= 28
    assert set(answers.values()) == {401}, answers


def test_every_route_answers_403_to_too_small_a_scope(house: House) -> None:
    tokens = {scope: house.token(scope) for scope in (Scope.VIEW, Scope.CONTROL)}
    for (method, path), declared in locked(house).items():
        scope = SCOPES[declared.needs]
        if scope is not None:
            assert status(house.client(tokens[scope]), method, address(path)) == 403, (method, path)


def test_every_route_hides_the_things_of_a_foreign_site(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN, frozenset({"home"})))
    for (method, path), declared in locked(house).items():
        if declared.on in (On.CAMERA, On.EVENT, On.SITE):
            assert status(client, method, address(path, foreign=True)) == 404, (method, path)
        elif declared.on is On.INSTALLATION:
            assert status(client, method, address(path)) == 403, (method, path)


def test_lists_hold_only_what_somebody_may_see(house: House) -> None:
    client = house.client(house.token(Scope.VIEW, frozenset({"caravan"})))
    assert [camera["id"] for camera in client.get("/api/v1/cameras").json()] == ["vorzelt"]
    assert [site["id"] for site in client.get("/api/v1/sites").json()] == ["caravan"]
    assert [event["camera"] for event in client.get("/api/v1/events").json()["events"]] == ["vorzelt"]
    assert client.get("/api/v1/events?site=home").json()["events"] == []


def test_a_camera_cannot_be_added_to_a_foreign_site(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN, frozenset({"caravan"})))
    camera = {"url": "rtsp://192.168.1.9/", "name": "Neu", "site": "home"}
    assert client.post("/api/v1/cameras", json=camera).status_code == 404
    assert client.post("/api/v1/cameras", json=camera | {"site": "caravan"}).status_code == 201
    assert client.post("/api/v1/cameras", json=camera | {"site": None}).json()["site"] == "caravan"


def test_an_undeclared_route_fails_the_build(house: House) -> None:
    house.app.add_api_route("/open", house.token)
    with pytest.raises(LookupError, match="/open"):
        declarations(house.app.routes)


def test_an_undeclared_websocket_fails_the_build(house: House) -> None:
    house.app.add_api_websocket_route("/open", lambda websocket: None)
    with pytest.raises(LookupError, match="/open"):
        declarations(house.app.routes)


def test_a_route_that_names_a_camera_must_declare_it() -> None:
    def endpoint() -> None:
        return None

    door = Door(FastAPI(openapi_url=None), None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="declares"):
        door.route("GET", "/cameras/{camera}", endpoint, needs=Permission.VIEW)
