"""WS-Discovery as ONVIF uses it (WS-Discovery April 2005, ONVIF Core section 7): one question, answers by unicast."""

from dataclasses import dataclass
from urllib.parse import unquote
from xml.sax.saxutils import escape

from wachtel.protocols.onvif.device import shown
from wachtel.protocols.xml_reader import Element, parse_xml

GROUP_V4, GROUP_V6, PORT = "239.255.255.250", "ff02::c", 3702
LARGEST_ANSWER_BYTES = 16_384
_SCOPE = "onvif://www.onvif.org/"
_NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
)
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_TO = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"


@dataclass(frozen=True, slots=True)
class Match:
    """One device's answer. ``addresses`` are what it says of itself; ``relates_to`` is the question's id.

    ``identity`` is the device's own name, the same at all its addresses.
    """

    relates_to: str
    addresses: tuple[str, ...]
    types: tuple[str, ...]
    name: str
    hardware: str
    identity: str = ""


def probe(message_id: str) -> bytes:
    """The question for every network video transmitter."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope {_NAMESPACES}><s:Header>'
        f"<a:Action>{_DISCOVERY}/Probe</a:Action><a:MessageID>{escape(message_id)}</a:MessageID>"
        f"<a:To>{_TO}</a:To></s:Header><s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types>"
        "</d:Probe></s:Body></s:Envelope>"
    ).encode()


def read_matches(data: bytes) -> tuple[Match, ...]:
    """The devices in one datagram. Raises `WachtelError` (bad_data) for what is no XML."""
    root = parse_xml(data[:LARGEST_ANSWER_BYTES])
    relates_to = root.text_at("Header", "RelatesTo")
    found = root.child("Body", "ProbeMatches")
    return tuple(_match(one, relates_to) for one in found.all("ProbeMatch")[:16]) if found else ()


def _match(element: Element, relates_to: str) -> Match:
    scopes = element.text_at("Scopes").split()
    return Match(
        relates_to,
        tuple(element.text_at("XAddrs").split()[:8]),
        tuple(one.rpartition(":")[2] for one in element.text_at("Types").split()[:8]),
        _scope(scopes, "name"),
        _scope(scopes, "hardware"),
        shown(element.text_at("EndpointReference", "Address")).lower(),
    )


def _scope(scopes: list[str], kind: str) -> str:
    start = f"{_SCOPE}{kind}/"
    found = next((one for one in scopes if one.lower().startswith(start)), "")
    return shown(unquote(found[len(start) :]))
