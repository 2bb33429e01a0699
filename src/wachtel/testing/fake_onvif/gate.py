"""Who may ask a virtual device: HTTP digest or a UsernameToken, with counting of wrong passwords."""

import base64
import binascii
import hashlib
import secrets
from datetime import UTC, datetime

from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S
from wachtel.protocols.http_auth import (
    DigestCredentials,
    check_digest,
    digest_challenge,
    ha1,
    parse_authorization,
)
from wachtel.protocols.xml_reader import Element
from wachtel.testing.fake_onvif.options import OnvifAuth, OnvifOptions, Quirk
from wachtel.testing.fake_onvif.state import OnvifState

REALM = "onvif"
MOST_WRONG_TRIES = 3
TOKEN_TOLERANCE_S = 120.0
OPEN = frozenset({"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetHostname"})
"""What may be asked without a log-in (ONVIF Core section 5.9.4.3, access class PRE_AUTH)."""


class Gate:
    """Lets in or not; never both ways at once."""

    def __init__(self, options: OnvifOptions, state: OnvifState, clock: Clock) -> None:
        self._options = options
        self._state = state
        self._clock = clock

    def admits(
        self, operation: str, method: str, authorization: str | None, envelope: Element | None
    ) -> bool:
        """Whether this may be answered; wrong passwords are counted, missing ones are not."""
        if self._options.auth is OnvifAuth.NONE or operation in OPEN:
            return True
        if self._state.locked:
            return False
        if self._options.auth is OnvifAuth.DIGEST:
            given, right = authorization is not None, self._digest_right(method, authorization)
        else:
            token = None if envelope is None else next(envelope.below("UsernameToken"), None)
            given, right = token is not None, token is not None and self._token_right(token)
        if given and not right:
            self._wrong()
        return right

    def challenge(self) -> str:
        """The value of a WWW-Authenticate header, with a fresh nonce."""
        nonce = secrets.token_hex(16)
        self._state.nonces.add(nonce)
        return digest_challenge(REALM, nonce).encode()

    def _wrong(self) -> None:
        self._state.wrong_tries += 1
        if Quirk.LOCKS in self._options.quirks and self._state.wrong_tries >= MOST_WRONG_TRIES:
            self._state.locked = True

    def _digest_right(self, method: str, authorization: str | None) -> bool:
        found = parse_authorization(authorization or "")
        if not isinstance(found, DigestCredentials) or found.nonce not in self._state.nonces:
            return False
        if Quirk.STALE_NONCE in self._options.quirks:
            self._state.nonces.discard(found.nonce)
        secret = ha1(self._options.user, REALM, self._options.password, found.algorithm)
        return found.user == self._options.user and check_digest(found, method, secret)

    def _token_right(self, token: Element) -> bool:
        created = token.text_at("Created")
        try:
            nonce = base64.b64decode(token.text_at("Nonce"), validate=True)
            at = datetime.strptime(created[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        except (binascii.Error, ValueError):
            return False
        ours = self._clock.wall_us() / US_PER_S + self._options.clock_ahead_s
        digest = hashlib.sha1(nonce + created.encode() + self._options.password.encode()).digest()
        return (
            token.text_at("Username") == self._options.user
            and token.text_at("Password") == base64.b64encode(digest).decode()
            and abs(at.timestamp() - ours) <= TOKEN_TOLERANCE_S
        )
