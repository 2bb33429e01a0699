"""How a mail server is reached, read out of what a person typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.web_address import parse_web_url

FIELDS = ("user", "password", "from", "to", "security")
MOST_RECIPIENTS = 5
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)
_SERVER = re.compile(r"(?:(?P<scheme>smtps?)://)?(?P<rest>[^?#]*)(?:\?(?P<query>[^#]*))?", re.I)


class Security(StrEnum):
    """TLS from the first byte (RFC 8314), begun by STARTTLS (RFC 3207), or none."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """``to`` are addresses separated by commas. ``allow_local`` is also the word that a server without TLS is meant."""

    host: str
    port: int
    security: Security
    sender: str
    to: str
    user: str = ""
    password: str = ""
    allow_local: bool = False

    @property
    def recipients(self) -> list[str]:
        """Each address of ``to``."""
        return [address.strip() for address in self.to.split(",")]


def read(
    text: str | None, before: EmailSettings | None, fields: Mapping[str, str], *, allow_local: bool
) -> EmailSettings:
    """Settings out of ``smtps://user:password@host:port``, ``smtp://host`` or ``host:port``, and fields, which may also
    stand behind a ``?``. What is not given stays as it was, but a password only for the same server.

    Raises `WachtelError` (invalid, forbidden_url) with the next step.
    """
    server, typed = _server(text) if text is not None else (None, {})
    given = typed | dict(fields)
    unknown = given.keys() - set(FIELDS) - {"scheme"}
    if unknown:
        raise _invalid(
            "A channel by e-mail takes the fields user, password, from, to and security.",
            code="no_email_field",
        )
    security = _security(given, before)
    host, port = (before.host, before.port) if server is None and before is not None else server or ("", None)
    settings = EmailSettings(
        host=host,
        port=PORTS[security] if port is None else port,
        security=security,
        sender=given.get("from", before.sender if before else "").strip(),
        to=given.get("to", before.to if before else "").strip(),
        allow_local=allow_local,
    )
    return _checked(_with_log_in(settings, before, given))


def _with_log_in(
    settings: EmailSettings, before: EmailSettings | None, given: Mapping[str, str]
) -> EmailSettings:
    same = before is not None and (before.host, before.port) == (settings.host, settings.port)
    user, password = (before.user, before.password) if before is not None and same else ("", "")
    return replace(settings, user=given.get("user", user).strip(), password=given.get("password", password))


def _server(text: str) -> tuple[tuple[str, int | None], dict[str, str]]:
    """Host and port, and what else the address says."""
    match = _SERVER.fullmatch(text.strip())
    if match is None or not match["rest"] or len(text) > 2048 or ":///" in text:
        raise _no_server()
    scheme = (match["scheme"] or "").lower()
    rest = match["rest"].rstrip("/")
    if "/" in rest or (not scheme and "://" in text):
        raise _no_server()
    try:
        url = parse_web_url(f"https://{rest}/", allow_local=True)
    except WachtelError as error:
        if error.code == "webhook_url":
            raise _no_server() from error
        raise
    typed = dict(parse_qsl(match["query"] or "", keep_blank_values=True))
    if scheme:
        typed.setdefault("security", "tls" if scheme == "smtps" else "starttls")
    if url.user is not None:
        typed |= {"user": url.user, "password": url.password or ""}
    has_port = re.search(r":\d+$", rest.rpartition("@")[2]) is not None
    return (url.host, url.port if has_port else None), typed


def _security(given: Mapping[str, str], before: EmailSettings | None) -> Security:
    text = given.get("security")
    if text is None:
        return Security.STARTTLS if before is None else before.security
    try:
        return Security(text.strip().lower())
    except ValueError as error:
        raise _invalid("The security is tls, starttls or none.", code="email_security") from error


def _checked(settings: EmailSettings) -> EmailSettings:
    parse_web_url(f"https://{_bracketed(settings.host)}:{settings.port}/", allow_local=settings.allow_local)
    recipients = settings.recipients
    if not all(_ADDRESS.fullmatch(address) for address in [settings.sender, *recipients]):
        raise _invalid("A channel by e-mail needs the addresses it is from and to.", code="email_addresses")
    if len(recipients) > MOST_RECIPIENTS:
        raise _invalid(f"One channel writes to at most {MOST_RECIPIENTS} addresses.", code="email_recipients")
    for value in (settings.user, settings.password):
        if len(value) > 500 or any(not char.isprintable() for char in value):
            raise _invalid("That is no user or password of a mail server.", code="email_log_in")
    if settings.security is Security.NONE:
        _check_unprotected(settings)
    return settings


def _check_unprotected(settings: EmailSettings) -> None:
    if not settings.allow_local:
        raise unprotected(settings.host)
    try:
        address = ip_address(settings.host)
    except ValueError:
        return
    if address.is_global:
        raise unprotected(settings.host)


def unprotected(host: str) -> WachtelError:
    """Without TLS everybody on the way could read along."""
    return WachtelError(
        ErrorKind.FORBIDDEN_URL,
        f"Without TLS everybody on the way to {host} could read the messages.",
        code="email_unprotected",
        hint="Choose tls or starttls; without is possible in your own network only, when you allow local addresses.",
        details={"host": host},
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else quote(host)


def _no_server() -> WachtelError:
    return _invalid("That is no address of a mail server.", code="email_server")


def _invalid(what: str, *, code: str) -> WachtelError:
    return WachtelError(
        ErrorKind.INVALID,
        what,
        code=code,
        hint="The server looks like smtps://mail.example.org, an address like me@example.org.",
    )
