"""What UPnP devices say of themselves and of their events (UPnP Device Architecture 1.1, sections 2 and 4)."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from wachtel.base.errors import WachtelError
from wachtel.protocols.xml_reader import Element, parse_xml

_LONGEST_TEXT = 200
_TIMEOUT = re.compile(r"\s*Second-(\d{1,7})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Description:
    """A device's description. ``event_path`` is where events of a service ending in ``basicevent:1`` are subscribed."""

    device_type: str
    udn: str
    name: str = ""
    make: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    event_path: str = ""


def read_description(data: bytes) -> Description | None:
    """Reads ``setup.xml``; None for XML that describes no device. Raises `WachtelError` (bad_data) for no XML."""
    device = parse_xml(data).child("device")
    if device is None or not device.text_at("deviceType"):
        return None
    return Description(
        device_type=_text(device, "deviceType"),
        udn=_text(device, "UDN"),
        name=_text(device, "friendlyName"),
        make=_text(device, "manufacturer"),
        model=_text(device, "modelName"),
        firmware=_text(device, "firmwareVersion"),
        serial=_text(device, "serialNumber"),
        event_path=_event_path(device),
    )


def _text(device: Element, name: str) -> str:
    return "".join(char for char in device.text_at(name) if char.isprintable())[:_LONGEST_TEXT]


def _event_path(device: Element) -> str:
    """Always a path on the device itself, whatever host its description names."""
    services = device.child("serviceList")
    for service in services.all("service") if services else ():
        if service.text_at("serviceType").endswith(":basicevent:1"):
            return _path_of(service.text_at("eventSubURL"))
    return ""


def _path_of(url: str) -> str:
    try:
        path = urlsplit(urljoin("http://device/", url)).path
    except ValueError:
        return ""
    plain = path.isascii() and path.isprintable() and " " not in path and len(path) <= _LONGEST_TEXT
    return path if plain else ""


def read_binary_state(data: bytes) -> bool | None:
    """The state in an event message, None when it is about something else or cannot be read.

    Some devices send ``1|...`` with more figures behind the state; 8 is that of a plug that stands by.
    """
    try:
        root = parse_xml(data)
    except WachtelError:
        return None
    for element in root.below("BinaryState"):
        state = element.text.partition("|")[0].strip()
        if state in ("0", "1", "8"):
            return state != "0"
    return None


def granted_s(header: str | None, asked_s: int) -> int:
    """How long a subscription lasts by the TIMEOUT header, in seconds; what was asked for where it says nothing."""
    match = _TIMEOUT.fullmatch(header or "")
    return max(1, min(int(match[1]), asked_s)) if match else asked_s
