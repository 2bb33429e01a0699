"""What main and the gateway worker say to each other."""

from wachtel.base.wire import Message
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import Ready

# --- main to gateway


class OfferCamera(Message, frozen=True):
    """Serve this camera's streams, had at the Unix socket ``tap``; replaces what was said of it before."""

    camera: str
    streams: tuple[StreamName, ...]
    tap: str


class WithdrawCamera(Message, frozen=True):
    """The camera was removed: its sessions end at once."""

    camera: str


class TokenAnswer(Message, frozen=True):
    """What is known of a token name; ``id`` is empty when there is no such token.

    ``hash`` is the SHA-256 of the token, ``md5`` and ``sha256`` its HA1 (RFC 7616 section 3.4.2), empty when
    it cannot be opened. ``may_view`` says whether the token may see the camera that was asked about.
    """

    ticket: int
    id: str = ""
    hash: bytes = b""
    md5: str = ""
    sha256: str = ""
    may_view: bool = False


ToGateway = OfferCamera | WithdrawCamera | TokenAnswer

# --- gateway to main


class AskToken(Message, frozen=True):
    """Answered by `TokenAnswer` with the same ticket."""

    ticket: int
    name: str
    camera: str


class GatewayFigures(Message, frozen=True):
    """``sessions`` play now; the others are counted since the worker started.

    ``refused`` are wrong tokens, ``lost`` packets left out because a client was too slow.
    """

    sessions: int
    refused: int
    lost: int


FromGateway = Ready | AskToken | GatewayFigures
