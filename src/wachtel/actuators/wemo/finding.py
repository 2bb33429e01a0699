"""Where a Wemo device is: asks hosts and the network, with few and bounded questions. Blocks."""

import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from wachtel.base.errors import WachtelError
from wachtel.protocols import ssdp, upnp
from wachtel.protocols.wemo import PORTS, WemoKind, kind_of

LARGEST_BYTES = 128 << 10
LOOK_TIMEOUT_S = 1.5
OWN_MODEL = "Wachtel"
"""The model name of cameras that we show as sensors ourselves."""

_HTTP_OK = (b"HTTP/1.0 200", b"HTTP/1.1 200")


@dataclass(frozen=True, slots=True)
class FoundWemo:
    """One device that described itself. All texts are the device's own."""

    udn: str
    kind: WemoKind
    host: str
    port: int
    name: str = ""
    model: str = ""
    firmware: str = ""


class NobodyThere(Exception):
    """The host does not answer at all, so its other ports need not be tried."""


def look(host: str, port: int, timeout_s: float = LOOK_TIMEOUT_S) -> FoundWemo | None:
    """The Wemo device at a port; None for anything else there. Raises `NobodyThere`."""
    body = fetch(host, port, "/setup.xml", timeout_s)
    try:
        read = upnp.read_description(body) if body is not None else None
    except WachtelError:
        return None
    kind = kind_of(read.udn) if read is not None else None
    if read is None or kind is None:
        return None
    return FoundWemo(read.udn, kind, host, port, read.name, read.model, read.firmware)


def look_at_host(
    host: str, udn: str | None = None, first: int | None = None, timeout_s: float = LOOK_TIMEOUT_S
) -> list[FoundWemo]:
    """The Wemo devices of a host, at the usual ports; with ``udn`` that one alone, and no further once it is found."""
    found: list[FoundWemo] = []
    ports = dict.fromkeys((*((first,) if first else ()), *PORTS))
    for port in ports:
        try:
            one = look(host, port, timeout_s)
        except NobodyThere:
            break
        if one is not None and udn in (None, one.udn):
            found.append(one)
            if udn is not None:
                break
    return found


def fetch(host: str, port: int, path: str, timeout_s: float, largest: int = LARGEST_BYTES) -> bytes | None:
    """The body of a good answer, None for any other. Never takes longer than ``timeout_s``.

    Raises `NobodyThere` when no connection comes about in time.
    """
    ends = time.monotonic() + timeout_s
    try:
        connection = socket.create_connection((host, port), timeout=timeout_s)
    except ConnectionRefusedError:
        return None
    except OSError as error:
        raise NobodyThere from error
    with connection, suppress(OSError):
        connection.sendall(
            f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        data = bytearray()
        while len(data) <= largest and (left := ends - time.monotonic()) > 0:
            connection.settimeout(left)
            more = connection.recv(65_536)
            if not more:
                return _body(bytes(data))
            data += more
    return None


def _body(data: bytes) -> bytes | None:
    head, separator, body = data.partition(b"\r\n\r\n")
    return body if separator and head[:12] in _HTTP_OK else None


def own_address(host: str) -> str:
    """Our address towards a host; nothing is sent for it. Raises `OSError`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((host, 9))
        return str(asking.getsockname()[0])


def search_for(
    udn: str, near: str, seconds: float, group: tuple[str, int] = (ssdp.GROUP, ssdp.PORT)
) -> tuple[str, int] | None:
    """Asks the network at which ``near`` lies once for a device; its host and port, None when it does not answer.

    The sender's address counts, not what it writes.
    """
    ends = time.monotonic() + seconds
    try:
        own = own_address(near)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 1))
            asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
            asking.bind((own, 0))
            asking.sendto(ssdp.search(ssdp.WEMO, 1), group)
            while (left := ends - time.monotonic()) > 0:
                asking.settimeout(left)
                data, (sender, *_) = asking.recvfrom(ssdp.LARGEST_ANSWER_BYTES)
                port = port_of(data, udn)
                if port is not None:
                    return sender, port
    except OSError:
        pass
    return None


def port_of(data: bytes, udn: str) -> int | None:
    """The port in an answer to a search, if it is this device's."""
    answer = ssdp.read_answer(data)
    if answer is None or answer.usn.partition("::")[0] != udn:
        return None
    return location_port(answer.location)


def location_port(location: str) -> int | None:
    """The port in the address of a description."""
    try:
        url = urlsplit(location)
        return (url.port or 80) if url.scheme == "http" else None
    except ValueError:
        return None
