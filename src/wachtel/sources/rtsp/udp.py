"""RTP over UDP: a pair of ports per track, and only what comes from the camera's own address."""

import select
import socket
from collections.abc import Sequence

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.sources.rtsp.connection import POLL_S, RtspConnection
from wachtel.sources.rtsp.framing import Embedded, Received

_TRIES = 50
_BUFFER_BYTES = 2 << 20
_LARGEST_DATAGRAM = 1 << 16
_MOST_AT_ONCE = 256


class UdpPair:
    """Two sockets with neighbouring ports, the first even (RFC 3550 section 11)."""

    def __init__(self, host: str) -> None:
        self.rtp, self.rtcp = _bind_pair(host)
        self.ports: tuple[int, int] = (self.rtp.getsockname()[1], self.rtcp.getsockname()[1])
        for one in (self.rtp, self.rtcp):
            one.setblocking(False)
        self.rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)

    def send_report(self, data: bytes, ip: str, port: int) -> None:
        """Sends RTCP to the camera. A report that cannot be sent is not worth an error."""
        try:
            self.rtcp.sendto(data, (ip, port))
        except OSError:
            return

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()


class UdpReceiver:
    """Reads the pairs of all tracks and the RTSP connection; track ``n`` comes as channels ``2n`` and ``2n +
    1``."""

    def __init__(self, connection: RtspConnection, pairs: Sequence[UdpPair]) -> None:
        self._connection = connection
        self._ip = connection.endpoint.ip
        self._channels: dict[int, tuple[int, socket.socket]] = {}
        self._poll = select.poll()
        self._poll.register(connection.socket, select.POLLIN)
        for number, pair in enumerate(pairs):
            for channel, one in ((2 * number, pair.rtp), (2 * number + 1, pair.rtcp)):
                self._channels[one.fileno()] = channel, one
                self._poll.register(one, select.POLLIN)

    def receive(self) -> list[Received]:
        """As `RtspConnection.receive`, with datagrams as embedded packets."""
        found: list[Received] = []
        for number, _ in self._poll.poll(POLL_S * 1000):
            if number in self._channels:
                found += self._datagrams(*self._channels[number])
            else:
                found += self._connection.receive()
        return found

    def _datagrams(self, channel: int, one: socket.socket) -> list[Received]:
        found: list[Received] = []
        for _ in range(_MOST_AT_ONCE):
            try:
                data, sender = one.recvfrom(_LARGEST_DATAGRAM)
            except OSError:
                break
            if str(sender[0]).partition("%")[0] == self._ip:
                found.append(Embedded(channel, data))
        return found


def _bind_pair(host: str) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(_TRIES):
        first = socket.socket(family, socket.SOCK_DGRAM)
        second = socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind((host, 0))
            port = first.getsockname()[1]
            if port % 2 == 0 and port < 65535:
                second.bind((host, port + 1))
                return first, second
        except OSError:
            pass
        first.close()
        second.close()
    raise WachtelError(ErrorKind.BUSY, "No free pair of UDP ports was found.", code="no_udp_ports")
