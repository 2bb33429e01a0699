"""The broker is entered on the page, a sensor chosen by listening, and Apple Home switched on; a real mosquitto."""

import re
from collections.abc import Iterator

import pytest
from broker_rig import Mosquitto, Watcher, needs_mosquitto
from page_rig import SMALL_PHONE, House, Look, judge, look_at
from playwright.sync_api import Browser, Page, expect
from running_server import free_port

pytestmark = [needs_mosquitto, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture(scope="module")
def owner(browser: Browser, empty_house: House) -> Iterator[Page]:
    """The owner on a small phone; HomeKit stands ready at loopback, switched off."""
    with empty_house.server.client() as client:
        bridge = {"address": "127.0.0.1", "port": free_port(), "enabled": False}
        client.put("/api/v1/homekit", json=bridge).raise_for_status()
    with look_at(browser, Look(SMALL_PHONE)) as page:
        empty_house.enter(page, "/settings/smart-home")
        yield page


def test_a_broker_is_entered_and_a_sensor_chosen(owner: Page, mosquitto: Mosquitto) -> None:
    with Watcher(mosquitto.port) as watcher:
        watcher.say("zigbee2mqtt/Haustür", '{"contact":false}', retain=True)
        panel = owner.get_by_role("region", name="Home Assistant und MQTT")
        panel.get_by_label("Adresse des Brokers").fill("127.0.0.1")
        panel.get_by_text("Weitere Einstellungen").click()
        panel.get_by_label("Port").fill(str(mosquitto.port))
        panel.get_by_role("button", name="Verbinden").click()
        expect(panel.get_by_role("status")).to_have_text("Verbunden")
        sensors = owner.get_by_role("region", name="Sensoren am Broker")
        sensors.get_by_role("button", name="Zuhören und auswählen").click()
        sensors.get_by_role("button", name=re.compile("Haustür contact")).click()
        expect(sensors.get_by_label("Name des Sensors")).to_have_value("Haustuer")
        sensors.get_by_role("button", name="Hinzufügen", exact=True).click()
        expect(sensors.get_by_role("button", name=re.compile("Entfernen.*Haustuer"))).to_be_visible()
        judge(owner)


def test_apple_home_is_switched_on_with_a_code(owner: Page) -> None:
    panel = owner.get_by_role("region", name="Apple Home")
    panel.get_by_role("switch").click()
    expect(panel.get_by_role("img", name="QR-Code zum Koppeln")).to_be_visible()
    expect(panel.get_by_text(re.compile(r"\d{3}-\d{2}-\d{3}"))).to_be_visible()
    judge(owner)
    panel.get_by_role("switch").click()
    expect(panel.get_by_role("img")).to_have_count(0)
