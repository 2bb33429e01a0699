"""No channel reaches this machine, the link, or nobody in particular without the owner's word, however it is spelt."""

import asyncio
import socket
from typing import Any

import pytest
from push_service import PushService
from webhook_receiver import Receiver

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.notifiers.email import driver as email
from wachtel.notifiers.ntfy import driver as ntfy
from wachtel.notifiers.webpush import driver as webpush
from wachtel.testing.clock import FakeClock
from wachtel.testing.contracts.notifier import full_letter

WHO = {"from": "a@house.example", "to": "b@house.example"}
LITERALS = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "foo.localhost", "169.254.169.254",
    "[::1]", "[fe80::1]", "[::ffff:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "0.0.0.0", "[::]",
    "224.0.0.1", "255.255.255.255", "[ff02::1]",
]  # fmt: skip
RESOLVED = [
    "127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.251", "::1", "fe80::1%2", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::1",
]  # fmt: skip


def made(way: str, host: str, *, allow_local: bool = False) -> tuple[Any, Any]:
    """A driver and its settings for a host."""
    if way == "email":
        return email, email.create(f"smtps://{host}", allow_local=allow_local, fields=WHO)
    return ntfy, ntfy.create(f"https://{host}/topic", allow_local=allow_local)


@pytest.mark.parametrize("way", ["ntfy", "email"])
@pytest.mark.parametrize("host", LITERALS)
def test_no_spelling_gets_by_without_consent(host: str, way: str) -> None:
    with pytest.raises(WachtelError) as raised:
        made(way, host)
    assert raised.value.kind is ErrorKind.FORBIDDEN_URL


@pytest.mark.parametrize("way", ["ntfy", "email"])
@pytest.mark.parametrize("address", RESOLVED)
def test_a_name_that_comes_to_lead_here_is_refused(
    address: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name was harmless when it was entered."""
    driver, settings = made(way, "receiver.example")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(WachtelError) as raised:
        asyncio.run(driver.deliver(full_letter(), settings, FakeClock()))
    assert raised.value.kind is ErrorKind.FORBIDDEN_URL


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("way", ["ntfy", "webpush"])
def test_nobody_is_followed(status: int, way: str) -> None:
    with Receiver() as canary, Receiver(lambda got: status, {"Location": canary.url}) as receiver:
        address = f"http://127.0.0.1:{receiver.port}/x"
        driver: Any = ntfy if way == "ntfy" else webpush
        fields = PushService().fields if way == "webpush" else {}
        settings = driver.create(address, allow_local=True, fields=fields)
        with pytest.raises(WachtelError) as raised:
            asyncio.run(driver.deliver(full_letter(), settings, FakeClock()))
        assert raised.value.kind is ErrorKind.REDIRECT and canary.got == []
