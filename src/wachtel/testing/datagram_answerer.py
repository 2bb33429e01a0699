"""What virtual devices are found by: a thread that answers datagrams."""

import socket
import struct
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from wachtel.protocols import ssdp

_LARGEST_BYTES = 65_535


class DatagramAnswerer:
    """``with DatagramAnswerer(listening(host)):`` answers what comes to ``port``; subclasses say with what.

    ``asked``: how many datagrams were answered.
    """

    def __init__(self, bound: socket.socket) -> None:
        self._socket = bound
        self._socket.settimeout(0.2)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=type(self).__name__, daemon=True)
        self.port: int = bound.getsockname()[1]
        self.asked = 0

    def answers(self, question: bytes) -> Iterable[bytes]:
        """The datagrams that answer one; none for what is no question, or for somebody else."""
        raise NotImplementedError

    def start(self) -> None:
        """Begins to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stops."""
        self._closed.set()
        self._thread.join(5)
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            try:
                question, client = self._socket.recvfrom(_LARGEST_BYTES)
            except OSError:
                continue
            answers = list(self.answers(question))
            self.asked += bool(answers)
            for answer in answers:
                self._socket.sendto(answer, client)


class SearchAnswerer(DatagramAnswerer):
    """Answers searches by SSDP (UPnP Device Architecture 1.1 section 1.3); at the real port, 1900, it also says hello
    and goodbye to the group. On any other it hears what is sent to it directly."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(listening(host, port, ssdp.GROUP if port == ssdp.PORT else None))

    def notices(self, *, alive: bool) -> Iterable[bytes]:
        """Hello, or goodbye."""
        raise NotImplementedError

    def start(self) -> None:
        """Begins to listen, and says hello."""
        super().start()
        self._announce(alive=True)

    def close(self) -> None:
        """Says goodbye and stops."""
        self._announce(alive=False)
        super().close()

    def _announce(self, *, alive: bool) -> None:
        if self.port == ssdp.PORT:
            for notice in self.notices(alive=alive):
                self._socket.sendto(notice, (ssdp.GROUP, ssdp.PORT))


def listening(host: str, port: int = 0, group: str | None = None) -> socket.socket:
    """A datagram socket at ``port`` of ``host`` (0: any free one).

    With ``group`` it hears what is sent to that multicast group on the network of ``host``, in IPv6 by its zone, as
    ``fe80::1%eth0``.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    if port:  # Among any free ones it would be given one that somebody has.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("" if group else host, port))
    if group:
        _join(bound, group, host)
    return bound


def _join(bound: socket.socket, group: str, host: str) -> None:
    if ":" in host:
        zone = struct.pack("@I", socket.if_nametoindex(host.partition("%")[2]))
        joined = socket.inet_pton(socket.AF_INET6, group) + zone
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, joined)
    else:
        own = socket.inet_aton(host)
        bound.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + own)
        bound.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
