import pytest

from wachtel.protocols import http_auth
from wachtel.protocols.http_auth import (
    AuthScheme,
    BasicCredentials,
    Challenge,
    DigestAlgorithm,
    DigestCredentials,
)

RFC_REALM = "http-auth@example.org"
RFC_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
RFC_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        (DigestAlgorithm.MD5, "8ca523f5e9506fed4657c9700eebdbec"),
        (DigestAlgorithm.SHA256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: DigestAlgorithm, response: str) -> None:
    challenge = http_auth.digest_challenge(RFC_REALM, RFC_NONCE, algorithm)
    value = http_auth.answer(challenge, "GET", "/dir/index.html", "Mufasa", "Circle of Life", RFC_CNONCE)
    credentials = http_auth.parse_authorization(value)
    assert isinstance(credentials, DigestCredentials)
    assert credentials.response == response


def test_the_example_of_rfc_2617_without_qop() -> None:
    challenge = Challenge(AuthScheme.DIGEST, "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    value = http_auth.answer(challenge, "GET", "/dir/index.html", "Mufasa", "Circle Of Life", "ignored")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in value and "cnonce" not in value


@pytest.mark.parametrize("algorithm", DigestAlgorithm)
@pytest.mark.parametrize("password", ["right", 'ä"\\:,= ', ""])
def test_a_digest_both_ways(algorithm: DigestAlgorithm, password: str) -> None:
    (challenge,) = http_auth.parse_challenges(
        [http_auth.digest_challenge('a "realm"', "n", algorithm).encode()]
    )
    value = http_auth.answer(challenge, "DESCRIBE", "rtsp://c/a", 'us"er', password, "c", 3)
    credentials = http_auth.parse_authorization(value)
    assert isinstance(credentials, DigestCredentials)
    assert (credentials.user, credentials.realm, credentials.nc) == ('us"er', 'a "realm"', "00000003")
    secret = http_auth.ha1('us"er', 'a "realm"', password, algorithm)
    assert http_auth.check_digest(credentials, "DESCRIBE", secret)
    assert not http_auth.check_digest(credentials, "PLAY", secret)
    assert not http_auth.check_digest(credentials, "DESCRIBE", http_auth.ha1("us", "r", "wrong", algorithm))


def test_basic_both_ways() -> None:
    value = http_auth.answer(http_auth.basic_challenge("r"), "PLAY", "*", "user", "pass:word", "")
    credentials = http_auth.parse_authorization(value)
    assert credentials == BasicCredentials("user", "pass:word")
    assert http_auth.check_basic(BasicCredentials("user", "ä"), "user", "ä")
    assert not http_auth.check_basic(BasicCredentials("user", "ä"), "user", "a")
    assert not http_auth.check_basic(BasicCredentials("User", "ä"), "user", "ä")


def test_the_strongest_of_several_challenges_in_one_line() -> None:
    line = 'Basic realm="a, b=c", Digest realm="r", nonce="1, Digest x=", qop="auth,auth-int", '
    line += "stale=TRUE, Other x=y"
    found = http_auth.parse_challenges(
        [line, 'Digest realm="r",nonce="2",algorithm=SHA-256', "Digest algorithm=NEW"]
    )
    assert [(one.scheme, one.nonce) for one in found] == [
        ("basic", ""),
        ("digest", "1, Digest x="),
        ("digest", "2"),
    ]
    assert found[0].realm == "a, b=c" and found[1].qop == ("auth", "auth-int") and found[1].stale
    best = http_auth.strongest(found)
    assert best is not None and best.algorithm is DigestAlgorithm.SHA256
    assert http_auth.strongest(()) is None


@pytest.mark.parametrize(
    "value", ["", "Basic", "Basic %%", "Basic YQ==", "Digest username=a", "Bearer x", "Digest algorithm=x"]
)
def test_unreadable_answers(value: str) -> None:
    assert http_auth.parse_authorization(value) is None
