"""A customer claims a refund by the form without an account; an operator works on it until it is paid."""

from pathlib import Path

import pytest
from page_rig import DESKTOP, PHONE, SMALL_PHONE, House, Look, judge, keep, look_at
from playwright.sync_api import Browser, expect

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
def desk(empty_house: House) -> House:
    """A house whose form is open."""
    with empty_house.server.client() as client:
        body = {"open": True, "policy": "belkin-2020", "options": RULES}
        client.put("/api/v1/claims/desk", json=body).raise_for_status()
    return empty_house


@pytest.fixture(scope="module")
def waiting(desk: House) -> str:
    """Id of a claim that waits, the desk's first."""
    with desk.server.client() as client:
        claim = client.post("/api/v1/claims/form", json=WAITING).raise_for_status().json()["id"]
        label = {"item": "camera:a1b2c3", "name": "label.pdf"}
        client.post("/api/v1/claims/1/files", params=label, content=RECEIPT).raise_for_status()
        for item in ("subscription", "camera:a1b2c3"):
            word = {"kind": "receipt_accepted", "item": item}
            client.post("/api/v1/claims/1/facts", json=word).raise_for_status()
        return str(claim)


@pytest.mark.usefixtures("waiting")
def test_from_the_form_to_the_payment(desk: House, browser: Browser, tmp_path: Path) -> None:
    receipt = tmp_path / "beleg.pdf"
    receipt.write_bytes(RECEIPT)
    with look_at(browser, Look(PHONE)) as page:
        desk.visit(page, "/claim")
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
            desk.enter(work, "/claims")
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
def test_every_look_of_claims(desk: House, waiting: str, browser: Browser, look: Look) -> None:
    with look_at(browser, look) as page:
        desk.visit(page, "/claim")
        page.get_by_role(
            "button", name="Kamera hinzufügen" if look.language == "de" else "Add a camera"
        ).click()
        judge(page)
        keep(page, f"claim-form-{look.name}")
        desk.visit(page, f"/claim/{waiting}/{KEY}")
        expect(page.get_by_role("region", name="A1B2C3")).to_be_visible()
        judge(page)
        keep(page, f"claim-mine-{look.name}")
        desk.log_in(page.context)
        page.reload()
        desk.visit(page, "/claims")
        expect(page.get_by_role("link", name="Ada Exempel")).to_be_visible()
        judge(page)
        keep(page, f"claims-{look.name}")
        desk.visit(page, "/claims/1")
        expect(page.get_by_role("region", name="A1B2C3")).to_be_visible()
        judge(page)
        keep(page, f"claims-one-{look.name}")
