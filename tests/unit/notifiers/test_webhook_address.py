"""Where a webhook may lead, and what of its address may be seen."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wachtel.base.address import resolve_host
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.web_address import parse_web_url
from wachtel.notifiers.webhook import driver

NOT_A_WEBHOOK = [
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://example.org/",
    "gopher://example.org/_x",
    "data:text/plain,x",
    "javascript:alert(1)",
    "rtsp://192.168.1.20/",
    "unix:///run/docker.sock",
    "http:example.org",
    "//example.org/",
    "example.org/hook",
    "",
    "http://",
    "http:///path",
    "https://:443/",
    "http://example.org:0/",
    "http://example.org:65536/",
    "http://example.org:80:80/",
    "http://example.org:8x/",
    "http://exa mple.org/",
    "http://example.org\\@127.0.0.1/",
    "http://example.org/\r\nHost: evil",
    "http://example.org/\x00",
    "http://[::1",
    "http://::1/",
    "http://[fe80::1%25eth0]/",
    "http://[::g]/",
    "http://-example.org/",
    "http://ex..ample/",
    "http://１２７.0.0.1/",
    "http://" + "a" * 3000,
]
LOCAL = [
    "http://127.0.0.1/",
    "http://127.9.9.9:8080/x",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://foo.localhost/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]:80/",
    "http://[fe80::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[::127.0.0.1]/",
    "http://user:pass@127.0.0.1/",
    "http://example.org@127.0.0.1/",
    "http://example.org:80@[::1]/",
    "HTTP://127.0.0.1",
]
NEVER = [
    "http://0.0.0.0/",
    "http://0/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[ff02::1]/",
    "http://[::ffff:0.0.0.0]/",
]


def refusal(url: str, *, allow_local: bool) -> WachtelError:
    with pytest.raises(WachtelError) as caught:
        driver.create(url, allow_local=allow_local)
    assert caught.value.kind is ErrorKind.FORBIDDEN_URL
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("url", NOT_A_WEBHOOK)
def test_nothing_but_a_web_address_is_accepted(url: str) -> None:
    refusal(url, allow_local=True)


@pytest.mark.parametrize("url", LOCAL)
def test_this_machine_needs_consent(url: str) -> None:
    refusal(url, allow_local=False)
    driver.create(url, allow_local=True)


@pytest.mark.parametrize("url", NEVER)
def test_what_is_no_single_device_is_never_told(url: str) -> None:
    refusal(url, allow_local=False)
    refusal(url, allow_local=True)


def test_a_name_is_judged_when_it_is_resolved() -> None:
    """What no parser can see, the resolver does: see also the tests of `resolve_host`."""
    with pytest.raises(WachtelError) as caught:
        resolve_host("localhost", 80, allow_local=False, timeout_s=5)
    assert caught.value.kind is ErrorKind.FORBIDDEN_URL


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("https://example.org", "example.org", "/"),
        ("https://Example.ORG:443/a/b?c=d&e#f", "example.org", "/a/b?c=d&e"),
        ("http://example.org:8080?x", "example.org:8080", "/?x"),
        ("http://192.168.1.9/ä b".replace(" ", "%20"), "192.168.1.9", "/%C3%A4%20b"),
        ("http://[fd00::9]:81/x", "[fd00::9]:81", "/x"),
        ("https://a:b@example.org/%2e%2e/x", "example.org", "/%2e%2e/x"),
        ("https://example.org/a@b:c//d", "example.org", "/a@b:c//d"),
    ],
)
def test_addresses_of_receivers(url: str, authority: str, target: str) -> None:
    parsed = parse_web_url(url, allow_local=False)
    assert (parsed.authority, parsed.target) == (authority, target)


CANARIES = ("user-canary", "pass-canary", "path-canary", "query-canary")


@pytest.mark.parametrize(
    "place",
    [
        "https://{user}:{word}@hooks.example/{path}?token={query}",
        "https://{user}:{word}@hooks.example:99999/{path}?{query}",
        "https://{user}:{word}@127.0.0.1/{path}?{query}",
        "ftp://{user}:{word}@hooks.example/{path}?{query}",
        "https://{user}:{word}@/{path}?{query}",
        "https://{user}:{word}@hooks example/{path}?{query}",
        "https://{user}:{word}@[::zz]/{path}?{query}",
    ],
)
def test_no_secret_of_an_address_is_shown(place: str) -> None:
    user, word, path, query = CANARIES
    url = place.format(user=user, word=word, path=path, query=query)
    try:
        seen = driver.address(driver.create(url, allow_local=False))
    except WachtelError as error:
        seen = f"{error} {error.details}"
    assert [canary for canary in CANARIES if canary in seen] == []


def test_what_is_shown_tells_the_receiver_apart() -> None:
    settings = driver.create("https://u:p@hooks.example:8443/services/T0/B0/secret", allow_local=False)
    assert driver.address(settings) == "https://hooks.example:8443/…"
    assert len(driver.secret(settings)) >= 43


def test_secrets_differ_and_stay() -> None:
    first, second = (driver.create("https://example.org/", allow_local=False) for _ in range(2))
    assert first.secret != second.secret
    changed = driver.change(first, "https://example.com/", allow_local=False)
    assert (changed.secret, changed.url) == (first.secret, "https://example.com/")
    with pytest.raises(WachtelError):
        driver.change(first, "http://127.0.0.1/", allow_local=False)


@given(st.text(max_size=60) | st.text(alphabet=string.printable, max_size=60).map("http://".__add__))
@example("http://[")
@example("http://@/")
def test_any_text_is_a_webhook_or_refused(text: str) -> None:
    try:
        parsed = parse_web_url(text, allow_local=True)
    except WachtelError as error:
        assert error.kind is ErrorKind.FORBIDDEN_URL
        return
    assert parsed.target.startswith("/") and parsed.target.isascii() and parsed.target.isprintable()
    assert " " not in parsed.target and parsed.host.isascii()
    assert 1 <= parsed.port <= 65535
