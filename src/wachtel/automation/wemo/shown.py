"""Which cameras are shown as Wemo sensors, at which of our addresses: nothing, unless the owner says so."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state.settings import Settings

SETTING = "wemo_shown"
DEFAULT_HOLD_S = 60.0
SHORTEST_HOLD_S, LONGEST_HOLD_S = 1.0, 3600.0
MOST_ADDRESSES = 8
SERIAL_CHARACTERS = 14


@dataclass(frozen=True, slots=True)
class WemoShown:
    """``cameras``: for each shown one how long its sensor stays on, in seconds. ``salt`` makes serials our own."""

    addresses: tuple[str, ...] = ()
    cameras: dict[str, float] = field(default_factory=dict)
    salt: str = ""

    def serial(self, camera: str) -> str:
        """The same for ever, and another one in another house."""
        digest = hashlib.sha256(f"{self.salt} {camera}".encode()).hexdigest()
        return digest[:SERIAL_CHARACTERS].upper()


class ShownBook:
    """Blocking; usable by any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def get(self) -> WemoShown:
        """As it is set."""
        return self._settings.get(SETTING, WemoShown) or WemoShown()

    def listen_at(self, addresses: Iterable[str]) -> WemoShown:
        """Shows cameras at these own addresses, and at no others. Raises `WachtelError` (invalid)."""
        checked = tuple(dict.fromkeys(_own(one) for one in addresses))
        if len(checked) > MOST_ADDRESSES:
            raise WachtelError(ErrorKind.INVALID, f"{MOST_ADDRESSES} addresses are the most.")
        return self._put(replace(self.get(), addresses=checked))

    def show(self, camera: str, hold_s: float) -> WemoShown:
        """Shows a camera. Raises `WachtelError` (invalid)."""
        known = self.get()
        if not SHORTEST_HOLD_S <= hold_s <= LONGEST_HOLD_S:
            raise WachtelError(ErrorKind.INVALID, "The sensor stays on for between a second and an hour.")
        if not known.addresses:
            raise WachtelError(
                ErrorKind.INVALID,
                "Nobody has said yet in which network cameras are shown.",
                hint="Choose one of this machine's addresses first.",
                code="wemo_no_address",
            )
        return self._put(replace(known, cameras={**known.cameras, camera: hold_s}))

    def hide(self, camera: str) -> WemoShown:
        """Shows it no more."""
        known = self.get()
        return self._put(
            replace(known, cameras={one: hold for one, hold in known.cameras.items() if one != camera})
        )

    def _put(self, shown: WemoShown) -> WemoShown:
        shown = replace(shown, salt=shown.salt or secrets.token_hex(8))
        self._settings.put(SETTING, shown)
        return shown


def _own(text: str) -> str:
    try:
        address = IPv4Address(text.strip())
    except ValueError:
        raise WachtelError(ErrorKind.INVALID, f"{text[:40]!r} is no IPv4 address.") from None
    if address.is_multicast or address.is_unspecified or address.is_global:
        raise WachtelError(
            ErrorKind.INVALID,
            f"{address} is not an address in a local network.",
            hint="Choose one address of this machine; all at once is not offered.",
        )
    return str(address)
