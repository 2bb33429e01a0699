"""On a phone the newest event is in view when it arrives, unless somebody pushed the strip along to read."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from page_rig import OWNER, PAGE, PASSWORD, PHONE, Look, chromium, launch, look_at, until
from playwright.sync_api import Page, Route, sync_playwright
from running_server import RunningServer

pytestmark = pytest.mark.timeout(60)

EVENT: dict[str, Any] = {
    "site": "home",
    "camera": "weg",
    "kind": "motion",
    "score": 0.9,
    "zones": [],
    "snapshot": False,
    "why": {"travel": 0.2, "within_s": 1.0, "area": 0.1},
    "recovered": False,
    "seen": False,
}


def event(minute: int) -> dict[str, Any]:
    start = f"2026-11-21T14:{minute:02}:00.000000Z"
    end = f"2026-11-21T14:{minute:02}:05.000000Z"
    return {**EVENT, "id": f"20261121T14{minute:02}00000Z-weg", "start": start, "reported": start, "end": end}


class Story:
    """What the server would tell: the list of events, and that it was away for a moment."""

    def __init__(self) -> None:
        self.events = [event(minute) for minute in range(8)]

    def happens(self) -> str:
        self.events.append(event(len(self.events)))
        return str(self.events[-1]["id"])

    def list(self, route: Route) -> None:
        route.fulfill(json={"events": self.events[::-1], "next": None})

    def announcements(self, route: Route) -> None:
        lines = f"retry: 300\n\nevent: event\ndata: {json.dumps(self.events[-1])}\n\n"
        route.fulfill(body=lines, content_type="text/event-stream")


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def overview(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The overview of a house with a camera that is away, on a phone."""
    if chromium() is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    if not PAGE.exists():
        pytest.skip("needs the built page: scripts/build_page.py")
    data = tmp_path_factory.mktemp("strip") / "data"
    with RunningServer(data) as server, sync_playwright() as playwright:
        with server.client() as client:
            account = {"name": OWNER, "password": PASSWORD, "scope": "admin"}
            client.post("/api/v1/accounts", json=account).raise_for_status()
            camera = {"url": "rtsp://127.0.0.1:9/", "name": "Weg", "allow_local": True}
            client.post("/api/v1/cameras", json=camera).raise_for_status()
        origin = server.url.rstrip("/")
        browser = launch(playwright)
        with look_at(browser, Look(PHONE)) as page:
            page.route("**/api/v1/events?*", story.list)
            page.route("**/api/v1/stream", story.announcements)
            login = {"name": OWNER, "password": PASSWORD}
            page.context.request.post(f"{origin}/api/v1/session", data=login, headers={"Origin": origin})
            page.goto(origin)
            yield page
        browser.close()


def arrived(page: Page, event: str) -> None:
    first = page.locator(".event-strip .event-card").first
    until(lambda: (first.get_attribute("href") or "").endswith(event), 10, f"{event} is there", page)
    page.wait_for_timeout(300)


def pushed_along(page: Page) -> int:
    """How far the strip is from its beginning, in pixels."""
    return int(page.locator(".event-strip").evaluate("(strip) => strip.scrollLeft"))


def test_the_newest_is_in_view_unless_somebody_reads_on(overview: Page, story: Story) -> None:
    arrived(overview, str(story.events[-1]["id"]))
    for _ in range(2):
        arrived(overview, story.happens())
        assert pushed_along(overview) == 0
    overview.locator(".event-strip").evaluate("(strip) => strip.scrollTo({ left: 500 })")
    overview.wait_for_timeout(300)
    arrived(overview, story.happens())
    assert pushed_along(overview) > 300
