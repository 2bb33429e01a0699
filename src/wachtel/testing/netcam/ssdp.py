"""Answers searches for devices (SSDP, UPnP Device Architecture 1.1 section 1.3), and says hello and goodbye."""

import re
from collections.abc import Callable

from wachtel.protocols.ssdp import GROUP, PORT
from wachtel.testing.datagram_answerer import SearchAnswerer
from wachtel.testing.netcam import description
from wachtel.testing.netcam.options import NetCamOptions

MAX_AGE_S = 86_400
_HEADER = re.compile(r"^([A-Za-z-]+)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def targets(options: NetCamOptions) -> tuple[str, ...]:
    """What a search may be for to be answered."""
    return ("upnp:rootdevice", description.udn(options), description.DEVICE_TYPE, description.BASIC_EVENT)


def search_answers(question: bytes, options: NetCamOptions, location: str) -> list[bytes]:
    """The datagrams that answer one; none when it is no search, or for somebody else."""
    text = question.decode("latin-1").replace("\r\n", "\n")
    if not text.startswith("M-SEARCH * HTTP/1.1\n"):
        return []
    headers = {name.upper(): value for name, value in _HEADER.findall(text)}
    if headers.get("MAN") != '"ssdp:discover"':
        return []
    wanted = headers.get("ST", "")
    known = targets(options)
    asked = known if wanted == "ssdp:all" else tuple(one for one in known if one == wanted)
    return [_message("HTTP/1.1 200 OK", ("EXT", ""), ("ST", one), options, location, one) for one in asked]


def notice(options: NetCamOptions, location: str, target: str, *, alive: bool) -> bytes:
    """Hello or goodbye for one target."""
    kind = ("NTS", "ssdp:alive" if alive else "ssdp:byebye")
    return _message("NOTIFY * HTTP/1.1", kind, ("NT", target), options, location, target)


def _message(
    first: str,
    second: tuple[str, str],
    third: tuple[str, str],
    options: NetCamOptions,
    location: str,
    target: str,
) -> bytes:
    udn = description.udn(options)
    lines = [
        *([("HOST", f"{GROUP}:{PORT}")] if first.startswith("NOTIFY") else []),
        ("CACHE-CONTROL", f"max-age={MAX_AGE_S}"),
        second,
        ("LOCATION", location),
        ("SERVER", "Unspecified, UPnP/1.0, Unspecified"),
        third,
        ("USN", udn if target == udn else f"{udn}::{target}"),
    ]
    return "\r\n".join((first, *(f"{name}: {value}" for name, value in lines), "", "")).encode()


class NetCamSearchAnswerer(SearchAnswerer):
    """A NetCam's."""

    def __init__(self, options: NetCamOptions, location: Callable[[], str]) -> None:
        super().__init__(options.host, options.ssdp_port or 0)
        self._options = options
        self._location = location

    def notices(self, *, alive: bool) -> list[bytes]:
        """Hello or goodbye for every target."""
        where = self._location()
        return [notice(self._options, where, target, alive=alive) for target in targets(self._options)]

    def answers(self, question: bytes) -> list[bytes]:
        """See `search_answers`."""
        return search_answers(question, self._options, self._location())
