"""The connection to a real mosquitto: killed and back, wrong password, TLS, silence, sensors, huge payloads."""

import asyncio
import datetime
import json
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from broker_rig import Around, Mosquitto, Watcher, around, needs_mosquitto, running, until
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from running_server import free_port

from wachtel.actuators.api import Command
from wachtel.actuators.mqtt import driver
from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.broker import Broker, TopicSensor

pytestmark = needs_mosquitto


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Around]:
    made = around(tmp_path / "data")
    yield made
    made.state.close()


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


def trouble(house: Around, broker: Broker) -> WachtelError:
    """What is wrong with a broker."""

    async def run() -> WachtelError:
        try:
            await house.desk().test(broker)
        except WachtelError as error:
            return error
        raise AssertionError("it connected")

    return asyncio.run(run())


def test_after_a_crash_of_the_broker_everything_lies_there_again_once(house: Around, tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "broker") as mosquitto:
        house.broker(mosquitto.port)

        async def run() -> None:
            async with running(house) as desk:
                with Watcher(mosquitto.port) as watcher:
                    await until(lambda: watcher.at("wachtel/camera/tuer/detection") == "ON")
                    before = set(watcher.lies) - {"wachtel/camera/tuer/snapshot"}
                mosquitto.kill()
                await until(lambda: desk.state is not None and not desk.state.connected, "the loss is seen")
                house.event()
                for number in range(2, 200):
                    house.event(number=number)
                    house.event(number=number, ended=True)
                await asyncio.to_thread(mosquitto.start)
                with Watcher(mosquitto.port) as watcher:
                    await until(lambda: before <= watcher.lies.keys(), "all of it again")
                    await asyncio.sleep(1.2)
                    assert watcher.at("wachtel/camera/tuer/motion") == "ON"
                    assert watcher.at("wachtel/status") == "online"
                    said = Counter(topic for topic, _ in watcher.heard)
                    assert set(said.values()) == {1}, said
                    assert len(watcher.heard) == len(before)

        asyncio.run(run())


def test_the_broker_says_that_we_are_gone_when_we_vanish(house: Around, tmp_path: Path) -> None:
    """Without a good-bye, as after kill -9: the last will."""
    with Mosquitto(tmp_path / "broker") as mosquitto, Watcher(mosquitto.port) as watcher:
        house.broker(mosquitto.port)

        async def run() -> None:
            desk = house.desk()
            desk.start()
            await until(lambda: watcher.at("wachtel/status") == "online")
            session = desk._running.link._session  # type: ignore[union-attr]
            assert session is not None
            sock = session._client._client.socket()
            assert sock is not None
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # type: ignore[arg-type]
            await until(lambda: ("wachtel/status", b"offline") in watcher.heard)
            await until(lambda: watcher.at("wachtel/status") == "online", "and it comes back")
            await desk.close()

        asyncio.run(run())


