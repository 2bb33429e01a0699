"""Cameras over the API: adding, changing, removing, and what is never shown."""

import base64
from typing import Any

import pytest
from conftest import House
from web_client import AppClient
from web_fakes import JPEG, START

from wachtel.base.units import WallUs
from wachtel.model.access import Scope
from wachtel.model.camera import CameraCondition, StreamState
from wachtel.model.stream import StreamName
from wachtel.model.watch import Policy, PolicyReason, Watch
from wachtel.web.answers import moment

NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "كاميرا الحديقة",
    "\u202eגינה",
    "🦜" * 300,
    "ß" * 300,
    "👩‍👩‍👧‍👦 Küche",
    "'; DROP TABLE camera; --",
    "{{7*7}}",
]


@pytest.fixture
def admin(house: House) -> AppClient:
    return house.client(house.token(Scope.ADMIN))


def test_a_camera_as_it_is_shown(house: House, admin: AppClient) -> None:
    frame = WallUs(START - 3_000_000)
    state = StreamState(CameraCondition.OFFLINE, START, "timeout", "It does not answer.", "Is it on?", frame)
    house.engine.conditions["flur"] = {StreamName.MAIN: state}
    camera = admin.get("/api/v1/cameras/flur").json()
    assert camera["url"] == "rtsp://192.168.1.20:554/stream1"
    assert camera["streams"] == {
        "main": {
            "condition": "offline",
            "since": "2026-11-21T14:30:00.000000Z",
            "reason": "timeout",
            "what": "It does not answer.",
            "hint": "Is it on?",
            "last_frame": "2026-11-21T14:29:57.000000Z",
            "code": "",
            "details": {},
            "lost": 0,
            "recorded_as": "",
        }
    }
    assert camera["motion"] == {
        "enabled": True, "sensitivity": 50, "zones": [], "lines": [], "schedule": [], "analysis": "auto",
        "from_camera": True,
    }  # fmt: skip
    assert camera["motion_now"] == "on"
    assert admin.get("/api/v1/cameras/vorzelt").json()["streams"]["main"]["condition"] == "off"


def test_adding_tells_the_engine_with_credentials_and_answers_without(house: House, admin: AppClient) -> None:
    body = {"url": "rtsp://anna:geh:e@im@10.0.0.5/a?x=1", "sub_url": "rtsp://10.0.0.5/b", "name": " Küche "}
    made = admin.post("/api/v1/cameras", json=body)
    assert made.status_code == 201
    assert (made.json()["id"], made.json()["name"], made.json()["site"]) == ("kueche", "Küche", "home")
    assert made.json()["url"] == "rtsp://10.0.0.5:554/a?x=1"
    assert "geh" not in made.text
    assert house.engine.told == [("added", "rtsp://anna:geh%3Ae%40im@10.0.0.5:554/a?x=1")]
    assert admin.post("/api/v1/cameras", json=body).json()["id"] == "kueche-2"


@pytest.mark.parametrize("name", NAMES)
def test_every_name_comes_back_as_it_was(admin: AppClient, name: str) -> None:
    made = admin.post("/api/v1/cameras", json={"url": "rtsp://10.0.0.5/a", "name": name})
    assert made.status_code == 201, made.text
    assert admin.get(f"/api/v1/cameras/{made.json()['id']}").json()["name"] == name
    assert made.headers["content-type"] == "application/json"


@pytest.mark.parametrize("name", ["", "   ", "x" * 301, "a\x00b", "a\nb", "\x7f", "\x85", None, 5])
def test_names_that_are_none(admin: AppClient, name: Any) -> None:
    answer = admin.post("/api/v1/cameras", json={"url": "rtsp://10.0.0.5/a", "name": name})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["field"] == "name"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "concat:/etc/passwd|/etc/shadow",
        "subfile,,start,0,end,9,,:/etc/passwd",
        "rtmp://10.0.0.5/a",
        "rtsp://127.0.0.1/a",
        "rtsp://127.1/a",
        "rtsp://2130706433/a",
        "rtsp://0x7f.1/a",
        "rtsp://0/a",
        "rtsp://localhost/a",
        "rtsp://localhost./a",
        "rtsp://cam.localhost/a",
        "rtsp://[::1]/a",
        "rtsp://[::ffff:127.0.0.1]/a",
        "rtsp://169.254.169.254/latest",
        "http://[fe80::1]/a",
        "rtsp://0.0.0.0/a",
        "rtsp://u:canary-pw@127.0.0.1/a",
        "rtsp://",
        "x" * 3000,
        "rtsp://10.0.0.5/a\r\nHost: evil",
    ],
)
def test_addresses_that_are_refused(house: House, admin: AppClient, url: str) -> None:
    answer = admin.post("/api/v1/cameras", json={"url": url, "name": "x"})
    assert answer.status_code == 422
    assert "canary" not in answer.text
    assert admin.patch("/api/v1/cameras/flur", json={"url": url}).status_code == 422
    assert house.engine.told == []


