"""SOAP 1.2 envelopes: a question around its body, an answer out of it, and why a device refuses."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.protocols.xml_reader import Element, parse_xml

CONTENT_TYPE = "application/soap+xml; charset=utf-8"
NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://www.w3.org/2005/08/addressing",
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "tmd": "http://www.onvif.org/ver10/deviceIO/wsdl",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
}
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_DENIALS = ("notauthorized", "failedauthentication", "invalidsecurity", "failedcheck", "sendernotauthorized")
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class UserToken:
    """What proves the user in the header of an envelope; ``nonce`` is random, ``at`` the time by the device's clock."""

    user: str
    password: str
    nonce: bytes
    at: WallUs

    def encode(self) -> str:
        """The header element (UsernameToken profile 1.0 section 3.1)."""
        created = utc_text(self.at)
        digest = hashlib.sha1(
            self.nonce + created.encode() + self.password.encode(), usedforsecurity=False
        ).digest()
        return (
            f'<Security s:mustUnderstand="1" xmlns="{_SECURITY}"><UsernameToken>'
            f"<Username>{escape(self.user)}</Username>"
            f'<Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</Password>'
            f"<Nonce>{base64.b64encode(self.nonce).decode()}</Nonce>"
            f'<Created xmlns="{_UTILITY}">{created}</Created></UsernameToken></Security>'
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a device refuses: its codes from the general to the special, and its own words."""

    codes: tuple[str, ...]
    reason: str

    @property
    def denied(self) -> bool:
        """True when it is about who asks."""
        words = "".join((*self.codes, self.reason)).lower().replace(" ", "").replace("_", "")
        return any(word in words for word in _DENIALS)

    @property
    def unknown(self) -> bool:
        """True when the device does not know such a question."""
        return any(code.lower().startswith(("actionnotsupported", "optionalaction")) for code in self.codes)


def utc_text(at: WallUs) -> str:
    """As ``2026-11-22T05:39:06.000Z`` (xs:dateTime)."""
    return datetime.fromtimestamp(at / US_PER_S, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + "000Z"


def question(
    body: str, *, action: str = "", to: str = "", message_id: str = "", token: UserToken | None = None
) -> bytes:
    """An envelope around ``body``, which is XML with the prefixes of `NAMESPACES`.

    ``action``, ``to`` and ``message_id`` are for WS-Addressing, which events need; left out where empty.
    """
    prefixes = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())
    header = token.encode() if token else ""
    if action:
        header += f'<a:Action s:mustUnderstand="1">{escape(action)}</a:Action>'
        header += f"<a:MessageID>{escape(message_id)}</a:MessageID>"
        header += f'<a:To s:mustUnderstand="1">{escape(to)}</a:To>'
    text = f"<s:Envelope {prefixes}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()


def read_answer(data: bytes) -> Element | Fault:
    """The element inside the body of an answer, or why there is none.

    Raises `WachtelError` (bad_data) for what is no SOAP.
    """
    root = parse_xml(data)
    body = root.child("Body")
    if root.name != "Envelope" or body is None or not body.children:
        raise no_soap()
    first = body.children[0]
    return _fault(first) if first.name == "Fault" else first


def expect(answer: Element | Fault, name: str) -> Element:
    """The answer when it is the one that was asked for. Raises `WachtelError` (bad_data)."""
    if isinstance(answer, Fault) or answer.name != f"{name}Response":
        raise no_soap()
    return answer


def no_soap() -> WachtelError:
    """The error for an answer that has nothing to do with the question."""
    return WachtelError(
        ErrorKind.BAD_DATA,
        "The device's answer is none of ONVIF.",
        code="no_onvif",
        hint="Use its rtsp address, or look for new firmware of the device.",
    )


def _fault(element: Element) -> Fault:
    """SOAP 1.2 part 1 section 5.4, and the form of SOAP 1.1 that some devices keep."""
    values = [one.text for one in element.below("Value")] + [one.text for one in element.all("faultcode")]
    reason = element.text_at("Reason", "Text") or element.text_at("faultstring")
    codes = tuple(value.rpartition(":")[2] for value in values if value)
    return Fault(codes[:8], " ".join(reason.split())[:_LONGEST_REASON])
