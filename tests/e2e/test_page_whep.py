"""WebRTC in a real browser: it offers, we answer, the picture moves, and goes when the right to look goes."""

import pytest
from page_rig import House, Look, look_at, until, until_moving
from playwright.sync_api import Browser
from whep_page import watch


@pytest.mark.parametrize("stream", ["main", "sub"])
def test_a_browser_sees_the_camera_by_webrtc(browser: Browser, house: House, stream: str) -> None:
    with look_at(browser, Look()) as page:
        house.log_in(page.context)
        assert watch(page, house, stream=stream)["status"] == 201
        until_moving(page, 20)


def test_a_view_ends_when_it_is_left_and_when_the_session_is_gone(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        house.log_in(page.context)
        where = watch(page, house)["location"]
        until_moving(page, 20)
        headers = {"Origin": house.origin}
        assert page.context.request.delete(f"{house.origin}{where}", headers=headers).status == 200
        until(lambda: page.evaluate("watching.connectionState") != "connected", 10, "it is over", page)
        assert page.context.request.delete(f"{house.origin}{where}", headers=headers).status == 404

        assert watch(page, house)["status"] == 201
        until_moving(page, 20)
        page.context.request.delete(f"{house.origin}/api/v1/session", headers=headers)
        until(lambda: page.evaluate("watching.connectionState") != "connected", 10, "it is over", page)
