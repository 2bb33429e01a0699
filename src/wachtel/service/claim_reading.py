"""From JSON values to a claim: everything wrong with it is named, each with its field."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from wachtel.base.errors import WachtelError
from wachtel.service.claim import CAMERA_KINDS, PLANS, Claim, ClaimedCamera, ClaimedSubscription
from wachtel.service.codes import CURRENCIES, CURRENCY_OF, minor_digits
from wachtel.service.decision import Problem, Rejection
from wachtel.service.local_time import local_time
from wachtel.service.money import Money, parse_money
from wachtel.service.words import Words

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
LONGEST_ID = 200

_CLAIM = frozenset({"id", "residence", "submitted_at", "received_at", "subscription", "cameras"})
_SUBSCRIPTION = frozenset({"plan", "starts_on", "ends_on", "receipt", "price", "currency"})
_CAMERA = frozenset({
    "serial", "kind", "bought_on", "price", "currency", "voucher", "dealer_receipt", "label_received_on",
    "returned_on", "delivered_on", "bought_in",
})  # fmt: skip
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

T = TypeVar("T")


class WrongFieldError(Exception):
    """One field is wrong."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(de, en)


class Reader:
    """Reads fields of one JSON object and collects what is wrong with them."""

    def __init__(
        self, values: dict[str, Any], path: str, problems: list[Problem], known: frozenset[str]
    ) -> None:
        self._values, self._path, self._problems = values, path, problems
        for name in values.keys() - known:
            self.wrong(
                name[:60].encode(errors="backslashreplace").decode(),
                WrongFieldError("Dieses Feld ist unbekannt.", "This field is not known."),
            )

    def wrong(self, name: str, problem: WrongFieldError) -> None:
        """Notes what is wrong with a field."""
        self._problems.append(Problem(self._path + name, problem.words))

    def optional(self, name: str, read: Callable[[Any], T]) -> T | None:
        """None if it is absent, null or wrong."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return read(value)
        except WrongFieldError as problem:
            self.wrong(name, problem)
        except WachtelError as error:
            self.wrong(name, WrongFieldError(f"Kein gültiger Wert: {str(value)[:40]!r}.", str(error)))
        return None

    def required(self, name: str, read: Callable[[Any], T], stand_in: T) -> T:
        """Like `optional`, but its absence is wrong too."""
        if self._values.get(name) is None:
            self.wrong(name, WrongFieldError("Dieses Feld fehlt.", "This field is missing."))
            return stand_in
        found = self.optional(name, read)
        return stand_in if found is None else found


def read_claim(value: Any) -> Claim | Rejection:
    """A claim, or everything that is wrong with it."""
    if not isinstance(value, dict):
        words = Words("Ein Antrag ist ein JSON-Objekt.", "A claim is a JSON object.")
        return Rejection(None, (Problem("claim", words),))
    problems: list[Problem] = []
    fields = Reader(value, "", problems, _CLAIM)
    residence = fields.required("residence", _region, "DE")
    claim = Claim(
        id=fields.required("id", _name, ""),
        residence=residence,
        submitted_at=local_time(fields.required("submitted_at", _moment, datetime.min), residence),
        received_at=_local(fields.optional("received_at", _moment), residence),
        subscription=_subscription(fields.optional("subscription", _object), problems),
        cameras=tuple(
            _camera(fields, camera, number, problems)
            for number, camera in enumerate(fields.optional("cameras", _list) or ())
        ),
    )
    return Rejection(claim.id or None, tuple(sorted(problems, key=_field))) if problems else claim


def _field(problem: Problem) -> str:
    return problem.field


def _local(moment: datetime | None, residence: str) -> datetime | None:
    return local_time(moment, residence) if moment else None


def _subscription(value: dict[str, Any] | None, problems: list[Problem]) -> ClaimedSubscription | None:
    if value is None:
        return None
    fields = Reader(value, "subscription.", problems, _SUBSCRIPTION)
    starts = fields.required("starts_on", _day, EARLIEST)
    ends = fields.required("ends_on", _day, LATEST)
    if ends < starts:
        fields.wrong(
            "ends_on", WrongFieldError("Das Ende liegt vor dem Beginn.", "It ends before it starts.")
        )
    return ClaimedSubscription(
        plan=fields.required("plan", _one_of(PLANS), PLANS[0]),
        starts_on=starts,
        ends_on=ends,
        receipt=fields.optional("receipt", _flag) or False,
        price=_price(fields, value),
    )


def _camera(claim: Reader, value: Any, number: int, problems: list[Problem]) -> ClaimedCamera:
    path = f"cameras[{number}]"
    if not isinstance(value, dict):
        claim.wrong(path, WrongFieldError("Eine Kamera ist ein JSON-Objekt.", "A camera is a JSON object."))
        return ClaimedCamera("")
    fields = Reader(value, f"{path}.", problems, _CAMERA)
    price = _price(fields, value)
    return ClaimedCamera(
        serial=fields.required("serial", _name, ""),
        kind=fields.optional("kind", _one_of(CAMERA_KINDS)) or "refund",
        bought_on=fields.optional("bought_on", _day),
        price=price,
        voucher_minor=_voucher(fields, price),
        dealer_receipt=fields.optional("dealer_receipt", _flag),
        label_received_on=fields.optional("label_received_on", _day),
        returned_on=fields.optional("returned_on", _day),
        delivered_on=fields.optional("delivered_on", _day),
        bought_in=fields.optional("bought_in", _region),
    )


def _price(fields: Reader, value: dict[str, Any]) -> Money | None:
    """Price and currency belong together."""
    currency = fields.optional("currency", _currency)
    if value.get("price") is not None and value.get("currency") is None:
        fields.wrong("currency", WrongFieldError("Dieses Feld fehlt.", "This field is missing."))
    return fields.optional("price", lambda text: _money(text, currency or _finest(text)))


def _finest(text: Any) -> str:
    """A stand-in while the currency is unknown, so that the amount's own faults are still told."""
    return "EUR" if not isinstance(text, str) or minor_digits("EUR") >= len(text.partition(".")[2]) else "KWD"


