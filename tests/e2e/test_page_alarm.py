"""The alarm panel in a real browser: arming with a door open, a wrong code, an alarm, disarming, and every look."""

from collections.abc import Iterator

import pytest
from page_rig import (
    DESKTOP,
    OWNER,
    PAGE,
    PASSWORD,
    PHONE,
    SHOTS,
    SMALL_PHONE,
    Look,
    chromium,
    launch,
    look_at,
)
from playwright.sync_api import Browser, Page, expect, sync_playwright
from running_server import RunningServer
from test_page_looks import settled, violations

pytestmark = pytest.mark.timeout(120)

ZONES = [
    {"name": "Fenster", "kind": "perimeter", "sensors": ["fenster"]},
    {"name": "Haustür", "kind": "entry", "sensors": ["tuer"]},
]
CODE = "2580"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose site has a panel without delay at going, a code, and two sensors."""
    if chromium() is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    if not PAGE.exists():
        pytest.skip("needs the built page: scripts/build_page.py")
    with RunningServer(tmp_path_factory.mktemp("alarm") / "data") as server:
        with server.client() as client:
            account = {"name": OWNER, "password": PASSWORD, "scope": "admin"}
            client.post("/api/v1/accounts", json=account).raise_for_status()
            settings = {"zones": ZONES, "exit_delay_s": 0, "entry_delay_s": 120}
            client.put("/api/v1/sites/home/alarm/settings", json=settings).raise_for_status()
            code = {"name": OWNER, "code": CODE}
            client.post("/api/v1/sites/home/alarm/codes", json=code).raise_for_status()
        tell(server, "fenster", "open")
        tell(server, "tuer", "closed")
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


def tell(server: RunningServer, sensor: str, state: str) -> None:
    with server.client() as client:
        client.put(f"/api/v1/sites/home/sensors/{sensor}", json={"state": state}).raise_for_status()


def open_panel(page: Page, house: RunningServer) -> None:
    page.set_default_timeout(20_000)
    origin = house.url.rstrip("/")
    login = {"name": OWNER, "password": PASSWORD}
    page.context.request.post(f"{origin}/api/v1/session", data=login, headers={"Origin": origin})
    page.goto(f"{origin}/#/alarm")
    settled(page)


def judge(page: Page) -> None:
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert not violations(page)


def enter(page: Page, code: str) -> None:
    for digit in code:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Weiter").click()


def test_from_arming_to_the_alarm_and_back(house: RunningServer, browser: Browser) -> None:
    with look_at(browser, Look(PHONE)) as page:
        open_panel(page, house)
        word = page.locator("#alarm-state")
        expect(word).to_have_text("Unscharf")
        page.get_by_role("button", name="Zu Hause").click()
        expect(page.get_by_text("Noch offen: fenster")).to_be_visible()
        judge(page)
        page.get_by_role("button", name="Ohne diese scharf schalten").click()
        disarm = page.get_by_role("button", name="Unscharf schalten")
        expect(disarm).to_be_visible()
        tell(house, "tuer", "open")
        expect(page.get_by_text("hat angeschlagen")).to_be_visible()
        disarm.click()
        enter(page, "1470")
        expect(page.get_by_text("Der Code ist falsch.")).to_be_visible()
        judge(page)
        enter(page, CODE)
        expect(word).to_have_text("Unscharf")
        expect(page.get_by_role("listitem").filter(has_text="Falscher Code")).to_be_visible()
        tell(house, "tuer", "closed")


LOOKS = (Look(DESKTOP, "light", "en"), Look(SMALL_PHONE, "dark", "de"))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_look_of_the_panel(house: RunningServer, browser: Browser, look: Look) -> None:
    with look_at(browser, look) as page:
        open_panel(page, house)
        page.locator("summary.button").last.click()
        judge(page)
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"alarm-{look.name}.png", full_page=True)
