"""From "Look for cameras" to a camera that runs, by way of its picture; the short way is in test_page_three_cameras."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from onvif_rig import GUARDED, PASSWORD, USER
from page_rig import DESKTOP, OWNER, PHONE, Look, look_at
from page_rig import PASSWORD as OWNERS_PASSWORD
from playwright.sync_api import Browser, Page, Route, expect
from running_server import RunningServer
from test_page_looks import settled, violations

from wachtel.protocols.http_auth import AuthScheme
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.fake_onvif.options import OnvifStream
from wachtel.testing.fake_onvif.server import FakeOnvif

pytestmark = pytest.mark.timeout(120)

PICTURE_MS = 40_000
EVIL = "<img src=x onerror=document.title='hacked'>"


@pytest.fixture(scope="module")
def device(scene: tuple[Path, Path]) -> Iterator[FakeOnvif]:
    options = FakeCameraOptions(user=USER, password=PASSWORD, auth=AuthScheme.DIGEST, loop=True)
    with ThreadedFakeCamera(*scene, options) as camera:
        streams = (
            OnvifStream("main", camera.main_url, width=1280, height=720),
            OnvifStream("sub", camera.sub_url or "", width=640, height=360, fps=10, gop=20),
        )
        with FakeOnvif(replace(GUARDED, streams=streams, clock_ahead_s=7200.0, model=EVIL)) as fake:
            yield fake


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RunningServer(tmp_path_factory.mktemp("find") / "data") as server:
        with server.client() as client:
            account = {"name": OWNER, "password": OWNERS_PASSWORD, "scope": "admin"}
            client.post("/api/v1/accounts", json=account).raise_for_status()
        yield server.url.rstrip("/")


def neighbours(device: FakeOnvif) -> str:
    """What a search would answer: the device is on loopback, where no search ever looks."""
    blank = {"make": "", "model": "", "name": ""}
    camera = {"address": "127.0.0.1", "url": device.url, "kinds": ["onvif"], "what": "camera", "make": "Acme",
              "model": EVIL, "name": "Garten"}  # fmt: skip
    printer = {**blank, "address": "192.168.1.9", "url": "", "kinds": ["upnp"], "what": "other"}
    steps = [(0.5, False, []), (1.0, False, [camera]), (5.0, True, [camera, printer])]
    lines = [{"elapsed_s": at, "seconds": 5, "done": done, "devices": found} for at, done, found in steps]
    return "".join(json.dumps(line) + "\n" for line in lines)


def look_around(page: Page, origin: str, device: FakeOnvif) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body=neighbours(device), content_type="application/x-ndjson")

    page.route("**/api/v1/discover", answer)
    login = {"name": OWNER, "password": OWNERS_PASSWORD}
    page.context.request.post(f"{origin}/api/v1/session", data=login, headers={"Origin": origin})
    page.goto(f"{origin}/#/add")


def keep(page: Page, name: str) -> None:
    """A picture for people, where one is asked for."""
    folder = os.environ.get("WACHTEL_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("look", [Look(PHONE), Look(DESKTOP, "dark", "en")], ids=lambda look: look.name)
def test_whoever_wants_sees_the_picture_before_anything_is_saved(
    browser: Browser, origin: str, device: FakeOnvif, look: Look
) -> None:
    german = look.language == "de"
    words = (
        ("Kameras suchen", "Passwort", "Erst ansehen", "Kamera speichern")
        if german
        else ("Look for cameras", "Password", "Look first", "Save camera")
    )
    with look_at(browser, look) as page:
        look_around(page, origin, device)
        page.get_by_role("button", name=words[0]).click()
        page.get_by_role("button", name="Garten").click()
        keep(page, f"find-1-{look.name}")
        page.get_by_label(words[1]).fill(PASSWORD)
        page.get_by_role("button", name=words[2]).click()
        expect(page.locator(".probe-picture")).to_be_visible(timeout=PICTURE_MS)
        settled(page)
        assert violations(page) == []
        keep(page, f"find-2-{look.name}")
        told = "Uhr der Kamera geht 2:00 Stunden vor" if german else "clock is 2:00 hours ahead"
        expect(page.get_by_text(told)).to_be_visible()
        page.get_by_role("button", name=words[3]).click()
        expect(page.get_by_role("heading", name="Garten")).to_be_visible()
        assert "hacked" not in page.title()
    assert device.state.wrong_tries == 0
