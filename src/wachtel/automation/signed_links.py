"""Links that open something for whoever has them, for a while: HMAC-SHA-256 (RFC 2104) over what, which and until when.

Nothing is stored for one, so they outlive a restart; a new key makes all of them worthless.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from enum import StrEnum

from wachtel.base.units import US_PER_S, WallUs

PROOF_BYTES = 16
KEY_BYTES = 32
MOST_CHARACTERS = 600


class Opens(StrEnum):
    """What a link is good for; one for pictures does nothing else."""

    PICTURE = "picture"
    QUIET = "quiet"


class LinkSigner:
    """``key`` gives the secret; it is asked when it is needed first, and may raise `WachtelError`."""

    def __init__(self, key: Callable[[], str]) -> None:
        self._key = key
        self._known: bytes | None = None

    def sign(self, opens: Opens, which: str, until: WallUs) -> str:
        """A token for the end of a link."""
        said = f"{until // US_PER_S}.{which}".encode()
        return _text(said) + "." + _text(self._proof(opens, said))

    def read(self, opens: Opens, token: str, now: WallUs) -> str | None:
        """What the token is about; None when it is none of ours, for something else, or too old."""
        said, _, proof = token.partition(".")
        try:
            if len(token) > MOST_CHARACTERS:
                return None
            raw, given = _bytes(said), _bytes(proof)
        except ValueError:
            return None
        if not hmac.compare_digest(self._proof(opens, raw), given):
            return None
        until, _, which = raw.decode().partition(".")
        return which if int(until) * US_PER_S >= now else None

    def _proof(self, opens: Opens, said: bytes) -> bytes:
        if self._known is None:
            self._known = _bytes(self._key())
        return hmac.new(self._known, opens.value.encode() + b"\0" + said, hashlib.sha256).digest()[
            :PROOF_BYTES
        ]


def new_link_key() -> str:
    """A fresh secret."""
    return _text(secrets.token_bytes(KEY_BYTES))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Raises `ValueError`. Only the one spelling that `_text` makes is taken."""
    raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if _text(raw) != text:
        raise ValueError("another spelling")
    return raw
