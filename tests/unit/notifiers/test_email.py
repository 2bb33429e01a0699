"""The e-mail driver against real mail servers on loopback."""

import asyncio
import gc
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_server import MailServer
from self_signed import self_signed

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.notifiers.api import Letter, Needs
from wachtel.notifiers.email import driver
from wachtel.notifiers.email.composing import composed
from wachtel.notifiers.email.driver import EmailDriver
from wachtel.notifiers.email.settings import EmailSettings, Security
from wachtel.testing.clock import FakeClock
from wachtel.testing.contracts.notifier import PICTURE, a_message, full_letter, plain_letter

WHO = {"from": "wachtel@house.example", "to": "anna@house.example"}


def settings_for(server: MailServer, security: str = "none", **fields: str) -> EmailSettings:
    return driver.create(
        f"localhost:{server.port}", allow_local=True, fields=WHO | {"security": security} | fields
    )


def send(settings: EmailSettings, letter: Letter | None = None, by: EmailDriver = driver) -> None:
    asyncio.run(by.deliver(letter or full_letter(), settings, FakeClock()))


def failure(settings: EmailSettings, by: EmailDriver = driver) -> WachtelError:
    with pytest.raises(WachtelError) as raised:
        send(settings, by=by)
    return raised.value


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def mails(server: MailServer) -> MailServer:
    server.mails.clear()
    server.answer, server.takes = lambda mail: "250 OK", lambda address: True
    return server


def test_words_picture_and_links_arrive(mails: MailServer) -> None:
    send(settings_for(mails))
    (mail,) = mails.mails
    assert mail["Subject"] == "Bewegung: Flur \N{BIRD}"
    assert (mail["From"].addresses[0].addr_spec, mail["To"].addresses[0].addr_spec) == tuple(WHO.values())
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Importance"] == "high"
    assert full_letter().link in body(mail, "plain") and "Zone path" in body(mail, "plain")
    page = body(mail, "html")
    assert "&lt;b&gt;&amp;" in page and 'src="cid:picture"' in page and "Ansehen" in page
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/jpeg"]
    assert picture.get_content() == PICTURE and picture["Content-ID"] == "<picture>"
    assert picture.get_content_disposition() == "inline"


def test_without_a_picture_and_links_it_is_plain(mails: MailServer) -> None:
    send(settings_for(mails), replace(plain_letter(a_message()), language="en"))
    (mail,) = mails.mails
    assert "img" not in body(mail, "html") and "href" not in body(mail, "html")


def test_a_repeat_is_the_same_mail() -> None:
    first, second = (composed(full_letter(), "a@b.example", ["c@d.example"], PICTURE) for _ in range(2))
    assert first == second
    assert b"Message-ID: <20261121T143000000Z-hall.event_began@b.example>" in first


def test_several_people_get_one_mail(mails: MailServer) -> None:
    send(settings_for(mails, to="a@x.example, b@x.example"))
    assert mails.envelopes[-1].rcpt_tos == ["a@x.example", "b@x.example"]


def test_one_address_that_does_not_exist_is_said_and_the_others_have_it(mails: MailServer) -> None:
    mails.takes = lambda address: address.startswith("a@")
    error = failure(settings_for(mails, to="a@x.example,b@x.example"))
    assert (error.kind, error.retryable, len(mails.mails)) == (ErrorKind.INVALID, False, 1)
    assert error.details == {"host": "localhost", "count": "1", "status": "550"}


@pytest.mark.parametrize(
    ("answer", "kind", "retryable"),
    [
        ("451 later", ErrorKind.BUSY, True),
        ("452 full", ErrorKind.BUSY, True),
        ("421 closing", ErrorKind.BUSY, True),
        ("550 spam", ErrorKind.INVALID, False),
        ("552 too much", ErrorKind.INVALID, False),
        ("554 no", ErrorKind.INVALID, False),
    ],
)
def test_what_an_answer_means(mails: MailServer, answer: str, kind: ErrorKind, retryable: bool) -> None:
    mails.answer = lambda mail: answer
    error = failure(settings_for(mails))
    assert (error.kind, error.retryable, error.details["status"]) == (kind, retryable, answer[:3])


def test_nobody_takes_it(mails: MailServer) -> None:
    mails.takes = lambda address: False
    assert failure(settings_for(mails)).kind is ErrorKind.INVALID


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_log_in_with_tls_from_the_first_byte_and_by_starttls(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "localhost")
    knows = EmailDriver()
    knows._tls.load_verify_locations(certificate)
    for security, first in (("tls", True), ("starttls", False)):
        with MailServer(certificate, first, "anna", "pass-canary") as server:
            log_in = {"user": "anna", "password": "pass-canary"}
            send(settings_for(server, security, **log_in), by=knows)
            assert len(server.mails) == 1
            wrong = failure(settings_for(server, security, user="anna", password="x-canary"), by=knows)
            assert (wrong.kind, wrong.retryable) == (ErrorKind.DENIED, False)
            assert "canary" not in f"{wrong} {wrong.details}"
            unknown = failure(settings_for(server, security, **log_in), by=EmailDriver())
            assert (unknown.kind, unknown.code) == (ErrorKind.UNREACHABLE, "mail_no_tls")
            assert len(server.mails) == 1
    gc.collect()  # the server's library forgets a transport when a client turns away in the handshake


