"""The address of a receiver on the web: hostile input, like every URL somebody types."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import quote, unquote

from wachtel.base.address import check_address, in_numbers
from wachtel.base.errors import ErrorKind, WachtelError

DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2048
_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?"
)
_AUTHORITY = re.compile(
    r"(?:(?P<user>.*)@)?(?P<host>\[[0-9a-f:.]+\]|[^\[\]:@]+)(?::(?P<port>\d{1,5}))?", re.I
)
_HOUSE_NAMES = (".local", ".home.arpa", ".internal", ".lan", ".home", ".fritz.box", ".localhost")
_HINT = "A receiver's address looks like https://example.org/hooks/camera."


@dataclass(frozen=True, slots=True)
class WebUrl:
    """``target`` is path and query as in the request line. User and password are decoded, None when absent."""

    scheme: str
    host: str
    port: int
    target: str
    user: str | None = None
    password: str | None = None

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` header wants them (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def shown(self) -> str:
        """Scheme and host only: paths and queries of webhooks are often secrets themselves."""
        return f"{self.scheme}://{self.authority}/" + ("" if self.target == "/" else "…")


def parse_web_url(text: str, *, allow_local: bool) -> WebUrl:
    """Reads an address as people type it.

    Raises `WachtelError` (forbidden_url); its sentence holds nothing of user, password, path and query. What a
    host name leads to is known only when connecting, and looked at again there.
    """
    text = text.strip()
    if len(text) > LONGEST_URL:
        raise _refusal("The address is longer than 2048 characters.")
    if any(ord(char) < 33 or ord(char) == 127 or char == "\\" for char in text):
        raise _refusal("The address holds a space, a backslash or a control character.")
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in DEFAULT_PORTS:
        raise _refusal("A receiver is reached by https or http, by nothing else.")
    cut = re.search(r"[/?#]", rest)
    authority, target = (rest, "") if cut is None else (rest[: cut.start()], rest[cut.start() :])
    url = _parts(scheme, authority, _target(target))
    _check_literal(url.host, allow_local=allow_local)
    return url


def leads_into_the_house(host: str) -> bool:
    """True when a host can be told to be in the own network by its looks alone: an address that is private, or a name
    that only such networks know (RFC 6762, 8375, 9476 and what routers use).
    """
    name = host.removesuffix(".")
    address = in_numbers(name)
    if address is not None:
        return not address.is_global
    return "." not in name or name.endswith(_HOUSE_NAMES)


def _parts(scheme: str, authority: str, target: str) -> WebUrl:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise _refusal("The address has no host name that can be understood.")
    port = int(match["port"]) if match["port"] else DEFAULT_PORTS[scheme]
    if not 1 <= port <= 65535:
        raise _refusal("The port is not between 1 and 65535.")
    user, colon, password = (match["user"] or "").partition(":")
    return WebUrl(
        scheme,
        _host(match["host"].lower()),
        port,
        target,
        None if match["user"] is None else unquote(user),
        unquote(password) if colon else None,
    )


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except ValueError as error:
            raise _refusal("The IPv6 address in the address is not one.") from error
    if not _NAME.fullmatch(text):
        raise _refusal("The address has no host name that can be understood.")
    return text


def _target(text: str) -> str:
    """Path and query; what stands behind ``#`` never travels (RFC 9110 section 4.2.5)."""
    text = text.partition("#")[0]
    return quote(text if text.startswith("/") else f"/{text}", safe="/?&=%:@!$'()*+,;~-._")


def _check_literal(host: str, *, allow_local: bool) -> None:
    """What can be seen without asking anybody: an address in numbers, and the names of this machine."""
    name = host.removesuffix(".")
    if not allow_local and (name == "localhost" or name.endswith(".localhost")):
        check_address(ip_address("127.0.0.1"), host, allow_local=False)
    address = in_numbers(name)
    if address is not None:
        check_address(address, host, allow_local=allow_local)


def _refusal(what: str) -> WachtelError:
    return WachtelError(ErrorKind.FORBIDDEN_URL, what, hint=_HINT, code="webhook_url")
