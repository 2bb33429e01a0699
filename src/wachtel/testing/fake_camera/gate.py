"""Who may look: the camera's side of basic and digest authentication."""

import secrets
from collections import deque

from wachtel.protocols import http_auth
from wachtel.protocols.http_auth import AuthScheme, BasicCredentials, Challenge, DigestCredentials

REALM = "Wachtel fake camera"
_LIVE_NONCES = 256


class Gate:
    """Checks what clients send against one user; lets everybody in when there is none.

    ``stale`` challenges tell an honest client of another server's or a forgotten nonce to try again.
    """

    def __init__(self, user: str | None, password: str, scheme: AuthScheme) -> None:
        self._user = user
        self._password = password
        self._scheme = scheme
        self._nonces: deque[str] = deque(maxlen=_LIVE_NONCES)

    def change_password(self, password: str) -> None:
        """From now on only this one is right."""
        self._password = password
        self._user = self._user or "admin"

    def admits(self, method: str, authorization: str | None) -> bool:
        """True when this request may pass."""
        if self._user is None:
            return True
        sent = http_auth.parse_authorization(authorization or "")
        if isinstance(sent, BasicCredentials):
            return self._scheme is AuthScheme.BASIC and http_auth.check_basic(
                sent, self._user, self._password
            )
        if isinstance(sent, DigestCredentials):
            return self._scheme is AuthScheme.DIGEST and self._right_digest(sent, method, self._user)
        return False

    def is_wrong(self, authorization: str | None) -> bool:
        """True for credentials that mean to be right, of those that `admits` refused: no stale nonce, no silence."""
        sent = http_auth.parse_authorization(authorization or "")
        return isinstance(sent, BasicCredentials) or (
            isinstance(sent, DigestCredentials) and sent.nonce in self._nonces
        )

    def challenge(self, authorization: str | None) -> Challenge:
        """What to answer a request that may not pass."""
        if self._scheme is AuthScheme.BASIC:
            return http_auth.basic_challenge(REALM)
        sent = http_auth.parse_authorization(authorization or "")
        stale = isinstance(sent, DigestCredentials) and sent.nonce not in self._nonces
        self._nonces.append(secrets.token_hex(16))
        return http_auth.digest_challenge(REALM, self._nonces[-1], stale=stale)

    def _right_digest(self, sent: DigestCredentials, method: str, user: str) -> bool:
        if sent.nonce not in self._nonces or sent.realm != REALM or sent.user != user:
            return False
        secret = http_auth.ha1(user, REALM, self._password, sent.algorithm)
        return http_auth.check_digest(sent, method, secret)
