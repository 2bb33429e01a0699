"""Where a name really leads: it is resolved once, checked, and the address is pinned.

Whoever connects on behalf of a person connects to an `Endpoint` from here, never to a name; so a name that
changes its address between check and use (DNS rebinding) gains nothing.
"""

import asyncio
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from wachtel.base.errors import ErrorKind, WachtelError

Address = IPv4Address | IPv6Address

_NAT64 = ip_network("64:ff9b::/96")
_PUBLIC_V6, _ALL_V4 = ip_network("2000::/3"), ip_network("0.0.0.0/0")
_SPECIAL = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"), ip_network("2001::/23"))
"""What is set aside for protocols (RFC 6890), whatever a version of Python calls global."""

_PATIENCE_S = 5.0
_NEVER = tuple(ip_network(net) for net in ("0.0.0.0/8", "240.0.0.0/4", "::/128"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A numeric address and port; ``name`` is what the URL said, for messages and TLS."""

    ip: str
    port: int
    name: str

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.ip else socket.AF_INET


def resolve_host(
    host: str, port: int, *, allow_local: bool, timeout_s: float, public_only: bool = False
) -> Endpoint:
    """The first address of a host that may be contacted; ``public_only``: none of the own network either.

    Raises `WachtelError`: unreachable when the name is not known, timeout when nobody answers for it,
    forbidden_url when it leads to this machine (without ``allow_local``), to a multicast group or to no host
    at all.
    """
    refused: WachtelError | None = None
    for text in _look_up(host, port, timeout_s):
        try:
            check_address(ip_address(text), host, allow_local=allow_local)
            if public_only:
                check_public(ip_address(text), host)
        except WachtelError as error:
            refused = refused or error
            continue
        return Endpoint(text, port, host)
    raise refused or _unknown(host)


async def resolved(host: str, port: int, *, allow_local: bool, public_only: bool = False) -> Endpoint:
    """`resolve_host` without holding up the loop, for 5 s at most."""
    return await asyncio.to_thread(
        resolve_host, host, port, allow_local=allow_local, timeout_s=_PATIENCE_S, public_only=public_only
    )


def in_numbers(name: str) -> Address | None:
    """The address a name is, also in the short and odd forms that resolvers accept (``127.1``, ``0x7f000001``)."""
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(name))
    except OSError:
        return None


def check_address(address: Address, shown: str, *, allow_local: bool) -> None:
    """Raises `WachtelError` (forbidden_url) for an address that no single device of the user's can have."""
    address = _innermost(address)
    if address.is_multicast or any(address in net for net in _NEVER if net.version == address.version):
        raise WachtelError(
            ErrorKind.FORBIDDEN_URL,
            f"{shown} is not the address of a single device.",
            code="no_single_device",
            hint="Enter the address of the device itself, for example 192.168.1.20.",
            details={"host": shown},
        )
    if not allow_local and (address.is_loopback or address.is_link_local):
        raise WachtelError(
            ErrorKind.FORBIDDEN_URL,
            f"{shown} leads to this machine itself or to a link-local address, which needs your consent.",
            code="local_address",
            hint="Allow local addresses here if you mean it.",
            details={"host": shown},
        )


def check_public(address: Address, shown: str) -> None:
    """Raises `WachtelError` (forbidden_url) for an address that does not belong to the internet at large."""
    inner = _innermost(address)
    among = _PUBLIC_V6 if isinstance(inner, IPv6Address) else _ALL_V4
    if not inner.is_global or inner not in among or any(inner in net for net in _SPECIAL):
        raise WachtelError(
            ErrorKind.FORBIDDEN_URL,
            f"{shown} is no address of the internet.",
            code="no_public_address",
            hint="What a stranger names may not lead into your own network.",
            details={"host": shown},
        )


def _innermost(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, 6to4, NAT64), where there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _look_up(host: str, port: int, timeout_s: float) -> list[str]:
    """All addresses of a name, in the system's order. The system's resolver knows no deadline, so a thread
    waits for it."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers))
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise WachtelError(
            ErrorKind.TIMEOUT,
            f"Nobody on the network answers what address {host} has.",
            code="name_unanswered",
            hint="Check the name, or enter the IP address.",
            details={"host": host},
        )
    if failed or not found:
        raise _unknown(host)
    return found


def _unknown(host: str) -> WachtelError:
    return WachtelError(
        ErrorKind.UNREACHABLE,
        f"The name {host} is not known on this network.",
        code="name_unknown",
        hint="Check the spelling, or enter the IP address.",
        details={"host": host},
    )
