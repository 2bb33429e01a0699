"""The machine-readable notice that a service ends: canonical bytes, signed by the operator's key.

It is read by anybody who may be deceived, so it is only ever text to be shown: nothing in here,
and nobody who calls it, changes what is recorded. ``docs/reference/sunset.md`` has the format.
"""

from datetime import date, timedelta

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wachtel.base.errors import ErrorKind, WachtelError

FORMAT = 1
SHORTEST_NOTICE_DAYS = 180
LARGEST_BYTES = 64 * 1024
_DOMAIN = b"wachtel sunset notice\n"
_LONGEST = {"operator": 300, "reason": 4000, "id": 100}


class SunsetNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service ends on ``ends_on``, the first day without it. ``version`` counts amendments from 1, ``refund_percent``
    is what is paid of the computed refund (100 or more), ``forced``: the notice is shorter than it should be."""

    format: int
    id: str
    version: int
    operator: str
    announced_on: date
    ends_on: date
    reason: str
    refund_policy: str
    refund_percent: int
    forced: bool


class SignedNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: the notice as an object, signature and public key in hex."""

    notice: msgspec.Raw
    signature: str
    key: str


def canonical(notice: SunsetNotice) -> bytes:
    """The bytes that are signed: JSON, UTF-8, keys sorted, no white space."""
    return msgspec.json.encode(notice, order="sorted")


def sign(notice: SunsetNotice, key: Ed25519PrivateKey) -> bytes:
    """The signature (RFC 8032) over the canonical bytes with a prefix that nothing else of ours has."""
    return key.sign(_DOMAIN + canonical(notice))


def signed_by(body: bytes, signature: bytes, key: bytes) -> bool:
    """True when ``signature`` is that of the public ``key`` over ``body``."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _DOMAIN + body)
    except (InvalidSignature, ValueError):
        return False
    return True


def as_file(body: bytes, signature: bytes, key: bytes) -> bytes:
    """The notice with its proof, to be handed on."""
    return msgspec.json.encode(SignedNotice(msgspec.Raw(body), signature.hex(), key.hex()))


def read_notice(body: bytes) -> SunsetNotice:
    """A notice in its canonical bytes. Raises `WachtelError` (bad_data) for anything else, whatever it is."""
    try:
        notice = msgspec.json.decode(body[: LARGEST_BYTES + 1], type=SunsetNotice)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(f"{error}"[:200]) from error
    if len(body) > LARGEST_BYTES or canonical(notice) != body:
        raise _unreadable("it is not in its canonical form")
    wrong = problem_of(notice)
    if wrong:
        raise _unreadable(wrong)
    return notice


def read_file(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Body in canonical bytes, signature and key of a file as `as_file` makes it, however it was laid out since.

    Raises `WachtelError` (bad_data).
    """
    try:
        found = msgspec.json.decode(data[: 2 * LARGEST_BYTES], type=SignedNotice)
        body = msgspec.json.encode(msgspec.json.decode(found.notice), order="sorted")
        return body, bytes.fromhex(found.signature), bytes.fromhex(found.key)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _unreadable(f"{error}"[:200]) from error


def problem_of(notice: SunsetNotice) -> str:
    """What is wrong with a notice, "" when nothing is."""
    if notice.format != FORMAT:
        return f"it has format {notice.format}, and this version knows {FORMAT}"
    if notice.version < 1 or not 100 <= notice.refund_percent <= 1000:
        return "its version or its refund is out of range"
    if any(not 0 < len(getattr(notice, name)) <= most for name, most in _LONGEST.items()):
        return "operator, reason or id is empty or too long"
    if not date(2000, 1, 1) <= notice.announced_on < notice.ends_on <= date(2199, 12, 31):
        return "it does not end after it was announced"
    if (notice.ends_on - notice.announced_on).days < SHORTEST_NOTICE_DAYS and not notice.forced:
        return f"the end is less than {SHORTEST_NOTICE_DAYS} days away"
    return ""


def announce(
    notice_id: str, operator: str, reason: str, today: date, ends_on: date, *, force: bool = False
) -> SunsetNotice:
    """The first version. Raises `WachtelError` (invalid), also for less than 180 days unless ``force`` is set."""
    notice = SunsetNotice(
        FORMAT, notice_id, 1, operator, today, ends_on, reason, "wachtel-promise", 100,
        force and (ends_on - today).days < SHORTEST_NOTICE_DAYS,
    )  # fmt: skip
    wrong = problem_of(notice)
    if wrong:
        earliest = today + timedelta(days=SHORTEST_NOTICE_DAYS)
        raise WachtelError(
            ErrorKind.INVALID,
            f"This end cannot be announced: {wrong}.",
            hint=f"Customers need time: the earliest end is {earliest}. Only who is forced may say less.",
            details={"field": "ends_on"},
        )
    return notice


def amend(
    notice: SunsetNotice, ends_on: date | None, refund_percent: int | None, reason: str | None
) -> SunsetNotice:
    """The next version. Raises `WachtelError` (invalid) for what does not favour the customers."""
    end, percent = ends_on or notice.ends_on, refund_percent or notice.refund_percent
    if end < notice.ends_on or percent < notice.refund_percent:
        raise WachtelError(
            ErrorKind.INVALID,
            "An amendment may only favour the customers: a later end, or larger refunds.",
            hint=f"It now says {notice.ends_on} and {notice.refund_percent} percent.",
            details={"field": "ends_on" if end < notice.ends_on else "refund_percent"},
        )
    changed = msgspec.structs.replace(
        notice,
        version=notice.version + 1,
        ends_on=end,
        refund_percent=percent,
        reason=reason or notice.reason,
    )
    wrong = problem_of(changed)
    if wrong or msgspec.structs.replace(changed, version=notice.version) == notice:
        raise WachtelError(ErrorKind.INVALID, f"This cannot be amended: {wrong or 'nothing changes'}.")
    return changed


def _unreadable(why: str) -> WachtelError:
    return WachtelError(ErrorKind.BAD_DATA, f"This is not a notice of the end of a service: {why}.")
