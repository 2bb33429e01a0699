"""Tokens at the RTSP door: who is right, and what guessing costs."""

import hashlib

import pytest

from wachtel.accounts.tokens import RTSP_REALM, digest_secret
from wachtel.pipeline.gateway.door import REALM, WrongTries, challenges, is_right
from wachtel.pipeline.gateway.messages import TokenAnswer
from wachtel.protocols.http_auth import Challenge, answer, basic_challenge, parse_authorization
from wachtel.testing.clock import FakeClock

SECRET = digest_secret("vlc", "token")
TOKEN = TokenAnswer(1, "t1", hashlib.sha256(b"token").digest(), SECRET.md5, SECRET.sha256, True)
WAYS = challenges("nonce", stale=False)


def right(way: Challenge, password: str, token: TokenAnswer = TOKEN, nonce: str = "nonce") -> bool:
    sent = parse_authorization(answer(way, "PLAY", "rtsp://h/garden", "vlc", password, "c"))
    assert sent is not None
    return is_right(sent, "PLAY", nonce, token)


def test_the_realm_is_that_of_stored_secrets() -> None:
    assert REALM == RTSP_REALM


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.scheme}-{way.algorithm}")
def test_a_right_token_is_right_by_every_way_and_a_wrong_one_by_none(way: Challenge) -> None:
    assert right(way, "token")
    assert not right(way, "Token")
    assert not right(way, "")
    assert not right(way, "token", TokenAnswer(1))


def test_a_digest_counts_for_its_nonce_and_method_only() -> None:
    assert not right(WAYS[0], "token", nonce="another")
    sent = parse_authorization(answer(WAYS[0], "DESCRIBE", "rtsp://h/garden", "vlc", "token", "c"))
    assert sent is not None
    assert not is_right(sent, "PLAY", "nonce", TOKEN)


def test_a_lost_key_leaves_basic() -> None:
    keyless = TokenAnswer(1, "t1", TOKEN.hash, may_view=True)
    assert right(basic_challenge(REALM), "token", keyless)
    assert not right(WAYS[1], "token", keyless)


def test_ten_thousand_wrong_tokens_are_slowed_down_and_hurt_nobody_else() -> None:
    clock = FakeClock()
    tries = WrongTries(clock)
    looked_at = 0
    for _ in range(10_000):
        if not tries.must_wait("vlc", "10.0.0.9"):
            looked_at += 1
            tries.wrong("vlc", "10.0.0.9")
    assert looked_at <= 6
    assert tries.must_wait("VLC", "10.0.0.9")
    assert not tries.must_wait("vlc", "10.0.0.8")
    assert not tries.must_wait("frigate", "10.0.0.9")
    assert tries.delay_s("10.0.0.8") == 0


def test_names_without_end_are_answered_late_and_not_remembered_for_ever() -> None:
    tries = WrongTries(FakeClock())
    for number in range(10_000):
        tries.wrong(f"name{number}", "2001:db8::1")
    assert tries.delay_s("2001:db8::2") > 0
    assert tries.delay_s("2001:db8:1::2") == 0
    assert len(tries._counts) <= 4096


def test_a_right_token_begins_anew() -> None:
    tries = WrongTries(FakeClock())
    for _ in range(5):
        tries.wrong("vlc", "10.0.0.9")
    assert tries.must_wait("vlc", "10.0.0.9")
    tries.right("vlc", "10.0.0.9")
    assert not tries.must_wait("vlc", "10.0.0.9")
