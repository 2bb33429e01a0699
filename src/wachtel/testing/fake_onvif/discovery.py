"""The virtual device's answers to WS-Discovery."""

import socket
import struct
import threading
from types import TracebackType
from urllib.parse import quote
from xml.sax.saxutils import escape

from wachtel.base.errors import WachtelError
from wachtel.protocols.onvif import discovery
from wachtel.protocols.xml_reader import parse_xml
from wachtel.testing.fake_onvif.options import OnvifOptions

_NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
)
_MATCHES = "http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches"


class DiscoveryResponder:
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
        self._options = options
        self._xaddr = xaddr
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("" if multicast else host, port))
        if multicast:
            self._join(host)
        self._socket.settimeout(0.2)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port: int = self._socket.getsockname()[1]
        self.asked = 0

    def _join(self, host: str) -> None:
        """The group on the network of this address; of IPv6 by its zone, as ``fe80::1%eth0``."""
        if ":" in host:
            group = socket.inet_pton(socket.AF_INET6, discovery.GROUP_V6)
            zone = struct.pack("@I", socket.if_nametoindex(host.partition("%")[2]))
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + zone)
        else:
            group = socket.inet_aton(discovery.GROUP_V4) + socket.inet_aton(host)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)

    def __enter__(self) -> "DiscoveryResponder":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            try:
                data, sender = self._socket.recvfrom(65_535)
            except OSError:
                continue
            answer = self._answer(data)
            if answer is not None:
                self.asked += 1
                self._socket.sendto(answer, sender)

    def _answer(self, data: bytes) -> bytes | None:
        try:
            asked = parse_xml(data)
        except WachtelError:
            return None
        if asked.child("Body", "Probe") is None:
            return None
        raw = self._options.raw.get("Probe")
        return raw if raw is not None else self._matches(asked.text_at("Header", "MessageID"))

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
