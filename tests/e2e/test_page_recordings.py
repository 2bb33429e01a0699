"""Yesterday's footage on the page: found, watched to the very picture, by mouse and by keyboard."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from page_rig import SMALL_PHONE, Look, frame_number, judge, look_at, until
from past_rig import FPS, Past
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.timeout(120)

SOON_MS = 10_000


def iso(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")


def show(page: Page, past: Past, at_s: int) -> None:
    """Opens the recordings at a moment and waits for its picture."""
    page.goto(f"{past.origin}/#/recordings/garten?at={iso(at_s)}")
    expect(page.locator(".playback")).to_have_attribute("data-state", "paused", timeout=SOON_MS)


def judge_from_above(page: Page) -> None:
    """As `judge`, scrolled to the page's beginning."""
    page.evaluate("scrollTo(0, 0)")
    judge(page)


@pytest.fixture(scope="module")
def owner(browser: Browser, past: Past) -> Iterator[Page]:
    """The owner on a small phone, for most of these tests."""
    with look_at(browser, Look(SMALL_PHONE)) as page:
        page.set_default_timeout(SOON_MS)
        past.log_in(page.context)
        yield page


@pytest.fixture
def slider(owner: Page) -> Locator:
    """The moment that is shown."""
    return owner.get_by_role("slider", name="Zeitpunkt")


def says(slider: Locator, text: str | re.Pattern[str]) -> None:
    expect(slider).to_have_attribute("aria-valuetext", text, timeout=SOON_MS)


def until_number(page: Page, number: int) -> None:
    """Waits for the very picture, one more or less."""

    def is_it() -> bool:
        seen = frame_number(page)
        return seen is not None and abs(seen - number) <= 1

    until(is_it, 10, f"picture {number}", page)


def test_a_moment_is_shown_to_the_very_picture(owner: Page, past: Past, slider: Locator) -> None:
    show(owner, past, past.begin_s + 146)
    says(slider, "14:02:26, aufgenommen")
    until_number(owner, 26 * FPS)
    judge_from_above(owner)


def test_single_pictures_by_key(owner: Page, slider: Locator) -> None:
    place = "document.querySelector('video').currentTime"
    before = float(owner.evaluate(place))
    slider.press(".")
    until(lambda: owner.evaluate(place) >= before + 1 / FPS - 0.01, 10, "the next picture", owner)
    assert owner.evaluate(place) < before + 2 / FPS
    owner.wait_for_timeout(200)
    slider.press(",")
    until(lambda: owner.evaluate(place) < before + 1 / FPS, 10, "the picture before", owner)


def test_the_day_is_told_in_words(owner: Page) -> None:
    expect(owner.get_by_role("heading", level=1)).to_have_text("Garten")
    gaps = owner.get_by_role("region", name="Lücken dieses Tages").get_by_role("button")
    expect(gaps.first).to_have_text(re.compile(r"14:05 – 14:49\s*44.Min\., Kamera nicht erreichbar"))
    legend = owner.locator(".legend").first
    expect(legend).to_contain_text("Gelöscht")
    expect(legend).to_contain_text("Lücke")
    chosen = owner.get_by_role("region", name=re.compile(r"\d{4}")).locator("[aria-pressed=true]")
    expect(chosen).to_contain_text(re.compile(r"1\s%\saufgenommen"))


def test_jumping_by_key_from_gap_to_gap(owner: Page, slider: Locator) -> None:
    slider.press("g")
    says(slider, "14:05:00, Lücke: Kamera nicht erreichbar")
    expect(owner.locator(".playback")).to_contain_text("Hier gibt es keine Aufnahme")
    judge_from_above(owner)
    owner.get_by_role("button", name="Weiter, wo es wieder etwas gibt").click()
    says(slider, re.compile("^14:49:0[0-9], aufgenommen"))


def test_jumping_from_event_to_event(owner: Page, slider: Locator) -> None:
    owner.get_by_role("button", name="Voriges Ereignis").click()
    says(slider, re.compile("^14:02:(2[89]|3[0-9]), aufgenommen"))
    row = owner.get_by_role("region", name="Ereignisse dieses Tages").get_by_role("button")
    expect(row).to_have_text(re.compile(r"14:02:30\s*Bewegung, 12.Sek"))


