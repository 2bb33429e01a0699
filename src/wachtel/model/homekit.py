"""HomeKit of an installation, as its owner set it up."""

from dataclasses import dataclass
from ipaddress import ip_address

from wachtel.base.errors import ErrorKind, WachtelError

PORT = 51_826


@dataclass(frozen=True, slots=True)
class HomeKit:
    """``address``: the one of this machine it listens at and tells of; nothing is sent through any other."""

    address: str
    port: int = PORT
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """What pairing needs: the code a person types, and the id that stands in the QR code."""

    code: str
    setup_id: str


def check_homekit(wanted: HomeKit) -> None:
    """Raises `WachtelError` (invalid)."""
    try:
        address = ip_address(wanted.address)
    except ValueError as error:
        raise WachtelError(
            ErrorKind.INVALID,
            "HomeKit needs one of this machine's own addresses in numbers.",
            hint="For example 192.168.1.10.",
        ) from error
    if address.is_unspecified or address.is_multicast:
        raise WachtelError(ErrorKind.INVALID, f"{wanted.address} is not the address of one network.")
    if not 1 <= wanted.port <= 65535:
        raise WachtelError(ErrorKind.INVALID, "A port is a number from 1 to 65535.")
