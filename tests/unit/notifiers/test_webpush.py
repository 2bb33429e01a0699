"""The web push driver against a push service that decrypts, and where a subscription may lead."""

import asyncio
import socket
from dataclasses import replace

import pytest
from push_service import PushService

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.notifiers.api import Letter, Needs
from wachtel.notifiers.webpush import driver
from wachtel.notifiers.webpush.driver import WebPushSettings
from wachtel.notifiers.webpush.encrypting import LARGEST_BYTES, payload
from wachtel.testing.clock import FakeClock
from wachtel.testing.contracts.notifier import full_letter

FIELDS = PushService().fields


def send(settings: WebPushSettings, letter: Letter | None = None) -> None:
    asyncio.run(driver.deliver(letter or full_letter(), settings, FakeClock()))


def failure(settings: WebPushSettings) -> WachtelError:
    with pytest.raises(WachtelError) as raised:
        send(settings)
    return raised.value


def test_only_the_device_can_read_it() -> None:
    with PushService() as service:
        settings = driver.create(service.endpoint, allow_local=True, fields=service.fields)
        send(settings)
        (shown,) = service.shown.values()
        (got,) = service.got
    assert shown["title"] == "Bewegung: Flur \N{BIRD}" and shown["body"].startswith("14:30:00")
    assert (shown["image"], shown["quiet"]) == ("/api/v1/message-pictures/abc", "/api/v1/quiet/abc")
    assert shown["link"].startswith("/#/event/") and shown["urgent"] is True
    assert (got.headers["urgency"], got.headers["ttl"]) == ("high", "86400")
    assert b"Flur" not in got.body and "endpoint-canary" not in driver.address(settings)
    assert driver.needs(settings) is Needs.PUSH_SERVICE


def test_a_repeat_takes_the_place_of_the_first() -> None:
    with PushService() as service:
        settings = driver.create(service.address, allow_local=True)
        send(settings)
        send(settings)
    assert (len(service.arrivals), len(service.shown)) == (2, 1)


def test_a_device_that_is_gone_is_said_to_be() -> None:
    with PushService(gone=True) as service:
        error = failure(driver.create(service.address, allow_local=True))
    assert (error.kind, error.retryable, error.code) == (ErrorKind.NOT_FOUND, False, "push_gone")


def test_another_key_is_refused_and_a_tired_service_is_tried_again() -> None:
    with PushService() as service:
        foreign = service.fields | {"key": PushService().key}
        assert (
            failure(driver.create(service.endpoint, allow_local=True, fields=foreign)).kind
            is ErrorKind.DENIED
        )
        service.up = False
        assert failure(driver.create(service.address, allow_local=True)).retryable


def test_the_longest_words_fit() -> None:
    letter = replace(full_letter(), title="ü" * 9000, text="\N{BIRD}" * 9000)
    assert len(payload(letter)) <= LARGEST_BYTES
    with PushService() as service:
        send(driver.create(service.address, allow_local=True), letter)
        assert len(service.shown) == 1


NOT_THE_INTERNET = [
    "http://push.example/x", "https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/x", "https://[::1]/x",
    "https://192.168.1.1/x", "https://172.16.0.1/x", "https://169.254.169.254/x", "https://100.64.0.1/x",
    "https://[fd00::1]/x", "https://[fe80::1]/x", "https://[::ffff:192.168.1.1]/x", "https://[64:ff9b::c0a8:101]/x",
    "https://[2002:c0a8:101::1]/x", "https://3232235777/x", "https://0xc0a80101/x", "https://192.168.257/x",
    "https://0300.0250.1.1/x", "https://0.0.0.0/x", "https://224.0.0.1/x", "https://nas/x", "https://nas.local/x",
    "https://router.fritz.box/x", "https://u:p@push.example/x", "ftp://push.example/x", "https://192.0.2.1/x",
    "https://[::ffff:0:10.0.0.1]/x",
]  # fmt: skip


@pytest.mark.parametrize("endpoint", NOT_THE_INTERNET)
def test_a_subscription_leads_to_the_internet_or_nowhere(endpoint: str) -> None:
    with pytest.raises(WachtelError) as raised:
        driver.create(endpoint, allow_local=False, fields=FIELDS)
    assert raised.value.kind in (ErrorKind.FORBIDDEN_URL, ErrorKind.INVALID)


RESOLVED = [
    "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.31.255.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.251",
    "::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "192.0.0.8", "198.18.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", RESOLVED)
def test_a_name_that_comes_to_lead_into_the_house_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = driver.create("https://push.example/x", allow_local=False, fields=FIELDS)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert failure(settings).kind is ErrorKind.FORBIDDEN_URL


@pytest.mark.parametrize(
    "wrong",
    [
        {"p256dh": "AAAA"}, {"p256dh": "!"}, {"auth": "AAAA"}, {"key": ""}, {"key": "ü"}, {"other": "x"},
        {"p256dh": FIELDS["p256dh"][:-4]}, {"subject": "x" * 301},
    ],
)  # fmt: skip
def test_what_no_browser_makes_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(WachtelError) as raised:
        driver.create("https://push.example/x", allow_local=False, fields=FIELDS | wrong)
    assert raised.value.kind is ErrorKind.INVALID and raised.value.hint