def test_it_plays_on_over_a_gap_eight_times_as_fast(owner: Page, past: Past, slider: Locator) -> None:
    show(owner, past, past.gap_s - 12)
    owner.get_by_label("Tempo").select_option("8")
    slider.press(" ")
    says(slider, re.compile("^14:49:[0-9]{2}, aufgenommen"))
    slider.press(" ")
    expect(owner.get_by_role("button", name="Abspielen")).to_be_visible()


def test_zoom_by_button_wheel_and_key(owner: Page, past: Past, slider: Locator) -> None:
    show(owner, past, past.begin_s + 145)
    owner.get_by_role("button", name="10 Min.").click()
    expect(owner.get_by_role("button", name="10 Min.")).to_have_attribute("aria-pressed", "true")
    slider.press("ArrowRight")
    says(slider, "14:02:26, aufgenommen")
    slider.press("-")
    expect(owner.get_by_role("button", name="1 Std.")).to_have_attribute("aria-pressed", "true")
    owner.locator(".timeline").hover()
    owner.mouse.wheel(0, -600)
    expect(owner.get_by_role("button", name="1 Std.")).to_have_attribute("aria-pressed", "false")


def test_dragging_shows_where_one_is(owner: Page, past: Past, slider: Locator) -> None:
    show(owner, past, past.begin_s + 145)
    owner.get_by_role("button", name="10 Min.").click()
    box = owner.locator(".timeline").bounding_box()
    assert box is not None
    owner.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    owner.mouse.down()
    owner.mouse.move(box["x"] + box["width"] * 0.62, box["y"] + 40, steps=4)
    owner.mouse.up()
    expect(slider).to_be_focused()
    says(slider, re.compile("^14:0[1-4]:[0-9]{2}, aufgenommen"))
    expect(owner.locator(".playback")).to_have_attribute("data-state", "paused", timeout=SOON_MS)


def test_another_day_from_the_calendar(owner: Page) -> None:
    owner.get_by_role("button", name="Vorheriger Tag").click()
    expect(owner.locator(".recordings-main")).to_contain_text("Noch nichts aufgenommen")
    judge_from_above(owner)


def test_a_camera_that_is_not_there(owner: Page, past: Past) -> None:
    owner.goto(f"{past.origin}/#/recordings/nirgends")
    expect(owner.get_by_role("heading", name="Diese Kamera gibt es nicht")).to_be_visible()


def test_a_server_that_does_not_answer_is_said_and_tried_again(owner: Page, past: Past) -> None:
    owner.route("**/ledger*", lambda route: route.abort())
    owner.goto(f"{past.origin}/#/recordings/hof")
    expect(owner.get_by_role("alert")).to_contain_text("Wachtel antwortet nicht")
    owner.unroute("**/ledger*")
    owner.get_by_role("button", name="Noch einmal versuchen").click()
    expect(owner.get_by_role("slider", name="Zeitpunkt")).to_be_visible()


def test_recent_gaps_are_said_on_overview_and_camera(owner: Page, past: Past) -> None:
    owner.goto(f"{past.origin}/#/camera/garten")
    news = owner.get_by_role("region", name="Lücken der letzten 24 Stunden")
    expect(news.get_by_role("link", name=re.compile("keine Aufnahme")).first).to_be_visible()
    judge_from_above(owner)
    owner.goto(f"{past.origin}/#/")
    expect(news.get_by_role("listitem").first).to_contain_text(re.compile("Garten|Hof"))
    news.get_by_role("link").first.click()
    expect(owner.get_by_role("region", name="Zeitachse")).to_be_visible()


def test_english_in_the_dark_on_a_desk(browser: Browser, past: Past) -> None:
    with look_at(browser, Look(theme="dark", language="en")) as page:
        past.log_in(page.context, "Gast")
        show(page, past, past.begin_s + 145)
        expect(page.get_by_role("slider", name="Moment")).to_have_attribute(
            "aria-valuetext", "14:02:25, recorded"
        )
        page.get_by_role("button", name="30 seconds around here").click()
        expect(page.get_by_text("Keeping takes the right to control.")).to_be_visible()
        expect(page.get_by_role("button", name="Keep")).to_have_count(0)
        judge_from_above(page)
