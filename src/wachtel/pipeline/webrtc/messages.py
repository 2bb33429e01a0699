"""What main and the WebRTC worker say to each other."""

from wachtel.base.errors import ErrorKind
from wachtel.base.wire import Message
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import Ready

# --- main to worker


class OpenView(Message, frozen=True):
    """Show a stream, had at the Unix socket ``tap``, to a browser that sent the SDP ``offer`` from ``client``."""

    view: str
    camera: str
    stream: StreamName
    tap: str
    offer: str
    client: str


class CloseView(Message, frozen=True):
    """The viewer left, or may no longer look."""

    view: str


ToWebRtc = OpenView | CloseView

# --- worker to main


class ViewOpened(Message, frozen=True):
    """The SDP ``answer`` for the browser."""

    view: str
    answer: str


class ViewEnded(Message, frozen=True):
    """The view is gone, or was refused: then ``kind`` and ``what`` say why."""

    view: str
    kind: ErrorKind | None = None
    what: str = ""


FromWebRtc = Ready | ViewOpened | ViewEnded
