"""A device that offers one service by multicast DNS (RFC 6762, RFC 6763), for tests of whoever looks for it."""

import struct

from wachtel.testing.datagram_answerer import DatagramAnswerer, listening

_PTR, _SRV, _ANY_CLASS = 12, 33, 1
_TTL_S = 120


class ServiceResponder(DatagramAnswerer):
    """``with ServiceResponder("_rtsp._tcp.local", "Garage", 8554, "127.0.0.4")``: answers questions for the service.

    It hears what is sent to ``asked_port`` of ``host`` (0: any free one, see `port`).
    """

    def __init__(
        self, service: str, name: str, port: int, host: str = "127.0.0.1", asked_port: int = 0
    ) -> None:
        super().__init__(listening(host, asked_port))
        self._service = encoded(service)
        self._answer = answer(service, name, port)

    def answers(self, question: bytes) -> list[bytes]:
        """One, to whoever asks for the service."""
        return [self._answer] if self._service in question else []


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
