"""A rule is made, seen at work, switched off and removed in the browser; every look of the page is accessible."""

import httpx
import pytest
from page_rig import PHONE, SMALL_PHONE, House, Look, judge, keep, look_at
from playwright.sync_api import Browser, Route, expect

pytestmark = pytest.mark.timeout(90)

LAMP = {
    "name": "Flurlampe",
    "site": "home",
    "fields": {"on": "http://192.168.1.9/on", "off": "http://192.168.1.9/off"},
}
QUARREL = {"name": "Nachts aus", "site": "home", "triggers": [{"kind": "time", "time": "23:00"}]}


@pytest.fixture(scope="module")
def house(empty_house: House) -> House:
    """A house with a lamp, and a rule that switches it off at night."""
    with empty_house.server.client() as client:
        lamp = client.post("/api/v1/actuators", json=LAMP).raise_for_status().json()["id"]
        off = {"actions": [{"kind": "switch", "target": lamp, "on": False}]}
        client.post("/api/v1/rules", json=QUARREL | off).raise_for_status()
    return empty_house


def test_a_rule_is_made_seen_at_work_and_removed(house: House, browser: Browser) -> None:
    with look_at(browser, Look(SMALL_PHONE)) as page:
        sites: list[Route] = []
        page.route("**/api/v1/sites", lambda route: sites.append(route), times=1)
        house.enter(page, "/settings/rules")
        page.get_by_text("Regel hinzufügen").first.click()
        sites.pop().continue_()
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


def tell(house: House, state: str) -> None:
    with house.server.client() as client:
        answer: httpx.Response = client.put("/api/v1/sites/home/sensors/tuer", json={"state": state})
        answer.raise_for_status()


@pytest.mark.parametrize(
    "look",
    [Look(), Look(theme="dark", language="en"), Look(PHONE, "dark"), Look(PHONE, language="en")],
    ids=lambda look: look.name,
)
def test_every_look_of_the_page_is_accessible(house: House, browser: Browser, look: Look) -> None:
    with look_at(browser, look) as page:
        house.enter(page, "/settings/rules")
        page.locator("summary.button").first.click()
        judge(page)
        keep(page, f"rules-{look.name}")
