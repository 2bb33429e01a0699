"""Our own IPv6 addresses on local networks: link-local ones, and those of the house's own prefix."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path

ADDRESSES = Path("/proc/net/if_inet6")
"""Linux: address, index, length of the prefix, scope, flags, interface."""
_OWN = IPv6Network("fc00::/7")
"""RFC 4193: never routed beyond the house."""
_TENTATIVE = 0x40
"""Nobody may speak from it yet (RFC 4862 section 5.4)."""


@dataclass(frozen=True, slots=True)
class Link:
    """One own address: what is sent from it leaves by interface ``index``; answers come from ``network``."""

    address: str
    index: int
    name: str
    network: IPv6Network

    def sender(self, host: str, scope: int) -> str | None:
        """An answer's sender as an address one can connect to, None when it is not of this network."""
        plain = host.partition("%")[0]
        address = IPv6Address(plain)
        if address not in self.network or (scope and scope != self.index):
            return None
        return f"{plain}%{self.name}" if address.is_link_local else plain


def local_links() -> tuple[Link, ...]:
    """None where this system does not tell, or has no IPv6."""
    try:
        return tuple(links_in(ADDRESSES.read_text()))
    except OSError:
        return ()


def links_in(text: str) -> Iterable[Link]:
    """Those of `ADDRESSES` that are local: never a public one, and not this machine's loopback."""
    for row in (line.split() for line in text.splitlines()):
        if len(row) != 6 or int(row[4], 16) & _TENTATIVE:
            continue
        address = IPv6Address(int(row[0], 16))
        if address.is_link_local or address in _OWN:
            network = IPv6Network((address, int(row[2], 16)), strict=False)
            yield Link(str(address), int(row[1], 16), row[5], network)
