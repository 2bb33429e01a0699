"""The desk at which claims are handed in and worked on. What it is told becomes facts; amounts come from the policy."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.service.bank import BankDetails
from wachtel.service.claim import Claim
from wachtel.service.claim_checks import check_fact, check_item, nothing_new
from wachtel.service.claim_facts import CUSTOMER, WHOLE, Fact, FactKind, serial_key
from wachtel.service.claim_reading import read_claim
from wachtel.service.claim_standing import OPEN, Stage, Standing, decided_now, standing_on
from wachtel.service.decision import Rejection
from wachtel.service.local_time import local_time
from wachtel.service.money import Money
from wachtel.service.policies import Policy, policy_named
from wachtel.service.receipts import MOST_FILES, kind_of, shown_name
from wachtel.storage.state.claim_files import ClaimFiles
from wachtel.storage.state.claims import ClaimBooks, ClaimFactRow, ClaimFileRow, ClaimRow
from wachtel.storage.state.settings import Settings

DESK = "claims_desk"
_ID_LETTERS = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without what looks alike: an id is read out over the telephone."""


class DeskSettings(msgspec.Struct, frozen=True):
    """By which rules claims are decided, and whether customers may hand them in by the form."""

    open: bool = False
    policy: str = "belkin-2020"
    options: dict[str, str] = msgspec.field(default_factory=dict)
    rates: dict[str, str] = msgspec.field(default_factory=dict)

    def rules(self) -> Policy:
        """Raises `WachtelError` (not_found, invalid)."""
        return policy_named(self.policy).with_options(self.options, self.rates)


