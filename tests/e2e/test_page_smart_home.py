"""The broker is entered on the page, a sensor chosen by listening, and Apple Home switched on; a real mosquitto."""

import re
from collections.abc import Iterator

import pytest
from broker_rig import Mosquitto, Watcher, free_port, needs_mosquitto
from page_rig import OWNER, PAGE, PASSWORD, SMALL_PHONE, Look, chromium, launch, look_at
from playwright.sync_api import Page, expect, sync_playwright
from running_server import RunningServer
from test_page_looks import settled, violations

pytestmark = [needs_mosquitto, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with an owner and no camera; HomeKit stands ready at loopback, switched off."""
    if chromium() is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    if not PAGE.exists():
        pytest.skip("needs the built page: scripts/build_page.py")
    with RunningServer(tmp_path_factory.mktemp("smart") / "data") as server:
        with server.client() as client:
            account = {"name": OWNER, "password": PASSWORD, "scope": "admin"}
            client.post("/api/v1/accounts", json=account).raise_for_status()
            bridge = {"address": "127.0.0.1", "port": free_port(), "enabled": False}
            client.put("/api/v1/homekit", json=bridge).raise_for_status()
        yield server.url.rstrip("/")


@pytest.fixture(scope="module")
def owner(origin: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        with look_at(browser, Look(SMALL_PHONE)) as page:
            page.set_default_timeout(20_000)
            login = {"name": OWNER, "password": PASSWORD}
            page.context.request.post(f"{origin}/api/v1/session", data=login, headers={"Origin": origin})
            page.goto(f"{origin}/#/settings/smart-home")
            yield page
        browser.close()


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
        settled(owner)
        assert violations(owner) == []


def test_apple_home_is_switched_on_with_a_code(owner: Page) -> None:
    panel = owner.get_by_role("region", name="Apple Home")
    panel.get_by_role("switch").click()
    expect(panel.get_by_role("img", name="QR-Code zum Koppeln")).to_be_visible()
    expect(panel.get_by_text(re.compile(r"\d{3}-\d{2}-\d{3}"))).to_be_visible()
    settled(owner)
    assert violations(owner) == []
    panel.get_by_role("switch").click()
    expect(panel.get_by_role("img")).to_have_count(0)
