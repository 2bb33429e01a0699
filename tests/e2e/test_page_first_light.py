"""Log in, the picture moves, an event comes by itself, its clip plays to the end."""

import pytest
from page_rig import (
    OWNER,
    PASSWORD,
    PHONE,
    House,
    Look,
    frame_number,
    look_at,
    until,
    until_moving,
    without_webrtc,
)
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.timeout(180)

FIRST_PICTURE_S = 5.0
"""On two cores that also run the camera, the recorder and the motion detector."""

PRE_AND_POST_ROLL_S = 12.0

_NOTE_THE_END = """() => {
  globalThis.playedUpTo = 0;
  const video = document.querySelector("video");
  video.addEventListener("pause", () => (globalThis.playedUpTo = video.currentTime));
}"""


def log_in_by_form(page: Page, house: House, password: str = PASSWORD) -> None:
    page.goto(house.origin)
    page.get_by_label("Name").fill(OWNER)
    page.get_by_label("Passwort").fill(password)
    page.get_by_role("button", name="Anmelden").click()


def test_log_in_shows_a_moving_picture(browser: Browser, house: House) -> None:
    with look_at(browser, Look(PHONE)) as page:
        log_in_by_form(page, house)
        expect(page.get_by_role("link", name="Garten")).to_be_visible()
        until_moving(page, FIRST_PICTURE_S)
        first = frame_number(page)
        page.wait_for_timeout(2000)
        later = frame_number(page)
        assert first is not None
        assert later is not None
        assert first != later


def test_the_camera_page_stays_close_to_now(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        without_webrtc(page)
        house.log_in(page.context)
        page.goto(f"{house.origin}/#/camera/garten")
        until_moving(page, FIRST_PICTURE_S)
        page.wait_for_timeout(4000)
        played, ahead = page.evaluate(
            """() => {
                const video = document.querySelector("video[data-shown]");
                const end = video.buffered.end(video.buffered.length - 1);
                return [video.currentTime, end - video.currentTime];
            }"""
        )
        assert played > 3
        assert ahead < 1 + 1.5  # each picture is given a length of 1 s, the rest is delay


def test_a_wrong_password_is_told_and_the_right_one_still_works(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        log_in_by_form(page, house, "not the password")
        expect(page.get_by_role("alert")).to_contain_text("Name oder Passwort stimmt nicht.")
        page.get_by_label("Passwort").fill(PASSWORD)
        page.get_by_role("button", name="Anmelden").click()
        expect(page.get_by_role("heading", name="Neueste Ereignisse")).to_be_visible()


def test_logging_out_closes_everything(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        house.log_in(page.context)
        page.goto(f"{house.origin}/#/settings")
        page.get_by_role("button", name="Abmelden").click()
        expect(page.get_by_role("heading", name="Guten Tag.")).to_be_visible()
        assert page.context.request.get(f"{house.origin}/api/v1/cameras").status == 401


def test_an_event_comes_by_itself_and_its_clip_plays_to_the_end(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        house.log_in(page.context)
        page.goto(house.origin)
        cards = page.locator(".latest .event-card")
        expect(page.get_by_role("heading", name="Neueste Ereignisse")).to_be_visible()
        before = [card.get_attribute("href") for card in cards.all()]
        newest = lambda: cards.count() > 0 and cards.first.get_attribute("href") not in before  # noqa: E731
        until(newest, 90, "an event appears by itself", page)
        cards.first.click()
        expect(page.get_by_role("heading", name="Warum wurde das aufgezeichnet?")).to_be_visible()
        until_moving(page, 15)
        page.evaluate(_NOTE_THE_END)
        until(
            lambda: page.evaluate("globalThis.playedUpTo") > 0,
            60,
            "the clip has been played to its end",
            page,
        )
        assert page.evaluate("globalThis.playedUpTo") > PRE_AND_POST_ROLL_S


def test_events_can_be_leafed_through_by_key(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        house.log_in(page.context)
        events = f"{house.origin}/api/v1/events?limit=2"
        until(lambda: len(page.context.request.get(events).json()["events"]) == 2, 90, "two events", page)
        newest, older = (event["id"] for event in page.context.request.get(events).json()["events"])
        page.goto(f"{house.origin}/#/event/{newest}")
        expect(page.get_by_role("link", name="Älteres Ereignis")).to_have_attribute(
            "href", f"#/event/{older}"
        )
        page.keyboard.press("ArrowLeft")
        until(lambda: page.url.endswith(older), 20, "the older event is shown", page)
        expect(page.get_by_role("link", name="Neueres Ereignis")).to_have_attribute(
            "href", f"#/event/{newest}"
        )
        page.keyboard.press("ArrowRight")
        until(lambda: page.url.endswith(newest), 20, "the newer event is shown", page)
