"""Houses with an owner, and a browser to look at them with."""

import base64
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from running_server import RunningServer

from wachtel.testing.fake_camera.process import FakeCameraProcess
from wachtel.testing.scene.frame_number import read_frame_number

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "src/wachtel/web/ui/index.html"
AXE = ROOT / "ui/node_modules/axe-core/axe.min.js"
SHOTS = ROOT / "out/screenshots"

PHONE, SMALL_PHONE, DESKTOP = (390, 844), (320, 640), (1440, 900)
OWNER, PASSWORD = "Miriam", "garden gate 42"

_AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_GRAY = """() => {
  const video = document.querySelector("video[data-shown]") ?? document.querySelector("video");
  if (!video || video.readyState < 2) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const gray = new Uint8Array(data.length / 4);
  for (let i = 0; i < gray.length; i++) gray[i] = data[4 * i + 1];
  let text = "";
  for (let i = 0; i < gray.length; i += 8192) text += String.fromCharCode(...gray.subarray(i, i + 8192));
  return [canvas.width, canvas.height, btoa(text)];
}"""

_COLLECT_CSP_REPORTS = """
globalThis.cspReports = [];
document.addEventListener("securitypolicyviolation", (event) => {
  globalThis.cspReports.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""


def chromium() -> str | None:
    """Debian's browser; Playwright's own cannot play H.264."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def skip_without_page() -> None:
    """Skips the test that needs a page and a browser where one of them is missing."""
    if chromium() is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    if not PAGE.exists():
        pytest.skip("needs the built page: scripts/build_page.py")


def launch(playwright: Playwright) -> Browser:
    """The browser, without a window."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=chromium(), args=options)


def without_webrtc(page: Page) -> None:
    """Lets the page find no way by WebRTC, for tests of the other one."""
    page.route("**/whep*", lambda route: route.abort())


def frame_number(page: Page) -> int | None:
    """The number in the first moving picture of the page, None when there is none to be read."""
    shown = page.evaluate(_GRAY)
    if shown is None:
        return None
    width, height, text = shown
    return read_frame_number(np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width))


def until(true: Callable[[], Any], within_s: float, what: str, page: Page) -> float:
    """Polls the page until ``true()``; gives the seconds it took.

    Playwright's own waiting for a function needs eval, which the page's policy forbids.
    """
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > within_s:
            raise AssertionError(f"not within {within_s} s: {what}")
        page.wait_for_timeout(50)
    return time.monotonic() - began


def settled(page: Page) -> None:
    """Waits until the screen shows what it has to show."""
    until(lambda: page.locator("main h1").count() > 0, 30, "the screen is there", page)
    until(lambda: page.locator(".loading").count() == 0, 30, "everything is loaded", page)
    page.wait_for_timeout(250)


def violations(page: Page) -> list[str]:
    """What axe objects to."""
    if not AXE.exists():
        return []
    page.evaluate(AXE.read_text())
    run = "(rules) => axe.run(document, { resultTypes: ['violations'], runOnly: rules })"
    found: list[dict[str, Any]] = page.evaluate(run, _AXE_RULES)["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def wider_than_window(page: Page) -> int:
    """By how many pixels the page sticks out to the side; not above 0 when all is well."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def judge(page: Page) -> None:
    """Nothing sticks out, and axe has nothing to object to."""
    settled(page)
    assert wider_than_window(page) <= 0
    assert not violations(page)


def keep(page: Page, name: str) -> None:
    """Leaves a picture of the whole page for people."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def until_moving(page: Page, within_s: float) -> float:
    """Waits until two different pictures have been seen; gives the seconds it took."""
    seen: set[int] = set()

    def two() -> bool:
        number = frame_number(page)
        if number is not None:
            seen.add(number)
        return len(seen) >= 2

    return until(two, within_s, "the picture moves", page)


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at the page."""

    size: tuple[int, int] = DESKTOP
    theme: Literal["light", "dark"] = "light"
    language: Literal["de", "en"] = "de"

    @property
    def name(self) -> str:
        return f"{self.size[0]}-{self.theme}-{self.language}"


@dataclass(slots=True)
class House:
    """A running server, and its owner's account."""

    server: RunningServer

    @property
    def origin(self) -> str:
        return self.server.url.rstrip("/")

    def log_in(self, context: BrowserContext, name: str = OWNER) -> None:
        """Gives the browser a session."""
        login = {"name": name, "password": PASSWORD}
        answer = context.request.post(
            f"{self.origin}/api/v1/session", data=login, headers={"Origin": self.origin}
        )
        assert answer.ok, answer.text()

    def visit(self, page: Page, where: str) -> None:
        """Opens a screen."""
        page.goto(f"{self.origin}/#{where}")
        settled(page)

    def enter(self, page: Page, where: str) -> None:
        """Opens a screen as the owner."""
        self.log_in(page.context)
        self.visit(page, where)


def move_in(server: RunningServer) -> House:
    """Makes the owner's account."""
    with server.client() as client:
        account = {"name": OWNER, "password": PASSWORD, "scope": "admin"}
        client.post("/api/v1/accounts", json=account).raise_for_status()
    return House(server)


@dataclass(slots=True)
class CameraHouse(House):
    """One that has a camera, too."""

    camera: FakeCameraProcess
    scene: tuple[Path, Path]

    def camera_back(self) -> None:
        """Starts the camera again, at its old address."""
        port = urlsplit(self.camera.main_url).port
        self.camera = FakeCameraProcess(*self.scene, ["--loop", "--port", str(port)])
        self.camera.__enter__()

    def camera_gone(self) -> None:
        """Somebody pulls the plug."""
        self.camera.__exit__(None, None, None)


@contextmanager
def open_house(folder: Path, scene: tuple[Path, Path], options: Sequence[str] = ()) -> Iterator[CameraHouse]:
    """A server in ``folder`` with an account and the garden's camera."""
    with RunningServer(folder / "data", options=options) as server:
        server.port = int(server.url.rstrip("/").rpartition(":")[2])
        move_in(server)
        house = CameraHouse(server, FakeCameraProcess(*scene, ["--loop"]).__enter__(), scene)
        try:
            with server.client() as client:
                urls = {"url": house.camera.main_url, "sub_url": house.camera.sub_url}
                camera = {**urls, "name": "Garten", "allow_local": True}
                client.post("/api/v1/cameras", json=camera).raise_for_status()
            yield house
        finally:
            house.camera_gone()


@contextmanager
def look_at(browser: Browser, look: Look) -> Iterator[Page]:
    """A page in a fresh session; at its end nothing may have been blocked or broken."""
    context = browser.new_context(
        viewport={"width": look.size[0], "height": look.size[1]},
        color_scheme=look.theme,
        locale="de-DE" if look.language == "de" else "en-GB",
        reduced_motion="reduce",
    )
    context.add_init_script(_COLLECT_CSP_REPORTS)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    try:
        yield page
        assert not broken, broken
        assert page.evaluate("globalThis.cspReports") == []
    finally:
        context.close()
