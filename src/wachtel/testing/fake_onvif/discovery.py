"""The virtual device's answers to WS-Discovery."""

from urllib.parse import quote
from xml.sax.saxutils import escape

from wachtel.base.errors import WachtelError
from wachtel.protocols.onvif import discovery
from wachtel.protocols.xml_reader import parse_xml
from wachtel.testing.datagram_answerer import DatagramAnswerer, listening
from wachtel.testing.fake_onvif.options import OnvifOptions

_NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
)
_MATCHES = "http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches"


class DiscoveryResponder(DatagramAnswerer):
    """``with DiscoveryResponder(options, xaddr, host)``: answers probes at ``port`` of ``host``.

    With ``multicast`` it also hears what is sent to the group on that address's network; port 3702 is the real one, and
    0 any free one for whoever asks by unicast.
    """

    def __init__(
        self,
        options: OnvifOptions,
        xaddr: str,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        multicast: bool = False,
    ) -> None:
        group = discovery.GROUP_V6 if ":" in host else discovery.GROUP_V4
        super().__init__(listening(host, port, group if multicast else None))
        self._options = options
        self._xaddr = xaddr

    def answers(self, question: bytes) -> list[bytes]:
        """One, to a probe."""
        try:
            asked = parse_xml(question)
        except WachtelError:
            return []
        if asked.child("Body", "Probe") is None:
            return []
        raw = self._options.raw.get("Probe")
        return [raw if raw is not None else self._matches(asked.text_at("Header", "MessageID"))]

    def _matches(self, message_id: str) -> bytes:
        scopes = " ".join(
            f"onvif://www.onvif.org/{kind}/{quote(value)}"
            for kind, value in (
                ("Profile", "Streaming"),
                ("name", self._options.name),
                ("hardware", self._options.model),
            )
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope {_NAMESPACES}><s:Header>'
            f"<a:MessageID>urn:uuid:virtual</a:MessageID><a:RelatesTo>{escape(message_id)}</a:RelatesTo>"
            f"<a:Action>{_MATCHES}</a:Action></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>"
            f"<a:EndpointReference><a:Address>urn:uuid:virtual-{escape(self._options.serial)}</a:Address></a:EndpointReference>"
            f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{escape(scopes)}</d:Scopes>"
            f"<d:XAddrs>{escape(self._xaddr)}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
            "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
        ).encode()