def test_no_password_leaves_where_starttls_is_not_offered() -> None:
    with MailServer() as server:
        error = failure(settings_for(server, "starttls", user="anna", password="pass-canary"))
        assert error.code == "mail_no_tls" and server.mails == []


def test_nobody_listens_or_it_is_something_else() -> None:
    with MailServer() as server:
        settings = settings_for(server)
    error = failure(settings)
    assert (error.kind, error.retryable) == (ErrorKind.REFUSED, True)


UNPROTECTED = ["8.8.8.8", "[2606:4700::1]", "[::ffff:8.8.8.8]"]


@pytest.mark.parametrize("host", UNPROTECTED)
def test_without_tls_only_in_the_house(host: str) -> None:
    with pytest.raises(WachtelError) as raised:
        driver.create(host, allow_local=True, fields=WHO | {"security": "none"})
    assert raised.value.kind is ErrorKind.FORBIDDEN_URL
    with pytest.raises(WachtelError):
        driver.create("192.168.1.9", allow_local=False, fields=WHO | {"security": "none"})
    assert driver.create("192.168.1.9", allow_local=True, fields=WHO | {"security": "none"}).port == 25


def test_a_name_that_leads_out_of_the_house_gets_nothing_unprotected(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 25))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    settings = driver.create("mail.lan", allow_local=True, fields=WHO | {"security": "none"})
    assert failure(settings).code == "email_unprotected"


@pytest.mark.parametrize(
    ("address", "host", "port", "security"),
    [
        ("mail.example.org", "mail.example.org", 587, Security.STARTTLS),
        ("mail.example.org:2525", "mail.example.org", 2525, Security.STARTTLS),
        ("smtps://mail.example.org", "mail.example.org", 465, Security.TLS),
        ("smtp://mail.example.org/", "mail.example.org", 587, Security.STARTTLS),
        ("smtps://u:p%40@mail.example.org:1465", "mail.example.org", 1465, Security.TLS),
        ("smtps://[fd00::9]", "fd00::9", 465, Security.TLS),
        ("smtps://mail.example.org:443", "mail.example.org", 443, Security.TLS),
    ],
)
def test_addresses_of_servers(address: str, host: str, port: int, security: Security) -> None:
    settings = driver.create(address, allow_local=False, fields=WHO)
    assert (settings.host, settings.port, settings.security) == (host, port, security)


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("mail.example.org/path", {}), ("https://mail.example.org", {}), ("smtp:mail", {}), ("a b", {}),
        ("mail.example.org", {"to": "anna"}), ("mail.example.org", {"to": "a@b\r\nBcc: evil@x"}),
        ("mail.example.org", {"to": ",".join(f"a{n}@x.example" for n in range(6))}),
        ("mail.example.org", {"from": "Ännchen@x.example"}), ("mail.example.org", {"security": "some"}),
        ("mail.example.org", {"password": "a\r\nRCPT TO:<evil@x>"}), ("mail.example.org", {"port": "25"}),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(address: str, fields: dict[str, str]) -> None:
    with pytest.raises(WachtelError) as raised:
        driver.create(address, allow_local=False, fields=WHO | fields)
    assert raised.value.kind in (ErrorKind.INVALID, ErrorKind.FORBIDDEN_URL) and raised.value.hint


def test_a_password_never_goes_to_another_server() -> None:
    first = driver.create("smtps://u:p-canary@mail.example", allow_local=False, fields=WHO)
    kept = driver.change(first, None, allow_local=False, fields={"to": "b@x.example"})
    assert (kept.password, kept.to, kept.sender) == ("p-canary", "b@x.example", WHO["from"])
    assert driver.change(first, "smtps://mail.example", allow_local=False).password == "p-canary"
    for other in ("smtps://evil.example", "smtps://mail.example:25"):
        assert driver.change(first, other, allow_local=False).password == ""
    assert driver.needs(first) is Needs.INTERNET
    assert "canary" not in driver.address(first)


@given(st.text(max_size=60))
def test_any_text_is_a_server_or_refused(text: str) -> None:
    try:
        settings = driver.create(text, allow_local=True, fields=WHO)
    except WachtelError as error:
        assert error.kind in (ErrorKind.INVALID, ErrorKind.FORBIDDEN_URL)
        return
    assert settings.host.isascii() and 1 <= settings.port <= 65535


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_name_or_text_breaks_out_of_the_mail(title: str, text: str) -> None:
    letter = replace(full_letter(), title=title, text=text.replace("\ud800", ""))
    mail = composed(letter, "a@b.example", ["c@d.example"], None)
    head = mail.partition(b"\r\n\r\n")[0].lower()
    assert head.count(b"\r\nsubject:") + head.startswith(b"subject:") == 1 and b"\r\nbcc:" not in head
