"""Who may come in by RTSP: tokens by basic and digest, and what slows down those who guess."""

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS
from wachtel.pipeline.gateway.messages import TokenAnswer
from wachtel.protocols.http_auth import (
    BasicCredentials,
    Challenge,
    DigestAlgorithm,
    DigestCredentials,
    basic_challenge,
    check_digest,
    digest_challenge,
)

REALM = "Wachtel"
"""Part of what is stored for digest log-ins, so it never changes."""

FREE_TRIES = 5
FREE_TRIES_OF_AN_ADDRESS = 20
LONGEST_WAIT_S = 900.0
WRONG_ANSWER_DELAY_S = 1.0
MOST_REMEMBERED = 4096


def challenges(nonce: str, *, stale: bool) -> list[Challenge]:
    """The ways in. Clients that know one digest take the last they are offered, so MD5 comes behind SHA-256."""
    return [
        digest_challenge(REALM, nonce, DigestAlgorithm.SHA256, stale=stale),
        digest_challenge(REALM, nonce, DigestAlgorithm.MD5, stale=stale),
        basic_challenge(REALM),
    ]


def is_right(sent: BasicCredentials | DigestCredentials, method: str, nonce: str, token: TokenAnswer) -> bool:
    """True when what was sent could only be made by somebody who has the token."""
    if not token.id:
        return False
    if isinstance(sent, BasicCredentials):
        made = hashlib.sha256(sent.password.encode("utf-8", "replace")).digest()
        return hmac.compare_digest(made, token.hash)
    secret = token.sha256 if sent.algorithm is DigestAlgorithm.SHA256 else token.md5
    if not secret or sent.realm != REALM or sent.nonce != nonce:
        return False
    return check_digest(sent, method, secret)


@dataclass(slots=True)
class _Count:
    failures: int
    last: MonoS


class WrongTries:
    """Counts wrong tokens by name and address, and by address.

    A name that was tried wrongly from an address has to wait there, twice as long each time; an address with
    many wrong tries gets its refusals late. Neither touches another address, nor another name that is right.
    """

    def __init__(self, clock: Clock) -> None:
        self.refused = 0
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def must_wait(self, name: str, address: str) -> bool:
        """True while this name is not even looked at when it comes from there."""
        count = self._counts.get((name.casefold(), network_of(address)))
        over = -1 if count is None else count.failures - FREE_TRIES
        if count is None or over < 0:
            return False
        wait_s = min(LONGEST_WAIT_S, 2.0 ** min(over, 30))
        return self._clock.monotonic_s() - count.last < wait_s

    def wrong(self, name: str, address: str) -> None:
        """Counts one."""
        self._count((name.casefold(), network_of(address)), ("", network_of(address)))

    def unheard(self, address: str) -> None:
        """Counts one that was not even looked at: for the address alone, so that the name's wait has an end."""
        self._count(("", network_of(address)))

    def _count(self, *keys: tuple[str, str]) -> None:
        now = self._clock.monotonic_s()
        for key in keys:
            count = self._counts.setdefault(key, _Count(0, now))
            count.failures += 1
            count.last = now
            self._counts.move_to_end(key)
        while len(self._counts) > MOST_REMEMBERED:
            self._counts.popitem(last=False)

    def right(self, name: str, address: str) -> None:
        """This name begins anew."""
        self._counts.pop((name.casefold(), network_of(address)), None)

    def delay_s(self, address: str) -> float:
        """How late the next refusal goes out."""
        count = self._counts.get(("", network_of(address)))
        late = count is not None and count.failures > FREE_TRIES_OF_AN_ADDRESS
        return WRONG_ANSWER_DELAY_S if late else 0.0


def network_of(address: str) -> str:
    """What counts as one address: that of IPv4, the /64 of IPv6 (one household)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
