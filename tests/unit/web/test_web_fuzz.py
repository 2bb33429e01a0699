"""Nothing a client sends makes the server stumble: every answer to nonsense is a 4xx in our own shape."""

import json
import os
from typing import Any

from conftest import ORIGIN, House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from web_client import AppClient

from wachtel.model.access import Scope
from wachtel.web.door import declarations

FEW = settings(
    max_examples=int(os.environ.get("WACHTEL_FUZZ_EXAMPLES", "150")),
    deadline=None,
    derandomize="WACHTEL_FUZZ_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "",
        "flur",
        "home",
        "\x00",
        "..",
        "%",
        "\ud800",
        "'",
        "x" * 5000,
        "2026-11-21T14:30:00Z",
        "9999-12-31T23:59:59Z",
    ]
)
NUMBER = st.integers() | st.floats() | st.sampled_from([2**63, -(2**63), 10**400])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
WORDS = [
    "name",
    "url",
    "sub_url",
    "site",
    "mode",
    "allow_local",
    "record",
    "record_as",
    "record_audio",
    "transport",
    "pre_roll_s",
    "post_roll_s",
    "gap_limit_s",
    "motion",
    "zones",
    "polygon",
    "lines",
    "schedule",
    "days",
    "heading",
    "dwell_s",
    "kind",
    "sensitivity",
    "enabled",
    "time_zone",
    "token",
    "password",
    "scope",
    "up_to",
    "start",
    "end",
    "from",
    "to",
    "before",
    "limit",
    "camera",
    "kinds",
]
URLS = st.builds("{}://{}/{}".format, st.sampled_from(["rtsp", "http", "file", "RTSPS"]), TEXT, TEXT)
VALUE = JSON | URLS | st.lists(st.tuples(NUMBER, NUMBER).map(list), max_size=5)
BODY = st.dictionaries(st.sampled_from(WORDS), VALUE, max_size=6) | JSON
RAW = st.binary(max_size=60) | st.just(b"[" * 20_000) | st.just(b'{"a":' * 20_000)
QUERY = st.dictionaries(st.sampled_from(WORDS) | TEXT, TEXT | NUMBER.map(str), max_size=5)
HEADER = st.dictionaries(
    st.sampled_from(
        ["range", "if-range", "if-none-match", "cookie", "authorization", "accept-encoding", "origin"]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
    | st.sampled_from(
        ["bytes=0-", "bytes=-1", "Basic x", "Basic /w==", "Bearer", "wachtel_session=x", ORIGIN]
    ),
    max_size=3,
)


ZONES = [{"name": "Tür", "kind": "zone", "polygon": [[0, 0], [1, 0], [0.5, 1]]}]
LINES = [{"name": "Zaun", "start": [0, 0], "end": [1, 1], "passing": "both", "schedule": []}]
RIGHT: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/cameras"): {
        "url": "rtsp://a:b@10.0.0.1/x", "name": "Flur", "site": "home", "sub_url": "rtsp://10.0.0.1/y",
        "mode": "events", "allow_local": False,
    },
    ("PATCH", "/api/v1/cameras/flur"): {
        "name": "Flur", "url": "rtsp://10.0.0.1/x", "sub_url": None, "mode": "off", "record": "both",
        "record_audio": True, "transport": "udp", "allow_local": True, "pre_roll_s": 1, "post_roll_s": 1,
        "gap_limit_s": 30, "motion": {"enabled": True, "sensitivity": 5, "zones": ZONES, "lines": LINES},
    },
    ("POST", "/api/v1/cameras/probe"): {"url": "rtsp://10.0.0.1/x", "allow_local": True},
    ("POST", "/api/v1/sites"): {"name": "Büro", "time_zone": "Europe/Berlin"},
    ("PATCH", "/api/v1/sites/home"): {"name": "Büro", "time_zone": "UTC"},
    ("POST", "/api/v1/tokens"): {"name": "t", "scope": "view"},
    ("POST", "/api/v1/channels"): {
        "name": "h", "url": "https://a:b@example.org/x", "kind": "webhook", "site": "home",
        "kinds": ["event_began"], "allow_local": False,
    },
    ("POST", "/api/v1/events/seen"): {"up_to": "20261121T140100000Z-flur"},
    ("POST", "/api/v1/first-run"): {"token": "x", "name": "x", "password": "short"},
    ("POST", "/api/v1/login-link"): {"token": "x"},
}  # fmt: skip


