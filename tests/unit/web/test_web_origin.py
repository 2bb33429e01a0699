"""Foreign pages, foreign names, foreign headers."""

import pytest
from conftest import ORIGIN, House
from web_client import AppClient

from wachtel.accounts.members import Members
from wachtel.accounts.passwords import hash_password
from wachtel.model.access import Scope
from wachtel.web.headers import LARGEST_BODY_BYTES
from wachtel.web.hosts import host_allowed

HASH = hash_password("richtig-geheim")
FOREIGN = [
    "http://evil.example",
    "http://127.0.0.1:8091",
    "https://127.0.0.1",
    "ftp://127.0.0.1:8090",
    "http://127.0.0.1:8090.evil.example",
    "http://127.0.0.1",
    "null",
    "",
    "http://[",
]


def logged_in(house: House) -> AppClient:
    Members(house.state, house.clock).add("Anna", Scope.ADMIN, HASH)
    client = house.client()
    body = {"name": "Anna", "password": "richtig-geheim"}
    assert client.post("/api/v1/session", json=body, headers={"origin": ORIGIN}).status_code == 200
    return client


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_changes_nothing(house: House, origin: str) -> None:
    client = logged_in(house)
    answer = client.request("DELETE", "/api/v1/cameras/flur", headers={"origin": origin})
    assert answer.status_code == 403
    assert house.state.cameras.get("flur") is not None


def test_a_change_by_cookie_needs_an_origin(house: House) -> None:
    client = logged_in(house)
    assert client.delete("/api/v1/cameras/flur").status_code == 403
    assert client.delete("/api/v1/cameras/flur", headers={"origin": ORIGIN}).status_code == 204


def test_behind_a_proxy_with_tls_the_page_may_change_things(house: House) -> None:
    Members(house.state, house.clock).add("Anna", Scope.ADMIN, HASH)
    headers = {"origin": "https://127.0.0.1:8090"}
    client = house.client()
    body = {"name": "Anna", "password": "richtig-geheim"}
    answer = client.post("/api/v1/session", json=body, headers=headers)
    assert answer.status_code == 200
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_change_by_token_needs_none(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    assert client.delete("/api/v1/cameras/flur").status_code == 204


def test_a_foreign_page_cannot_log_somebody_in(house: House) -> None:
    Members(house.state, house.clock).add("Anna", Scope.ADMIN, HASH)
    body = {"name": "Anna", "password": "richtig-geheim"}
    answer = house.client().post("/api/v1/session", json=body, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", [None, *FOREIGN])
def test_a_foreign_page_gets_no_live_picture(house: House, origin: str | None) -> None:
    client = logged_in(house)
    headers = {} if origin is None else {"origin": origin}
    socket = client.socket("/api/v1/cameras/flur/live", headers)
    assert socket.receive()["status"] == 403
    socket.end()
    assert house.engine.views == []


def test_a_form_of_a_foreign_page_is_no_json(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    answer = client.post("/api/v1/sites", content='{"name":"x"}', headers={"content-type": "text/plain"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("host", "local", "fits"),
    [
        ("127.0.0.1:8090", "127.0.0.1", True),
        ("localhost:8090", "127.0.0.1", True),
        ("LOCALHOST", "127.0.0.1", True),
        ("demo.localhost", "127.0.0.1", True),
        ("[::1]:8090", "::1", True),
        ("localhost.", "127.0.0.1", True),
        ("192.168.1.5:8090", "192.168.1.5", True),
        ("192.168.1.5:8090", "127.0.0.1", False),
        ("wachtel.fritz.box", "192.168.1.5", True),
        ("evil.example", "127.0.0.1", False),
        ("evil.example", "192.168.1.5", False),
        ("localhost.evil.example", "127.0.0.1", False),
        ("localhost@evil.example", "127.0.0.1", False),
        ("evil.example/localhost", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("localhost:x", "127.0.0.1", False),
        ("[::1", "127.0.0.1", False),
    ],
)
def test_names_of_ours(host: str, local: str, fits: bool) -> None:
    assert host_allowed(host, local, frozenset({"wachtel.fritz.box"})) is fits


def test_a_foreign_name_gets_no_answer(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    for path in ("/", "/healthz", "/api/v1/cameras"):
        assert client.get(path, headers={"host": "rebound.example:8090"}).status_code == 421
    socket = client.socket("/api/v1/cameras/flur/live", {"host": "rebound.example"})
    assert socket.receive()["type"] == "websocket.close"
    socket.end()


def test_no_header_makes_a_request_the_owner(house: House) -> None:
    client = house.client()
    for name in ("wachtel.control", "wachtel-control", "x-forwarded-for", "x-real-ip", "forwarded"):
        assert client.get("/api/v1/cameras", headers={name: "127.0.0.1"}).status_code == 401
    assert house.control().get("/api/v1/cameras").status_code == 200


def test_every_answer_has_the_security_headers(house: House) -> None:
    client = house.client()
    for path in ("/", "/healthz", "/api/v1/cameras", "/nothing", "/api/v1/nothing"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_body_without_end_is_not_read(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    body = b'{"name":"' + b"x" * LARGEST_BODY_BYTES + b'"}'
    answer = client.post("/api/v1/sites", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_basic_is_for_pictures_only(house: House) -> None:
    token = house.token(Scope.VIEW)
    client = house.client()
    client.auth = ("view None", token)
    for path in (
        "/api/v1/cameras/flur/snapshot.jpg",
        "/api/v1/events/20261121T140100000Z-flur/clip.mp4",
        "/api/v1/cameras/flur/recording.mp4?start=2026-11-21T14:00:00Z&end=2026-11-21T14:01:00Z",
    ):
        assert client.get(path).status_code == 200, path
    assert client.get("/api/v1/cameras").status_code == 401
    client.auth = ("another name", token)
    assert client.get("/api/v1/cameras/flur/snapshot.jpg").status_code == 401


def test_a_browser_window_for_passwords_opens_only_for_other_programs(house: House) -> None:
    client = house.client()
    path = "/api/v1/cameras/flur/snapshot.jpg"
    assert client.get(path).headers["www-authenticate"].startswith("Basic")
    own_page = client.get(path, headers={"sec-fetch-dest": "image"})
    assert own_page.headers["www-authenticate"].startswith("Bearer")
