"""Places, people, tokens, numbers, the page, and secrets that stay where they are."""

import gzip
import logging
from pathlib import Path
from typing import Any

import pytest
from conftest import House
from web_client import AppClient
from web_fakes import START, ports_of

from wachtel.model.access import Scope
from wachtel.model.camera import CameraCondition, StreamState
from wachtel.model.stream import StreamName
from wachtel.web.app import create_app
from wachtel.web.ports.archive import Reading
from wachtel.web.settings import WebSettings


@pytest.fixture
def admin(house: House) -> AppClient:
    return house.client(house.token(Scope.ADMIN))


def test_one_line_per_site(house: House, admin: AppClient) -> None:
    state = StreamState(CameraCondition.OFFLINE, START, "timeout")
    house.engine.conditions["flur"] = {StreamName.MAIN: state}
    sites = {site["id"]: site for site in admin.get("/api/v1/sites").json()}
    assert sites["home"]["state"] == {
        "kind": "trouble",
        "new_events": 2,
        "trouble": [
            {
                "camera": "flur",
                "name": "Flur",
                "condition": "offline",
                "reason": "timeout",
                "since": "2026-11-21T14:30:00.000000Z",
            }
        ],
    }
    assert sites["caravan"]["state"]["kind"] == "events"


def test_adding_and_renaming_a_site(admin: AppClient) -> None:
    made = admin.post("/api/v1/sites", json={"name": "Büro", "time_zone": "Europe/Berlin"})
    assert (made.status_code, made.json()["id"], made.json()["state"]["kind"]) == (201, "buero", "quiet")
    changed = admin.patch("/api/v1/sites/buero", json={"name": "Amt"}).json()
    assert (changed["id"], changed["name"], changed["time_zone"]) == ("buero", "Amt", "Europe/Berlin")
    for body in ({"time_zone": "Mars/Base"}, {"time_zone": "../../etc/passwd"}, {"name": None}, {"x": 1}):
        assert admin.patch("/api/v1/sites/buero", json=body).status_code == 422


def test_a_token_is_shown_once(house: House, admin: AppClient) -> None:
    made = admin.post("/api/v1/tokens", json={"name": "Home Assistant", "scope": "view"}).json()
    assert set(made) == {"id", "name", "scope", "token"}
    listed = admin.get("/api/v1/tokens")
    assert made["token"] not in listed.text
    assert house.client(made["token"]).get("/api/v1/cameras").status_code == 200
    assert house.client(made["token"]).get("/api/v1/tokens").status_code == 403
    again = admin.post("/api/v1/tokens", json={"name": "home assistant"})
    assert (again.status_code, again.json()["error"]["kind"]) == (409, "conflict")
    assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert house.client(made["token"]).get("/api/v1/cameras").status_code == 401
    assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 404


def test_people(admin: AppClient) -> None:
    body = {"name": "Bert", "password": "lang-genug", "scope": "control"}
    made = admin.post("/api/v1/accounts", json=body)
    assert (made.status_code, made.json()["scope"]) == (201, "control")
    assert "lang-genug" not in made.text
    assert admin.post("/api/v1/accounts", json=body | {"name": "ＢＥＲＴ"}).status_code == 409
    assert admin.post("/api/v1/accounts", json=body | {"name": "x", "password": "kurz"}).status_code == 422


def test_secrets_stay_where_they_are(
    house: House, admin: AppClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = ["geheim-canary", "passwort-canary", "falsch-canary"]
    house.client().post("/api/v1/session", json={"name": "Bert", "password": "falsch-canary"})
    admin.post("/api/v1/cameras", json={"name": "x", "url": "rtsp://u:falsch-canary@127.0.0.1/"})
    admin.post("/api/v1/accounts", json={"name": "Bert", "password": "passwort-canary"})
    client = house.client()
    client.post("/api/v1/session", json={"name": "Bert", "password": "passwort-canary"})
    canaries.append(client.cookies["wachtel_session"])
    canaries.append(admin.post("/api/v1/tokens", json={"name": "t"}).json()["token"])
    canaries.append(house.links().offer_demo())
    paths = ("cameras", "cameras/flur", "sites", "events", "tokens", "accounts", "session", "openapi.json")
    shown = [admin.get(f"/api/v1/{path}").text for path in paths] + [admin.get("/metrics").text]
    shown.append(admin.patch("/api/v1/cameras/flur", json={"name": "x"}).text)
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    shown.append(caplog.text)
    for canary in canaries:
        assert all(canary not in text for text in shown), canary
        assert canary.encode() not in stored, canary


def test_numbers(house: House, admin: AppClient) -> None:
    house.engine.conditions["flur"] = {StreamName.MAIN: StreamState(CameraCondition.LIVE, START)}
    house.engine.numbers = [
        Reading("segments_written_total", "Finished segments.", [({"camera": "flur"}, 7)], counter=True),
        Reading("viewers", "Live viewers.", [({}, 2)]),
    ]
    answer = admin.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    for line in (
        'wachtel_cameras{condition="live"} 1.0',
        'wachtel_cameras{condition="off"} 1.0',
        'wachtel_segments_written_total{camera="flur"} 7.0',
        "wachtel_viewers 2.0",
        'wachtel_build_info{version="',
    ):
        assert line in answer.text, line


def test_the_index_is_made_anew(admin: AppClient) -> None:
    assert admin.post("/api/v1/archive/rebuild").json() == {"segments": 3, "gaps": 2, "events": 1}


def test_health_needs_nobody(house: House) -> None:
    assert house.client().get("/healthz").json()["status"] == "ok"


def test_the_description_names_every_listed_route(admin: AppClient) -> None:
    description = admin.get("/api/v1/openapi.json").json()
    assert set(description["paths"]) >= {
        "/api/v1/cameras/{camera}",
        "/api/v1/events",
        "/api/v1/stream",
        "/metrics",
    }
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all("HTTPValidationError" not in str(operation) for operation in operations)
    clip = description["paths"]["/api/v1/events/{event}/clip.mp4"]["get"]["responses"]
    assert list(clip["200"]["content"]) == ["video/mp4"]
    assert {"401", "403", "404", "422"} <= set(clip)
    answers: dict[str, Any] = description["components"]["schemas"]
    assert {"CameraAnswer", "EventAnswer", "SiteAnswer", "ErrorAnswer"} <= set(answers)


def test_a_page_that_was_not_built_says_so(house: House, tmp_path: Path) -> None:
    app = create_app(house.state, ports_of(house.engine, house.clock), WebSettings(page=tmp_path / "nothing"))
    answer = AppClient(app, house.runner.run, "http://127.0.0.1:8090").get("/")
    assert answer.status_code == 503
    assert "scripts/demo" in answer.text


def test_the_page_and_nothing_beside_it(house: House, tmp_path: Path) -> None:
    page = tmp_path / "built"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Wachtel</title>" + " " * 500)
    (page / "assets/app-1.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("canary")
    app = create_app(house.state, ports_of(house.engine, house.clock), WebSettings(page=page))
    client = AppClient(app, house.runner.run, "http://127.0.0.1:8090")
    index = client.get("/", headers={"accept-encoding": "identity"})
    assert (index.status_code, index.headers["cache-control"]) == (200, "no-cache")
    assert index.headers["content-type"].startswith("text/html")
    packed = client.get("/", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == index.text == gzip.decompress(gzip.compress(index.content)).decode()
    script = client.get("/assets/app-1.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    for path in (
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//etc/passwd",
        "/assets/",
        "/nix",
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "canary" not in answer.text
