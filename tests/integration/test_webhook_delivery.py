"""The webhook driver against real receivers on loopback: down for an hour, hostile, slow, elsewhere."""

import asyncio
import hashlib
import hmac
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from post_rig import Office, quiet, until
from self_signed import self_signed
from webhook_receiver import Got, Receiver

from wachtel.base import web_call
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.message import Message, MessageKind, Named
from wachtel.notifiers.webhook import driver
from wachtel.notifiers.webhook.driver import WebhookSettings
from wachtel.testing.clock import FakeClock
from wachtel.testing.contracts.notifier import plain_letter

BEGAN = frozenset({MessageKind.EVENT_BEGAN})
MESSAGE = Message("m1", MessageKind.TEST, WallUs(1_795_000_000_000_000), cameras=(Named("a", "Tür"),))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    return Office(tmp_path / "data")


def test_a_receiver_that_is_down_for_an_hour_gets_every_message_once_and_in_order(office: Office) -> None:
    """Twenty minutes nobody listens, twenty minutes it answers 503, twenty minutes it hangs up."""
    state = {"up": False}
    with Receiver(lambda got: 204 if state["up"] else 503) as receiver:
        office.channel(receiver.url, "webhook", kinds=BEGAN)

        async def run() -> None:
            async with office.open() as post:
                office.happens(0)
                await until(lambda: len(receiver.got) == 1 and office.clock.sleepers == 2)
                receiver.stop()
                await hour(office, receiver)
                receiver.start()
                state["up"] = True
                receiver.got.clear()
                await office.advance(600, step_s=10, sleepers=1)
                await quiet(post, office)

        asyncio.run(run())
    assert [got.key for got in receiver.got] == [f"e{number:03}.event_began" for number in range(37)]
    assert len({got.headers["wachtel-signature"] for got in receiver.got}) == 37


async def hour(office: Office, receiver: Receiver) -> None:
    """An event every 100 s while the receiver is away in three ways."""
    number = 0
    for part in range(3):
        if part == 1:
            receiver.start()
        if part == 2:
            receiver.stop()
        with hanging_up(receiver.port) if part == 2 else nothing():
            for _ in range(12):
                number += 1
                office.happens(number)
                await until(partial(waits, office, number + 1))
                await office.advance(100, step_s=20)


def waits(office: Office, messages: int) -> bool:
    return sum(office.state.outbox.waiting().values()) == messages


@contextmanager
def nothing() -> Iterator[None]:
    yield


@contextmanager
def hanging_up(port: int) -> Iterator[None]:
    """Accepts and closes."""
    with answering(b"", port=port):
        yield


@contextmanager
def answering(said: bytes, port: int = 0, *, every_s: float = 0.0) -> Iterator[int]:
    """A server that says these bytes (again and again) to whoever comes; gives its port."""
    listener = socket.create_server(("127.0.0.1", port))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        try:
            connection.recv(65_536)
            connection.sendall(said)
            while every_s and not ended.wait(every_s):
                connection.sendall(said)
        except OSError:
            pass
        finally:
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        with socket.create_connection(listener.getsockname(), timeout=1):
            pass
        listener.close()
        thread.join(2)


def deliver(url: str, *, allow_local: bool = True) -> int | None:
    settings = WebhookSettings(url, "s3cret", allow_local)
    return asyncio.run(driver.deliver(plain_letter(MESSAGE), settings, FakeClock())).status


def failure(url: str, *, allow_local: bool = True) -> WachtelError:
    with pytest.raises(WachtelError) as caught:
        deliver(url, allow_local=allow_local)
    return caught.value


def test_a_receiver_can_check_who_sent_it() -> None:
    with Receiver() as receiver:
        assert deliver(receiver.url) == 204
    (got,) = receiver.got
    signed = hmac.new(b"s3cret", got.headers["wachtel-timestamp"].encode() + b"." + got.body, hashlib.sha256)
    assert got.headers["wachtel-signature"] == "v1=" + signed.hexdigest()
    assert got.headers["wachtel-timestamp"] == "1795000000"
    assert got.headers["content-type"] == "application/json"
    assert got.json["cameras"] == [{"id": "a", "name": "Tür"}]
    assert got.path == "/hook?to=me"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_user_and_password_travel_as_basic() -> None:
    with Receiver() as receiver:
        deliver(f"http://anna:geheim%40@127.0.0.1:{receiver.port}/x")
    assert receiver.got[0].headers["authorization"] == "Basic YW5uYTpnZWhlaW1A"


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, ErrorKind.INVALID, False),
        (401, ErrorKind.DENIED, False),
        (404, ErrorKind.NOT_FOUND, False),
        (410, ErrorKind.NOT_FOUND, False),
        (408, ErrorKind.BUSY, True),
        (425, ErrorKind.BUSY, True),
        (429, ErrorKind.BUSY, True),
        (500, ErrorKind.BUSY, True),
        (503, ErrorKind.BUSY, True),
        (999, ErrorKind.BUSY, True),
    ],
)
def test_what_an_answer_means(status: int, kind: ErrorKind, retryable: bool) -> None:
    with Receiver(lambda got: status) as receiver:
        error = failure(receiver.url)
    assert (error.kind, error.retryable, error.details["status"]) == (kind, retryable, str(status))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with Receiver() as canary:
        with Receiver(lambda got: status, {"Location": canary.url}) as receiver:
            error = failure(receiver.url)
        assert canary.got == []
    assert (error.kind, error.retryable) == (ErrorKind.REDIRECT, False)