@dataclass(frozen=True, slots=True)
class Contact:
    """Who claims, and where the label goes."""

    name: str
    email: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """One claim with all that is known of it."""

    row: ClaimRow
    claim: Claim
    facts: tuple[Fact, ...]
    files: tuple[ClaimFileRow, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The answer to a claim: its id, or what is wrong with it. ``new`` is False when it was there already."""

    id: str | None
    rejection: Rejection | None = None
    new: bool = True


class ClaimDesk:
    """Blocking; usable by any thread."""

    def __init__(self, books: ClaimBooks, files: ClaimFiles, settings: Settings, clock: Clock) -> None:
        self._books = books
        self._files = files
        self._settings = settings
        self._clock = clock

    def settings(self) -> DeskSettings:
        """As an operator set them."""
        return self._settings.get(DESK, DeskSettings) or DeskSettings()

    def set_up(self, settings: DeskSettings) -> None:
        """Opens or closes the form and chooses the rules; decided amounts stay. Raises `WachtelError` (not_found,
        invalid)."""
        settings.rules()
        self._settings.put(DESK, msgspec.to_builtins(settings))
        self._books.look_again()

    def hand_in(
        self, value: Mapping[str, Any], contact: Contact, bank: BankDetails | None, key: str
    ) -> HandedIn:
        """Takes a claim from the form; ``key`` is the customer's secret, and the same one with the same claim is the
        same claim. Raises `WachtelError` (denied when the form is closed, conflict, disk_error)."""
        if not self.settings().open:
            raise closed()
        now = self._clock.wall_us()
        body = {**value, "id": "", "submitted_at": _stamp(now)}
        hashed = _hashed(key)
        claim_id = _id_of(hashed)
        known = self._books.get(claim_id)
        if known is not None and known.key_hash == hashed:
            return self._again(known, body)
        secret = {"contact": msgspec.json.encode(contact).decode()}
        if bank is not None:
            secret["bank"] = msgspec.json.encode(bank).decode()
        return self._take_in({**body, "id": claim_id}, "form", hashed, secret)

    def take_over(self, value: Any, who: str) -> HandedIn:
        """A claim that an operator brings, as `wachtel refund` reads it: receipts, labels and returns in it are
        believed. Raises `WachtelError` (disk_error)."""
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            known = self._books.get(value["id"])
            if known is not None:
                return self._again(known, value)
        return self._take_in(value, f"import by {who}", None, {})

    def by_key(self, claim: str, key: str) -> ClaimCase:
        """A customer's own claim. Raises `WachtelError` (not_found), which says the same for a wrong key."""
        row = self._books.get(claim)
        if row is None or row.key_hash is None or not secrets.compare_digest(row.key_hash, _hashed(key)):
            raise unknown()
        return self.case(claim)

    def case(self, claim: str) -> ClaimCase:
        """Raises `WachtelError` (not_found)."""
        row = self._books.get(claim)
        if row is None:
            raise unknown()
        read = read_claim(json.loads(row.body))
        assert isinstance(read, Claim)
        facts = tuple(_fact(one) for one in self._books.facts(claim))
        standing = standing_on(
            self._day(read), read, facts, self.settings().rules(), self._duplicates(read, claim)
        )
        return ClaimCase(row, read, facts, tuple(self._books.files(claim)), standing)

    def contact(self, claim: str) -> Contact | None:
        """None when there is none, or it cannot be opened."""
        text = self._books.secret(claim, "contact")
        return None if text is None else msgspec.json.decode(text, type=Contact)

    def bank(self, claim: str, who: str = "") -> BankDetails | None:
        """Where to pay. When an operator (``who``) looks, that is written down."""
        text = self._books.secret(claim, "bank")
        if who and text is not None:
            self._add(self.case(claim), [self._said(claim, FactKind.BANK_SHOWN, WHOLE, who)])
        return None if text is None else msgspec.json.decode(text, type=BankDetails)

    def set_bank(self, claim: str, bank: BankDetails) -> None:
        """The customer's other account. Raises `WachtelError` (conflict) once everything is paid, (disk_error)."""
        case = self.case(claim)
        if case.standing.stage not in OPEN:
            raise WachtelError(ErrorKind.CONFLICT, "This claim is closed; nothing more is paid for it.")
        self._books.put_secret(claim, "bank", msgspec.json.encode(bank).decode())
        self._add(case, [self._said(claim, FactKind.BANK_CHANGED, WHOLE, CUSTOMER)])

    def add_file(self, claim: str, item: str, name: str, content: bytes, who: str = CUSTOMER) -> ClaimCase:
        """A receipt from the customer, or a label from an operator. Raises `WachtelError` (invalid, conflict,
        not_found, disk_full)."""
        case = self.case(claim)
        check_item(case.claim, item)
        kind = kind_of(content)
        purpose = "receipt" if who == CUSTOMER else "label"
        sha256 = self._files.keep(claim, content)
        row = ClaimFileRow(
            sha256, item, purpose, shown_name(name, kind), kind.media_type, len(content), who, self._clock.wall_us()
        )  # fmt: skip
        if self._books.add_file(claim, row, MOST_FILES):
            coming = FactKind.RECEIPT_CAME if who == CUSTOMER else FactKind.LABEL_SENT
            self._add(case, [self._said(claim, coming, item, who, note=row.name)])
        return self.case(claim)

    def file(self, claim: str, sha256: str) -> tuple[ClaimFileRow, bytes]:
        """A file with its bytes. Raises `WachtelError` (not_found, bad_data)."""
        for row in self._books.files(claim):
            if row.sha256 == sha256:
                return row, self._files.read(claim, sha256)
        raise WachtelError(ErrorKind.NOT_FOUND, "This file is not there.")

    def say(
        self,
        claim: str,
        kind: FactKind,
        item: str,
        who: str,
        on: date | None = None,
        amount: Money | None = None,
        note: str = "",
    ) -> ClaimCase:
        """Adds a fact; saying the same again changes nothing. Raises `WachtelError` (invalid, conflict, not_found)."""
        case = self.case(claim)
        fact = self._said(claim, kind, item, who, on, amount, note)
        if nothing_new(case.facts, fact):
            return case
        check_fact(case.claim, case.facts, fact, self._day(case.claim))
        self._add(case, [fact])
        return self.case(claim)

    def pay(self, claim: str, reference: str, who: str) -> ClaimCase:
        """Notes that what is due was paid. Doing it again with the same reference changes nothing. Raises
        `WachtelError` (conflict when nothing is due, not_found)."""
        case = self.case(claim)
        due = [one for one in case.standing.items if one.due.minor]
        if not due:
            if any(one.kind is FactKind.PAID and one.note == reference for one in case.facts):
                return case
            raise WachtelError(ErrorKind.CONFLICT, f"Nothing is due for the claim {claim}.")
        self._add(
            case,
            [self._said(claim, FactKind.PAID, one.name, who, amount=one.due, note=reference) for one in due],
        )
        return self.case(claim)

    def forget(self, claim: str, who: str) -> ClaimCase:
        """Deletes name, bank details and files of a claim that is over; decision and payments stay. Raises
        `WachtelError` (conflict while it is open)."""
        case = self.case(claim)
        if case.standing.stage in OPEN:
            raise WachtelError(
                ErrorKind.CONFLICT,
                f"The claim {claim} is still open.",
                hint="Personal data can be deleted once it is paid, rejected or withdrawn.",
            )
        self._files.forget(claim)
        self._books.forget(claim)
        self._add(case, [self._said(claim, FactKind.FORGOTTEN, WHOLE, who)])
        return self.case(claim)

    def refresh(self, most: int = 1000) -> None:
        """Looks again at claims whose time ran out meanwhile; called before claims are listed."""
        today = datetime.fromtimestamp(self._clock.wall_us() / US_PER_S, UTC).date()
        for row in self._books.overdue(today.isoformat(), most):
            self._renew(row.id)

    def _take_in(
        self, value: Any, source: str, key_hash: bytes | None, secret: Mapping[str, str]
    ) -> HandedIn:
        read = read_claim(value)
        if isinstance(read, Rejection):
            return HandedIn(None, read)
        late = standing_on(self._day(read), read, (), self.settings().rules()).stage is Stage.REJECTED
        serials = [] if late else dict.fromkeys(serial_key(camera.serial) for camera in read.cameras)
        row = ClaimRow(
            read.id, key_hash, json.dumps(value, ensure_ascii=False), Stage.CHECKING, None, source,
            self._clock.wall_us(),
        )  # fmt: skip
        self._books.add(row, serials, secret)
        self._renew(read.id)
        return HandedIn(read.id)

    def _again(self, known: ClaimRow, value: Mapping[str, Any]) -> HandedIn:
        """Handed in twice, as by a click that was repeated: the first time counts."""
        stored, fresh = json.loads(known.body), dict(value)
        if known.key_hash is not None:
            for name in ("id", "submitted_at"):
                fresh[name] = stored[name]
        if stored != fresh:
            raise WachtelError(ErrorKind.CONFLICT, f"Another claim has the id {known.id}.")
        return HandedIn(known.id, new=False)

    def _add(self, case: ClaimCase, facts: Sequence[Fact]) -> None:
        """Adds facts, and what is decided by them."""
        day = self._day(case.claim)
        known = (*case.facts, *facts)
        rules, duplicates = self.settings().rules(), self._duplicates(case.claim, case.row.id)
        standing = standing_on(day, case.claim, known, rules, duplicates)
        decided = [replace(one, at=self._clock.wall_us()) for one in decided_now(standing, known, day)]
        standing = standing_on(day, case.claim, (*known, *decided), rules, duplicates)
        rows = [_row(one) for one in (*facts, *decided)]
        until = None if standing.until is None else standing.until.isoformat()
        self._books.note(case.row.id, rows, standing.stage, until)

    def _renew(self, claim: str) -> None:
        self._add(self.case(claim), [])

    def _duplicates(self, claim: Claim, name: str) -> frozenset[int]:
        keys = [serial_key(camera.serial) for camera in claim.cameras]
        owners = self._books.owners(keys) if keys else {}
        return frozenset(
            number for number, key in enumerate(keys) if owners.get(key, name) != name or key in keys[:number]
        )

    def _said(
        self,
        claim: str,
        kind: FactKind,
        item: str,
        who: str,
        on: date | None = None,
        amount: Money | None = None,
        note: str = "",
    ) -> Fact:
        row = self._books.get(claim)
        residence = json.loads(row.body)["residence"] if row else "DE"
        day = on or _day(self._clock.wall_us(), residence)
        return Fact(kind, item, day, who, amount, note, self._clock.wall_us())

    def _day(self, claim: Claim) -> date:
        return _day(self._clock.wall_us(), claim.residence)


def closed() -> WachtelError:
    """No form is open."""
    return WachtelError(
        ErrorKind.NOT_FOUND,
        "No claims can be handed in here.",
        hint="An operator opens the form with `wachtel claim desk --open`.",
    )


def unknown() -> WachtelError:
    """There is no such claim, or the key is another one's."""
    return WachtelError(
        ErrorKind.NOT_FOUND, "There is no such claim.", hint="Use the link that you were given."
    )


def _fact(row: ClaimFactRow) -> Fact:
    amount = None if row.minor is None or row.currency is None else Money(row.minor, row.currency)
    return Fact(
        FactKind(row.kind), row.item, date.fromisoformat(row.on_day), row.by, amount, row.note, WallUs(row.at)
    )


def _row(fact: Fact) -> ClaimFactRow:
    minor, currency = (None, None) if fact.amount is None else (fact.amount.minor, fact.amount.currency)
    return ClaimFactRow(
        fact.kind, fact.item, fact.on.isoformat(), fact.by, minor, currency, fact.note, fact.at
    )


def _day(now: WallUs, residence: str) -> date:
    """The day it is where the claimant lives."""
    return local_time(datetime.fromtimestamp(now / US_PER_S, UTC), residence).date()


def _stamp(now: WallUs) -> str:
    return datetime.fromtimestamp(now // US_PER_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _id_of(key_hash: bytes) -> str:
    """Eight letters that the key gives, so that a repeated hand-in finds the first one."""
    number = int.from_bytes(hashlib.sha256(b"claim id" + key_hash).digest()[:8])
    letters = ""
    for _ in range(8):
        number, digit = divmod(number, len(_ID_LETTERS))
        letters += _ID_LETTERS[digit]
    return f"{letters[:4]}-{letters[4:]}"
