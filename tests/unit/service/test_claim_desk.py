"""Claims from the form to the payment over a real state.sqlite, with time in our hands."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.service.bank import BankDetails, checked_bank
from wachtel.service.claim_desk import ClaimDesk, Contact, DeskSettings
from wachtel.service.claim_facts import FactKind
from wachtel.service.claim_standing import Next, Stage
from wachtel.service.money import Money
from wachtel.storage.state import open_state
from wachtel.testing.clock import FakeClock

JUNE = datetime(2020, 6, 10, 10, tzinfo=UTC)
KEY = "k" * 32
PDF = b"%PDF-1.7 a receipt"
CAMERA = "camera:a1"
BANK = BankDetails("Ada Ex", iban="DE89370400440532013000")
CLAIM: dict[str, Any] = {
    "residence": "DE",
    "subscription": {"plan": "yearly", "starts_on": "2019-11-15", "ends_on": "2020-11-15"},
    "cameras": [
        {"serial": "A1", "bought_on": "2019-11-29", "price": "119.99", "currency": "EUR", "voucher": "20.00"}
    ],
}


class Counter:
    """An operator's desk on a day; ``to`` moves to another one."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.state = open_state(data)
        self.clock = FakeClock(int(JUNE.timestamp()) * 1_000_000)
        self.desk = ClaimDesk(self.state.claims, self.state.claim_files, self.state.settings, self.clock)
        self.desk.set_up(DeskSettings(open=True))

    def to(self, day: str) -> None:
        moment = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        self.clock.jump_wall((WallUs(int(moment.timestamp()) * 1_000_000) - self.clock.wall_us()) / 1e6)

    def hand_in(self, key: str = KEY, **changes: Any) -> str:
        handed = self.desk.hand_in({**CLAIM, **changes}, Contact("Ada Ex", "ada@example.org"), BANK, key)
        assert handed.id is not None, handed.rejection
        return handed.id

    def stage(self, claim: str) -> Stage:
        return self.desk.case(claim).standing.stage


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path)
    yield counter
    counter.state.close()


def test_a_claim_goes_its_way_to_the_payment(counter: Counter) -> None:
    desk, claim = counter.desk, counter.hand_in()
    assert counter.stage(claim) is Stage.EVIDENCE_MISSING
    desk.add_file(claim, "subscription", "abo.pdf", PDF)
    desk.add_file(claim, CAMERA, "kamera.pdf", PDF + b"2")
    assert counter.stage(claim) is Stage.CHECKING
    desk.say(claim, FactKind.RECEIPT_ACCEPTED, "subscription", "eva")
    desk.say(claim, FactKind.RECEIPT_ACCEPTED, CAMERA, "eva")
    case = desk.case(claim)
    assert case.standing.stage is Stage.AWAITING_RETURN
    assert case.standing.due == {"EUR": Money(5520, "EUR")}
    counter.to("2020-06-15")
    desk.add_file(claim, CAMERA, "label.pdf", PDF + b"3", who="eva")
    counter.to("2020-06-20")
    desk.say(claim, FactKind.LABEL_RECEIVED, CAMERA, "customer", date(2020, 6, 20))
    camera = desk.case(claim).standing.items[1]
    assert (camera.next, camera.until) == (Next.RETURN_CAMERA, date(2020, 7, 20))
    counter.to("2020-07-20")
    desk.say(claim, FactKind.RETURNED, CAMERA, "eva")
    assert desk.case(claim).standing.due == {"EUR": Money(15519, "EUR")}
    desk.pay(claim, "SEPA 7", "eva")
    assert counter.stage(claim) is Stage.PAID
    assert desk.case(claim).standing.items[1].next is Next.RECYCLE
    desk.say(claim, FactKind.RECYCLED, CAMERA, "eva", note="certificate 5")
    assert desk.case(claim).standing.items[1].next is Next.NOTHING