@pytest.mark.parametrize(
    ("said", "every_s"),
    [
        (b"", 0.0),
        (b"hello\r\n\r\n", 0.0),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, 0.0),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n", 0.0),
        (b"H", 0.05),
        (b"HTTP/1.1 100 Continue\r\n\r\n", 0.02),
        (b"\r\n", 0.05),
        (b"\x16\x03\x01\x00\xff", 0.0),
    ],
)
def test_receivers_that_talk_nonsense(said: bytes, every_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_call, "TRY_TIMEOUT_S", 0.7)
    with answering(said, every_s=every_s) as port:
        error = failure(f"http://127.0.0.1:{port}/")
    assert error.retryable
    assert error.kind in (ErrorKind.STREAM_ENDED, ErrorKind.TIMEOUT)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n" + b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" + b"x" * 4096 + b"\r\nzzz",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.0 204 No Content\r\n\r\n",
    ],
)
def test_the_rest_of_an_answer_does_not_matter(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_call, "REST_TIMEOUT_S", 0.2)
    with answering(said) as port:
        assert deliver(f"http://127.0.0.1:{port}/") in (200, 204)


def test_nobody_listens() -> None:
    with answering(b"") as port:
        pass
    error = failure(f"http://127.0.0.1:{port}/")
    assert (error.kind, error.retryable) == (ErrorKind.REFUSED, True)


def test_a_receiver_that_cannot_prove_its_name() -> None:
    """Plain HTTP where TLS was wanted, and the other way round."""
    with Receiver() as receiver:
        error = failure(receiver.url.replace("http:", "https:"))
        assert (error.kind, error.retryable) == (ErrorKind.UNREACHABLE, True)
        assert receiver.got == []


def test_a_certificate_must_be_for_the_name_and_from_somebody_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, "hook.example")
    real = socket.getaddrinfo

    def look_up(host: str, *rest: object, **named: object) -> object:
        return real("127.0.0.1" if host.endswith(".example") else host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with Receiver(certificate=certificate) as receiver:
        known, other = (f"https://{name}.example:{receiver.port}/" for name in ("hook", "other"))
        error = failure(known)
        assert (error.kind, error.retryable) == (ErrorKind.UNREACHABLE, True)
        assert "prove" in error.what
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setattr(driver, "_sender", web_call.Sender())
        assert deliver(known) == 204
        assert "prove" in failure(other).what
    assert len(receiver.got) == 1


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the first answer is fine, every later one leads to loopback."""
    answers = iter(["192.0.2.1"])

    def look_up(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        ip = next(answers, "127.0.0.1") if host == "hook.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80))]

    monkeypatch.setattr(web_call, "CONNECT_TIMEOUT_S", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with Receiver() as canary:
        error = failure(f"http://hook.example:{canary.port}/", allow_local=False)
        assert error.retryable
        error = failure(f"http://hook.example:{canary.port}/", allow_local=False)
        assert error.kind is ErrorKind.FORBIDDEN_URL
        assert canary.got == []


def test_the_host_header_keeps_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def look_up(host: str, *rest: object, **named: object) -> object:
        return real("127.0.0.1" if host == "hook.example" else host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with Receiver() as receiver:
        deliver(f"http://hook.example:{receiver.port}/a")
    assert receiver.got[0].headers["host"] == f"hook.example:{receiver.port}"


def test_the_same_message_gives_the_same_body() -> None:
    with Receiver() as receiver:
        for clock in (FakeClock(), FakeClock(1_900_000_000_000_000)):
            asyncio.run(
                driver.deliver(plain_letter(MESSAGE), WebhookSettings(receiver.url, "s", True), clock)
            )
        other = replace(MESSAGE, id="m2")
        asyncio.run(
            driver.deliver(plain_letter(other), WebhookSettings(receiver.url, "s", True), FakeClock())
        )
    first, second, third = receiver.got
    assert (first.body, first.key) == (second.body, second.key)
    assert first.headers["wachtel-signature"] != second.headers["wachtel-signature"]
    assert third.key == "m2"


def test_a_receiver_may_ask_twice(office: Office) -> None:
    """A receiver that took the message and whose answer was lost gets it again with the same key."""
    lost: list[Got] = []

    def answer(got: Got) -> int:
        lost.append(got)
        return 503 if len(lost) == 1 else 200

    with Receiver(answer) as receiver:
        office.channel(receiver.url, "webhook", kinds=BEGAN)

        async def run() -> None:
            async with office.open() as post:
                office.happens(0)
                await until(lambda: len(receiver.got) == 1 and office.clock.sleepers == 2)
                await office.advance(2, step_s=1, sleepers=1)
                await quiet(post, office)

        asyncio.run(run())
    assert [got.key for got in receiver.got] == ["e000.event_began"] * 2
    assert receiver.got[0].body == receiver.got[1].body
