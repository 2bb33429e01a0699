"""What Wemo devices are called and say: identities, descriptions, SOAP and event texts.

Written from the UPnP Device Architecture 1.1 (sections 2 to 4) and from what pywemo 2.1.2 reads and sends; nothing of
a maker's firmware was looked at.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from xml.sax.saxutils import escape

from wachtel.protocols.xml_reader import parse_xml

MANUFACTURER = "Belkin International Inc."
"""Clients take only devices of this maker for Wemo devices."""

BASIC_EVENT = "urn:Belkin:service:basicevent:1"
PORTS = (49153, 49152, 49154, 49151, 49155, 49156, 49157, 49158, 49159)
"""Where clients look for a device whose port has moved, the usual one first."""

LONGEST_NAME_BYTES = 30
"""CVE-2023-27217: a longer name overflows a buffer of the Mini."""

CONTROL, EVENTS, SERVICES = "/upnp/control/{}1", "/upnp/event/{}1", "/{}.xml"
_SERVICE = "urn:Belkin:service:{}:1"
_UDN = re.compile(r"uuid:([A-Za-z]{1,24})-[0-9]_[0-9]-[\w.-]{1,64}")
_SOAP_ACTION = re.compile(r'"?urn:[\w:.-]{1,80}#(\w{1,64})"?')


class WemoKind(StrEnum):
    """What a device is, by the beginning of its unique name."""

    SWITCH = "switch"
    LIGHT_SWITCH = "light_switch"
    INSIGHT = "insight"
    DIMMER = "dimmer"
    OUTDOOR_PLUG = "outdoor_plug"
    MAKER = "maker"
    MOTION = "motion"
    NETCAM = "netcam"
    BRIDGE = "bridge"


_KINDS = {
    "socket": WemoKind.SWITCH,
    "lightswitch": WemoKind.LIGHT_SWITCH,
    "insight": WemoKind.INSIGHT,
    "dimmer": WemoKind.DIMMER,
    "outdoorplug": WemoKind.OUTDOOR_PLUG,
    "maker": WemoKind.MAKER,
    "sensor": WemoKind.MOTION,
    "netcamsensor": WemoKind.NETCAM,
    "linksyswncsensor": WemoKind.NETCAM,
    "bridge": WemoKind.BRIDGE,
}
SWITCHED = frozenset(
    {
        WemoKind.SWITCH,
        WemoKind.LIGHT_SWITCH,
        WemoKind.INSIGHT,
        WemoKind.DIMMER,
        WemoKind.OUTDOOR_PLUG,
        WemoKind.MAKER,
    }
)
"""Kinds that can be switched."""

SENSING = frozenset({WemoKind.MOTION, WemoKind.MAKER})
"""Kinds with a sensor; a Maker only if something is connected to it."""


def kind_of(udn: str) -> WemoKind | None:
    """What a device is, None for what is no Wemo device."""
    match = _UDN.fullmatch(udn)
    return _KINDS.get(match[1].lower()) if match else None


def short_name(text: str) -> str:
    """At most 30 bytes of it, cut between two characters, with nothing that cannot be printed."""
    plain = "".join(char for char in text if char.isprintable()).strip()
    return plain.encode()[:LONGEST_NAME_BYTES].decode("utf-8", "ignore").strip()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a device says of itself. ``more`` are further elements, by their names."""

    device_type: str
    udn: str
    name: str
    description: str
    model: str
    model_number: str
    serial: str
    maker_url: str = "http://www.belkin.com"
    model_url: str = "http://www.belkin.com"
    more: Mapping[str, str] | None = None