def test_a_camera_that_does_not_come_back_in_time_is_cancelled_by_itself(counter: Counter) -> None:
    desk, claim = counter.desk, counter.hand_in(subscription=None)
    desk.say(claim, FactKind.RECEIPT_ACCEPTED, CAMERA, "eva")
    desk.say(claim, FactKind.LABEL_SENT, CAMERA, "eva")
    desk.say(claim, FactKind.LABEL_RECEIVED, CAMERA, "customer")
    counter.to("2020-07-10")
    assert counter.stage(claim) is Stage.AWAITING_RETURN
    counter.to("2020-07-11")
    desk.refresh()
    assert counter.stage(claim) is Stage.CLOSED
    assert desk.case(claim).standing.items[0].item.reason == "CANCELLED"
    stored = counter.state.claims.get(claim)
    assert stored is not None and stored.stage == "closed"


def test_saying_things_twice_changes_nothing(counter: Counter) -> None:
    desk, claim = counter.desk, counter.hand_in()
    assert counter.hand_in() == claim
    desk.add_file(claim, CAMERA, "a.pdf", PDF)
    desk.add_file(claim, CAMERA, "a.pdf", PDF)
    for _ in range(2):
        desk.say(claim, FactKind.RECEIPT_ACCEPTED, "subscription", "eva")
        desk.say(claim, FactKind.RECEIPT_ACCEPTED, CAMERA, "eva")
        desk.say(claim, FactKind.LABEL_SENT, CAMERA, "eva")
    before = desk.case(claim).facts
    desk.pay(claim, "SEPA 7", "eva")
    paid = desk.pay(claim, "SEPA 7", "eva")
    kinds = [fact.kind for fact in paid.facts]
    assert len(before) == 5  # one receipt, two verdicts, one label, one decision
    assert kinds.count(FactKind.PAID) == 1
    with pytest.raises(WachtelError) as caught:
        desk.pay(claim, "SEPA 8", "eva")
    assert caught.value.kind is ErrorKind.CONFLICT


def test_a_receipt_that_is_refused_may_be_followed_by_another(counter: Counter) -> None:
    desk, claim = counter.desk, counter.hand_in(subscription=None)
    desk.add_file(claim, CAMERA, "auction.pdf", PDF)
    desk.say(claim, FactKind.RECEIPT_REFUSED, CAMERA, "eva", note="from an auction")
    assert desk.case(claim).standing.items[0].item.reason == "NO_AUTHORISED_RECEIPT"
    desk.add_file(claim, CAMERA, "dealer.pdf", PDF + b"2")
    assert desk.case(claim).standing.items[0].next is Next.CHECK_RECEIPT


def test_a_serial_number_is_paid_once_and_a_late_claim_takes_nobodys_place(counter: Counter) -> None:
    first = counter.hand_in()
    second = counter.hand_in(key="another" * 5)
    assert counter.desk.case(second).standing.items[1].item.reason == "DUPLICATE"
    assert counter.desk.case(first).standing.items[1].item.reason == "EVIDENCE_MISSING"
    twice = counter.hand_in(key="third" * 9, cameras=[*CLAIM["cameras"], {"serial": "b2"}, {"serial": "B2 "}])
    reasons = [one.item.reason for one in counter.desk.case(twice).standing.items]
    assert reasons[1:] == ["DUPLICATE", "EVIDENCE_MISSING", "DUPLICATE"]
    counter.to("2020-07-31")
    late = counter.hand_in(key="late" * 9, cameras=[{**CLAIM["cameras"][0], "serial": "C3"}])
    assert counter.stage(late) is Stage.REJECTED
    assert counter.state.claims.owners(["c3"]) == {}


def test_the_deadline_is_midnight_where_the_customer_lives(counter: Counter) -> None:
    zone_night = datetime(
        2020, 7, 30, 22, 30, tzinfo=UTC
    )  # 00:30 on the 31st in Berlin, still the 30th in the US
    counter.clock.jump_wall((int(zone_night.timestamp()) * 1_000_000 - counter.clock.wall_us()) / 1e6)
    german = counter.hand_in()
    american = counter.hand_in(key="us" * 20, residence="US", cameras=[])
    assert counter.stage(german) is Stage.REJECTED
    assert counter.stage(american) is Stage.EVIDENCE_MISSING


