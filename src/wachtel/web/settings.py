"""What the owner of the installation decides about the web door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

BUILT_PAGE = Path(__file__).parent / "ui"


@dataclass(frozen=True, slots=True)
class LocalAuthority:
    """The certificate, in DER, that devices install to trust this server."""

    certificate: bytes
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CertificateEnd:
    """Until when a certificate is valid: the one that is ``server``'s own, or the local ``authority``'s.

    ``owned``: the owner's own files, which we cannot renew.
    """

    kind: Literal["server", "authority"]
    owned: bool
    ends: datetime


def no_certificates() -> Sequence[CertificateEnd]:
    """Without TLS."""
    return ()


def no_authority() -> LocalAuthority | None:
    """Where every device trusts the certificate anyway, or there is none."""
    return None


@dataclass(frozen=True, slots=True)
class WebSettings:
    """``hosts``: further names under which the page may be opened, without port.

    ``page``: folder of the built page. ``authority``: gives the local authority as it is now. ``always_encrypted``:
    names of which browsers shall remember that they are opened with TLS only. ``certificates``: what is served now.
    """

    hosts: frozenset[str] = frozenset()
    page: Path = BUILT_PAGE
    authority: Callable[[], LocalAuthority | None] = no_authority
    always_encrypted: frozenset[str] = frozenset()
    certificates: Callable[[], Sequence[CertificateEnd]] = no_certificates


DEFAULT_SETTINGS = WebSettings()
