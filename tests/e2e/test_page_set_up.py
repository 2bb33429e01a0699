"""From the link of a fresh server to a camera that runs: first account, probing, saving, settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from page_rig import PASSWORD, PHONE, Look, look_at, until, until_moving
from playwright.sync_api import Browser, Page, Route, expect
from running_server import RunningServer, wait_until

from wachtel.testing.fake_camera.process import FakeCameraProcess

pytestmark = pytest.mark.timeout(120)

PROBE_MS = 20_000
CAMERA_LOGIN = ["--user", "kamera", "--password", "geheim 7", "--auth", "digest"]


@dataclass(frozen=True, slots=True)
class FreshServer:
    """A server that nobody has set up yet, and a camera that asks for a password."""

    origin: str
    link: str
    camera_url: str


@pytest.fixture(scope="module")
def fresh(scene: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreshServer]:
    folder = tmp_path_factory.mktemp("fresh")
    arguments = ["--loop", *CAMERA_LOGIN]
    with FakeCameraProcess(scene[0], arguments=arguments) as camera, RunningServer(folder / "data") as server:
        log = folder / "serve.log"
        wait_until(lambda: "token=" in log.read_text(), 10, "the first-run link is printed")
        link = next(word for word in log.read_text().split() if "/#/first-run?token=" in word)
        yield FreshServer(server.url.rstrip("/"), link, camera.main_url)


@pytest.fixture(scope="module")
def owner(browser: Browser, fresh: FreshServer) -> Iterator[Page]:
    """One session through the whole set-up, as it is with people."""
    with look_at(browser, Look(PHONE)) as page:
        yield page


def with_login(url: str, user: str, password: str) -> str:
    return url.replace("rtsp://", f"rtsp://{user}:{password.replace(' ', '%20')}@", 1)


def probe(page: Page, url: str, *, allow_local: bool) -> None:
    page.get_by_label("Adresse der Kamera").fill(url)
    page.get_by_role("switch").set_checked(allow_local)
    page.get_by_role("button", name="Ausprobieren").click()


def test_the_page_says_what_to_do_before_the_first_account(owner: Page, fresh: FreshServer) -> None:
    owner.goto(fresh.origin)
    expect(owner.get_by_text("Dieses Wachtel ist noch nicht eingerichtet.")).to_be_visible()


def test_passwords_that_differ_are_told_before_anything_is_sent(owner: Page, fresh: FreshServer) -> None:
    owner.goto(fresh.link)
    owner.get_by_label("Ihr Name").fill("Miriam")
    owner.get_by_label("Passwort", exact=True).fill(PASSWORD)
    owner.get_by_label("Passwort wiederholen").fill(PASSWORD + "!")
    owner.get_by_role("button", name="Konto anlegen").click()
    expect(owner.get_by_text("Die beiden Passwörter sind verschieden.")).to_be_visible()


def test_the_link_makes_the_first_account(owner: Page) -> None:
    owner.get_by_label("Passwort wiederholen").fill(PASSWORD)
    owner.get_by_role("button", name="Konto anlegen").click()
    expect(owner.get_by_role("heading", name="Noch keine Kamera")).to_be_visible()
    assert "token" not in owner.url


def test_the_link_works_once(browser: Browser, fresh: FreshServer) -> None:
    with look_at(browser, Look()) as page:
        page.goto(fresh.link)
        expect(page.get_by_text("Das erste Konto ist schon angelegt.")).to_be_visible()
        page.get_by_role("link", name="Mit Passwort anmelden").click()
        expect(page.get_by_role("heading", name="Guten Tag.")).to_be_visible()


def test_a_local_address_needs_the_switch(owner: Page, fresh: FreshServer) -> None:
    owner.get_by_role("main").get_by_role("link", name="Adresse eingeben").click()
    probe(owner, fresh.camera_url, allow_local=False)
    expect(owner.get_by_role("heading", name="So geht es noch nicht")).to_be_visible(timeout=PROBE_MS)
    expect(owner.get_by_text("Diese Adresse ist nicht erlaubt.")).to_be_visible()


def test_a_wrong_camera_password_is_said_in_words(owner: Page, fresh: FreshServer) -> None:
    probe(owner, with_login(fresh.camera_url, "kamera", "falsch"), allow_local=True)
    expect(owner.get_by_text("Name oder Passwort der Kamera stimmt nicht.")).to_be_visible(timeout=PROBE_MS)


def test_a_good_camera_shows_its_picture_before_it_is_saved(owner: Page, fresh: FreshServer) -> None:
    probe(owner, with_login(fresh.camera_url, "kamera", "geheim 7"), allow_local=True)
    picture = owner.get_by_role("img", name="Bild der Kamera in diesem Moment")
    expect(picture).to_be_visible(timeout=PROBE_MS)
    width = "(image) => image.naturalWidth"
    until(lambda: picture.evaluate(width) > 0, 20, "the still is painted", owner)
    expect(owner.get_by_text("1280 × 720")).to_be_visible()
    expect(owner.get_by_text("Das Video lässt sich aufnehmen. Schlüsselbilder kommen alle")).to_be_visible()
    assert owner.locator(".finding [lang=en]").count() == 0


def test_saving_leads_to_the_moving_picture(owner: Page) -> None:
    owner.get_by_label("Name", exact=True).fill("Gartentür")
    owner.get_by_role("button", name="Kamera speichern").click()
    expect(owner.get_by_role("heading", level=1, name="Gartentür")).to_be_visible()
    until_moving(owner, 15)


def test_settings_are_kept(owner: Page) -> None:
    owner.get_by_role("link", name="Einstellungen der Kamera").click()
    owner.get_by_label("Name", exact=True).fill("Hintertür")
    owner.get_by_label("Empfindlichkeit").fill("80")
    owner.get_by_role("button", name="Speichern").click()
    expect(owner.get_by_text("Gespeichert", exact=True)).to_be_visible()
    owner.reload()
    expect(owner.get_by_label("Name", exact=True)).to_have_value("Hintertür")
    expect(owner.get_by_label("Empfindlichkeit")).to_have_value("80")


def test_how_the_camera_is_watched_can_be_chosen_and_is_said(owner: Page) -> None:
    expect(owner.get_by_text("Jedes Bild wird angesehen.")).to_be_visible()
    owner.get_by_role("radio", name="Sparsam Alle").check()
    expect(owner.get_by_label("Nur, was die Kamera selbst meldet")).to_have_count(0)
    owner.get_by_role("button", name="Speichern").click()
    expect(owner.get_by_text("So ist es eingestellt.")).to_be_visible()
    owner.get_by_role("radio", name="So viel wie möglich").check()
    owner.get_by_role("button", name="Speichern").click()
    expect(owner.get_by_text("Jedes Bild wird angesehen.")).to_be_visible()


def test_economy_for_want_of_cpu_is_said_on_the_cameras_page(owner: Page) -> None:
    def short_of_cpu(route: Route) -> None:
        cameras = route.fetch().json()
        for camera in cameras:
            camera["watched"] |= {"policy": "key_frames", "reason": "budget"}
        route.fulfill(json=cameras)

    settings = owner.url
    owner.route("**/api/v1/cameras", short_of_cpu)
    owner.goto(settings.removesuffix("/settings"))
    owner.reload()
    expect(owner.get_by_text("weil der Rechner nicht mehr schafft")).to_be_visible()
    owner.unroute("**/api/v1/cameras")
    owner.goto(settings)
    owner.reload()


def test_a_zone_is_drawn_by_keyboard(owner: Page) -> None:
    owner.get_by_role("button", name="Zone zeichnen").click()
    owner.get_by_label("Name der Zone").fill("Weg")
    corner = owner.get_by_role("button", name="Ecke 1:")
    corner.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp"):
        owner.keyboard.press(key)
    expect(corner).to_have_accessible_name("Ecke 1: 32 % von links, 25 % von oben")
    owner.get_by_role("button", name="Speichern").click()
    expect(owner.get_by_text("Gespeichert", exact=True)).to_be_visible()
    owner.reload()
    expect(owner.get_by_label("Name der Zone")).to_have_value("Weg")
    expect(corner).to_have_accessible_name("Ecke 1: 32 % von links, 25 % von oben")


def test_a_corner_is_drawn_by_mouse(owner: Page) -> None:
    corner = owner.get_by_role("button", name="Ecke 1:")
    corner.scroll_into_view_if_needed()
    corner.hover()
    owner.mouse.down()
    field = owner.locator(".zone-field").bounding_box()
    assert field is not None
    owner.mouse.move(field["x"] + field["width"] * 0.1, field["y"] + field["height"] * 0.2, steps=4)
    owner.mouse.up()
    expect(corner).to_have_accessible_name("Ecke 1: 10 % von links, 20 % von oben")
    owner.get_by_role("button", name="Abbrechen").click()
    expect(corner).to_have_accessible_name("Ecke 1: 32 % von links, 25 % von oben")


def test_a_site_a_person_and_a_key_can_be_added(owner: Page, fresh: FreshServer) -> None:
    owner.goto(f"{fresh.origin}/#/settings")
    owner.get_by_text("Ort hinzufügen").first.click()
    owner.get_by_label("Name des Ortes").fill("Wohnwagen")
    owner.get_by_role("button", name="Ort hinzufügen").click()
    expect(owner.get_by_role("listitem").filter(has_text="Wohnwagen")).to_be_visible()
    owner.get_by_text("Zugang anlegen").first.click()
    owner.get_by_label("Wofür?").fill("VLC")
    owner.get_by_role("button", name="Zugang anlegen").click()
    expect(owner.get_by_text("Der Schlüssel wird nur dieses eine Mal gezeigt:")).to_be_visible()


def test_removing_asks_first_and_keeps_the_footage(owner: Page) -> None:
    owner.get_by_role("main").get_by_role("link", name="Hintertür").click()
    owner.get_by_role("button", name="Kamera entfernen").click()
    owner.get_by_role("dialog").get_by_role("button", name="Entfernen").click()
    expect(owner.get_by_role("heading", name="Noch keine Kamera")).to_be_visible()
