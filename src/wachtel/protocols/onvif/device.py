"""The device service: who it is, what time it has, which services it offers, its outputs (ONVIF Core section 8)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.device import Relay
from wachtel.protocols.xml_reader import Element

DATE_AND_TIME = "<tds:GetSystemDateAndTime/>"
INFORMATION = "<tds:GetDeviceInformation/>"
SERVICES = "<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>"
CAPABILITIES = "<tds:GetCapabilities><tds:Category>All</tds:Category></tds:GetCapabilities>"
RELAY_OUTPUTS = "<tds:GetRelayOutputs/>"
IO_RELAY_OUTPUTS = "<tmd:GetRelayOutputs/>"
DEVICE_PATH = "/onvif/device_service"
MOST_RELAYS = 64
_LONGEST_TEXT = 200
_DURATION = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4}(?:\.\d{1,6})?)S)?")


@dataclass(frozen=True, slots=True)
class Information:
    """What is printed on the device; any text may be empty."""

    make: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses of services as the device gives them, "" for what it does not have; never to be trusted."""

    media: str = ""
    events: str = ""
    ptz: str = ""
    device_io: str = ""


def shown(text: str) -> str:
    """A text of a device on one line, printable and not long."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_LONGEST_TEXT]


def read_information(answer: Element) -> Information:
    """``GetDeviceInformationResponse``."""
    fields = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber")
    return Information(*(shown(answer.text_at(name)) for name in fields))


def read_date_and_time(answer: Element) -> WallUs | None:
    """``GetSystemDateAndTimeResponse`` in UTC; None when the device does not say, or says what is no time."""
    moment = answer.child("SystemDateAndTime", "UTCDateTime")
    if moment is None:
        return None
    parts = [("Date", name) for name in ("Year", "Month", "Day")]
    parts += [("Time", name) for name in ("Hour", "Minute", "Second")]
    try:
        year, month, day, hour, minute, second = (int(moment.text_at(*part)) for part in parts)
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        return WallUs(int(at.timestamp()) * US_PER_S)
    except (ValueError, OverflowError):
        return None


def read_services(answer: Element) -> Services:
    """``GetServicesResponse``: known by their namespaces (ONVIF Core section 8.1.2)."""
    found = {one.text_at("Namespace"): one.text_at("XAddr") for one in answer.all("Service")}

    def of(*parts: str) -> str:
        return next((xaddr for name, xaddr in found.items() if any(part in name for part in parts)), "")

    return Services(
        of("ver10/media/"), of("ver10/events/"), of("ver20/ptz/", "ver10/ptz/"), of("ver10/deviceIO/")
    )


def read_capabilities(answer: Element) -> Services:
    """``GetCapabilitiesResponse``, which older devices answer instead of `read_services`."""
    known = answer.child("Capabilities")
    if known is None:
        return Services()
    places = (("Media",), ("Events",), ("PTZ",), ("Extension", "DeviceIO"))
    return Services(*(known.text_at(*place, "XAddr") for place in places))


def read_relays(answer: Element) -> tuple[Relay, ...]:
    """``GetRelayOutputsResponse``, of the device or the DeviceIO service: outputs and whether they fall back."""
    found = []
    for one in answer.all("RelayOutputs")[:MOST_RELAYS]:
        pulses = one.text_at("Properties", "Mode").lower() == "monostable"
        delay = read_duration(one.text_at("Properties", "DelayTime")) if pulses else None
        if one.attributes.get("token"):
            found.append(Relay(one.attributes["token"], delay))
    return tuple(found)


def set_relay(token: str, *, on: bool, service: str = "tds") -> str:
    """``SetRelayOutputState``; ``service`` is ``tds`` or ``tmd`` (DeviceIO section 5.8)."""
    state = "active" if on else "inactive"
    return (
        f"<{service}:SetRelayOutputState><{service}:RelayOutputToken>{escape(token)}</{service}:RelayOutputToken>"
        f"<{service}:LogicalState>{state}</{service}:LogicalState></{service}:SetRelayOutputState>"
    )


def read_duration(text: str) -> float | None:
    """Seconds of an ``xs:duration`` below a day (XML Schema part 2 section 3.2.6); None for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None or len(text) < 4:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
