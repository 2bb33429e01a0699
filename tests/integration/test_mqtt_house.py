"""What the house says at a real mosquitto: documents by the schema, states that lie there, no storm."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from broker_rig import Around, Mosquitto, Watcher, around, needs_mosquitto, running, until
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from wachtel.automation.mqtt.house import LOUD
from wachtel.base.units import WallUs
from wachtel.model.alarm import AlarmSettings, AlarmWord, PanelState
from wachtel.model.broker import NameLanguage
from wachtel.model.camera import CameraCondition, RecordingMode
from wachtel.model.live import AlarmChanged
from wachtel.model.rule import ArmState
from wachtel.storage.state.alarms import AlarmCode

pytestmark = needs_mosquitto
SCHEMA = json.loads((Path(__file__).parent / "home_assistant" / "device.schema.json").read_text())
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20 + b"\xff\xd9"


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture
def house(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Around]:
    made = around(tmp_path)
    made.broker(mosquitto.port, prefix=f"wachtel-{tmp_path.name[-20:].strip('_')}")
    yield made
    made.state.close()


@pytest.fixture
def watcher(mosquitto: Mosquitto) -> Iterator[Watcher]:
    with Watcher(mosquitto.port) as watcher:
        yield watcher


class Names:
    """Topics of this house."""

    def __init__(self, house: Around) -> None:
        broker = house.state.broker.get()
        assert broker is not None
        self.prefix = broker.prefix
        self.node = house.state.broker.node()
        self.site = house.state.sites.all()[0].id

    def camera(self, what: str, camera: str = "tuer") -> str:
        return f"{self.prefix}/camera/{camera}/{what}"

    def document(self, device: str = "tuer") -> str:
        return f"homeassistant/device/wachtel_{self.node}_{device}/config"

    def ours(self, watcher: Watcher) -> list[str]:
        """Where something of this house lies."""
        return [
            topic
            for topic, payload in watcher.lies.items()
            if payload and (topic.startswith(self.prefix + "/") or self.node in topic)
        ]


@pytest.mark.parametrize("language", list(NameLanguage))
@pytest.mark.parametrize("control", [True, False])
def test_every_document_is_as_home_assistant_wants_it(
    house: Around, watcher: Watcher, language: NameLanguage, control: bool
) -> None:
    stored = house.state.broker.get()
    assert stored is not None
    house.state.broker.put(replace(stored, language=language, allow_control=control))
    names = Names(house)

    async def run() -> None:
        house.add("garten")
        async with running(house):
            wanted = [names.document(one) for one in ("tuer", "garten", f"site_{names.site}")]
            await until(lambda: all(watcher.at(topic) for topic in wanted))

    asyncio.run(run())
    documents = {topic: json.loads(payload) for topic, payload in watcher.lies.items() if names.node in topic}
    assert len(documents) == 3
    unique: Counter[str] = Counter()
    for document in documents.values():
        Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
        unique.update(part["unique_id"] for part in document["components"].values())
        commands = [part for part in document["components"].values() if "command_topic" in part]
        assert bool(commands) is control
    assert set(unique.values()) == {1}
    camera = documents[names.document()]["components"]
    wanted = {"motion", "online", "recording", "snapshot"} | (
        {"keeps", "detection", "mode"} if control else set()
    )
    assert camera.keys() == wanted
    assert camera["snapshot"]["name"] == (
        "Letztes Ereignis" if language is NameLanguage.GERMAN else "Last event"
    )


def test_what_is_true_lies_there_and_only_changes_are_said(house: Around, watcher: Watcher) -> None:
    names = Names(house)

    async def run() -> None:
        async with running(house):
            await until(lambda: watcher.at(names.camera("detection")) == "ON")
            assert watcher.at(names.camera("motion")) == "OFF"
            assert watcher.at(names.camera("online")) == "ON"
            assert watcher.at(names.camera("recording")) == "recording"
            assert watcher.at(f"{names.prefix}/status") == "online"
            assert watcher.at(f"{names.prefix}/site/{names.site}/alarm") == "disarmed"
            house.event(jpeg=JPEG)
            await until(lambda: watcher.lies.get(names.camera("snapshot")) == JPEG, "the picture")
            assert watcher.at(names.camera("motion")) == "ON"
            house.event(ended=True)
            await until(lambda: watcher.at(names.camera("motion")) == "OFF", "motion is over")
            house.conditions["tuer"] = CameraCondition.OFFLINE
            house.armings[names.site] = ArmState.AWAY
            await until(lambda: watcher.at(names.camera("online")) == "OFF", "offline")
            await until(
                lambda: watcher.at(f"{names.prefix}/site/{names.site}/alarm") == "armed_away", "armed"
            )
            await asyncio.sleep(1.2)
        await until(lambda: watcher.at(f"{names.prefix}/status") == "offline", "good-bye")

    asyncio.run(run())
    said = Counter(topic for topic, _ in watcher.heard if topic.startswith(names.prefix + "/"))
    assert said[names.camera("motion")] == 3
    assert said[names.camera("online")] == 2
    assert said[names.camera("detection")] == said[names.camera("mode")] == 1


def test_sound_is_listened_for_only_where_it_may_be_recorded(house: Around, watcher: Watcher) -> None:
    names = Names(house)
    (camera,) = house.state.cameras.all()
    house.state.cameras.change(replace(camera, record_audio=True))
    house.add("garten")

    async def run() -> None:
        async with running(house) as desk:
            await until(lambda: watcher.at(names.camera("sound")) == "OFF")
            assert [want.cameras for want in house.heard] == [("tuer",)]
            desk.heard_sound(camera, LOUD, True)
            await until(lambda: watcher.at(names.camera("sound")) == "ON")
            desk.heard_sound(camera, LOUD, False)
            await until(lambda: watcher.at(names.camera("sound")) == "OFF")
        assert house.heard == (), "nobody is told any more"

    asyncio.run(run())
    document = json.loads(watcher.lies[names.document()])
    Draft202012Validator(SCHEMA).validate(document)
    assert document["components"]["sound"]["device_class"] == "sound"
    assert "sound" not in json.loads(watcher.lies[names.document("garten")])["components"]


def test_a_picture_too_large_for_a_broker_stays_at_home(house: Around, watcher: Watcher) -> None:
    names = Names(house)

    async def run() -> None:
        async with running(house):
            await until(lambda: watcher.at(names.camera("motion")))
            house.event(jpeg=bytes(300_000))
            await until(lambda: watcher.at(names.camera("motion")) == "ON")
            house.event(number=2, jpeg=JPEG)
            await until(lambda: names.camera("snapshot") in watcher.lies)

    asyncio.run(run())
    assert [payload for topic, payload in watcher.heard if topic == names.camera("snapshot")] == [JPEG]


def test_a_removed_camera_leaves_nothing_behind(house: Around, watcher: Watcher) -> None:
    names = Names(house)

    async def run() -> None:
        async with running(house):
            await until(lambda: watcher.at(names.camera("detection")))
            house.event(jpeg=JPEG)
            await until(lambda: watcher.lies.get(names.camera("snapshot")))
            house.remove("tuer")
            await until(lambda: not any("tuer" in topic for topic in names.ours(watcher)))

    asyncio.run(run())


def test_what_was_removed_while_we_were_off_is_taken_back(house: Around, watcher: Watcher) -> None:
    names = Names(house)

    async def run() -> None:
        house.add("garten")
        async with running(house):
            await until(lambda: watcher.at(names.camera("detection", "garten")))
        house.state.cameras.remove("garten")
        async with running(house):
            await until(lambda: not watcher.at(names.document("garten")), "the document")
            await until(lambda: not watcher.at(names.camera("detection", "garten")), "the states")
        assert watcher.at(names.document())

    asyncio.run(run())


def test_without_a_broker_any_more_nothing_of_ours_lies_there(house: Around, watcher: Watcher) -> None:
    names = Names(house)

    async def run() -> None:
        async with running(house) as desk:
            await until(lambda: watcher.at(names.camera("detection")))
            house.state.broker.remove()
            await desk.changed()
            assert desk.state is None
            await until(
                lambda: (
                    not any(
                        payload
                        for topic, payload in watcher.lies.items()
                        if topic.startswith(names.prefix + "/") or names.node in topic
                    )
                )
            )

    asyncio.run(run())


def test_home_assistant_is_told_again_when_it_starts(house: Around, watcher: Watcher) -> None:
    names = Names(house)

    async def run() -> None:
        async with running(house):
            await until(lambda: watcher.at(names.camera("detection")))
            watcher.heard.clear()
            for _ in range(50):
                watcher.say("homeassistant/status", "online")
            await until(lambda: any(topic == names.camera("detection") for topic, _ in watcher.heard))
            await asyncio.sleep(0.5)

    asyncio.run(run())
    said = Counter(topic for topic, _ in watcher.heard)
    assert said[names.document()] == said[names.camera("detection")] == 1, "fifty births are one"


def test_others_switch_what_they_may(house: Around, watcher: Watcher) -> None:
    names = Names(house)

    async def run() -> None:
        async with running(house):
            await until(lambda: watcher.at(names.camera("detection")) == "ON")
            watcher.say(names.camera("detection") + "/set", "OFF")
            await until(lambda: watcher.at(names.camera("detection")) == "OFF", "detection")
            watcher.say(names.camera("mode") + "/set", "events")
            await until(lambda: watcher.at(names.camera("mode")) == "events", "mode")
            assert watcher.at(names.camera("recording")) == "waiting"
            watcher.say(names.camera("keeps") + "/set", "OFF")
            await until(lambda: watcher.at(names.camera("mode")) == "off", "off")
            watcher.say(names.camera("keeps") + "/set", "ON")
            await until(lambda: watcher.at(names.camera("mode")) == "events", "the mode it had before")
            watcher.say(f"{names.prefix}/site/{names.site}/alarm/set", "ARM_NIGHT")
            await until(
                lambda: watcher.at(f"{names.prefix}/site/{names.site}/alarm") == "armed_night", "armed"
            )

    asyncio.run(run())
    camera = house.state.cameras.get("tuer")
    assert camera is not None and camera.mode is RecordingMode.EVENTS and not camera.motion.enabled


def test_the_alarm_panel_is_told_as_it_is_and_asks_for_its_code(house: Around, watcher: Watcher) -> None:
    names = Names(house)
    house.state.alarms.set_up(names.site, AlarmSettings(), PanelState(), b"salt" * 4)
    house.state.alarms.add_code(AlarmCode("c1", names.site, "Anna", b"hash", False, WallUs(1)))

    async def run() -> None:
        async with running(house):
            document = names.document(f"site_{names.site}")
            await until(lambda: watcher.at(document))
            panel = json.loads(watcher.at(document))["components"]["alarm"]
            Draft202012Validator(SCHEMA).validate(json.loads(watcher.at(document)))
            assert panel["code"] == "REMOTE_CODE" and panel["code_disarm_required"]
            house.alarms[names.site] = AlarmWord.PENDING
            house.happenings.tell(AlarmChanged(names.site, None))
            await until(lambda: watcher.at(f"{names.prefix}/site/{names.site}/alarm") == "pending")
            house.alarms[names.site] = AlarmWord.TRIGGERED
            house.happenings.tell(AlarmChanged(names.site, None))
            await until(lambda: watcher.at(f"{names.prefix}/site/{names.site}/alarm") == "triggered")
            watcher.say(
                f"{names.prefix}/site/{names.site}/alarm/set",
                json.dumps({"action": "DISARM", "code": "2468"}),
            )
            await until(lambda: house.done == [f"arm {names.site} disarmed 2468"])

    asyncio.run(run())


def test_a_flood_of_wishes_is_one_change_a_second(house: Around, watcher: Watcher) -> None:
    names = Names(house)

    async def run() -> None:
        async with running(house):
            await until(lambda: watcher.at(names.camera("detection")) == "ON")
            for number in range(300):
                watcher.say(names.camera("detection") + "/set", "OFF" if number % 2 else "ON")
            await until(lambda: watcher.at(names.camera("detection")) == "OFF")
            await asyncio.sleep(1.2)

    asyncio.run(run())
    camera = house.state.cameras.get("tuer")
    assert camera is not None and not camera.motion.enabled, "the newest wish counts"
    assert len(house.done) <= 10


def test_wishes_that_lie_at_the_broker_or_are_not_allowed_do_nothing(house: Around, watcher: Watcher) -> None:
    names = Names(house)
    watcher.say(names.camera("detection") + "/set", "OFF", retain=True)
    stored = house.state.broker.get()
    assert stored is not None

    async def run() -> None:
        async with running(house) as desk:
            await until(lambda: watcher.at(names.camera("detection")) == "ON")
            for payload in (b"", b"off", b"\xff\xfe", b"ON" * 1000, b'{"a":1}'):
                watcher.say(names.camera("detection") + "/set", payload)
            watcher.say(f"{names.prefix}/camera/nobody/detection/set", "OFF")
            watcher.say(f"{names.prefix}/camera/../detection/set", "OFF")
            house.state.broker.put(replace(stored, allow_control=False))
            await desk.changed()
            await until(lambda: desk.state is not None and desk.state.connected)
            watcher.say(names.camera("detection") + "/set", "OFF")
            await asyncio.sleep(1.5)

    asyncio.run(run())
    watcher.say(names.camera("detection") + "/set", b"", retain=True)
    assert house.done == []
