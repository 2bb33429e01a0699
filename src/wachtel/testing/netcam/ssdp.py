"""Answers searches for devices (SSDP, UPnP Device Architecture 1.1 section 1.3), and says hello and goodbye."""

import re
import socket
import struct
import threading
from collections.abc import Callable

from wachtel.testing.netcam import description
from wachtel.testing.netcam.options import NetCamOptions

GROUP, PORT = "239.255.255.250", 1900
MAX_AGE_S = 86_400
_LARGEST_BYTES = 4096
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


class SearchAnswerer:
    """A socket and a thread. On any port but 1900 it hears what is sent to it directly."""

    def __init__(self, options: NetCamOptions, location: Callable[[], str]) -> None:
        self._options = options
        self._location = location
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0.2)
        self._stopped = threading.Event()
        wanted = options.ssdp_port or 0
        if wanted == PORT:
            self._join()
        self._socket.bind(("" if wanted == PORT else options.host, wanted))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="netcam-ssdp", daemon=True)

    def _join(self) -> None:
        own = socket.inet_aton(self._options.host)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        group = struct.pack("4s4s", socket.inet_aton(GROUP), own)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)

    def start(self) -> None:
        self._thread.start()
        self._announce(alive=True)

    def close(self) -> None:
        self._stopped.set()
        self._thread.join(5)
        self._announce(alive=False)
        self._socket.close()

    def _announce(self, *, alive: bool) -> None:
        if self.port != PORT:
            return
        for target in targets(self._options):
            self._socket.sendto(notice(self._options, self._location(), target, alive=alive), (GROUP, PORT))

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                question, client = self._socket.recvfrom(_LARGEST_BYTES)
            except TimeoutError:
                continue
            except OSError:
                return
            for answer in search_answers(question, self._options, self._location()):
                self._socket.sendto(answer, client)
