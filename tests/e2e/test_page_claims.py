"""A customer claims a refund by the form without an account; an operator works on it until it is paid."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_rig import (
    DESKTOP,
    OWNER,
    PAGE,
    PASSWORD,
    PHONE,
    SHOTS,
    SMALL_PHONE,
    Look,
    chromium,
    launch,
    look_at,
)
from playwright.sync_api import Browser, Page, expect, sync_playwright
from running_server import RunningServer
from test_page_looks import settled, violations

pytestmark = pytest.mark.timeout(120)

RULES = {"reference_on": "2026-11-01", "claims_until": "2199-12-31"}
RECEIPT = b"%PDF-1.7 receipt"
KEY = "k" * 32
WAITING = {
    "key": KEY,
    "residence": "DE",
    "cameras": [
        {"serial": "A1B2C3", "bought_on": "2026-01-05", "price": "119.99", "currency": "EUR"},
        {"serial": "D4", "kind": "disposal"},
    ],
    "subscription": {"plan": "yearly", "starts_on": "2026-02-01", "ends_on": "2027-02-01"},
    "contact": {"name": "Ada Exempel", "email": "ada@example.org", "address": "Am Deich 1, 26721 Emden"},
    "bank": {"holder": "Ada Exempel", "iban": "DE89370400440532013000"},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose form is open, with one claim that waits."""
    if chromium() is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    if not PAGE.exists():
        pytest.skip("needs the built page: scripts/build_page.py")
    with RunningServer(tmp_path_factory.mktemp("claims") / "data") as server:
        with server.client() as client:
            account = {"name": OWNER, "password": PASSWORD, "scope": "admin"}
            client.post("/api/v1/accounts", json=account).raise_for_status()
            body = {"open": True, "policy": "belkin-2020", "options": RULES}
            client.put("/api/v1/claims/desk", json=body).raise_for_status()
            claim = client.post("/api/v1/claims/form", json=WAITING).raise_for_status().json()["id"]
            label = {"item": "camera:a1b2c3", "name": "label.pdf"}
            client.post("/api/v1/claims/1/files", params=label, content=RECEIPT).raise_for_status()
            for item in ("subscription", "camera:a1b2c3"):
                word = {"kind": "receipt_accepted", "item": item}
                client.post("/api/v1/claims/1/facts", json=word).raise_for_status()
        server.claim = claim  # type: ignore[attr-defined]
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


def visit(page: Page, desk: RunningServer, path: str) -> None:
    page.set_default_timeout(20_000)
    page.goto(f"{desk.url.rstrip('/')}/#/{path}")
    settled(page)


def log_in(page: Page, desk: RunningServer) -> None:
    origin = desk.url.rstrip("/")
    login = {"name": OWNER, "password": PASSWORD}
    page.context.request.post(f"{origin}/api/v1/session", data=login, headers={"Origin": origin})


def judge(page: Page) -> None:
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert not violations(page)


def test_from_the_form_to_the_payment(desk: RunningServer, browser: Browser, tmp_path: Path) -> None:
    receipt = tmp_path / "beleg.pdf"
    receipt.write_bytes(RECEIPT)
    with look_at(browser, Look(PHONE)) as page:
        visit(page, desk, "claim")
        page.get_by_label("Name", exact=True).fill("Bea Beispiel")
        page.get_by_label("Land").select_option("DE")
        page.get_by_label("Ihr Abonnement").last.select_option("yearly")
        page.get_by_label("Bezahlt ab").fill("2026-02-01")
        page.get_by_label("Bezahlt bis").fill("2027-02-01")
        page.get_by_role("button", name="Kamera hinzufügen").click()
        page.get_by_label("Seriennummer").fill("E5")
        page.get_by_label("Gekauft am").fill("2026-01-05")
        page.get_by_label("Preis auf dem Beleg").fill("99,90x")
        page.get_by_label("IBAN").fill("DE89 3704 0044 0532 0130 00")
        page.get_by_role("button", name="Antrag stellen").click()
        expect(page.get_by_role("alert")).to_contain_text("Kamera 1, Preis auf dem Beleg")
        page.get_by_label("Preis auf dem Beleg").fill("99,90")
        judge(page)
        page.get_by_role("button", name="Antrag stellen").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Antrag ")
        plan = page.get_by_role("region", name="Abonnement")
        plan.locator("input[type=file]").set_input_files(receipt)
        expect(plan.get_by_text("Der Beleg wird geprüft.")).to_be_visible()
        judge(page)
        link = page.url
        with look_at(browser, Look(DESKTOP)) as work:
            log_in(work, desk)
            visit(work, desk, "claims")
            work.get_by_role("link", name="Bea Beispiel").click()
            item = work.get_by_role("region", name="Abonnement")
            item.get_by_role("button", name="Beleg anerkennen").click()
            expect(work.get_by_role("button", name="als bezahlt vermerken")).to_contain_text("27,60")
            work.get_by_role("button", name="Konto ansehen").click()
            expect(work.get_by_text("DE89370400440532013000")).to_be_visible()
            work.get_by_label("Wie die Bank es nennt").fill("SEPA 9")
            work.get_by_role("button", name="als bezahlt vermerken").click()
            expect(item.get_by_text("27,60 € bezahlt")).to_be_visible()
            judge(work)
        page.goto("about:blank")
        page.goto(link)
        expect(page.get_by_role("region", name="Abonnement").get_by_text("27,60 € bezahlt")).to_be_visible()


LOOKS = (Look(DESKTOP, "light", "en"), Look(SMALL_PHONE, "dark", "de"), Look(PHONE, "light", "de"))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_look_of_claims(desk: RunningServer, browser: Browser, look: Look) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with look_at(browser, look) as page:
        visit(page, desk, "claim")
        page.get_by_role(
            "button", name="Kamera hinzufügen" if look.language == "de" else "Add a camera"
        ).click()
        judge(page)
        page.screenshot(path=SHOTS / f"claim-form-{look.name}.png", full_page=True)
        visit(page, desk, f"claim/{desk.claim}/{KEY}")  # type: ignore[attr-defined]
        expect(page.get_by_role("region", name="A1B2C3")).to_be_visible()
        judge(page)
        page.screenshot(path=SHOTS / f"claim-mine-{look.name}.png", full_page=True)
        log_in(page, desk)
        page.reload()
        visit(page, desk, "claims")
        expect(page.get_by_role("link", name="Ada Exempel")).to_be_visible()
        judge(page)
        page.screenshot(path=SHOTS / f"claims-{look.name}.png", full_page=True)
        visit(page, desk, "claims/1")
        expect(page.get_by_role("region", name="A1B2C3")).to_be_visible()
        judge(page)
        page.screenshot(path=SHOTS / f"claims-one-{look.name}.png", full_page=True)
