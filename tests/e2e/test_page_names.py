"""Names are text and nothing else, wherever one is shown: markup, scripts from right to left, emoji, 300 characters."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from page_rig import (
    DESKTOP,
    PASSWORD,
    SMALL_PHONE,
    House,
    Look,
    look_at,
    move_in,
    settled,
    wider_than_window,
)
from playwright.sync_api import Browser, Page, Route, expect
from running_server import RunningServer

pytestmark = pytest.mark.timeout(120)

MARKUP = "<script>pwned=1</script><img src=x onerror=pwned=2>"
LATIN = "Garten" + "wiese" * 49 + MARKUP[:49]
"""300 characters without a place to break the line."""

NAMES = {
    "markup": MARKUP,
    "turned": "\u202everkehrt \u2067מצלמה الحديقة",
    "hebrew": "מצלמת הגינה 7 (צפון)",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👨🏽‍🌾 Hof",
    "long": LATIN,
}
EVENT = "20261121T140000000000Z-x"


@dataclass(slots=True)
class Named(House):
    """One in which everything has a difficult name."""

    cameras: dict[str, str]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Named]:
    assert len(LATIN) == 300
    with RunningServer(tmp_path_factory.mktemp("names") / "data") as server:
        move_in(server)
        with server.client() as client:

            def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
                answer = client.post(f"/api/v1/{path}", json=body)
                assert answer.is_success, answer.text
                found: dict[str, Any] = answer.json()
                return found

            cameras = {}
            for kind, name in NAMES.items():
                site = post("sites", {"name": name, "time_zone": "Europe/Berlin"})
                post("accounts", {"name": name, "password": PASSWORD, "scope": "view"})
                post("tokens", {"name": name, "scope": "view"})
                post("channels", {"name": name, "url": "https://hooks.example/", "site": site["id"]})
                camera = post(
                    "cameras",
                    {"url": "rtsp://127.0.0.1:9/", "name": name, "allow_local": True, "site": site["id"]},
                )
                zone = {"name": name, "kind": "zone", "polygon": [[0.1, 0.1], [0.6, 0.1], [0.4, 0.7]]}
                motion = {"motion": {"zones": [zone]}}
                client.patch(f"/api/v1/cameras/{camera['id']}", json=motion).raise_for_status()
                cameras[kind] = str(camera["id"])
            sites = client.get("/api/v1/sites").json()
            assert {site["name"] for site in sites} >= set(NAMES.values())
        yield Named(server, cameras)


def told_events(named: Named, page: Page) -> None:
    """One event of every camera, as the server would tell of it."""
    start = "2026-11-21T14:00:00.000000Z"
    example = {
        "kind": "motion",
        "score": 0.9,
        "snapshot": False,
        "recovered": False,
        "seen": False,
        "held": False,
    }
    times = {"start": start, "reported": start, "end": "2026-11-21T14:00:05.000000Z"}
    why = {"travel": 0.2, "within_s": 1.0, "area": 0.1, "direction": "", "line": ""}
    events = [
        {
            **example,
            **times,
            "id": f"{EVENT}{kind}",
            "site": "home",
            "camera": camera,
            "zones": [NAMES[kind], "Weg"],
            "why": why,
        }
        for kind, camera in named.cameras.items()
    ]
    of_id = {str(event["id"]): event for event in events}

    def one(route: Route) -> None:
        found = of_id.get(route.request.url.rpartition("/")[2].partition("?")[0])
        route.fulfill(json=found) if found else route.fallback()

    page.route("**/api/v1/events?*", lambda route: route.fulfill(json={"events": events, "next": None}))
    page.route("**/api/v1/events/*", one)


def where(named: Named) -> dict[str, str]:
    screens = {"/": "", "/events": "", "/settings": "", "/settings/messages": "", "/add": ""}
    for kind, camera in named.cameras.items():
        screens |= {
            f"/camera/{camera}": kind,
            f"/camera/{camera}/settings": kind,
            f"/event/{EVENT}{kind}": kind,
        }
    return screens


FREE = """(names) => {
  // Text nodes that hold a name with a direction of its own, and are not kept apart from the words around them.
  const kept = ["isolate", "plaintext", "isolate-override"];
  const apart = (element) => kept.includes(getComputedStyle(element).unicodeBidi);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (["OPTION", "TEXTAREA", "SCRIPT", "STYLE"].includes(parentElement.tagName)) continue;
    if (!names.some((name) => data.includes(name)) || data.includes("\\u2068")) continue;
    if (!apart(parentElement)) found.push(`${parentElement.outerHTML.slice(0, 160)}`);
  }
  return found;
}"""


WIDE = """() => [...document.querySelectorAll("main *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 3)
  .map((element) => `${element.tagName}.${element.className}`)"""


@pytest.mark.parametrize("size", [SMALL_PHONE, DESKTOP], ids=["phone", "desk"])
def test_every_page_shows_names_as_text_that_turns_nothing_round(
    browser: Browser, named: Named, size: tuple[int, int]
) -> None:
    wrong: list[str] = []
    with look_at(browser, Look(size)) as page:
        named.log_in(page.context)
        told_events(named, page)
        page.goto(named.origin)
        turning = [NAMES["turned"], NAMES["hebrew"]]
        for screen, kind in where(named).items():
            page.evaluate("(where) => { location.hash = where; }", screen)
            settled(page)
            expected = [NAMES[kind]] if kind else []
            text = page.locator("main").inner_text()
            values = page.locator("main input").evaluate_all("(fields) => fields.map((field) => field.value)")
            said = " ".join([text, *values])
            wrong += [f"{screen}: {name!r} is not shown" for name in expected if not shown(name, said)]
            wrong += [f"{screen}: not kept apart: {html}" for html in page.evaluate(FREE, turning)]
            wider = wider_than_window(page)
            wrong += (
                [f"{screen} is {wider} pixels wider than the window: {page.evaluate(WIDE)}"]
                if wider > 0
                else []
            )
            wrong += (
                [f"{screen}: something ran"]
                if page.evaluate("typeof globalThis.pwned !== 'undefined'")
                else []
            )
            wrong += [f"{screen}: markup"] if page.locator("main img[src=x], main script").count() else []
        expect(page.locator("html")).to_have_attribute("lang", "de")
    assert not wrong, "\n".join(wrong)


def shown(name: str, text: str) -> bool:
    """Marks of direction are left out where a sentence is plain text; spaces at line ends do not count."""
    marks = dict.fromkeys(map(ord, "\u202e\u2067\u2068\u2069"))
    return " ".join(name.translate(marks).split()) in " ".join(text.translate(marks).split())


def test_all_of_them_are_on_the_pages_that_list_them(browser: Browser, named: Named) -> None:
    with look_at(browser, Look(DESKTOP)) as page:
        named.log_in(page.context)
        told_events(named, page)
        page.goto(named.origin)
        for screen in ("/", "/events", "/settings", "/settings/messages"):
            page.evaluate("(where) => { location.hash = where; }", screen)
            settled(page)
            text = page.locator("main").inner_text()
            missing = [kind for kind, name in NAMES.items() if not shown(name, text)]
            assert not missing, (screen, json.dumps(missing))


def announced_end(text: str, *, verified: bool) -> dict[str, Any]:
    """What the server would say of an end that somebody announced in these words."""
    steps = ("announced", "export_ready", "handed_over", "refunds_prepared", "paid", "ended")
    notice = {"operator": text, "reason": text, "ends_on": "2027-08-01"}
    told: list[dict[str, Any]] = [{"step": step, "on": None, "evidence": "", "text": {}} for step in steps]
    return {"announced": True, "verified": verified, "notice": notice, "steps": told}


@pytest.mark.parametrize("verified", [True, False])
def test_the_notice_of_an_end_is_text_and_a_forged_one_is_not_repeated(
    browser: Browser, named: Named, verified: bool
) -> None:
    with look_at(browser, Look(SMALL_PHONE)) as page:
        named.log_in(page.context)
        notice = announced_end(f"{MARKUP} {NAMES['turned']}", verified=verified)
        page.route("**/api/v1/sunset", lambda route: route.fulfill(json=notice))
        page.goto(named.origin)
        news = page.locator(".sunset-news")
        expect(news).to_be_visible()
        if verified:
            news.locator("summary").click()
        expect(news.get_by_text(MARKUP)).to_have_count(2 if verified else 0)
        assert page.evaluate("typeof pwned") == "undefined"
        assert page.evaluate(WIDE) == []
