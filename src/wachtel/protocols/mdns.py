"""Multicast DNS: one question for services, and what its answers name (RFC 6762, RFC 6763, RFC 1035 section 4)."""

import struct
from dataclasses import dataclass

GROUP, GROUP_V6, PORT = "224.0.0.251", "ff02::fb", 5353
LARGEST_ANSWER_BYTES = 9000
SERVICES = ("_rtsp._tcp.local", "_onvif._tcp.local", "_axis-video._tcp.local")
_PTR, _SRV, _ANY_CLASS = 12, 33, 1
_MOST_RECORDS = 64
_MOST_JUMPS = 16


@dataclass(frozen=True, slots=True)
class Service:
    """One instance of a service: ``kind`` as ``_rtsp._tcp.local``, its name for people, its port (0 when not told)."""

    kind: str
    name: str
    port: int


def query(services: tuple[str, ...] = SERVICES) -> bytes:
    """The question for pointers of all these services, to be answered by unicast (RFC 6762 section 5.4)."""
    questions = b"".join(_encoded(one) + struct.pack(">HH", _PTR, 0x8000 | _ANY_CLASS) for one in services)
    return struct.pack(">6H", 0, 0, len(services), 0, 0, 0) + questions


def read_services(data: bytes) -> tuple[Service, ...]:
    """What an answer names of the services asked for; empty for what cannot be read."""
    try:
        return _services(data[:LARGEST_ANSWER_BYTES])
    except (IndexError, struct.error, ValueError):
        return ()


def _services(data: bytes) -> tuple[Service, ...]:
    _, flags, questions, *counts = struct.unpack_from(">6H", data)
    if not flags & 0x8000:
        return ()
    at = 12
    for _ in range(min(questions, _MOST_RECORDS)):
        _, at = _name(data, at)
        at += 4
    pointers: list[tuple[str, tuple[str, ...]]] = []
    ports: dict[tuple[str, ...], int] = {}
    for _ in range(min(sum(counts), _MOST_RECORDS)):
        owner, at = _name(data, at)
        kind, _, _, size = struct.unpack_from(">HHIH", data, at)
        at += 10
        if kind == _PTR:
            pointers.append((".".join(owner).lower(), _name(data, at)[0]))
        elif kind == _SRV:
            ports[owner] = struct.unpack_from(">3H", data, at)[2]
        at += size
    known = [(kind, target) for kind, target in pointers if kind in SERVICES and target]
    return tuple(Service(kind, _shown(target[0]), ports.get(target, 0)) for kind, target in known)


def _encoded(name: str) -> bytes:
    labels = [label.encode() for label in name.split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _name(data: bytes, at: int) -> tuple[tuple[str, ...], int]:
    """Labels of a name and where it ends; pointers lead backwards only so many times (RFC 1035 section 4.1.4)."""
    labels: list[str] = []
    end, jumps = 0, 0
    while (size := data[at]) != 0:
        if size & 0xC0 == 0xC0:
            end = end or at + 2
            jumps += 1
            if jumps > _MOST_JUMPS:
                raise ValueError("a name without an end")
            at = (size & 0x3F) << 8 | data[at + 1]
            continue
        if size > 63 or len(labels) > 32 or at + 1 + size > len(data):
            raise ValueError("no label")
        labels.append(data[at + 1 : at + 1 + size].decode("utf-8", "replace"))
        at += 1 + size
    return tuple(labels), end or at + 1


def _shown(label: str) -> str:
    return "".join(char for char in label if char.isprintable())[:100]
