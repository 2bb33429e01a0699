"""From "Look for cameras" to a camera that runs, by way of its picture; the short way is in test_page_three_cameras."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from onvif_rig import GUARDED, PASSWORD, USER
from page_rig import DESKTOP, PHONE, House, Look, keep, look_at, move_in, settled, violations
from playwright.sync_api import Browser, Page, Route, expect
from running_server import RunningServer

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
def house(scene: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with RunningServer(tmp_path_factory.mktemp("find") / "data") as server:
        yield move_in(server)


def neighbours(device: FakeOnvif) -> str:
    """What a search would answer: the device is on loopback, where no search ever looks."""
    blank = {"make": "", "model": "", "name": ""}
    camera = {"address": "127.0.0.1", "url": device.url, "kinds": ["onvif"], "what": "camera", "make": "Acme",
              "model": EVIL, "name": "Garten"}  # fmt: skip
    printer = {**blank, "address": "192.168.1.9", "url": "", "kinds": ["upnp"], "what": "other"}
    steps = [(0.5, False, []), (1.0, False, [camera]), (5.0, True, [camera, printer])]
    lines = [{"elapsed_s": at, "seconds": 5, "done": done, "devices": found} for at, done, found in steps]
    return "".join(json.dumps(line) + "\n" for line in lines)


def look_around(page: Page, house: House, device: FakeOnvif) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body=neighbours(device), content_type="application/x-ndjson")

    page.route("**/api/v1/discover", answer)
    house.enter(page, "/add")


@pytest.mark.parametrize("look", [Look(PHONE), Look(DESKTOP, "dark", "en")], ids=lambda look: look.name)
def test_whoever_wants_sees_the_picture_before_anything_is_saved(
    browser: Browser, house: House, device: FakeOnvif, look: Look
) -> None:
    german = look.language == "de"
    words = (
        ("Kameras suchen", "Passwort", "Erst ansehen", "Kamera speichern")
        if german
        else ("Look for cameras", "Password", "Look first", "Save camera")
    )
    with look_at(browser, look) as page:
        look_around(page, house, device)
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
