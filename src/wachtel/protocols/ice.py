"""Candidates of ICE inside SDP (RFC 8839 section 5.1): where two sides of a WebRTC connection might meet."""

import re
from ipaddress import ip_address

from wachtel.base.errors import ErrorKind, WachtelError

LARGEST_OFFER_CHARS = 64 * 1024
MOST_CANDIDATES = 64
_CANDIDATE = re.compile(
    r"a=candidate:\S+ \d+ (?P<transport>\S+) \d+ (?P<address>\S+) (?P<port>\d+) typ (?P<type>\S+).*"
)
_OF_SERVERS = frozenset({"srflx", "relay"})


def reachable_offer(offer: str, client: str, *, with_servers: bool = False) -> str:
    """An offer with the candidates we may try: those at the address the browser called from.

    Browsers hide their address behind a name that only multicast DNS knows. We know from where they called, and the
    port is in the candidate, so nobody has to be asked; and nobody can make us send to other machines.
    ``with_servers`` also keeps candidates that a STUN or TURN server gave. Raises `WachtelError` (invalid).
    """
    if len(offer) > LARGEST_OFFER_CHARS or not offer.startswith("v=0"):
        raise WachtelError(ErrorKind.INVALID, "This is no SDP offer.", hint="Send one as application/sdp.")
    if "\nm=application" in offer:
        raise WachtelError(
            ErrorKind.INVALID, "There are no data channels here.", hint="Offer video and audio only."
        )
    lines = [_reachable(line, client, with_servers) for line in offer.splitlines()]
    kept = [line for line in lines if line]
    if sum(line.startswith("a=candidate:") for line in kept) > MOST_CANDIDATES:
        raise WachtelError(ErrorKind.INVALID, f"The offer names more than {MOST_CANDIDATES} candidates.")
    return "".join(f"{line}\r\n" for line in kept)


def _reachable(line: str, client: str, with_servers: bool) -> str:
    if not line.startswith("a=candidate:"):
        return line
    match = _CANDIDATE.fullmatch(line)
    if match is None or match["transport"].lower() != "udp":
        return ""
    if match["address"].lower().endswith(".local"):
        return line[: match.start("address")] + client + line[match.end("address") :]
    foreign = with_servers and match["type"] in _OF_SERVERS
    return line if _same(match["address"], client) or (foreign and _is_address(match["address"])) else ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _same(one: str, other: str) -> bool:
    return _is_address(one) and _is_address(other) and ip_address(one) == ip_address(other)
