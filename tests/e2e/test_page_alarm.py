"""The alarm panel in a real browser: arming with a door open, a wrong code, an alarm, disarming, and every look."""

import pytest
from page_rig import DESKTOP, OWNER, PHONE, SMALL_PHONE, House, Look, judge, keep, look_at
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.timeout(120)

ZONES = [
    {"name": "Fenster", "kind": "perimeter", "sensors": ["fenster"]},
    {"name": "Haustür", "kind": "entry", "sensors": ["tuer"]},
]
CODE = "2580"


@pytest.fixture(scope="module")
def panel(empty_house: House) -> House:
    """A house whose site has a panel without delay at going, a code, and two sensors."""
    with empty_house.server.client() as client:
        settings = {"zones": ZONES, "exit_delay_s": 0, "entry_delay_s": 120}
        client.put("/api/v1/sites/home/alarm/settings", json=settings).raise_for_status()
        code = {"name": OWNER, "code": CODE}
        client.post("/api/v1/sites/home/alarm/codes", json=code).raise_for_status()
    tell(empty_house, "fenster", "open")
    tell(empty_house, "tuer", "closed")
    return empty_house


def tell(house: House, sensor: str, state: str) -> None:
    with house.server.client() as client:
        client.put(f"/api/v1/sites/home/sensors/{sensor}", json={"state": state}).raise_for_status()


def enter(page: Page, code: str) -> None:
    for digit in code:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Weiter").click()


def test_from_arming_to_the_alarm_and_back(panel: House, browser: Browser) -> None:
    with look_at(browser, Look(PHONE)) as page:
        panel.enter(page, "/alarm")
        word = page.locator("#alarm-state")
        expect(word).to_have_text("Unscharf")
        page.get_by_role("button", name="Zu Hause").click()
        expect(page.get_by_text("Noch offen: fenster")).to_be_visible()
        judge(page)
        page.get_by_role("button", name="Ohne diese scharf schalten").click()
        disarm = page.get_by_role("button", name="Unscharf schalten")
        expect(disarm).to_be_visible()
        tell(panel, "tuer", "open")
        expect(page.get_by_text("hat angeschlagen")).to_be_visible()
        disarm.click()
        enter(page, "1470")
        expect(page.get_by_text("Der Code ist falsch.")).to_be_visible()
        judge(page)
        enter(page, CODE)
        expect(word).to_have_text("Unscharf")
        expect(page.get_by_role("listitem").filter(has_text="Falscher Code")).to_be_visible()
        tell(panel, "tuer", "closed")


LOOKS = (Look(DESKTOP, "light", "en"), Look(SMALL_PHONE, "dark", "de"))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_look_of_the_panel(panel: House, browser: Browser, look: Look) -> None:
    with look_at(browser, look) as page:
        panel.enter(page, "/alarm")
        page.locator("summary.button").last.click()
        judge(page)
        keep(page, f"alarm-{look.name}")
