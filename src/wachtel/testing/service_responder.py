"""A device that offers one service by multicast DNS (RFC 6762, RFC 6763), for tests of whoever looks for it."""

import socket
import struct
import threading
from types import TracebackType

_PTR, _SRV, _ANY_CLASS = 12, 33, 1
_TTL_S = 120


class ServiceResponder:
    """``with ServiceResponder("_rtsp._tcp.local", "Garage", 8554, "127.0.0.4")``: answers questions for the service.

    It hears what is sent to ``asked_port`` of ``host`` (0: any free one, see `port`).
    """

    def __init__(
        self, service: str, name: str, port: int, host: str = "127.0.0.1", asked_port: int = 0
    ) -> None:
        self._service = encoded(service)
        self._answer = answer(service, name, port)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind((host, asked_port))
        self._socket.settimeout(0.2)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port: int = self._socket.getsockname()[1]
        self.asked = 0

    def __enter__(self) -> "ServiceResponder":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            try:
                question, client = self._socket.recvfrom(9000)
            except OSError:
                continue
            if self._service in question:
                self.asked += 1
                self._socket.sendto(self._answer, client)


def encoded(name: str) -> bytes:
    """A name in the form of DNS (RFC 1035 section 3.1)."""
    labels = [label.encode() for label in name.split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def answer(service: str, name: str, port: int) -> bytes:
    """A pointer to the instance and where it listens, with names shortened as real devices do."""
    owner, label = encoded(service), name.encode()
    instance = bytes([len(label)]) + label + b"\xc0\x0c"
    pointer = owner + struct.pack(">HHIH", _PTR, _ANY_CLASS, _TTL_S, len(instance)) + instance
    at = 12 + len(owner) + 10
    place = struct.pack(">HHHIH", 0xC000 | at, _SRV, _ANY_CLASS, _TTL_S, 8) + struct.pack(">3H", 0, 0, port)
    return struct.pack(">6H", 0, 0x8400, 0, 2, 0, 0) + pointer + place + b"\xc0\x0c"