def _voucher(fields: Reader, price: Money | None) -> int:
    found = fields.optional("voucher", lambda text: _money(text, price.currency if price else _finest(text)))
    return found.minor if found else 0


def _money(value: Any, currency: str) -> Money:
    return parse_money(_text(value), currency)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongFieldError("Hier steht ein Text in Anführungszeichen.", "This is text in quotation marks.")
    return value


def _name(value: Any) -> str:
    text = _text(value)
    if not text.strip() or len(text) > LONGEST_ID or not text.isprintable():
        raise WrongFieldError(
            f"Das sind 1 bis {LONGEST_ID} druckbare Zeichen.",
            f"This is 1 to {LONGEST_ID} printable characters.",
        )
    return text


def _day(value: Any) -> date:
    text = _text(value)
    day = _possible_day(text[:40])
    if day is None:
        raise WrongFieldError(
            f"{text[:40]!r} ist kein Datum wie 2020-05-29.",
            f"{text[:40]!r} is not a date such as 2020-05-29.",
        )
    return day


@lru_cache(maxsize=4096)
def _possible_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return day if day and EARLIEST <= day <= LATEST else None


def _moment(value: Any) -> datetime:
    text = _text(value)
    try:
        moment = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None or not EARLIEST <= moment.date() <= LATEST:
        raise WrongFieldError(
            f"{text[:40]!r} ist keine Zeit wie 2020-06-10T12:00:00.",
            f"{text[:40]!r} is not a time such as 2020-06-10T12:00:00.",
        )
    return moment


def _region(value: Any) -> str:
    text = _text(value)
    if text not in CURRENCY_OF:
        raise WrongFieldError(
            f"{text[:20]!r} ist kein Ländercode wie DE (ISO 3166-1).",
            f"{text[:20]!r} is not a region code such as DE (ISO 3166-1).",
        )
    return text


def _currency(value: Any) -> str:
    text = _text(value)
    if text not in CURRENCIES:
        raise WrongFieldError(
            f"{text[:20]!r} ist keine Währung wie EUR (ISO 4217).",
            f"{text[:20]!r} is not a currency such as EUR (ISO 4217).",
        )
    return text


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongFieldError("Hier steht true oder false.", "This is true or false.")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongFieldError("Hier steht ein JSON-Objekt.", "This is a JSON object.")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise WrongFieldError("Hier steht eine JSON-Liste.", "This is a JSON list.")
    return value


def _one_of(allowed: tuple[T, ...]) -> Callable[[Any], T]:
    def read(value: Any) -> T:
        for each in allowed:
            if value == each and isinstance(value, str):
                return each
        names = ", ".join(str(each) for each in allowed)
        raise WrongFieldError(f"Möglich ist: {names}.", f"It is one of: {names}.")

    return read
