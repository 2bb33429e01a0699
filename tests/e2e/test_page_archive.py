"""Footage is kept, let go of, taken along and deleted on the page; the archive is checked and proved."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_rig import SMALL_PHONE, Look, look_at
from past_rig import Past
from playwright.sync_api import Browser, Page, expect
from running_server import wait_until
from test_page_recordings import SOON_MS, judge_from_above, show

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def owner(browser: Browser, past: Past) -> Iterator[Page]:
    """The owner on a small phone, for most of these tests."""
    with look_at(browser, Look(SMALL_PHONE)) as page:
        page.set_default_timeout(SOON_MS)
        past.log_in(page.context)
        yield page


def go(page: Page, past: Past, where: str) -> None:
    page.goto(f"{past.origin}/#{where}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_stretch_is_chosen_by_keyboard_and_kept(owner: Page, past: Past) -> None:
    show(owner, past, past.begin_s + 145)
    owner.get_by_role("button", name="30 Sekunden um hier").click()
    ends = owner.get_by_role("slider", name="Ende des Abschnitts")
    ends.press("Shift+ArrowRight")
    expect(ends).to_have_attribute("aria-valuetext", re.compile(r"14:02:50, 40.Sek"))
    judge_from_above(owner)
    owner.get_by_role("button", name="Behalten").first.click()
    owner.get_by_label("Notiz").fill("Paket <b>weg</b>")
    owner.keyboard.press("Enter")
    expect(owner.get_by_text("Der Abschnitt wird behalten.")).to_be_visible()
    judge_from_above(owner)


def test_a_stretch_is_one_film_to_download(owner: Page) -> None:
    link = owner.get_by_role("link", name="Herunterladen").get_attribute("href")
    film = owner.context.request.get(f"{owner.evaluate('location.origin')}{link}")
    assert film.ok and film.body()[4:8] == b"ftyp"


def test_what_is_kept_is_listed_let_go_and_taken_back(owner: Page) -> None:
    owner.get_by_role("link", name="Alles Behaltene").click()
    held = owner.get_by_role("region", name="Behalten", exact=True)
    expect(held.get_by_role("listitem")).to_contain_text("14:02:10 – 14:02:50")
    expect(held.get_by_role("listitem")).to_contain_text("Paket <b>weg</b>")
    held.get_by_role("button", name="Freigeben").click()
    expect(held.get_by_role("status")).to_contain_text("Ein Abschnitt von Garten ist freigegeben.")
    expect(held.get_by_role("listitem")).to_have_count(0)
    held.get_by_role("button", name="Rückgängig").click()
    expect(held.get_by_role("listitem")).to_have_count(1)
    judge_from_above(owner)


def test_two_cameras_are_taken_along_in_one_file(owner: Page, past: Past, tmp_path: Path) -> None:
    begin, end = (f"{past.day}T13:0{minute}:00.000Z" for minute in (2, 4))
    if past.begin_s % 86_400 == 12 * 3600:  # summer time
        begin, end = begin.replace("T13", "T12"), end.replace("T13", "T12")
    go(owner, past, f"/exports?from={begin}&to={end}")
    with owner.expect_download() as download:
        owner.get_by_role("button", name="ZIP herunterladen").click()
    file = tmp_path / "all.zip"
    download.value.save_as(file)
    with zipfile.ZipFile(file) as found:
        names = {name.split("-")[0] for name in found.namelist() if name.endswith(".mp4")}
    assert names == {"garten", "hof"}
    row = owner.get_by_role("region", name="Ihre Downloads").get_by_role("listitem")
    expect(row).to_contain_text("fertig")
    judge_from_above(owner)
    row.get_by_role("button", name="Aus der Liste nehmen").click()
    expect(owner.get_by_text("Noch kein Download.")).to_be_visible()


def test_a_time_without_footage_is_said_before_anything_is_downloaded(owner: Page, past: Past) -> None:
    go(owner, past, "/exports?from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z")
    owner.get_by_role("button", name="ZIP herunterladen").click()
    expect(owner.get_by_role("alert")).to_contain_text("nichts aufgenommen")


def test_the_room_and_who_takes_it(owner: Page, past: Past) -> None:
    go(owner, past, "/archive")
    expect(owner.get_by_role("heading", name=re.compile("^Reicht für .* bei diesem Tempo$"))).to_be_visible()
    used = owner.get_by_role("region", name="Wer wie viel braucht").get_by_role("listitem")
    expect(used.first).to_contain_text(re.compile(r"Behalten\s*\d+.kB"))
    expect(owner.get_by_role("region", name="Wie vollständig").get_by_role("row")).to_have_count(3)
    judge_from_above(owner)


def test_the_archive_is_proved_with_a_verdict_in_words(owner: Page) -> None:
    care = owner.get_by_role("region", name="Prüfen und instand setzen")
    care.get_by_role("button", name="Unverändertheit beweisen").click()
    expect(care.get_by_role("status")).to_contain_text("Alles in Ordnung.")
    expect(care.get_by_role("status")).to_contain_text("14 Dateien")


def test_damage_is_found_and_named(owner: Page, past: Past) -> None:
    stranger = next((past.server.data / "archive/home/hof/main").glob("*")) / "note.txt"
    stranger.write_text("not ours")
    care = owner.get_by_role("region", name="Prüfen und instand setzen")
    care.get_by_role("button", name="Prüfen", exact=True).click()
    expect(care.get_by_role("status")).to_contain_text("Eine fremde Datei liegt im Archiv.")
    judge_from_above(owner)
    stranger.unlink()


def test_what_another_period_deletes_is_said_before_it_does(owner: Page, past: Past) -> None:
    folder = past.server.data / "archive/home/garten/main"
    before = len(list(folder.glob("*/*.mp4")))
    owner.get_by_role("button", name="Ändern Garten").press("Enter")
    owner.get_by_label("Laufende Aufnahmen (Tage)").fill("0,05")
    owner.get_by_label("Ereignisse (Tage)").fill("0,05")
    owner.get_by_role("button", name="Auswirkung ansehen").click()
    expect(
        owner.get_by_text(re.compile(r"Damit werden .* gelöscht \(\d Dateien\), sobald")).first
    ).to_be_visible()
    judge_from_above(owner)
    owner.get_by_role("button", name="Speichern", exact=True).click()
    dialog = owner.get_by_role("dialog")
    expect(dialog).to_contain_text("Aufnahmen von „Garten“ löschen?")
    assert len(list(folder.glob("*/*.mp4"))) == before
    dialog.get_by_role("button", name="Speichern und löschen").click()
    expect(owner.get_by_text("Gespeichert.")).to_be_visible()
    wait_until(lambda: len(list(folder.glob("*/*.mp4"))) < before, 40, "old footage is gone")
    kept = {path.name[11:17] for path in folder.glob("*/*.mp4")}
    assert any(name.endswith("0200") for name in kept), "held footage stays"


def test_a_viewer_sees_and_changes_nothing(browser: Browser, past: Past) -> None:
    with look_at(browser, Look(theme="dark", language="en")) as page:
        past.log_in(page.context, "Gast")
        go(page, past, "/archive")
        expect(page.get_by_text("Administrators can change this.")).to_be_visible(timeout=SOON_MS)
        expect(page.get_by_role("button", name=re.compile("^Change (Garten|Hof)"))).to_have_count(0)
        expect(page.get_by_role("region", name="Check and mend")).to_have_count(0)
        judge_from_above(page)
        go(page, past, "/exports")
        expect(page.get_by_role("button", name=re.compile("^Let go"))).to_have_count(0)
        judge_from_above(page)