def test_a_wrong_password_is_named_and_kept_out_of_every_sentence(house: Around, tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    secret = "geheim@:/?#%&ü"
    passwords.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", passwords, "wachtel", secret], check=True, capture_output=True)
    with Mosquitto(tmp_path / "broker", ["allow_anonymous false", f"password_file {passwords}"]) as mosquitto:
        good = Broker("127.0.0.1", mosquitto.port, "wachtel", secret)
        asyncio.run(house.desk().test(good))
        for wrong in (
            replace(good, password="canary-4711"),
            replace(good, user="x"),
            Broker("127.0.0.1", good.port),
        ):
            error = trouble(house, wrong)
            assert error.kind is ErrorKind.WRONG_PASSWORD
            assert "canary" not in str(error) and secret not in str(error)
        house.state.broker.put(good)
    stored = house.state.broker.get()
    assert stored == good
    for file in (tmp_path / "data").glob("state.sqlite*"):
        assert secret.encode() not in file.read_bytes()


def test_tls_is_believed_only_from_the_authority_given(house: Around, tmp_path: Path) -> None:
    ca = certificates(tmp_path)
    lines = [
        "allow_anonymous true", f"cafile {tmp_path}/ca.pem", f"certfile {tmp_path}/cert.pem",
        f"keyfile {tmp_path}/key.pem",
    ]  # fmt: skip
    with Mosquitto(tmp_path / "broker", lines) as mosquitto:
        good = Broker("localhost", mosquitto.port, tls=True, ca=ca)
        asyncio.run(house.desk().test(good))
        for wrong, code in (
            (replace(good, ca=""), "mqtt_untrusted"),
            (replace(good, host="127.0.0.1"), "mqtt_untrusted"),
            (replace(good, ca="nonsense"), "mqtt_bad_ca"),
        ):
            assert trouble(house, wrong).code == code
    with Mosquitto(tmp_path / "plain") as plain:
        assert trouble(house, Broker("localhost", plain.port, tls=True, ca=ca)).code == "mqtt_no_tls"


def certificates(folder: Path) -> str:
    """An authority and a certificate for localhost; gives the authority's."""
    now = datetime.datetime.now(datetime.UTC)
    names = {name: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("ca", "localhost")}
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in names}
    for name, path in (("ca", "ca"), ("localhost", "cert")):
        made = (
            x509.CertificateBuilder()
            .subject_name(names[name])
            .issuer_name(names["ca"])
            .public_key(keys[name].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(name == "ca", None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(keys["ca"], hashes.SHA256())
        )
        (folder / f"{path}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        keys["localhost"].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return (folder / "ca.pem").read_text()


def test_what_is_no_broker_is_said_so(house: Around) -> None:
    assert trouble(house, Broker("127.0.0.1", free_port())).kind is ErrorKind.UNREACHABLE
    assert trouble(house, Broker("host.invalid", 1883)).kind is ErrorKind.UNREACHABLE


def test_a_silent_broker_holds_nothing_up(house: Around) -> None:
    """It takes the connection and says nothing. Everything else goes on, and stopping does not wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        house.broker(silent.getsockname()[1])

        async def run() -> float:
            async with running(house) as desk:
                await until(lambda: desk.state is not None)
                late = 0.0
                for number in range(100):
                    house.event(number=number)
                    began = time.monotonic()
                    await asyncio.sleep(0.01)
                    late = max(late, time.monotonic() - began)
                with pytest.raises(WachtelError):
                    await desk.publish("a/b", "c", retain=False)
                began = time.monotonic()
            assert time.monotonic() - began < 8
            return late

        assert asyncio.run(run()) < 2


def test_sensors_come_in_by_zigbee2mqtts_shapes_and_by_plain_words(
    house: Around, mosquitto: Mosquitto
) -> None:
    broker = house.broker(mosquitto.port, prefix="wachtel-senses")
    for number, (name, topic, field) in enumerate(
        (
            ("door", "zigbee2mqtt/Haustür", "contact"),
            ("door.tamper", "zigbee2mqtt/Haustür", "tamper"),
            ("hall", "zigbee2mqtt/Flur", "occupancy"),
            ("smoke", "zigbee2mqtt/Rauch", "smoke"),
            ("gate", "house/gate", ""),
        )
    ):
        house.state.broker.add_sensor(TopicSensor(str(number), "home", name, topic, field))

    async def run() -> None:
        with Watcher(mosquitto.port) as watcher:
            watcher.say("zigbee2mqtt/Haustür", json.dumps({"contact": True, "battery": 97}), retain=True)
            async with running(house) as desk:
                await until(lambda: ("home", "door", "closed") in house.sensed, "what lay there")
                watcher.say("zigbee2mqtt/Haustür", json.dumps({"contact": False, "tamper": True}))
                watcher.say("zigbee2mqtt/Flur", json.dumps({"occupancy": True, "illuminance": 12}))
                watcher.say("zigbee2mqtt/Rauch", b"{" * 5000)
                watcher.say("zigbee2mqtt/Rauch", bytes(200_000))
                watcher.say("zigbee2mqtt/Rauch", bytes(5_000_000))
                watcher.say("zigbee2mqtt/Rauch", json.dumps({"smoke": [True], "contact": "x" * 200}))
                watcher.say("zigbee2mqtt/Rauch", json.dumps({"smoke": True}))
                watcher.say("house/gate", "OPEN")
                watcher.say("house/gate", "open")
                watcher.say("house/other", "ON")
                await until(lambda: len(house.sensed) >= 6, str(house.sensed))
                assert desk.sensor_says("0") == "open"
                house.state.broker.remove_sensor("2")
                await desk.sensors_changed()
                await asyncio.sleep(0.3)
                watcher.say("zigbee2mqtt/Flur", json.dumps({"occupancy": False}))
                watcher.say("house/gate", "closed")
                await until(lambda: ("home", "gate", "closed") in house.sensed)
                found = {one.topic: one for one in await desk.listen(broker, 0.5)}
            watcher.say("zigbee2mqtt/Haustür", b"", retain=True)
        assert dict(found["zigbee2mqtt/Haustür"].fields) == {"contact": "closed"}
        assert not any(topic.startswith("wachtel-senses/") for topic in found)

    asyncio.run(run())
    assert house.sensed == [
        ("home", "door", "closed"),
        ("home", "door", "open"),
        ("home", "door.tamper", "on"),
        ("home", "hall", "on"),
        ("home", "smoke", "on"),
        ("home", "gate", "open"),
        ("home", "gate", "closed"),
    ]


def test_what_rules_publish_arrives(house: Around, mosquitto: Mosquitto) -> None:
    house.broker(mosquitto.port, prefix="wachtel-rules")

    async def run() -> None:
        with Watcher(mosquitto.port) as watcher:
            async with running(house) as desk:
                await until(lambda: desk.state is not None and desk.state.connected)
                await desk.publish("haus/sirene", "Bewegung am Tor", retain=False)
                await until(lambda: watcher.at("haus/sirene") == "Bewegung am Tor")
        with pytest.raises(WachtelError) as caught:
            await house.desk().publish("a", "b", retain=False)
        assert caught.value.kind is ErrorKind.INVALID

    asyncio.run(run())


@pytest.mark.parametrize(
    ("fields", "command", "topic", "payload"),
    [
        ({"topic": "zigbee2mqtt/Lampe"}, Command(True), "zigbee2mqtt/Lampe/set", '{"state":"ON"}'),
        ({"topic": "zigbee2mqtt/Lampe/set"}, Command(False), "zigbee2mqtt/Lampe/set", '{"state":"OFF"}'),
        (
            {"topic": "zigbee2mqtt/Lampe"},
            Command(True, 50),
            "zigbee2mqtt/Lampe/set",
            '{"state":"ON","brightness":127}',
        ),
        ({"topic": "haus/pumpe", "on": "AN", "off": "AUS"}, Command(True, 40), "haus/pumpe", "AN"),
        ({"topic": "haus/pumpe", "on": "AN", "off": "AUS"}, Command(True, 0), "haus/pumpe", "AUS"),
        (
            {"topic": "haus/dimmer", "on": "AN", "off": "AUS", "level": "{level} %"},
            Command(True, 40),
            "haus/dimmer",
            "40 %",
        ),
    ],
)
def test_what_rules_switch_by_the_broker(
    house: Around, mosquitto: Mosquitto, fields: dict[str, str], command: Command, topic: str, payload: str
) -> None:
    house.broker(mosquitto.port, prefix="wachtel-switches")
    settings = driver.create(fields, allow_local=False)

    async def run() -> None:
        with Watcher(mosquitto.port) as watcher:
            async with running(house) as desk:
                await until(lambda: desk.state is not None and desk.state.connected)
                await driver.drive(command, settings, SystemClock())
                await until(lambda: watcher.at(topic) == payload)
        with pytest.raises(WachtelError) as caught:
            await driver.drive(command, settings, SystemClock())
        assert caught.value.kind is ErrorKind.BUSY

    asyncio.run(run())


@pytest.mark.parametrize(
    "fields",
    [{}, {"topic": "a/#"}, {"topic": "a", "on": "1"}, {"topic": "a", "level": "1"}, {"topic": "a", "body": "x"},
     {"topic": "a", "on": "x" * 1001, "off": "0"}],
)  # fmt: skip
def test_a_switch_that_cannot_be_meant_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(WachtelError) as caught:
        driver.create(fields, allow_local=False)
    assert caught.value.kind is ErrorKind.INVALID


def test_a_flood_of_messages_delays_the_loop_little_and_fills_nothing(
    house: Around, mosquitto: Mosquitto
) -> None:
    house.broker(mosquitto.port, prefix="wachtel-flood")
    house.state.broker.add_sensor(TopicSensor("1", "home", "mad", "flood/sensor"))

    async def run() -> None:
        with Watcher(mosquitto.port) as watcher:
            async with running(house) as desk:
                await until(lambda: desk.state is not None and desk.state.connected)
                await asyncio.sleep(0.3)
                for number in range(3000):
                    watcher._client.publish("flood/sensor", str(number % 2), qos=0)
                watcher.say("flood/sensor", "done")
                await until(lambda: ("home", "mad", "done") in house.sensed, str(len(house.sensed)))
                assert desk.state is not None and desk.state.connected

    asyncio.run(run())
