"""What is stored of a Wemo device that rules drive."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from wachtel.base.address import check_address
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.wemo import PORTS, SWITCHED, kind_of

FIELDS = frozenset({"udn", "host", "port", "self_off_s"})
SHORTEST_SELF_OFF_S, LONGEST_SELF_OFF_S = 60, 86_400


@dataclass(frozen=True, slots=True)
class WemoSettings:
    """``udn`` is who it is, ``host`` and ``port`` where it was last.

    ``self_off_s``: the device's own timer, in seconds; 0 leaves it alone.
    """

    udn: str
    host: str
    port: int = PORTS[0]
    self_off_s: int = 0


def read_settings(fields: Mapping[str, str], *, allow_local: bool) -> WemoSettings:
    """Raises `WachtelError` (invalid, forbidden_url)."""
    if fields.keys() - FIELDS:
        raise _invalid("A Wemo device takes the fields udn, host, port and self_off_s.")
    udn = fields.get("udn", "")
    if kind_of(udn) not in SWITCHED:
        raise _invalid("This is no Wemo device that can be switched.")
    host = checked_host(fields.get("host", ""), allow_local=allow_local)
    port = _number(fields.get("port", str(PORTS[0])), "The port")
    self_off_s = _number(fields.get("self_off_s") or "0", "Its own timer")
    if not 1 <= port <= 65535:
        raise _invalid("The port lies between 1 and 65535.")
    if self_off_s and not SHORTEST_SELF_OFF_S <= self_off_s <= LONGEST_SELF_OFF_S:
        raise _invalid("Its own timer is set to between a minute and a day, or not at all.")
    return WemoSettings(udn, host, port, self_off_s)


def checked_host(text: str, *, allow_local: bool) -> str:
    """An IPv4 address in numbers; Wemo devices know no other. Raises `WachtelError` (invalid, forbidden_url)."""
    try:
        address = IPv4Address(text.strip())
    except ValueError:
        raise _invalid("A Wemo device has an address in numbers, such as 192.168.1.20.") from None
    check_address(address, str(address), allow_local=allow_local)
    return str(address)


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise _invalid(f"{what} is a whole number.")
    return int(text)


def _invalid(what: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, what, hint="Look for Wemo devices, and choose one from the list.")
