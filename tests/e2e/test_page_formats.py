"""What the browser cannot play is said, and something honest is shown instead."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_rig import OWNER, PASSWORD, SHOTS, House, Look, look_at, until
from playwright.sync_api import Browser, expect
from running_server import RunningServer

from wachtel.testing.fake_camera.process import FakeCameraProcess

pytestmark = pytest.mark.timeout(120)

FOOTAGE = Path(__file__).parents[2] / "../shared/footage"
H265, H264 = FOOTAGE / "intel_car_h265.mp4", FOOTAGE / "intel_car.mp4"


@pytest.fixture(scope="module")
def street(scene: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two cameras with H.265 as main stream; one of them has no other."""
    if not H265.exists():
        pytest.skip("needs the footage folder beside the repository: ../shared/footage")
    folder = tmp_path_factory.mktemp("street")
    with FakeCameraProcess(H265, H264, ["--loop"]) as camera, RunningServer(folder / "data") as server:
        with server.client() as client:
            account = {"name": OWNER, "password": PASSWORD, "scope": "admin"}
            client.post("/api/v1/accounts", json=account).raise_for_status()
            for name, sub_url in (("Beides", camera.sub_url), ("Nur H265", None)):
                new = {"url": camera.main_url, "sub_url": sub_url, "name": name, "allow_local": True}
                client.post("/api/v1/cameras", json=new).raise_for_status()
        yield House(server, camera, scene)


def plays_h265(browser: Browser, house: House) -> bool:
    with look_at(browser, Look()) as page:
        page.goto(house.origin)
        found: bool = page.evaluate("""MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"')""")
        return found


def test_the_sub_stream_is_shown_and_said_to_be_it(browser: Browser, street: House) -> None:
    if plays_h265(browser, street):
        pytest.skip("this browser plays H.265")
    with look_at(browser, Look()) as page:
        street.log_in(page.context)
        page.goto(f"{street.origin}/#/camera/beides")
        expect(page.get_by_text("Dieser Browser spielt den Hauptstrom (H.265) nicht ab")).to_be_visible()
        width = "document.querySelector('video').videoWidth"
        until(lambda: page.evaluate(width) == 768, 10, "the sub stream plays", page)


def test_stills_are_shown_when_there_is_no_other_stream(browser: Browser, street: House) -> None:
    if plays_h265(browser, street):
        pytest.skip("this browser plays H.265")
    with look_at(browser, Look()) as page:
        street.log_in(page.context)
        page.goto(f"{street.origin}/#/camera/nur-h265")
        expect(page.get_by_text("kann das Videoformat der Kamera nicht abspielen")).to_be_visible()
        still = page.locator("img.still")
        until(lambda: still.evaluate("(image) => image.naturalWidth") > 0, 15, "a still is shown", page)
        first = still.get_attribute("src")
        until(lambda: still.get_attribute("src") != first, 10, "the still is renewed", page)
        page.screenshot(path=SHOTS / "stills-1440-light-de.png")
