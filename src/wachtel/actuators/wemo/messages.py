"""What main and the process for Wemo devices say to each other."""

from wachtel.base.errors import ErrorKind
from wachtel.base.wire import Message


class Place(Message, frozen=True):
    """A device by its unique name, and where it was last. ``host`` is an IPv4 address in numbers."""

    udn: str
    host: str
    port: int


class KnowDevice(Message, frozen=True):
    """Get acquainted with it now, so that the first order need not wait for that."""

    place: Place


class Drive(Message, frozen=True):
    """Bring it into a state. ``self_off_s``: it shall go off by itself so long after our last word, 0 for never."""

    number: int
    place: Place
    on: bool
    level: int | None
    self_off_s: int


class Listen(Message, frozen=True):
    """Tell what its sensor says from now on."""

    place: Place


class Unlisten(Message, frozen=True):
    udn: str


class FetchRules(Message, frozen=True):
    """Fetch the file with its rules."""

    number: int
    place: Place


ToWemo = KnowDevice | Drive | Listen | Unlisten | FetchRules


class WorkerUp(Message, frozen=True):
    """The process is ready."""


class Done(Message, frozen=True):
    """What came of an order or a question; ``kind`` None is success."""

    number: int
    kind: ErrorKind | None = None
    what: str = ""
    hint: str = ""
    code: str = ""
    content: bytes = b""


class Sensed(Message, frozen=True):
    """``state`` is ``on``, ``off``, or ``unknown`` while it cannot be reached."""

    udn: str
    state: str


class Moved(Message, frozen=True):
    """It was found at another place."""

    place: Place


FromWemo = WorkerUp | Done | Sensed | Moved
