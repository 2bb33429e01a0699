"""Topics, documents and payloads of MQTT: what strangers say is read, bounded, or left out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.model.broker import Broker, check_broker, check_topic
from wachtel.model.camera import Camera, RecordingMode, Site
from wachtel.model.rule import ArmState
from wachtel.protocols.mqtt.documents import Documents
from wachtel.protocols.mqtt.sensors import FIELDS, LONGEST_STATE, readings, state_of
from wachtel.protocols.mqtt.topics import Arm, SetDetection, SetMode, SetRecording, Topics

TOPICS = Topics(Broker("broker.lan"), "a1b2c3d4")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from([*FIELDS]), inner)
    ),
    max_leaves=20,
)


@given(st.binary(max_size=400) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_payload_is_a_few_short_words_or_nothing(payload: bytes) -> None:
    for field, state in readings(payload).items():
        assert field == "" or field in FIELDS
        assert 1 <= len(state) <= LONGEST_STATE and state.isprintable()
        assert state_of(payload, field) == state


@given(st.text(max_size=60), st.binary(max_size=60))
def test_any_message_is_a_wish_of_ours_or_none(topic: str, payload: bytes) -> None:
    for prefix in ("", "wachtel/", "wachtel/camera/"):
        TOPICS.wish(prefix + topic, payload)
    assert TOPICS.left_behind(topic) == []


@pytest.mark.parametrize(
    ("payload", "field", "state"),
    [
        ('{"contact":false,"battery":3}', "contact", "open"),
        ('{"contact":true}', "contact", "closed"),
        ('{"occupancy":true}', "occupancy", "on"),
        ('{"water_leak":false}', "water_leak", "off"),
        ('{"state":"ON"}', "state", "on"),
        ('{"alarm":1}', "alarm", "on"),
        ('{"battery":97}', "contact", None),
        ("ON", "", "on"),
        ('"Open"', "", "open"),
        ("0", "", "off"),
        ("Regen am Fenster", "", "Regen am Fenster"),
        ("", "", None),
        ("x" * 101, "", None),
        ("a\x00b", "", None),
        ("[1]", "", None),
        ('{"a":' * 9 + "1" + "}" * 9, "a", None),
        ("[" * 10_000, "", None),
        ('{"contact":' + "9" * 5000 + "}", "contact", None),
        ('{"contact":NaN}', "contact", None),
        ('{"contact":{"contact":true}}', "contact", None),
        (json.dumps({str(number): 1 for number in range(65)} | {"contact": True}), "contact", None),
    ],
)
def test_what_sensors_say(payload: str, field: str, state: str | None) -> None:
    assert state_of(payload.encode(), field) == state


@pytest.mark.parametrize(
    ("topic", "payload", "wish"),
    [
        ("wachtel/camera/tuer/detection/set", b"ON", SetDetection("tuer", True)),
        ("wachtel/camera/tuer/keeps/set", b"OFF", SetRecording("tuer", False)),
        ("wachtel/camera/tuer/mode/set", b"events", SetMode("tuer", RecordingMode.EVENTS)),
        ("wachtel/site/home/alarm/set", b"ARM_HOME", Arm("home", ArmState.HOME)),
        ("wachtel/site/home/alarm/set", b"DISARM", Arm("home", ArmState.DISARMED)),
        ("wachtel/site/home/alarm/set", b"TRIGGER", None),
        (
            "wachtel/site/home/alarm/set",
            b'{"action":"DISARM","code":"1234"}',
            Arm("home", ArmState.DISARMED, "1234"),
        ),
        ("wachtel/site/home/alarm/set", b'{"action":"DISARM","code":[1]}', Arm("home", ArmState.DISARMED)),
        ("wachtel/site/home/alarm/set", b'{"action":["DISARM"]}', None),
        ("wachtel/site/home/alarm/set", b"{" * 190, None),
        ("wachtel/camera/tuer/mode/set", b"sometimes", None),
        ("wachtel/camera/../mode/set", b"events", None),
        ("wachtel/camera/tuer/motion/set", b"ON", None),
        ("other/camera/tuer/detection/set", b"ON", None),
        ("wachtel/camera/tuer/detection", b"ON", None),
    ],
)
def test_wishes(topic: str, payload: bytes, wish: object) -> None:
    assert TOPICS.wish(topic, payload) == wish


def test_what_a_document_leaves_behind_is_ours_alone() -> None:
    camera = TOPICS.document(TOPICS.camera_device("tuer"))
    assert "wachtel/camera/tuer/snapshot" in TOPICS.left_behind(camera)
    assert TOPICS.left_behind(TOPICS.document(TOPICS.site_device("home")))[1:] == [
        "wachtel/site/home/alarm",
        "wachtel/site/home/armed",
    ]
    assert TOPICS.left_behind(camera.replace("a1b2c3d4", "00000000")) == []


def test_names_of_people_stay_text_and_the_bytes_stay_the_same() -> None:
    documents = Documents(TOPICS, "1.0")
    camera = Camera("tuer", "home", '"Tür" {{ 1 }} <b>', "rtsp://user:canary@192.0.2.1/")
    made = documents.camera(camera)
    assert made == documents.camera(camera)
    assert json.loads(made)["device"]["name"] == '"Tür" {{ 1 }} <b>'
    assert b"canary" not in made
    assert json.loads(documents.site(Site("home", "Zuhause", "UTC")))["device"]["name"] == "Zuhause"


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "mqtt://broker"},
        {"host": "a b"},
        {"host": ""},
        {"port": 0},
        {"port": 65536},
        {"password": "x"},
        {"ca": "x"},
        {"prefix": "a/#"},
        {"prefix": "/a"},
        {"prefix": "homeassistant"},
        {"prefix": "homeassistant/x"},
        {"discovery": ""},
        {"discovery": "wachtel/ha"},
    ],
)
def test_a_broker_that_cannot_be_meant_is_refused(changes: dict[str, object]) -> None:
    values: dict[str, object] = {"host": "broker.lan"} | changes
    with pytest.raises(WachtelError):
        check_broker(Broker(**values))  # type: ignore[arg-type]
    check_broker(Broker("fe80::1%eth0", prefix="a/b"))


@pytest.mark.parametrize("topic", ["", "a/+", "#", "$SYS/broker", "a\0", "x" * 257, "ü" * 129])
def test_a_topic_that_cannot_be_meant_is_refused(topic: str) -> None:
    with pytest.raises(WachtelError):
        check_topic(topic)
    check_topic("zigbee2mqtt/Haustür links")
