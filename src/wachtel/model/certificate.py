"""Certificates that devices sign themselves: nobody vouches for them, so the first one is remembered."""

from dataclasses import dataclass

from wachtel.base.units import WallUs


@dataclass(frozen=True, slots=True)
class PinnedCertificate:
    """What shows itself at ``at`` (``host:port``) since ``since``; ``sha256`` is of its DER form, in hexadecimal."""

    at: str
    sha256: str
    since: WallUs


def shown_fingerprint(sha256: str) -> str:
    """In pairs with colons, as cameras and browsers show it."""
    return ":".join(sha256[place : place + 2] for place in range(0, len(sha256), 2)).upper()