def places(path: str, name: str) -> str:
    for place in ("{camera}", "{site}", "{event}", "{token}", "{account}", "{channel}", "{path:path}"):
        path = path.replace(place, name)
    return path


def check(client: AppClient, method: str, path: str, **sent: Any) -> None:
    answer = client.request(method, path, **sent)
    assert answer.status_code < 500, (method, path, sent, answer.text)
    if answer.status_code >= 400 and method != "HEAD":
        assert set(answer.json()["error"]) == {"kind", "what", "hint", "details", "code"}, answer.text


def routes_of(house: House) -> SearchStrategy[tuple[str, str]]:
    # Two never end, and one waits for a camera that is not there.
    camera = "/api/v1/cameras/{camera}"
    endless = {"/api/v1/stream", f"{camera}/stream.mjpeg", f"{camera}/hls/index.m3u8"}
    keys = [key for key in declarations(house.app.routes) if key[0] != "WEBSOCKET" and key[1] not in endless]
    return st.sampled_from(sorted(keys))


def encoded(name: str) -> str:
    return "".join(f"%{byte:02x}" for byte in name.encode("utf-8", "surrogatepass")) or "x"


def test_nonsense_everywhere(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))

    @FEW
    @given(route=routes_of(house), name=TEXT, body=BODY, query=QUERY)
    def run(route: tuple[str, str], name: str, body: Any, query: dict[str, str]) -> None:
        method, path = route
        content = None if method in ("GET", "HEAD", "DELETE") else json.dumps(body)
        params = {key: value.encode("utf-8", "replace").decode() for key, value in query.items()}
        keys = {key.encode("utf-8", "replace").decode(): value for key, value in params.items()}
        headers = {"content-type": "application/json"}
        check(client, method, places(path, encoded(name)), content=content, params=keys, headers=headers)

    run()


def test_bodies_that_are_no_json(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))

    @FEW
    @given(route=routes_of(house), raw=RAW, kind=st.sampled_from(["application/json", "text/html", "x", ""]))
    def run(route: tuple[str, str], raw: bytes, kind: str) -> None:
        method, path = route
        check(client, method, places(path, "flur"), content=raw, headers={"content-type": kind})

    run()


def test_headers_and_query_of_pictures(house: House) -> None:
    token = house.token(Scope.VIEW)
    paths = [
        "/api/v1/cameras/flur/recording.mp4",
        "/api/v1/cameras/flur/snapshot.jpg",
        "/api/v1/events/20261121T140100000Z-flur/clip.mp4",
        "/api/v1/events",
        "/",
    ]

    @FEW
    @given(path=st.sampled_from(paths), headers=HEADER, query=QUERY)
    def run(path: str, headers: dict[str, str], query: dict[str, str]) -> None:
        client = house.client(None if "authorization" in headers else token)
        params = {
            key.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
            for key, value in query.items()
        }
        check(client, "GET", path, headers=headers, params=params)

    run()


def test_query_strings_of_bytes(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))

    @FEW
    @given(raw=st.binary(max_size=40))
    def run(raw: bytes) -> None:
        text = "".join(f"%{byte:02x}" for byte in raw)
        for field in ("camera", "before", "from", "limit"):
            check(client, "GET", f"/api/v1/events?{field}={text}")

    run()


def test_bodies_that_are_almost_right(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))

    @FEW
    @given(
        route=st.sampled_from(sorted(RIGHT)),
        changes=st.lists(st.tuples(st.integers(0, 12), VALUE | st.just(...)), min_size=1, max_size=2),
        inside=st.booleans(),
    )
    def run(route: tuple[str, str], changes: list[tuple[int, Any]], inside: bool) -> None:
        body = json.loads(json.dumps(RIGHT[route]))
        target = body["motion"]["zones"][0] if inside and "motion" in body else body
        for position, value in changes:
            name = sorted(target)[position % len(target)] if target else "name"
            if value is ...:
                target.pop(name, None)
            else:
                target[name] = value
        headers = {"content-type": "application/json"}
        check(client, *route, content=json.dumps(body), headers=headers)

    run()
