"""``/ca``: how a device comes to trust the local authority, and the files it needs for that.

Public, because a device cannot log in with an easy mind before it trusts the server. What is shown is no secret.
"""

import hashlib
import plistlib
import ssl
import uuid
from collections.abc import Callable
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.web.door import Door
from wachtel.web.settings import LocalAuthority

_FOLDER = Path(__file__).parent / "authority_page"
_LANGUAGES = ("en", "de")
_SYSTEMS = (
    ("Android", "android"),
    ("iPhone", "iphone"),
    ("iPad", "iphone"),
    ("Windows", "windows"),
    ("Macintosh", "mac"),
    ("Linux", "linux"),
)
"""Words of a User-Agent header, the first that fits counts: Android calls itself Linux too."""

_OWN_NAMESPACE = uuid.UUID("9f0a2c0e-63a5-4f0e-8f0b-2f6c6f0d7a51")


class AuthorityRoutes:
    """``/ca`` and the files beside it."""

    def __init__(self, authority: Callable[[], LocalAuthority | None]) -> None:
        self._authority = authority

    def add_to(self, door: Door) -> None:
        for path, endpoint in (
            ("/ca", self.page),
            ("/ca/page.css", self.style),
            ("/ca/ca.crt", self.certificate),
            ("/ca/ca.pem", self.text),
            ("/ca/wachtel.mobileconfig", self.profile),
        ):
            door.route("GET", path, endpoint, needs=Permission.PUBLIC, listed=False)

    def _get(self) -> LocalAuthority:
        authority = self._authority()
        if authority is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no local authority here to be trusted.")
        return authority

    def page(self, request: Request) -> Response:
        """What to do on which device, in German or English."""
        authority = self._get()
        language = _language(request)
        text = (_FOLDER / f"{language}.html").read_text()
        values = {
            "name": escape(authority.name),
            "until": f"{authority.until:%Y-%m-%d}",
            "fingerprint": fingerprint(authority.certificate),
            "plain_fingerprint": hashlib.sha256(authority.certificate).hexdigest(),
        }
        for name, value in values.items():
            text = text.replace(f"[[{name}]]", value)
        for system in {name for _, name in _SYSTEMS}:
            text = text.replace(f"[[open {system}]]", " open" if system == _system(request) else "")
        return Response(text, media_type="text/html", headers={"content-language": language})

    def style(self) -> Response:
        """The page's looks."""
        return Response((_FOLDER / "page.css").read_bytes(), media_type="text/css")

    def certificate(self) -> Response:
        """In DER, so that the file's own SHA-256 is the fingerprint."""
        return _file(self._get().certificate, "application/x-x509-ca-cert", "wachtel-ca.crt")

    def text(self) -> Response:
        """In PEM, as Linux wants it."""
        pem = ssl.DER_cert_to_PEM_cert(self._get().certificate)
        return _file(pem.encode(), "application/x-pem-file", "wachtel-ca.pem")

    def profile(self) -> Response:
        """A configuration profile for iPhone, iPad and Mac."""
        data = _profile(self._get())
        return _file(data, "application/x-apple-aspen-config", "wachtel.mobileconfig")


def fingerprint(certificate: bytes) -> str:
    """SHA-256 as devices show it, in pairs."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


def _file(data: bytes, media_type: str, name: str) -> Response:
    return Response(
        data, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def _language(request: Request) -> str:
    asked = request.query_params.get("lang")
    if asked in _LANGUAGES:
        return asked
    return "de" if request.headers.get("accept-language", "").lower().startswith("de") else "en"


def _system(request: Request) -> str:
    agent = request.headers.get("user-agent", "")
    return next((name for word, name in _SYSTEMS if word in agent), "")


def _profile(authority: LocalAuthority) -> bytes:
    """Apple's Configuration Profile Reference, payload com.apple.security.root; the same authority gives the same ids,
    so installing it twice replaces it.
    """
    digest = hashlib.sha256(authority.certificate).hexdigest()
    root, whole = (
        str(uuid.uuid5(_OWN_NAMESPACE, f"{part} {digest}")).upper() for part in ("root", "profile")
    )
    payload = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"wachtel.authority.{root}",
        "PayloadUUID": root,
        "PayloadDisplayName": authority.name,
        "PayloadCertificateFileName": "wachtel-ca.crt",
        "PayloadContent": authority.certificate,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"wachtel.profile.{whole}",
            "PayloadUUID": whole,
            "PayloadDisplayName": authority.name,
            "PayloadDescription": f"Lets this device trust your Wachtel. SHA-256: {fingerprint(authority.certificate)}",
            "PayloadContent": [payload],
        }
    )
