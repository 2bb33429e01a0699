"""On a phone the newest event is in view when it arrives, unless somebody pushed the strip along to read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_rig import PHONE, Look, look_at, move_in, until
from playwright.sync_api import Browser, Page, Route
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
def overview(browser: Browser, story: Story, tmp_path: Path) -> Iterator[Page]:
    """The overview of a house with a camera that is away, on a phone."""
    with RunningServer(tmp_path / "data") as server, look_at(browser, Look(PHONE)) as page:
        house = move_in(server)
        with server.client() as client:
            camera = {"url": "rtsp://127.0.0.1:9/", "name": "Weg", "allow_local": True}
            client.post("/api/v1/cameras", json=camera).raise_for_status()
        page.route("**/api/v1/events?*", story.list)
        page.route("**/api/v1/stream", story.announcements)
        house.log_in(page.context)
        page.goto(house.origin)
        yield page


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
