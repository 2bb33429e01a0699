"""Brings a NetCam in setup mode into a Wi-Fi, without its app."""

from collections.abc import Sequence

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.netcam.conversation import Answer, Conversation
from wachtel.protocols.netcam import Network, Verdict, join_form, read_networks, read_verdict
from wachtel.sources import http_answers
from wachtel.sources.http_stream import GET, Question

_LISTS = ("/goform/getApSitesInfo", "/goform/wirelessAplist")
_CHOOSE, _VERIFY = "/goform/wirelessAplist", "/goform/verifyApcliMode"
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
_SHORTEST, _LONGEST = 8, 63
"""Characters of a WPA passphrase (IEEE 802.11 annex J.4)."""


def networks(talk: Conversation) -> list[Network]:
    """What the camera sees, the strongest first.

    Raises `WachtelError`: as `Conversation.ask`, no_such_stream (it is not in setup mode), bad_data (a list that cannot
    be read).
    """
    for path in _LISTS:
        found = read_networks(_ask(talk, path).text)
        if found:
            return found
    raise WachtelError(
        ErrorKind.BAD_DATA,
        f"{talk.endpoint.name} gives a list of networks that cannot be read, or an empty one.",
        code="netcam_no_networks",
        hint="Try again nearer to the router. Networks of 5 GHz are not seen by these cameras.",
        details={"host": talk.endpoint.name},
    )


def join(talk: Conversation, seen: Sequence[Network], ssid: str, passphrase: str) -> Verdict:
    """Gives the camera a network of ``seen`` and its passphrase. Raises `WachtelError`: not_found, invalid, and as
    `networks`. A camera that falls silent has changed over, or has not: the verdict is unknown."""
    network = next((one for one in seen if one.ssid == ssid), None)
    if network is None:
        raise _not_seen(ssid, seen)
    check_passphrase(network, passphrase)
    _ask(talk, _CHOOSE, Question("POST", _FORM, join_form(network, passphrase)))
    try:
        return read_verdict(_ask(talk, _VERIFY).text)
    except WachtelError as error:
        if error.kind is ErrorKind.WRONG_PASSWORD:
            raise
        return Verdict.UNKNOWN


def check_passphrase(network: Network, passphrase: str) -> None:
    """Raises `WachtelError` (invalid) for one that no such network can have."""
    if network.is_open or _SHORTEST <= len(passphrase) <= _LONGEST:
        return
    raise WachtelError(
        ErrorKind.INVALID,
        f"The passphrase of a Wi-Fi has {_SHORTEST} to {_LONGEST} characters.",
        code="wifi_passphrase",
        hint="It stands on the back of many routers.",
    )


def _not_seen(ssid: str, seen: Sequence[Network]) -> WachtelError:
    names = ", ".join(one.ssid for one in seen)
    return WachtelError(
        ErrorKind.NOT_FOUND,
        f"The camera does not see a network {ssid!r}; it sees {names}.",
        code="wifi_not_seen",
        hint="These cameras know networks of 2.4 GHz only. Move it nearer, or switch 2.4 GHz on in the router.",
        details={"ssid": ssid, "seen": names},
    )


def _ask(talk: Conversation, path: str, question: Question = GET) -> Answer:
    answer = talk.ask(talk.url.port, path, question, log_in=True)
    http_answers.check(answer.status, answer.headers.get("Location") or "", talk.endpoint)
    return answer
