"""NetCams that wait to be set up: they answer no search, so the few addresses at which one may stand are asked.

A camera in setup mode opens a Wi-Fi of its own, in which it has always the same address; others were seen in setup
mode at their address in the house. For the second, only neighbours are asked whose network card is one of these
cameras'. The question is one page without a log-in, because in setup mode a NetCam may let somebody in only once.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.netcam.conversation import Conversation
from wachtel.cameras.netcam.recognise import gives_own_pictures
from wachtel.model.device import FoundDevice
from wachtel.protocols.camera_url import CameraUrl

SETUP_ADDRESS = "10.68.68.22"
"""Of every NetCam in the Wi-Fi it opens itself."""
NEIGHBOURS = Path("/proc/net/arp")
"""Linux, proc(5): whom this machine has lately talked to on its networks."""
_HTTP = 80
_CARDS = ("c0:56:27:", "ec:1a:59:")
"""Beginnings of hardware addresses seen in NetCams; Belkin's switches have them, too."""
_MOST_DOORS = 8
_ANSWER_TIMEOUT_S = 2.0
Door = tuple[str, int]


def doors(networks: Iterable[IPv4Network], neighbours: str) -> tuple[Door, ...]:
    """Where to ask: addresses in these networks only. ``neighbours`` is the text of `NEIGHBOURS`."""
    local = list(networks)
    wanted = dict.fromkeys((SETUP_ADDRESS, *_with_their_cards(neighbours)))
    near = [one for one in wanted if any(IPv4Address(one) in network for network in local)]
    return tuple((one, _HTTP) for one in near[:_MOST_DOORS])


def _with_their_cards(neighbours: str) -> list[str]:
    rows = [line.split() for line in neighbours.splitlines()[1:]]
    found = []
    for row in rows:
        if len(row) >= 4 and row[3].lower().startswith(_CARDS):
            with suppress(ValueError):
                found.append(str(IPv4Address(row[0])))
    return found


def known_neighbours() -> str:
    """The text of `NEIGHBOURS`, "" where there is no such file."""
    try:
        return NEIGHBOURS.read_text()
    except OSError:
        return ""


class SetupSearch:
    """Asks every door at once, each from a thread; `found` grows as they answer."""

    def __init__(self, where: Sequence[Door], clock: Clock) -> None:
        self.found: list[FoundDevice] = []
        self._talks = [_talk(door, clock) for door in where[:_MOST_DOORS]]
        for talk in self._talks:
            threading.Thread(target=self._ask, args=(talk,), name="setup-search", daemon=True).start()

    def _ask(self, talk: Conversation) -> None:
        try:
            is_one = gives_own_pictures(talk)
        except WachtelError:
            return
        if is_one:
            port = "" if talk.url.port == _HTTP else f":{talk.url.port}"
            address = f"netcam://{talk.url.host}{port}"
            self.found.append(
                FoundDevice(talk.url.host, address, ("netcam",), "camera", make="Belkin", model="NetCam")
            )

    def close(self) -> None:
        """Whoever has not answered is waited for no longer."""
        for talk in self._talks:
            talk.close()


def _talk(door: Door, clock: Clock) -> Conversation:
    options = DeviceOptions(allow_local=True, answer_timeout_s=_ANSWER_TIMEOUT_S)
    return Conversation(CameraUrl("netcam", *door, "/"), options, clock)
