"""Camera URLs are hostile input: they become a typed record or are refused.

Nothing but ``rtsp``, ``rtsps``, ``http`` and ``https`` is accepted, and what is handed to a library is built anew from
the parts, so that ``file:``, ``concat:``, ``subfile:`` and option strings never reach it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from urllib.parse import quote, unquote

from wachtel.base.errors import ErrorKind, WachtelError

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
DEVICE_PORTS = {"onvif": 80, "onvifs": 443, "netcam": 80, "camera": 554}
"""Our own schemes, for a whole device instead of one of its streams; see `wachtel.cameras.api`."""
_FOREIGN = re.compile(r"camera\+[a-z][a-z0-9]{0,30}")
"""Schemes of drivers that come in packages of others."""
LONGEST_URL = 2048
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE)
_ZONE = r"%(?:25)?[A-Za-z0-9][A-Za-z0-9._-]{0,14}"
"""An interface of Linux, as in ``[fe80::1%eth0]`` or, by RFC 6874, ``[fe80::1%25eth0]``."""
_HINT = "A camera URL looks like rtsp://user:password@192.168.1.20/stream1."


@dataclass(frozen=True, slots=True)
class CameraUrl:
    """``path`` begins with ``/`` and keeps its query; user and password are decoded, None when absent.

    A link-local IPv6 host keeps its zone (``fe80::1%eth0``), without which nobody knows on which network it is.
    """

    scheme: str
    host: str
    port: int
    path: str
    user: str | None = None
    password: str | None = None

    @property
    def address(self) -> str:
        """``host:port``, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def on_the_wire(self) -> "CameraUrl":
        """As the other end may see it: zones mean something on this machine only (RFC 6874 section 1)."""
        return replace(self, host=self.host.partition("%")[0]) if "%" in self.host else self

    def public(self) -> str:
        """The URL without user and password, for logs and people."""
        return f"{self.scheme}://{self.address}{self.path}"

    def full(self) -> str:
        """The URL with user and password, percent-encoded: for the library that connects, never for a log."""
        if self.user is None:
            return self.public()
        secret = "" if self.password is None else ":" + quote(self.password, safe="")
        return f"{self.scheme}://{quote(self.user, safe='')}{secret}@{self.address}{self.path}"


def parse_camera_url(text: str, ports: Mapping[str, int] = DEFAULT_PORTS) -> CameraUrl:
    """Reads a URL as people type it; a password may contain ``@``, ``:``, ``/`` or ``#`` unencoded.

    ``ports`` are the schemes that are taken, each with the port it has when the URL names none.
    Raises `WachtelError` (forbidden_url) with a sentence that holds no password.
    """
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if len(text) > LONGEST_URL:
        raise _refusal("The camera URL is longer than 2048 characters.")
    if any(ord(char) < 33 or ord(char) == 127 for char in text):
        raise _refusal("The camera URL holds a space or a control character.")
    if not separator or scheme not in ports:
        shown = scheme if separator and re.fullmatch(r"[a-z][a-z0-9+.,-]{0,20}", scheme) else "this"
        raise _refusal(f"A camera is reached by rtsp, rtsps, http or https, not by {shown!r}.")
    user, password, rest = _split_credentials(rest)
    authority, path = _split_path(rest)
    host, port = _split_port(authority, ports[scheme])
    return CameraUrl(scheme, host, port, path, user, password)


def parse_device_url(text: str) -> CameraUrl:
    """The same for the address of a whole device, such as ``onvif://user:password@192.168.1.20``.

    A bare ``192.168.1.20`` is ``camera://192.168.1.20``; ``camera+name://`` is for the driver of a package, at port 80.
    Raises `WachtelError` (forbidden_url).
    """
    scheme = _scheme(text)
    ports = {**DEVICE_PORTS, scheme: DEFAULT_PORTS["http"]} if _FOREIGN.fullmatch(scheme) else DEVICE_PORTS
    return parse_camera_url(f"camera://{text.strip()}" if _is_bare(text) else text, ports)


def is_device_url(text: str) -> bool:
    """True for an address with a scheme of a device; nothing else of it is looked at."""
    scheme = _scheme(text)
    return _is_bare(text) or scheme in DEVICE_PORTS or _FOREIGN.fullmatch(scheme) is not None


def sends_motion_jpeg(url: str) -> bool:
    """True for an address at which only Motion JPEG is read: that of a web server."""
    return _scheme(url) in ("http", "https")


def _scheme(text: str) -> str:
    """In lower case, "" where there is none."""
    scheme, separator, _ = text.strip().partition("://")
    return scheme.lower() if separator else ""


def _is_bare(text: str) -> bool:
    """A host, perhaps with user and password before it, and nothing else of a URL."""
    host = text.strip().rpartition("@")[2]
    return "://" not in text and not re.search(r"[/?#]", host) and _looks_like_host(host)


def _refusal(what: str) -> WachtelError:
    return WachtelError(ErrorKind.FORBIDDEN_URL, what, hint=_HINT, code="camera_url")


def _split_credentials(rest: str) -> tuple[str | None, str | None, str]:
    """Everything before the last ``@`` that can belong to the host part; an ``@`` inside the path stays there."""
    head, at, tail = rest.partition("@")
    if not at or ("/" in head and _looks_like_host(head.partition("/")[0])):
        return None, None, rest
    while "@" in tail and not _looks_like_host(re.split(r"[/?]", tail, maxsplit=1)[0]):
        more, _, tail = tail.partition("@")
        head = f"{head}@{more}"
    user, colon, password = head.partition(":")
    return unquote(user), unquote(password) if colon else None, tail


def _looks_like_host(authority: str) -> bool:
    try:
        _split_port(authority, 0)
    except WachtelError:
        return False
    return True


def _split_path(rest: str) -> tuple[str, str]:
    cut = re.search(r"[/?]", rest)
    authority, path = (rest, "/") if cut is None else (rest[: cut.start()], rest[cut.start() :])
    path = path.partition("#")[0]
    return authority.partition("#")[0], path if path.startswith("/") else "/" + path


def _split_port(authority: str, default: int) -> tuple[str, int]:
    bracketed = re.fullmatch(rf"\[([0-9A-Fa-f:.]+(?:{_ZONE})?)\](?::(\d{{1,5}}))?", authority)
    plain = re.fullmatch(r"([^:\[\]]+)(?::(\d{1,5}))?", authority)
    match = bracketed or plain
    if match is None:
        raise _refusal("The camera URL has no host name that can be understood.")
    host, port_text = match.group(1), match.group(2)
    if bracketed:
        return _six(host), _port(port_text, default)
    if not _HOST.fullmatch(host):
        raise _refusal("The camera URL has no host name that can be understood.")
    return host.lower(), _port(port_text, default)


def _port(text: str | None, default: int) -> int:
    port = int(text) if text else default
    if text and not 1 <= port <= 65535:
        raise _refusal("The port in the camera URL is not between 1 and 65535.")
    return port


def _six(text: str) -> str:
    """An IPv6 address as everybody writes it; only link-local ones have a zone, with ``%25`` or ``%`` before it."""
    plain, _, zone = text.partition("%")
    zone = zone.removeprefix("25") or zone
    try:
        address = IPv6Address(plain)
    except ValueError as error:
        raise _refusal("The IPv6 address in the camera URL is not one.") from error
    if not zone:
        return str(address)
    if not address.is_link_local:
        raise _refusal("Only link-local IPv6 addresses have a zone.")
    return f"{address}%{zone}"
