"""Whatever goes away and comes back, the page finds it again by itself, and says so meanwhile."""

import pytest
from page_rig import CameraHouse, Look, frame_number, look_at, until, until_moving
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.timeout(120)

BACK_S = 15.0
"""Five times the goal, as machines that test are busy. Measured from the moment the server answers again; it connects
to its camera in this time, too."""


def open_camera(page: Page, house: CameraHouse) -> None:
    house.log_in(page.context)
    page.goto(f"{house.origin}/#/camera/garten")
    until_moving(page, 10)


def until_moving_again(page: Page, within_s: float) -> None:
    """Waits for pictures that were not there before."""
    old = frame_number(page)
    until(lambda: frame_number(page) != old, within_s, "another picture is shown", page)
    until_moving(page, within_s)


def test_the_picture_is_back_after_each_restart_of_the_server(browser: Browser, house: CameraHouse) -> None:
    with look_at(browser, Look()) as page:
        open_camera(page, house)
        for _ in range(2):
            house.server.kill_group()
            house.server.reap()
            expect(page.get_by_text("Keine Verbindung zu Wachtel.")).to_be_visible(timeout=10_000)
            house.server.start()
            until_moving_again(page, BACK_S)
            expect(page.get_by_text("Keine Verbindung zu Wachtel.")).to_be_hidden()


def test_the_picture_is_back_after_each_restart_of_the_camera(browser: Browser, house: CameraHouse) -> None:
    """Untouched; `scripts/soak doors` restarts it a hundred times."""
    with look_at(browser, Look()) as page:
        open_camera(page, house)
        for _ in range(5):
            house.camera_gone()
            house.camera_back()
            until_moving_again(page, BACK_S)


def test_a_camera_that_goes_away_does_not_look_alive(browser: Browser, house: CameraHouse) -> None:
    with look_at(browser, Look()) as page:
        open_camera(page, house)
        house.camera_gone()
        stage = page.locator(".stage")
        expect(stage.get_by_text("Letztes Bild:")).to_be_visible(timeout=15_000)
        expect(stage.locator(".state-mark")).not_to_have_text("Live")
        house.camera_back()
        expect(stage.locator(".state-mark")).to_have_text("Live", timeout=15_000)
        expect(stage.get_by_text("Letztes Bild:")).to_be_hidden()
        until_moving_again(page, 10)


def test_nothing_is_fetched_while_nobody_looks(browser: Browser, house: CameraHouse) -> None:
    with look_at(browser, Look()) as page:
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        open_camera(page, house)
        assert len(sockets) == 1
        page.goto(f"{house.origin}/#/events")
        expect(page.get_by_role("heading", level=1, name="Ereignisse")).to_be_visible()
        viewers = "wachtel_live_viewers 0"
        with house.server.client() as client:
            until(lambda: viewers in client.get("/metrics").text, 10, "the server has no viewer", page)


def test_the_session_ends_everywhere(browser: Browser, house: CameraHouse) -> None:
    with look_at(browser, Look()) as page:
        open_camera(page, house)
        page.context.clear_cookies()
        page.goto(f"{house.origin}/#/events")
        expect(page.get_by_role("heading", name="Guten Tag.")).to_be_visible()
