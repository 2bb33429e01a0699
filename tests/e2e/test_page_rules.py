"""A rule is made, seen at work, switched off and removed in the browser; every look of the page is accessible."""

from collections.abc import Iterator

import httpx
import pytest
from page_rig import OWNER, PAGE, PASSWORD, SHOTS, SMALL_PHONE, Look, chromium, launch, look_at
from playwright.sync_api import Browser, Page, expect, sync_playwright
from running_server import RunningServer
from test_page_looks import settled, violations

pytestmark = pytest.mark.timeout(90)

LAMP = {
    "name": "Flurlampe",
    "site": "home",
    "fields": {"on": "http://192.168.1.9/on", "off": "http://192.168.1.9/off"},
}
QUARREL = {"name": "Nachts aus", "site": "home", "triggers": [{"kind": "time", "time": "23:00"}]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with an owner and a lamp, and no camera."""
    if chromium() is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    if not PAGE.exists():
        pytest.skip("needs the built page: scripts/build_page.py")
    with RunningServer(tmp_path_factory.mktemp("rules") / "data") as server:
        with server.client() as client:
            account = {"name": OWNER, "password": PASSWORD, "scope": "admin"}
            client.post("/api/v1/accounts", json=account).raise_for_status()
            lamp = client.post("/api/v1/actuators", json=LAMP).raise_for_status().json()["id"]
            off = {"actions": [{"kind": "switch", "target": lamp, "on": False}]}
            client.post("/api/v1/rules", json=QUARREL | off).raise_for_status()
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


def open_rules(page: Page, house: RunningServer) -> None:
    page.set_default_timeout(20_000)
    origin = house.url.rstrip("/")
    login = {"name": OWNER, "password": PASSWORD}
    page.context.request.post(f"{origin}/api/v1/session", data=login, headers={"Origin": origin})
    page.goto(f"{origin}/#/settings/rules")
    settled(page)


def judge(page: Page) -> None:
    """Nothing sticks out, and axe has nothing to object to."""
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert not violations(page)


def test_a_rule_is_made_seen_at_work_and_removed(house: RunningServer, browser: Browser) -> None:
    with look_at(browser, Look(SMALL_PHONE)) as page:
        open_rules(page, house)
        page.get_by_text("Regel hinzufügen").first.click()
        page.get_by_label("Name").fill("Licht an der Tür")
        page.get_by_label("Wenn").select_option("sensor")
        page.get_by_label("Sensor", exact=True).fill("tuer")
        page.get_by_label("Zustand").fill("auf")
        judge(page)
        page.get_by_role("button", name="Regel hinzufügen").click()
        rule = page.get_by_role("region", name="Licht an der Tür", exact=True)
        expect(rule.get_by_text("Widerspricht zeitweise")).to_be_visible()
        tell(house, "zu")
        tell(house, "auf")
        rule.get_by_role("button", name="Zuletzt").click()
        expect(rule.get_by_role("listitem").filter(has_text="ausgelöst").first).to_be_visible()
        rule.get_by_role("button", name="sieben Tagen").click()
        expect(rule.get_by_role("status")).to_contain_text("0-mal")
        judge(page)
        rule.get_by_role("switch").click()
        expect(rule.get_by_text("Widerspricht zeitweise")).not_to_be_visible()
        rule.get_by_role("button", name="Entfernen").click()
        page.get_by_role("dialog").get_by_role("button", name="Entfernen").click()
        expect(rule).not_to_be_visible()


def tell(house: RunningServer, state: str) -> None:
    with house.client() as client:
        answer: httpx.Response = client.put("/api/v1/sites/home/sensors/tuer", json={"state": state})
        answer.raise_for_status()


@pytest.mark.parametrize(
    "look",
    [Look(), Look(theme="dark", language="en"), Look((390, 844), "dark"), Look((390, 844), language="en")],
    ids=lambda look: look.name,
)
def test_every_look_of_the_page_is_accessible(house: RunningServer, browser: Browser, look: Look) -> None:
    with look_at(browser, look) as page:
        open_rules(page, house)
        page.locator("summary.button").first.click()
        judge(page)
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"rules-{look.name}.png", full_page=True)
