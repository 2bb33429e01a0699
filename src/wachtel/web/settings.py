"""What the owner of the installation decides about the web door."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

BUILT_PAGE = Path(__file__).parent / "ui"


@dataclass(frozen=True, slots=True)
class LocalAuthority:
    """The certificate, in DER, that devices install to trust this server."""

    certificate: bytes
    name: str
    until: datetime


def no_authority() -> LocalAuthority | None:
    """Where every device trusts the certificate anyway, or there is none."""
    return None


@dataclass(frozen=True, slots=True)
class WebSettings:
    """``hosts``: further names under which the page may be opened, without port.

    ``page``: folder of the built page. ``authority``: gives the local authority as it is now. ``always_encrypted``:
    names of which browsers shall remember that they are opened with TLS only.
    """

    hosts: frozenset[str] = frozenset()
    page: Path = BUILT_PAGE
    authority: Callable[[], LocalAuthority | None] = no_authority
    always_encrypted: frozenset[str] = frozenset()


DEFAULT_SETTINGS = WebSettings()