def test_other_rules_never_lower_what_was_decided(counter: Counter) -> None:
    desk, claim = counter.desk, counter.hand_in(cameras=[])
    desk.say(claim, FactKind.RECEIPT_ACCEPTED, "subscription", "eva")
    desk.set_up(DeskSettings(open=True, options={"months": "calendar", "reference_on": "2020-09-01"}))
    assert desk.case(claim).standing.due == {"EUR": Money(5520, "EUR")}
    desk.set_up(DeskSettings(open=True, options={"reference_on": "2020-03-01"}))
    desk.refresh()
    assert desk.case(claim).standing.due == {"EUR": Money(9 * 920, "EUR")}
    desk.set_up(DeskSettings(open=True))
    assert desk.case(claim).standing.due == {"EUR": Money(9 * 920, "EUR")}
    desk.say(claim, FactKind.RECEIPT_REFUSED, "subscription", "eva")
    assert desk.case(claim).standing.due == {"EUR": Money(9 * 920, "EUR")}
    with pytest.raises(WachtelError, match="Say why"):
        desk.say(claim, FactKind.REOPENED, "subscription", "eva")
    desk.say(claim, FactKind.REOPENED, "subscription", "eva", note="The receipt was forged.")
    assert desk.case(claim).standing.due == {}


def test_a_person_decides_what_the_rules_leave_open(counter: Counter) -> None:
    brazilian = {"serial": "Z9", "bought_on": "2019-11-29", "price": "500.00", "currency": "BRL"}
    desk = counter.desk
    claim = counter.hand_in(residence="BR", subscription=None, cameras=[brazilian])
    desk.say(claim, FactKind.RECEIPT_ACCEPTED, "camera:z9", "eva")
    assert counter.stage(claim) is Stage.CHECKING
    desk.say(claim, FactKind.REVIEWED, "camera:z9", "eva", amount=Money(50000, "BRL"), note="In full.")
    assert desk.case(claim).standing.due == {"BRL": Money(50000, "BRL")}


def test_secrets_are_sealed_and_looking_at_them_is_written_down(counter: Counter) -> None:
    claim = counter.hand_in()
    counter.desk.add_file(claim, CAMERA, "a.pdf", PDF + b"Ada lives here")
    raw = b"".join(path.read_bytes() for path in counter.data.rglob("*") if path.is_file())
    for secret in (BANK.iban.encode(), b"Ada Ex", b"ada@example.org", b"Ada lives here", KEY.encode()):
        assert secret not in raw
    assert counter.desk.bank(claim, "eva") == BANK
    assert counter.desk.case(claim).facts[-1].kind is FactKind.BANK_SHOWN


def test_a_wrong_key_finds_nothing(counter: Counter) -> None:
    claim = counter.hand_in()
    assert counter.desk.by_key(claim, KEY).row.id == claim
    for name, key in ((claim, "x" * 32), ("ABCD-EFGH", KEY)):
        with pytest.raises(WachtelError, match="no such claim"):
            counter.desk.by_key(name, key)


def test_customers_cannot_say_what_is_the_operators_to_say(counter: Counter) -> None:
    claim = counter.hand_in()
    for kind in (FactKind.RECEIPT_ACCEPTED, FactKind.RETURNED, FactKind.REVIEWED):
        with pytest.raises(WachtelError):
            counter.desk.say(claim, kind, CAMERA, "customer", amount=Money(1, "EUR"))
    with pytest.raises(WachtelError, match="No label"):
        counter.desk.say(claim, FactKind.LABEL_RECEIVED, CAMERA, "customer")
    with pytest.raises(WachtelError, match="to come"):
        counter.desk.say(claim, FactKind.RETURNED, CAMERA, "eva", date(2020, 6, 30))
    with pytest.raises(WachtelError, match="cannot be said"):
        counter.desk.say(claim, FactKind.PAID, CAMERA, "eva", amount=Money(1, "EUR"))


def test_taking_a_claim_back_can_be_undone(counter: Counter) -> None:
    desk, claim = counter.desk, counter.hand_in(cameras=[])
    desk.say(claim, FactKind.RECEIPT_ACCEPTED, "subscription", "eva")
    assert desk.say(claim, FactKind.WITHDRAWN, "", "customer").standing.stage is Stage.WITHDRAWN
    with pytest.raises(WachtelError, match="Nothing is due"):
        desk.pay(claim, "x", "eva")
    assert desk.say(claim, FactKind.RESUMED, "", "customer").standing.stage is Stage.DECIDED