def setup_xml(device: Identity, services: Iterable[str], binary_state: str) -> str:
    """The device description with its services (UPnP Device Architecture 1.1 section 2.3)."""
    fields = {
        "deviceType": device.device_type,
        "friendlyName": device.name,
        "manufacturer": MANUFACTURER,
        "manufacturerURL": device.maker_url,
        "modelDescription": device.description,
        "modelName": device.model,
        "modelNumber": device.model_number,
        "modelURL": device.model_url,
        "serialNumber": device.serial,
        "UDN": device.udn,
        **(device.more or {}),
        "binaryState": binary_state,
    }
    listed = "".join(f"<{name}>{escape(text)}</{name}>\n" for name, text in fields.items())
    return (
        '<?xml version="1.0"?>\n<root xmlns="urn:Belkin:device-1-0">\n'
        "<specVersion><major>1</major><minor>0</minor></specVersion>\n"
        f"<device>\n{listed}<serviceList>\n{''.join(_service(name) for name in services)}</serviceList>\n"
        "</device>\n</root>\n"
    )


def _service(name: str) -> str:
    return (
        f"<service><serviceType>{_SERVICE.format(name)}</serviceType>"
        f"<serviceId>urn:Belkin:serviceId:{name}1</serviceId>"
        f"<controlURL>{CONTROL.format(name)}</controlURL><eventSubURL>{EVENTS.format(name)}</eventSubURL>"
        f"<SCPDURL>{SERVICES.format(name)}</SCPDURL></service>\n"
    )


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a service with the names of its arguments."""

    name: str
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()


def services_xml(actions: Iterable[Action], variables: Iterable[str]) -> str:
    """The description of a service (UPnP Device Architecture 1.1 section 2.5). ``variables`` are those it tells of."""
    states = "".join(
        f'<stateVariable sendEvents="yes"><name>{name}</name><dataType>string</dataType></stateVariable>'
        for name in variables
    )
    return (
        '<?xml version="1.0"?>\n<scpd xmlns="urn:Belkin:service-1-0">\n'
        "<specVersion><major>1</major><minor>0</minor></specVersion>\n"
        f"<actionList>{''.join(_action(one) for one in actions)}</actionList>\n"
        f"<serviceStateTable>{states}</serviceStateTable>\n</scpd>\n"
    )


def _action(action: Action) -> str:
    arguments = "".join(
        f"<argument><name>{name}</name><relatedStateVariable>{name}</relatedStateVariable>"
        f"<direction>{direction}</direction></argument>"
        for names, direction in ((action.takes, "in"), (action.gives, "out"))
        for name in names
    )
    return f"<action><name>{action.name}</name><argumentList>{arguments}</argumentList></action>\n"


def action_of(header: str) -> str:
    """The action a SOAPACTION header names, "" for none."""
    match = _SOAP_ACTION.fullmatch(header.strip())
    return match[1] if match else ""


def arguments_of(body: bytes) -> dict[str, str]:
    """The arguments in a SOAP question. Raises `WachtelError` (bad_data) for what is none."""
    content = parse_xml(body).child("Body")
    action = content.children[0] if content and content.children else None
    return {} if action is None else {one.name: one.text for one in action.children}


def soap_answer(service: str, action: str, fields: Mapping[str, str]) -> str:
    """A good answer to an action (UPnP Device Architecture 1.1 section 3.2.2)."""
    listed = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    return _envelope(
        f'<u:{action}Response xmlns:u="{_SERVICE.format(service)}">{listed}</u:{action}Response>'
    )


def soap_fault(code: int, what: str) -> str:
    """A refusal (UPnP Device Architecture 1.1 section 3.2.5)."""
    return _envelope(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>"
        f'<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>{code}</errorCode>'
        f"<errorDescription>{escape(what)}</errorDescription></UPnPError></detail></s:Fault>"
    )


def _envelope(body: str) -> str:
    return (
        '<?xml version="1.0"?>\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        f's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>{body}</s:Body></s:Envelope>\n'
    )


def property_set(variables: Mapping[str, str]) -> str:
    """An event message (UPnP Device Architecture 1.1 section 4.3.2)."""
    listed = "".join(
        f"<e:property><{name}>{escape(text)}</{name}></e:property>" for name, text in variables.items()
    )
    return f'<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">{listed}</e:propertyset>\n'


def attribute_list(attributes: Mapping[str, str]) -> str:
    """Attributes as a Maker tells them: XML that is text within XML."""
    return "".join(
        f"<attribute><name>{escape(name)}</name><value>{escape(value)}</value></attribute>"
        for name, value in attributes.items()
    )