def test_this_machine_is_fine_with_the_users_word(admin: AppClient) -> None:
    body = {"url": "rtsp://127.0.0.1:8555/main", "name": "Demo", "allow_local": True}
    made = admin.post("/api/v1/cameras", json=body).json()
    assert made["allow_local"] is True
    moved = admin.patch(f"/api/v1/cameras/{made['id']}", json={"allow_local": False})
    assert moved.status_code == 422


def test_changing_settings(house: House, admin: AppClient) -> None:
    night = {"days": ["mon", "sun"], "start": "22:00", "end": "06:00"}
    zone = {
        "name": "Tür", "kind": "zone", "polygon": [[0, 0], [1, 0], [0.5, 1]], "sensitivity": 30,
        "far_height": 0.05, "near_height": 0.3, "heading": "down", "dwell_s": 2.5, "schedule": [night],
    }  # fmt: skip
    line = {
        "name": "Gehweg", "start": [0, 0.5], "end": [1, 0.5], "passing": "a_to_b", "sensitivity": None,
        "schedule": [],
    }  # fmt: skip
    body = {
        "name": "Neuer Flur",
        "mode": "events",
        "record": "both",
        "record_audio": True,
        "transport": "udp",
        "pre_roll_s": 12.5,
        "post_roll_s": 2,
        "gap_limit_s": 60,
        "sub_url": "rtsp://192.168.1.20/stream2",
        "motion": {
            "enabled": True,
            "sensitivity": 80,
            "zones": [zone],
            "lines": [line],
            "schedule": [{"days": ["fri"], "start": "00:00", "end": "24:00"}],
            "analysis": "economy",
            "from_camera": False,
        },
    }
    changed = admin.patch("/api/v1/cameras/flur", json=body).json()
    assert changed["motion"] == body["motion"]
    assert changed["motion_now"] == "schedule", "it is Saturday in the house"
    assert {name: changed[name] for name in body if name not in ("motion", "sub_url")} == {
        name: value for name, value in body.items() if name not in ("motion", "sub_url")
    }
    assert changed["id"] == "flur"
    assert changed["sub_url"] == "rtsp://192.168.1.20:554/stream2"
    assert set(changed["streams"]) == {"main", "sub"}
    assert admin.get("/api/v1/cameras/flur").json() == changed
    stored = house.state.cameras.get("flur")
    assert stored is not None
    assert stored.sub_url == "rtsp://anna:geheim-canary@192.168.1.20:554/stream2"
    assert admin.patch("/api/v1/cameras/flur", json={"sub_url": None}).json()["sub_url"] is None


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("rtsp://192.168.1.20:554/stream1", "rtsp://anna:geheim-canary@192.168.1.20:554/stream1"),
        ("rtsp://192.168.1.20/other", "rtsp://anna:geheim-canary@192.168.1.20:554/other"),
        ("rtsp://bert:neu@192.168.1.20/stream1", "rtsp://bert:neu@192.168.1.20:554/stream1"),
        ("rtsp://192.168.1.66/stream1", "rtsp://192.168.1.66:554/stream1"),
        ("rtsp://192.168.1.20:5540/stream1", "rtsp://192.168.1.20:5540/stream1"),
        ("http://192.168.1.20:554/stream1", "http://192.168.1.20:554/stream1"),
    ],
)
def test_credentials_stay_with_their_host(house: House, admin: AppClient, url: str, stored: str) -> None:
    assert admin.patch("/api/v1/cameras/flur", json={"url": url}).status_code == 200
    camera = house.state.cameras.get("flur")
    assert camera is not None
    assert camera.main_url == stored
    assert house.engine.told == [("changed", stored)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"pre_roll_s": -1}, "pre_roll_s"),
        ({"pre_roll_s": 31}, "pre_roll_s"),
        ({"mode": "sometimes"}, "mode"),
        ({"nmae": "x"}, "nmae"),
        ({"id": "other"}, "id"),
        ({"site": "caravan"}, "site"),
        ({"motion": {"sensitivity": 101}}, "motion.sensitivity"),
        ({"motion": {"zones": [{"name": "a", "polygon": [[0, 0], [1, 1]]}]}}, "motion.zones.0.polygon"),
        (
            {"motion": {"zones": [{"name": "a", "polygon": [[0, 0], [1, 1], [2, 0]]}]}},
            "motion.zones.0.polygon.2.0",
        ),
        (
            {"motion": {"zones": [{"name": "a", "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}]}},
            "motion.zones.0",
        ),
        ({"motion": {"zones": [{"name": "a", "polygon": [[0, 0]] * 65}]}}, "motion.zones.0.polygon"),
        ({"motion": {"lines": [{"name": "a", "start": [0, 0], "end": [0, 0]}]}}, "motion.lines.0"),
        (
            {"motion": {"schedule": [{"days": ["mon"], "start": "25:00", "end": "06:00"}]}},
            "motion.schedule.0.start",
        ),
    ],
)
def test_a_wrong_setting_is_named(admin: AppClient, body: dict[str, Any], field: str) -> None:
    answer = admin.patch("/api/v1/cameras/flur", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["kind"] == "invalid"
    assert answer.json()["error"]["details"]["field"] == field


@pytest.mark.parametrize("body", [{"name": None}, {"mode": None}, {"motion": None}])
def test_only_the_second_stream_can_be_taken_away(admin: AppClient, body: dict[str, Any]) -> None:
    answer = admin.patch("/api/v1/cameras/flur", json=body)
    assert answer.status_code == 422
    assert "cannot be null" in answer.json()["error"]["what"]


def test_not_a_number_is_no_number(admin: AppClient) -> None:
    for text in ("NaN", "Infinity", "1e999"):
        answer = admin.patch(
            "/api/v1/cameras/flur",
            content=f'{{"pre_roll_s": {text}}}',
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 422


def test_removing_keeps_the_id_for_its_site(house: House, admin: AppClient) -> None:
    assert admin.delete("/api/v1/cameras/flur").status_code == 204
    assert admin.get("/api/v1/cameras/flur").status_code == 404
    assert house.engine.told == [("removed", "flur")]
    body = {"url": "rtsp://10.0.0.5/a", "name": "Flur", "site": "caravan"}
    assert admin.post("/api/v1/cameras", json=body).json()["id"] == "flur-2"
    assert admin.post("/api/v1/cameras", json=body | {"site": "home"}).json()["id"] == "flur"


def test_a_probe_in_words(admin: AppClient) -> None:
    report = admin.post("/api/v1/cameras/probe", json={"url": "rtsp://1.2.3.4/"}).json()
    assert report["ok"] is True
    found = {"level": "ok", "kind": "found", "what": "A picture came.", "hint": "", "code": "", "details": {}}
    assert report["findings"] == [found]
    assert base64.b64decode(report["picture"]) == JPEG


def test_a_device_is_added_by_its_own_address(house: House, admin: AppClient) -> None:
    body = {"url": "onvif://anna:geh:e@im@192.168.1.30", "name": "Hof"}
    made = admin.post("/api/v1/cameras", json=body).json()
    assert made["url"] == "rtsp://192.168.1.30:554/main"
    assert made["sub_url"] == "rtsp://192.168.1.30:554/sub"
    assert made["device_url"] == "onvif://192.168.1.30:80/"
    assert house.engine.told[-1] == ("added", "rtsp://anna:geh%3Ae%40im@192.168.1.30:554/main")
    stored = house.state.cameras.get("hof")
    assert stored is not None
    assert stored.device_url == "onvif://anna:geh%3Ae%40im@192.168.1.30:80/"
    assert "geh" not in str(made)


def test_a_device_on_this_machine_needs_consent(admin: AppClient) -> None:
    answer = admin.post("/api/v1/cameras", json={"url": "onvif://127.0.0.1", "name": "x"})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (422, "forbidden_url")


def test_a_site_that_is_not_there(admin: AppClient) -> None:
    body = {"url": "rtsp://10.0.0.5/a", "name": "x", "site": "moon"}
    assert admin.post("/api/v1/cameras", json=body).status_code == 404


def test_a_camera_says_how_it_is_watched_and_who_chose_that(house: House) -> None:
    viewer = house.client(house.token(Scope.VIEW))
    assert viewer.get("/api/v1/cameras/flur").json()["watched"] is None
    house.engine.watches.known["flur"] = Watch(Policy.KEY_FRAMES, PolicyReason.BUDGET, START)
    watched = viewer.get("/api/v1/cameras/flur").json()["watched"]
    assert watched == {"policy": "key_frames", "reason": "budget", "since": moment(START)}


def test_only_a_device_is_asked_to_see_motion_itself(house: House) -> None:
    admin = house.client(house.token(Scope.ADMIN))
    motion = {"analysis": "camera"}
    refused = admin.patch("/api/v1/cameras/flur", json={"motion": motion})
    assert refused.status_code == 422
    assert "device's address" in refused.json()["error"]["what"]
    device = admin.post(
        "/api/v1/cameras", json={"url": "onvif://anna:geheim@192.168.1.30", "name": "Hof"}
    ).json()
    one = f"/api/v1/cameras/{device['id']}"
    assert admin.patch(one, json={"motion": motion}).json()["motion"]["analysis"] == "camera"
    nobody = admin.patch(one, json={"motion": {"analysis": "camera", "from_camera": False}})
    assert "Nothing would be watched" in nobody.text


def test_only_motion_jpeg_is_recorded_as_h264(house: House, admin: AppClient) -> None:
    refused = admin.patch("/api/v1/cameras/flur", json={"record_as": "h264"})
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "no_motion_jpeg"
    assert admin.post("/api/v1/cameras/flur/record-as/price").status_code == 422
    made = admin.post("/api/v1/cameras", json={"url": "http://10.0.0.9/video", "name": "Hof"}).json()
    assert made["record_as"] == "as_sent"
    path = f"/api/v1/cameras/{made['id']}"
    assert admin.patch(path, json={"record_as": "h264"}).json()["record_as"] == "h264"
    assert admin.get(path).json()["record_as"] == "h264"
    assert admin.patch(path, json={"url": "rtsp://10.0.0.9/a"}).json()["record_as"] == "as_sent"
    assert house.engine.told[-1][0] == "changed"
