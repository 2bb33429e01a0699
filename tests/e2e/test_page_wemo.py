"""Wemo devices are chosen, old rules are taken over and given back, a camera is shown, all in the browser."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from page_rig import PHONE, House, Look, judge, keep, look_at, move_in
from playwright.sync_api import Browser, expect
from running_server import RunningServer
from wemo_rules_rig import LAMP, NETCAM, PLUG, database, rule, sensor, target, zipped

from wachtel.cameras.discovery.networks import local_networks
from wachtel.protocols.wemo import PORTS
from wachtel.testing.wemo import FakeWemo, FakeWemoOptions, WemoKind

pytestmark = pytest.mark.timeout(110)


@pytest.fixture(scope="module")
def address() -> str:
    """An address of this machine in a local network: where the devices live."""
    found = local_networks()
    if not found:
        pytest.skip("needs a local network: the page reaches no device on loopback")
    return found[0][0]


def free_ports(address: str) -> Iterator[int]:
    """Those at which Wemo devices are looked for, and where nobody listens yet."""
    for port in PORTS:
        with socket.socket() as trial:
            free = trial.connect_ex((address, port)) != 0
        if free:
            yield port


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[House]:
    """A house with a camera that does not run; a lamp, a dimmer and a motion sensor in its network."""
    with ExitStack() as stack:
        ports = free_ports(address)
        for kind, name in (
            (WemoKind.SWITCH, "Flurlampe"),
            (WemoKind.DIMMER, "Esstisch"),
            (WemoKind.MOTION, "Melder im Flur"),
        ):
            serial = LAMP.rpartition("-")[2] if kind is WemoKind.SWITCH else kind.value
            stack.enter_context(
                FakeWemo(FakeWemoOptions(kind, address, next(ports), name=name, serial=serial))
            )
        server = stack.enter_context(RunningServer(tmp_path_factory.mktemp("wemo") / "data"))
        with server.client() as client:
            camera = {"name": "Haustür", "url": "rtsp://192.0.2.77/x", "site": "home", "mode": "off"}
            client.post("/api/v1/cameras", json=camera).raise_for_status()
        yield move_in(server)


def old_rules() -> bytes:
    rules = [rule(1, "Licht bei Bewegung", "Motion Controlled"), rule(2, "Urlaub", "Away Mode"),
             rule(3, "Heizlüfter", "Time Interval")]  # fmt: skip
    rows = [target(1, LAMP), sensor(1, NETCAM), target(3, PLUG, DayID=8, StartTime=64_800, RuleDuration=3600)]
    return zipped(database(RULES=rules, RULEDEVICES=rows))


def test_devices_are_chosen_from_a_list_and_old_rules_taken_over(
    house: House, browser: Browser, address: str
) -> None:
    with look_at(browser, Look(PHONE)) as page:
        house.enter(page, "/settings/rules")
        page.get_by_text("Oder nach seiner Adresse fragen").click()
        page.get_by_label("Adresse des Geräts").fill(address)
        page.get_by_role("button", name="Fragen").click()
        found = page.get_by_role("listitem")
        expect(found.filter(has_text="Esstisch")).to_be_visible(timeout=40_000)
        found.filter(has_text="Flurlampe").get_by_role("button", name="Schalten lassen").click()
        page.get_by_label("Geht von selbst aus").fill("30")
        judge(page)
        page.get_by_role("button", name="Hinzufügen", exact=True).click()
        expect(found.filter(has_text="geschaltet")).to_contain_text("Flurlampe")
        found.filter(has_text="Melder im Flur").get_by_role("button", name="Hören").click()
        expect(found.filter(has_text="in Regeln: wemo.Melder im Flur")).to_be_visible()
        keep(page, "wemo-chosen-phone")
        page.get_by_text("Regeln übernehmen", exact=True).click()
        page.get_by_label("Kamera anstelle").select_option(label="Haustür")
        page.get_by_label("Datei wählen").set_input_files(
            {"name": "rules.zip", "mimeType": "application/zip", "buffer": old_rules()}
        )
        expect(page.get_by_text("Das würde angelegt")).to_be_visible(timeout=30_000)
        expect(found.filter(has_text="Regeln der Art „away mode“")).to_be_visible()
        judge(page)
        keep(page, "wemo-report-phone")
        page.get_by_role("button", name="Eine Regel anlegen").click()
        expect(page.get_by_role("region", name="Licht bei Bewegung", exact=True)).to_be_visible(
            timeout=30_000
        )
        page.get_by_role("button", name="Rückgängig machen").click()
        expect(page.get_by_role("region", name="Licht bei Bewegung", exact=True)).not_to_be_visible()


def test_a_camera_is_shown_and_hidden(house: House, browser: Browser, address: str) -> None:
    with look_at(browser, Look(PHONE, "dark")) as page:
        house.enter(page, "/camera/haustuer/settings")
        panel = page.get_by_role("region", name="Als Wemo-Bewegungsmelder zeigen")
        panel.get_by_role("switch").click()
        expect(panel.get_by_text("Sichtbar als „Haustür“.")).to_be_visible(timeout=30_000)
        expect(panel.get_by_label(address)).to_be_checked()
        judge(page)
        keep(page, "wemo-shown-phone-dark")
        panel.get_by_role("switch").click()
        expect(panel.get_by_text("Sichtbar als")).not_to_be_visible()


@pytest.mark.parametrize(
    "look", [Look((1280, 800)), Look((1280, 800), "dark", "en")], ids=lambda look: look.name
)
def test_every_look_is_accessible(house: House, browser: Browser, look: Look) -> None:
    with look_at(browser, look) as page:
        house.enter(page, "/settings/rules")
        expect(page.locator("#things")).to_be_visible()
        judge(page)
        keep(page, f"wemo-rules-{look.name}")
