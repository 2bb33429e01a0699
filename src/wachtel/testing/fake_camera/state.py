"""What a test may look at: who is connected, what was asked and how much was sent."""

from collections import deque
from dataclasses import dataclass, field

from wachtel.base.units import MonoS
from wachtel.model.camera import Transport
from wachtel.model.stream import StreamName

_REMEMBERED = 1000


@dataclass(slots=True)
class SessionRecord:
    """One RTSP session. ``packets_left_out`` were not sent: to a reader too slow, or by a fault."""

    id: str
    stream: StreamName
    transport: Transport
    playing: bool = False
    packets_sent: int = 0
    bytes_sent: int = 0
    packets_left_out: int = 0
    closed: bool = False


@dataclass(slots=True)
class CameraState:
    """Counters since the camera was made; the lists remember the last thousand entries.

    ``connections`` are those open now, ``opened`` all there ever were. ``refused`` were not let in, most of them before
    they showed a password; ``wrong_passwords`` showed one. ``requests`` hold method and stream.
    """

    first_play_s: MonoS | None = None
    ended: bool = False
    connections: int = 0
    opened: int = 0
    refused: int = 0
    wrong_passwords: int = 0
    sessions: deque[SessionRecord] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    requests: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
