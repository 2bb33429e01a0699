"""The notice of the end and its order, without a database: only in favour of customers, and only ever text."""

from datetime import date, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.sunset_notice import (
    SunsetNotice,
    amend,
    announce,
    as_file,
    canonical,
    read_file,
    read_notice,
    sign,
    signed_by,
)
from wachtel.service.sunset_steps import ORDER, Done, Facts, Step, advance, next_step

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
TODAY = date(2026, 11, 22)
END = date(2027, 6, 30)


def a_notice(reason: str = "We retire.", ends_on: date = END) -> SunsetNotice:
    return announce("n1", "Village Net", reason, TODAY, ends_on)


def test_a_notice_is_signed_and_read_again() -> None:
    notice = a_notice("Schluß, aus „Gründen“ <b>")
    body, signature, key = read_file(as_file(canonical(notice), sign(notice, KEY), PUBLIC))
    assert read_notice(body) == notice and signed_by(body, signature, key)


def test_the_layout_of_a_file_does_not_matter_and_its_content_does() -> None:
    notice = a_notice()
    laid_out = msgspec.json.format(as_file(canonical(notice), sign(notice, KEY), PUBLIC), indent=4)
    assert signed_by(*read_file(laid_out))
    assert not signed_by(*read_file(laid_out.replace(b"2027-06-30", b"2027-06-29")))


def test_the_canonical_bytes_are_as_documented() -> None:
    assert canonical(a_notice()) == (
        b'{"announced_on":"2026-11-22","ends_on":"2027-06-30","forced":false,"format":1,"id":"n1",'
        b'"operator":"Village Net","reason":"We retire.","refund_percent":100,'
        b'"refund_policy":"wachtel-promise","version":1}'
    )


def test_half_a_year_is_the_least() -> None:
    assert not a_notice(ends_on=TODAY + timedelta(days=180)).forced
    with pytest.raises(WachtelError, match="180 days"):
        a_notice(ends_on=TODAY + timedelta(days=179))
    assert announce("n", "V", "r", TODAY, TODAY + timedelta(days=1), force=True).forced
    with pytest.raises(WachtelError):
        announce("n", "V", "r", TODAY, TODAY, force=True)


@given(st.integers(-400, 400), st.integers(100, 300), st.integers(100, 300))
def test_amendments_only_favour_the_customers(days: int, before: int, percent: int) -> None:
    notice = msgspec.structs.replace(a_notice(), refund_percent=before)
    try:
        later = amend(notice, END + timedelta(days=days), percent, None)
    except WachtelError:
        assert days < 0 or percent < before or (days, percent) == (0, before)
        return
    assert later.ends_on >= notice.ends_on and later.refund_percent >= before
    assert later.version == notice.version + 1 and days >= 0 and percent >= before


@given(st.binary(max_size=400) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(SunsetNotice.__struct_fields__), inner),
    max_leaves=12,
).map(msgspec.json.encode))  # fmt: skip
def test_nothing_but_a_notice_is_read_as_one(body: bytes) -> None:
    for read in (read_notice, read_file):
        with pytest.raises(WachtelError) as caught:
            read(body)
        assert caught.value.kind is ErrorKind.BAD_DATA


@given(st.text(min_size=1, max_size=60), st.binary(max_size=70))
def test_a_forged_signature_proves_nothing(reason: str, forged: bytes) -> None:
    assert not signed_by(canonical(a_notice(reason)), forged, PUBLIC)
    assert not signed_by(canonical(a_notice(reason)), sign(a_notice(reason), KEY), forged)


@given(
    st.lists(st.sampled_from(ORDER), max_size=14), st.integers(0, 300), st.integers(0, 1), st.integers(0, 1)
)
def test_no_step_is_left_out(wished: list[Step], days: int, without: int, unpaid: int) -> None:
    done: list[Done] = []
    facts = Facts(TODAY + timedelta(days=days), END, without, unpaid)
    for step in wished:
        try:
            done.append(advance(done, step, "proof", facts))
        except WachtelError as error:
            assert error.kind is ErrorKind.CONFLICT
    assert [each.step for each in done] == list(ORDER[: len(done)])
    if without:
        assert len(done) <= 3
    if unpaid:
        assert len(done) <= 4
    if facts.today < END:
        assert next_step(done) is not None


def test_a_step_needs_evidence() -> None:
    with pytest.raises(WachtelError, match="evidence"):
        advance([], Step.ANNOUNCED, " ", Facts(TODAY, END))
