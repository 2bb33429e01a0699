"""What a certificate vouches for: names and addresses."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509

from wachtel.base.errors import ErrorKind, WachtelError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")
_ALWAYS_NAMED = "localhost"
_ALWAYS_ADDRESSED = ("127.0.0.1", "::1")
_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses for documentation (RFC 5737, RFC 3849): the way there begins at the address others see."""


@dataclass(frozen=True, slots=True)
class Names:
    """DNS names in ASCII and lower case, and addresses."""

    names: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()

    @classmethod
    def typed(cls, names: Iterable[str], addresses: Iterable[str]) -> "Names":
        """Raises `WachtelError` (invalid) with what is wrong."""
        return cls(
            tuple(dict.fromkeys(_name(one) for one in names)),
            tuple(dict.fromkeys(_address(one) for one in addresses)),
        )

    @classmethod
    def of_certificate(cls, certificate: x509.Certificate) -> "Names":
        """Those of its subjectAltName; the common name counts no more, with no browser either (RFC 9525)."""
        try:
            found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return cls()
        addresses = [one for one in found.get_values_for_type(x509.IPAddress) if isinstance(one, Address)]
        return cls(tuple(one.lower() for one in found.get_values_for_type(x509.DNSName)), tuple(addresses))

    def with_this_machine(self) -> "Names":
        """The same and what always leads here."""
        always = Names.typed((_ALWAYS_NAMED,), _ALWAYS_ADDRESSED)
        return Names(
            tuple(dict.fromkeys((*self.names, *always.names))),
            tuple(dict.fromkeys((*self.addresses, *always.addresses))),
        )

    def covers(self, name: str) -> bool:
        """True when somebody may call this server so; ``*`` stands for one label."""
        wanted = name.lower().removesuffix(".")
        if wanted in self.names or f"*.{wanted.partition('.')[2]}" in self.names:
            return True
        try:
            return ipaddress.ip_address(wanted) in self.addresses
        except ValueError:
            return False

    def __str__(self) -> str:
        return ", ".join((*self.names, *map(str, self.addresses)))

    def general_names(self) -> list[x509.GeneralName]:
        """For subjectAltName."""
        return [*map(x509.DNSName, self.names), *map(x509.IPAddress, self.addresses)]

    def subtrees(self) -> list[x509.GeneralName]:
        """For name constraints: a name includes those below it (RFC 5280 section 4.2.1.10)."""
        networks = [x509.IPAddress(ipaddress.ip_network(address)) for address in self.addresses]
        return [*map(x509.DNSName, self.names), *networks]


def names_of_this_machine() -> Names:
    """Its host name, the same in the local network (``.local``), and the address others in the network see.

    Nothing is sent: connecting a datagram socket only looks up the way.
    """
    host = socket.gethostname().lower()
    names = [host, f"{host}.local"] if _is_name(host) and "." not in host else [host] * _is_name(host)
    return Names.typed(names, [one for family, far in _FAR_AWAY for one in _own_address(family, far)])


def _own_address(family: socket.AddressFamily, far: str) -> list[str]:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as looking:
            looking.connect((far, 9))
            return [str(looking.getsockname()[0]).partition("%")[0]]
    except OSError:
        return []


def _is_name(text: str) -> bool:
    return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.split("."))


def _name(typed: str) -> str:
    try:
        name = typed.strip().removesuffix(".").encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    try:
        ipaddress.ip_address(typed.strip())
    except ValueError:
        if _is_name(name):
            return name
        raise WachtelError(
            ErrorKind.INVALID, f"{typed!r} is no name of a computer.", hint="Write it as in wachtel.lan."
        ) from None
    raise WachtelError(ErrorKind.INVALID, f"{typed} is an address.", hint="Give it with --address.")


def _address(typed: str) -> Address:
    try:
        address = ipaddress.ip_address(typed.strip().strip("[]"))
    except ValueError as error:
        raise WachtelError(
            ErrorKind.INVALID, f"{typed!r} is no IP address.", hint="Names are given with --name."
        ) from error
    if address.is_unspecified or address.is_multicast:
        raise WachtelError(ErrorKind.INVALID, f"Nobody can be reached at {address}.")
    return address
