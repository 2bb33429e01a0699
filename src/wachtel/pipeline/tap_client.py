"""The consumer's side of a tap, for threads: connects, says what it wants, and connects again after a restart."""

import logging
import socket
from contextlib import suppress

from wachtel.base.errors import WachtelError
from wachtel.base.wire import Unpacker, pack
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import FromTap, Tap, TapFormat, TapPacket, ToTap

log = logging.getLogger(__name__)


class TapClient:
    """All taps at one media worker. Not thread-safe; readable when `socket` is."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._wants: dict[tuple[str, StreamName], str] = {}
        self._unpacker: Unpacker[FromTap] = Unpacker(FromTap)
        self.socket: socket.socket | None = None

    def want(self, camera: str, stream: StreamName, want: str) -> None:
        """Asks for what a `Tap` can say; remembered over restarts of the media worker."""
        if want == "none":
            self._wants.pop((camera, stream), None)
        else:
            self._wants[(camera, stream)] = want
        self._send(Tap(camera, stream, want))

    @property
    def idle(self) -> bool:
        """True when nothing is wanted."""
        return not self._wants

    def connect(self) -> socket.socket | None:
        """Connects if it is not connected; the new socket, None when there is no need or nobody listens (yet)."""
        if self.socket is not None:
            return None
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            return None
        self.socket = connection
        self._unpacker = Unpacker(FromTap)
        for (camera, stream), want in self._wants.items():
            self._send(Tap(camera, stream, want))
        return self.socket

    def give(self, message: TapFormat | TapPacket) -> None:
        """Gives back what was made of a stream; lost while nobody listens."""
        self._send(message)

    def _send(self, tap: ToTap) -> None:
        if self.socket is None:
            return
        try:
            self.socket.sendall(pack(tap))
        except OSError:
            self.close()

    def receive(self) -> list[FromTap]:
        """What has arrived; waits when nothing has. [] when the connection broke: `connect` again later."""
        if self.socket is None:
            return []
        try:
            data = self.socket.recv(1 << 18)
            if data:
                return self._unpacker.feed(data)
        except (OSError, WachtelError) as error:
            log.debug("tap %s broke: %r", self._path, error)
        self.close()
        return []

    def close(self) -> None:
        """Closes the connection; what is wanted stays remembered."""
        if self.socket is not None:
            with suppress(OSError):
                self.socket.close()
            self.socket = None
