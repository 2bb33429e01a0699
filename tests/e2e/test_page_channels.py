"""Receivers of messages are made, tried, changed and removed in the browser; a real one listens on loopback."""

import re
from collections.abc import Iterator

import pytest
from page_rig import SMALL_PHONE, House, Look, judge, look_at
from playwright.sync_api import Browser, Locator, Page, expect
from webhook_receiver import Receiver

pytestmark = pytest.mark.timeout(60)

TEST_MS = 20_000


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture(scope="module")
def owner(browser: Browser, empty_house: House) -> Iterator[Page]:
    """The owner on a small phone, on the page of messages, for all of these tests."""
    with look_at(browser, Look(SMALL_PHONE)) as page:
        empty_house.enter(page, "/settings")
        page.get_by_role("link", name="Benachrichtigungen einrichten").click()
        yield page


def the_receiver(page: Page, name: str = "Klingel") -> Locator:
    """The panel of a receiver."""
    return page.get_by_role("region", name=name, exact=True)


def told(page: Page, name: str, label: str) -> Locator:
    """The kinds of messages a receiver is told of."""
    return the_receiver(page, name).get_by_role("list", name=label).get_by_role("listitem")


def send_test(page: Page) -> Locator:
    the_receiver(page).get_by_role("button", name="Test senden").click()
    return the_receiver(page).get_by_role("status")


def test_without_a_receiver_the_page_says_what_it_is_for(owner: Page) -> None:
    expect(owner.get_by_text("Noch kein Empfänger.")).to_be_visible()
    expect(owner.get_by_text("(Webhooks)")).to_be_visible()
    judge(owner)


def test_an_address_on_this_machine_needs_the_switch(owner: Page, receiver: Receiver) -> None:
    owner.get_by_text("Empfänger hinzufügen").first.click()
    owner.get_by_label("Programm (Webhook)").check()
    owner.get_by_label("Name", exact=True).fill("Klingel")
    owner.get_by_label("Adresse", exact=True).fill(receiver.url)
    owner.get_by_role("button", name="Empfänger hinzufügen").click()
    expect(owner.get_by_text("führt zu diesem Rechner selbst")).to_be_visible()
    judge(owner)


def test_something_has_to_be_told(owner: Page) -> None:
    boxes = owner.get_by_role("checkbox")
    for box in boxes.all():
        box.uncheck()
    expect(owner.get_by_text("Wählen Sie mindestens eines aus.")).to_be_visible()
    owner.get_by_label("Ein Ereignis beginnt").check()


def test_the_secret_is_shown_once(owner: Page) -> None:
    owner.get_by_label("Adressen auf diesem Gerät erlauben").check()
    owner.get_by_role("button", name="Empfänger hinzufügen").click()
    panel = the_receiver(owner)
    expect(panel).to_contain_text("Alle Orte")
    expect(told(owner, "Klingel", "Was gemeldet wird")).to_have_text(["Ein Ereignis beginnt"])
    expect(panel).not_to_contain_text("to=me")
    expect(owner.locator(".secret")).to_have_text(re.compile(r"\S{20,}"))
    owner.get_by_role("button", name="Kopieren").click()
    expect(owner.get_by_role("button", name="Kopiert")).to_be_visible()
    judge(owner)
    owner.reload()
    expect(panel).to_be_visible()
    expect(owner.locator(".secret")).to_have_count(0)


def test_it_is_switched_off_and_on_by_keyboard_and_a_test_goes_either_way(
    owner: Page, receiver: Receiver
) -> None:
    switch = the_receiver(owner).get_by_role("switch", name=re.compile("Eingeschaltet ?: Klingel"))
    expect(switch).to_be_checked()
    switch.press("Space")
    expect(the_receiver(owner)).to_contain_text("Ausgeschaltet: Was jetzt geschieht")
    expect(switch).not_to_be_checked()
    judge(owner)
    expect(send_test(owner)).to_have_text("Die Testnachricht ist angekommen.", timeout=TEST_MS)
    owner.reload()
    expect(switch).not_to_be_checked()
    switch.press("Space")
    expect(the_receiver(owner)).not_to_contain_text("Ausgeschaltet")
    expect(switch).to_be_checked()


def test_a_test_arrives(owner: Page, receiver: Receiver) -> None:
    expect(send_test(owner)).to_have_text("Die Testnachricht ist angekommen.", timeout=TEST_MS)
    assert receiver.got[-1].json["kind"] == "test"
    expect(the_receiver(owner)).to_contain_text("Angekommen: Testnachricht")


def test_a_refusal_is_said_in_words(owner: Page, receiver: Receiver) -> None:
    receiver.answer = lambda got: 401
    said = send_test(owner)
    expect(said).to_contain_text("Die Testnachricht ist nicht angekommen. 127.0.0.1 weist", timeout=TEST_MS)
    expect(said).to_contain_text("Der Empfänger verlangt eine Berechtigung.")
    expect(said.locator("[lang=en]")).to_have_count(0)


def test_a_receiver_that_is_away_is_said_in_words(owner: Page, receiver: Receiver) -> None:
    receiver.stop()
    expect(send_test(owner)).to_contain_text("auf diesem Port nimmt niemand etwas an", timeout=TEST_MS)


def test_every_try_is_listed_newest_first(owner: Page) -> None:
    the_receiver(owner).get_by_role("button", name="Zustellungen").press("Enter")
    tries = the_receiver(owner).get_by_role("region").get_by_role("listitem")
    expect(tries).to_have_count(4)
    expect(tries.nth(0)).to_contain_text("Nicht angekommen")
    expect(the_receiver(owner).locator("[lang=en]")).to_have_count(0)
    expect(tries.nth(1)).to_contain_text("Versuch 1 · Antwort 401")
    expect(tries.nth(2)).to_contain_text("Testnachricht: Angekommen")
    judge(owner)


def test_it_is_changed_by_keyboard(owner: Page) -> None:
    change = the_receiver(owner).get_by_role("button", name="Ändern")
    change.press("Enter")
    judge(owner)
    the_receiver(owner).get_by_label("Ein Ereignis endet").press("Space")
    the_receiver(owner).get_by_label("Name", exact=True).fill("Gong")
    owner.keyboard.press("Enter")
    expected = ["Ein Ereignis beginnt", "Ein Ereignis endet"]
    expect(told(owner, "Gong", "Was gemeldet wird")).to_have_text(expected)
    expect(the_receiver(owner, "Gong").get_by_role("button", name="Ändern")).to_be_focused()


def test_it_is_there_in_english(owner: Page) -> None:
    owner.get_by_role("button", name="EN: Switch to English").click()
    expect(owner.get_by_role("heading", level=1, name="Messages")).to_be_visible()
    expect(told(owner, "Gong", "What to tell")).to_have_text(["An event begins", "An event ends"])
    judge(owner)


def test_removing_asks_first(owner: Page) -> None:
    the_receiver(owner, "Gong").get_by_role("button", name="Remove").click()
    expect(owner.get_by_role("dialog")).to_contain_text("Tell “Gong” nothing any more?")
    owner.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(owner.get_by_text("No receiver yet.")).to_be_visible()
    expect(owner.get_by_role("heading", level=1)).to_be_focused()
