"""Offer and answer with aiortc, whose reading trusts the browser: what it stumbles on is the offer's fault."""

import logging

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.sdp import SessionDescription

from wachtel.base.errors import ErrorKind, WachtelError

log = logging.getLogger(__name__)

MOST_MEDIA = 4
"""Pictures and sound; each more would open ports."""

_STUMBLES = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError,
    InternalError, InvalidAccessError, InvalidStateError, OperationError,
)  # fmt: skip
"""Found by `scripts/soak fuzz`: a missing line is an attribute of None there, a wrong one an assertion."""


async def negotiate(connection: RTCPeerConnection, offer: str) -> str:
    """The SDP answer to an offer. Raises `WachtelError` (invalid) when the offer cannot be read."""
    try:
        _check(SessionDescription.parse(offer))
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return str(connection.localDescription.sdp)
    except _STUMBLES as error:
        log.debug("an offer could not be read: %r", error)
        raise WachtelError(ErrorKind.INVALID, "The SDP offer cannot be read.") from error


def _check(offer: SessionDescription) -> None:
    """What would only be missed in a task of the library's own, when the browser has its answer already."""
    names = [media.rtp.muxId for media in offer.media]
    bundled = [name for group in offer.group if group.semantic == "BUNDLE" for name in group.items]
    whole = all(media.dtls is not None and media.dtls.fingerprints for media in offer.media)
    if not whole or len(set(names)) != len(names) or not set(bundled) <= set(names):
        raise WachtelError(ErrorKind.INVALID, "The SDP offer contradicts itself.")
    if len(names) > MOST_MEDIA or "video" not in {media.kind for media in offer.media}:
        raise WachtelError(ErrorKind.INVALID, "The SDP offer does not ask for what is sent here.")


async def hang_up(connection: RTCPeerConnection) -> None:
    """Closes a connection, also one whose offer could be read in part only."""
    try:
        await connection.close()
    except _STUMBLES as error:
        log.debug("a connection was never whole: %r", error)
