"""Our own addresses on local networks: where to ask, and whose answers to believe."""

import fcntl
import socket
import struct
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network

_SIOCGIFADDR, _SIOCGIFNETMASK = 0x8915, 0x891B
"""Linux, netdevice(7)."""


def local_networks() -> list[tuple[str, IPv4Network]]:
    """Each own IPv4 address in a private network, with that network; loopback is none."""
    found: list[tuple[str, IPv4Network]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                address = _ask(asking, name, _SIOCGIFADDR)
                network = IPv4Network(f"{address}/{_ask(asking, name, _SIOCGIFNETMASK)}", strict=False)
                if is_local(IPv4Address(address)):
                    found.append((address, network))
    return found or _by_route()


def is_local(address: IPv4Address) -> bool:
    """True for an address of a private network (RFC 1918) or of the link (RFC 3927)."""
    return (address.is_private or address.is_link_local) and not (
        address.is_loopback or address.is_unspecified or address.is_multicast or address.is_reserved
    )


def _ask(asking: socket.socket, name: str, question: int) -> str:
    answer = fcntl.ioctl(asking.fileno(), question, struct.pack("256s", name.encode()[:15]))
    return socket.inet_ntoa(answer[20:24])


def _by_route() -> list[tuple[str, IPv4Network]]:
    """Where interfaces cannot be asked: the address that leads to the neighbours; nothing is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
        asking.connect(("239.255.255.250", 1900))
        address = asking.getsockname()[0]
        if is_local(IPv4Address(address)):
            return [(address, IPv4Network(f"{address}/24", strict=False))]
    return []
