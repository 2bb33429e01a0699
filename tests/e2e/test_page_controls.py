"""Turning and switching a camera on its page: held, let go, cut off; by pointer and by key."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from onvif_rig import PLAIN
from page_rig import DESKTOP, PHONE, SHOTS, CameraHouse, Look, keep, look_at, until
from playwright.sync_api import Browser, Page, expect
from tls_front import TlsFront

from wachtel.testing.fake_onvif.options import OnvifStream, Quirk
from wachtel.testing.fake_onvif.server import FakeOnvif

STILL = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Yard:
    house: CameraHouse
    device: FakeOnvif

    def open(self, page: Page) -> None:
        self.house.log_in(page.context)
        page.goto(f"{self.house.origin}/#/camera/hof")


@pytest.fixture(scope="module")
def yard(house: CameraHouse) -> Iterator[Yard]:
    streams = (
        OnvifStream("main", house.camera.main_url, width=1280, height=720),
        OnvifStream("sub", house.camera.sub_url or "", width=640, height=360, fps=10, gop=10),
    )
    options = replace(
        PLAIN,
        streams=streams,
        presets=(("1", "Tor"), ("2", "Terrasse"), ("3", "<b>Garten & Schuppen</b>")),
        relays=("Außenlicht", "Türöffner"),
        quirks=frozenset({Quirk.PULSE_RELAYS}),
    )
    with FakeOnvif(options) as device, house.server.client() as client:
        asked = {"url": device.url, "name": "Hof", "allow_local": True}
        client.post("/api/v1/cameras", json=asked, timeout=40).raise_for_status()
        yield Yard(house, device)


def test_a_camera_turns_while_a_button_is_held(yard: Yard, browser: Browser) -> None:
    state = yard.device.state
    with look_at(browser, Look()) as page:
        yard.open(page)
        right = page.get_by_role("button", name="nach rechts")
        right.hover()
        page.mouse.down()
        until(lambda: state.moving == (0.6, 0.0, 0.0), 30, "it turns", page)
        page.wait_for_timeout(1800)
        assert state.moving == (0.6, 0.0, 0.0), "it goes on while it is held"
        page.mouse.up()
        until(lambda: state.moving == STILL, 30, "it stops", page)
        page.get_by_role("button", name="näher heran").focus()
        page.keyboard.down("Enter")
        until(lambda: state.moving == (0.0, 0.0, 0.6), 30, "it zooms by key", page)
        page.keyboard.up("Enter")
        until(lambda: state.moving == STILL, 30, "it stops by key", page)
        right.hover()
        page.mouse.down()
        until(lambda: state.moving == (0.6, 0.0, 0.0), 30, "it turns again", page)
        page.context.set_offline(True)
        until(lambda: state.moving == STILL, 30, "a cut connection stops it", page)


def test_positions_and_outputs(yard: Yard, browser: Browser) -> None:
    state = yard.device.state
    with look_at(browser, Look()) as page:
        yard.open(page)
        page.get_by_role("button", name="Terrasse").click()
        until(lambda: state.at_preset == "2", 30, "it turned", page)
        page.get_by_role("button", name="Außenlicht: Einschalten").click()
        assert not state.relays["Außenlicht"], "it asks first"
        page.get_by_role("dialog").get_by_role("button", name="Einschalten").click()
        until(lambda: state.relays["Außenlicht"], 30, "it was switched", page)
        expect(page.get_by_text("wurde eingeschaltet")).to_be_visible()


def test_a_rule_turns_a_camera(yard: Yard, browser: Browser) -> None:
    with look_at(browser, Look(language="en")) as page:
        yard.house.log_in(page.context)
        page.goto(f"{yard.house.origin}/#/settings/rules")
        page.get_by_text("Add a rule").first.click()
        page.get_by_label("Name").fill("Look at the gate")
        page.get_by_label("Then").select_option("preset")
        page.get_by_label("Position").select_option(label="Hof, Terrasse")
        page.get_by_role("button", name="Add a rule").click()
        expect(page.get_by_text("turn a camera to a position: ").last).to_be_visible()
        with yard.house.server.client() as client:
            rule = client.get("/api/v1/rules").json()[-1]
        assert [one["target"] for one in rule["actions"]] == ["hof/2"], json.dumps(rule)


@pytest.mark.parametrize(
    "look",
    [Look(), Look(PHONE, "dark"), Look(PHONE, "light", "en"), Look(DESKTOP, "dark", "en")],
    ids=lambda look: look.name,
)
def test_it_fits_the_screen(yard: Yard, browser: Browser, look: Look) -> None:
    with look_at(browser, look) as page:
        yard.open(page)
        expect(page.locator(".controls")).to_be_visible()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= look.size[0]
        keep(page, f"controls-{look.name}")


def test_the_small_stream_is_set_up_with_consent(yard: Yard, browser: Browser) -> None:
    encoders = yard.device.state.encoders
    encoders["sub"] = {"Width": 1280, "Height": 720, "FrameRateLimit": 20, "GovLength": 400}
    with look_at(browser, Look(PHONE)) as page:
        yard.house.log_in(page.context)
        page.goto(f"{yard.house.origin}/#/camera/hof/settings")
        page.get_by_role("button", name="Für mich einrichten").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("1280 × 720, 20 Bilder pro Sekunde")).to_be_visible()
        page.screenshot(path=SHOTS / "sub-stream.png")
        dialog.get_by_role("button", name="Einrichten").click()
        until(lambda: encoders["sub"]["Width"] == 640, 30, "it was set up", page)
        page.get_by_role("button", name="Wieder wie vorher").click()
        until(lambda: encoders["sub"]["GovLength"] == 400, 30, "it is as before", page)


def test_another_certificate_is_looked_at_and_accepted(yard: Yard, browser: Browser) -> None:
    main = urlsplit(yard.house.camera.main_url)
    with TlsFront(main.port or 0) as front, yard.house.server.client() as client:
        asked = {"url": f"rtsps://127.0.0.1:{front.port}{main.path}", "name": "Keller", "allow_local": True}
        client.post("/api/v1/cameras", json=asked).raise_for_status()

        def condition() -> str:
            found: str = client.get("/api/v1/cameras/keller").json()["streams"]["main"]["condition"]
            return found

        with look_at(browser, Look(PHONE)) as page:
            until(lambda: condition() == "live", 30, "it is live", page)
            front.renew()
            yard.house.log_in(page.context)
            page.goto(f"{yard.house.origin}/#/camera/keller")
            page.get_by_role("button", name="Neues Zertifikat ansehen").click(timeout=40_000)
            expect(page.get_by_role("dialog")).to_be_visible()
            page.screenshot(path=SHOTS / "certificate.png")
            page.get_by_role("dialog").get_by_role("button", name="Annehmen").click()
            until(lambda: condition() == "live", 40, "it is live again", page)
        client.delete("/api/v1/cameras/keller").raise_for_status()
