"""Access tokens for other programs."""

import hashlib
from dataclasses import dataclass

from wachtel.accounts.sessions import secret_hash
from wachtel.base.clock import Clock
from wachtel.base.ids import secret
from wachtel.model.access import Principal, Scope
from wachtel.storage.state import State
from wachtel.storage.state.accounts import name_key
from wachtel.storage.state.tokens import DigestSecret, Token

RTSP_REALM = "Wachtel"
"""The realm of digest log-ins at the RTSP door; part of what is stored, so it never changes."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token; ``secret`` is shown once and not kept."""

    token: Token
    secret: str


class AccessTokens:
    """Blocking."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def issue(self, name: str, scope: Scope, sites: frozenset[str] | None = None) -> IssuedToken:
        """Makes a token of 128 random bits. Raises `WachtelError` (conflict) when the name is taken."""
        made = secret(128)
        token_id = hashlib.sha256(made.encode()).hexdigest()[32:44]
        token = Token(token_id, name, scope, self._clock.wall_us(), sites)
        self._state.tokens.add(token, secret_hash(made), digest_secret(name, made))
        return IssuedToken(token, made)

    def find(self, text: str) -> Principal | None:
        """Who comes with this token."""
        token = self._state.tokens.find(secret_hash(text))
        return None if token is None else _principal(token)

    def find_named(self, name: str, text: str) -> Principal | None:
        """The same, where a program sends name and token."""
        token = self._state.tokens.find(secret_hash(text))
        return None if token is None or name_key(token.name) != name_key(name) else _principal(token)


def digest_secret(name: str, token: str) -> DigestSecret:
    """HA1 = H(user:realm:password) of RFC 7616 section 3.4.2."""
    text = f"{name}:{RTSP_REALM}:{token}".encode()
    md5 = hashlib.md5(text, usedforsecurity=False)
    return DigestSecret(md5.hexdigest(), hashlib.sha256(text).hexdigest())


def _principal(token: Token) -> Principal:
    return Principal(f"token:{token.id}", token.name, token.scope, token.sites)
