"""SSDP: the question for UPnP devices, and their answers (UPnP Device Architecture 1.1 section 1.3)."""

import re
from dataclasses import dataclass

GROUP, GROUP_V6, PORT = "239.255.255.250", "ff02::c", 1900
EVERYTHING = "ssdp:all"
MAX_AGE_S = 86_400
LARGEST_ANSWER_BYTES = 4096
WEMO = "urn:Belkin:service:basicevent:1"
ROOT = "upnp:rootdevice"
_BELKIN = re.compile(r"uuid:([A-Za-z]{1,24})-[0-9]_[0-9]-")
_KINDS = {
    "netcamsensor": ("netcam", "camera"),
    "linksyswncsensor": ("netcam", "camera"),
    "socket": ("wemo", "switch"),
    "lightswitch": ("wemo", "switch"),
    "insight": ("wemo", "switch"),
    "dimmer": ("wemo", "switch"),
    "outdoorplug": ("wemo", "switch"),
    "maker": ("wemo", "other"),
    "sensor": ("wemo", "other"),
    "bridge": ("wemo", "other"),
}
_MODELS = {"netcamsensor": "NetCam", "linksyswncsensor": "Wireless-N camera", "outdoorplug": "Outdoor Plug"}


@dataclass(frozen=True, slots=True)
class SsdpAnswer:
    """What one device says: where its description lies, its unique name, and the software it runs."""

    location: str
    usn: str
    server: str

    @property
    def identity(self) -> str:
        """The device's part of its unique name, the same for all its services."""
        return self.usn.partition("::")[0].lower()

    @property
    def belkin(self) -> tuple[str, str, str] | None:
        """Kind, what it is, and model of a Belkin device, by the beginning of its unique name; None for others."""
        match = _BELKIN.match(self.usn)
        known = _KINDS.get(match[1].lower()) if match else None
        if match is None or known is None:
            return None
        return (*known, _MODELS.get(match[1].lower(), match[1]))


def search(target: str, wait_s: int = 2, group: str = GROUP) -> bytes:
    """``M-SEARCH`` for one search target; devices answer within ``wait_s`` (annex A.2 for IPv6)."""
    host = f"[{group}]" if ":" in group else group
    return (
        f"M-SEARCH * HTTP/1.1\r\nST: {target}\r\nMX: {wait_s}\r\n"
        f'MAN: "ssdp:discover"\r\nHOST: {host}:{PORT}\r\n\r\n'
    ).encode()


def read_answer(data: bytes) -> SsdpAnswer | None:
    """One datagram; None for anything that is no answer to a search."""
    first, *lines = data[:LARGEST_ANSWER_BYTES].decode("utf-8", "replace").splitlines() or [""]
    if not re.match(r"HTTP/1\.[01] 200\b", first):
        return None
    fields = {
        name.strip().lower(): value.strip()[:300] for name, _, value in (one.partition(":") for one in lines)
    }
    usn = fields.get("usn", "")
    return SsdpAnswer(fields.get("location", ""), usn, fields.get("server", "")) if usn else None


_SEARCH = re.compile(rb"M-SEARCH \* HTTP/1\.[01]\r?\n")


def read_search(data: bytes) -> str | None:
    """What a datagram looks for (its ST header); None for anything that is no search."""
    if _SEARCH.match(data) is None:
        return None
    lines = data[:LARGEST_ANSWER_BYTES].decode("latin-1").splitlines()[1:]
    fields = {name.strip().upper(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    return fields.get("ST") if fields.get("MAN") == '"ssdp:discover"' else None


def usn(udn: str, target: str) -> str:
    """The unique name under which a device is found as ``target``."""
    return udn if target == udn else f"{udn}::{target}"


def answer(target: str, udn: str, location: str, server: str) -> bytes:
    """The answer to a search for one target (section 1.3.3)."""
    return _message(
        "HTTP/1.1 200 OK",
        ("CACHE-CONTROL", f"max-age={MAX_AGE_S}"),
        ("EXT", ""),
        ("LOCATION", location),
        ("SERVER", server),
        ("ST", target),
        ("USN", usn(udn, target)),
    )


def alive(target: str, udn: str, location: str, server: str) -> bytes:
    """A device is there as one target (section 1.2.2)."""
    return _message(
        "NOTIFY * HTTP/1.1",
        ("HOST", f"{GROUP}:{PORT}"),
        ("CACHE-CONTROL", f"max-age={MAX_AGE_S}"),
        ("LOCATION", location),
        ("NT", target),
        ("NTS", "ssdp:alive"),
        ("SERVER", server),
        ("USN", usn(udn, target)),
    )


def goodbye(target: str, udn: str) -> bytes:
    """A device leaves as one target (section 1.2.3)."""
    return _message(
        "NOTIFY * HTTP/1.1",
        ("HOST", f"{GROUP}:{PORT}"),
        ("NT", target),
        ("NTS", "ssdp:byebye"),
        ("USN", usn(udn, target)),
    )


def _message(first: str, *headers: tuple[str, str]) -> bytes:
    return "\r\n".join((first, *(f"{name}: {value}" for name, value in headers), "", "")).encode()