def test_personal_data_goes_when_the_claim_is_over(counter: Counter) -> None:
    desk, claim = counter.desk, counter.hand_in(cameras=[])
    desk.add_file(claim, "subscription", "a.pdf", PDF)
    with pytest.raises(WachtelError, match="still open"):
        desk.forget(claim, "eva")
    desk.say(claim, FactKind.RECEIPT_ACCEPTED, "subscription", "eva")
    desk.pay(claim, "SEPA 7", "eva")
    desk.forget(claim, "eva")
    assert (desk.bank(claim), desk.contact(claim), desk.case(claim).files) == (None, None, ())
    assert not list((counter.data / "claims").rglob("*.*"))
    assert desk.case(claim).standing.items[0].paid == Money(5520, "EUR")


def test_claims_that_an_operator_brings_are_believed(counter: Counter) -> None:
    value = {
        "id": "old-1",
        "submitted_at": "2020-06-01T12:00:00",
        **CLAIM,
        "subscription": {**CLAIM["subscription"], "receipt": True},
        "cameras": [
            {
                **CLAIM["cameras"][0], "dealer_receipt": True, "label_received_on": "2020-06-05",
                "returned_on": "2020-06-06",
            }
        ],
    }  # fmt: skip
    assert counter.desk.take_over(value, "eva").new
    assert not counter.desk.take_over(value, "eva").new
    assert counter.desk.case("old-1").standing.due == {"EUR": Money(15519, "EUR")}
    with pytest.raises(WachtelError, match="Another claim"):
        counter.desk.take_over({**value, "residence": "FR"}, "eva")
    wrong = counter.desk.take_over({**value, "id": "old-2", "residence": "XX"}, "eva")
    assert wrong.rejection is not None and wrong.rejection.problems[0].field == "residence"


def test_a_closed_desk_takes_nothing(counter: Counter) -> None:
    counter.desk.set_up(DeskSettings(open=False))
    with pytest.raises(WachtelError, match="No claims"):
        counter.hand_in()


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"", "not a PDF"), (b"<svg/>", "not a PDF"), (b"MZ\x90", "not a PDF"), (b"%PDF-" + bytes(10 << 20), "larger")],
    ids=["nothing", "svg", "program", "large"],
)  # fmt: skip
def test_files_are_looked_at(counter: Counter, content: bytes, what: str) -> None:
    claim = counter.hand_in()
    with pytest.raises(WachtelError, match=what):
        counter.desk.add_file(claim, CAMERA, "receipt.pdf", content)


def test_a_files_name_cannot_lead_anywhere(counter: Counter) -> None:
    claim = counter.hand_in()
    case = counter.desk.add_file(claim, CAMERA, '../../etc/pass\nwd"<script>.exe', PDF)
    assert case.files[0].name == "passwdscript.pdf"
    row, content = counter.desk.file(claim, case.files[0].sha256)
    assert (row.media_type, content) == ("application/pdf", PDF)


@pytest.mark.parametrize(
    ("iban", "routing", "account", "field"),
    [
        ("DE89370400440532013001", "", "", "bank.iban"),
        ("DE8937040044053201300", "", "", "bank.iban"),
        ("", "021000022", "1234567", "bank.routing"),
        ("", "021000021", "12", "bank.account"),
        ("", "", "", "bank.iban"),
        ("٣٤", "", "", "bank.iban"),
    ],
)
def test_bank_details_are_checked(iban: str, routing: str, account: str, field: str) -> None:
    with pytest.raises(WachtelError) as caught:
        checked_bank("Ada", iban, routing, account)
    assert caught.value.details["field"] == field


def test_bank_details_may_have_blanks() -> None:
    assert checked_bank(" Ada  Ex ", "de89 3704 0044 0532 0130 00") == BANK
    assert checked_bank("Ada", "", "021 000 021", "123 4567").hint == "4567"
