"""Every screen in both languages, both themes, on a phone and on a desk: nothing broken, nothing unreadable.

The screenshots are left in ``out/screenshots`` to be looked at.
"""

from typing import Any

import pytest
from page_rig import (
    AXE,
    DESKTOP,
    PHONE,
    SHOTS,
    SMALL_PHONE,
    House,
    Look,
    look_at,
    settled,
    violations,
    wider_than_window,
)
from playwright.sync_api import Browser, Page
from running_server import wait_until

pytestmark = pytest.mark.timeout(240)

LOOKS = [
    Look(size, theme, language)
    for size in (PHONE, DESKTOP)
    for theme in ("light", "dark")
    for language in ("de", "en")
]
JUDGED = [look for look in LOOKS if look.size == PHONE or (look.theme == "dark") == (look.language == "en")]
"""Where axe is asked, too: every theme and language on the phone, every theme and language once on the desk."""

HOSTILE_NAME = "🏕️ كاميرا الحديقة <b>fett</b> & \u202eumgedreht " + "sehr langer Name " * 14

CLOSED = {"log-in": "/", "first-run": "/first-run?token=used", "dead-link": "/link?token=used"}
OPEN = {
    "overview": "/",
    "camera": "/camera/garten",
    "no-camera": "/camera/none",
    "camera-settings": "/camera/garten/settings",
    "events": "/events",
    "no-events": "/events?day=2020-02-02",
    "event": "/event/EVENT",
    "no-event": "/event/none",
    "add": "/add",
    "settings": "/settings",
    "messages": "/settings/messages",
    "nowhere": "/nowhere",
}


@pytest.fixture(scope="module")
def event(house: House) -> str:
    """Id of the first event."""
    with house.server.client() as client:

        def events() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = client.get("/api/v1/events").json()["events"]
            return found

        wait_until(lambda: bool(events()), 90, "an event")
        return str(events()[0]["id"])


@pytest.fixture(scope="module")
def hostile_camera(house: House) -> str:
    """A camera with a difficult name at an address where nobody is; the other one gets a mask."""
    with house.server.client() as client:
        camera = {"url": "rtsp://127.0.0.1:9/nobody", "name": HOSTILE_NAME, "allow_local": True}
        answer = client.post("/api/v1/cameras", json=camera)
        answer.raise_for_status()
        zones = [{"name": HOSTILE_NAME[:90], "kind": "mask", "polygon": [[0.1, 0.1], [0.6, 0.1], [0.4, 0.7]]}]
        client.patch("/api/v1/cameras/garten", json={"motion": {"zones": zones}}).raise_for_status()
        return str(answer.json()["id"])


def inspect(page: Page, house: House, look: Look, screens: dict[str, str]) -> None:
    """Opens every screen, keeps its picture, and collects what is wrong with it."""
    wrong: list[str] = []
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.goto(f"{house.origin}/")
    for name, where in screens.items():
        page.evaluate("(where) => { location.hash = where; }", where)
        settled(page)
        page.screenshot(path=SHOTS / f"{name}-{look.name}.png")
        if look in JUDGED:
            wrong += [f"{name}: {what}" for what in violations(page)]
        wider = wider_than_window(page)
        wrong += [f"{name} is {wider} pixels wider than the window"] if wider > 0 else []
    assert not wrong, "\n".join(wrong)


def test_axe_is_there() -> None:
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci in ui/")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_screens_before_log_in(browser: Browser, house: House, look: Look) -> None:
    with look_at(browser, look) as page:
        inspect(page, house, look, CLOSED)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_screens_after_log_in(
    browser: Browser, house: House, event: str, hostile_camera: str, look: Look
) -> None:
    screens = {name: where.replace("EVENT", event) for name, where in OPEN.items()}
    screens |= {
        "hostile": f"/camera/{hostile_camera}",
        "hostile-settings": f"/camera/{hostile_camera}/settings",
    }
    with look_at(browser, look) as page:
        house.log_in(page.context)
        inspect(page, house, look, screens)


def test_everything_fits_into_320_pixels(
    browser: Browser, house: House, event: str, hostile_camera: str
) -> None:
    look = Look(SMALL_PHONE)
    screens = {name: where.replace("EVENT", event) for name, where in OPEN.items()}
    screens["hostile"] = f"/camera/{hostile_camera}"
    with look_at(browser, look) as page:
        inspect(page, house, look, CLOSED)
        house.log_in(page.context)
        inspect(page, house, look, screens)


def test_names_are_text_and_nothing_else(browser: Browser, house: House, hostile_camera: str) -> None:
    with look_at(browser, Look()) as page:
        house.log_in(page.context)
        page.goto(f"{house.origin}/#/camera/{hostile_camera}")
        settled(page)
        heading = page.locator("main h1")
        assert heading.inner_text().strip() == HOSTILE_NAME.strip()
        assert heading.locator("b").count() == 0
        assert heading.locator("bdi[dir=auto]").count() == 1
