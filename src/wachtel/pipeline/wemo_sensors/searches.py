"""Answers searches for our sensors by SSDP, and says hello and goodbye (UPnP Device Architecture 1.1 section 1)."""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.pipeline.wemo_sensors.place import is_near
from wachtel.protocols import ssdp
from wachtel.protocols.wemo_sensor import SERVER

log = logging.getLogger(__name__)

ANNOUNCE_EVERY_S = ssdp.MAX_AGE_S / 2 - 60
MOST_ANSWERS_PER_S = 200
_IP_MULTICAST_ALL = 49
"""Linux, ip(7): hear only groups this very socket has joined."""


@dataclass(frozen=True, slots=True)
class Advertised:
    """One sensor at one address: its targets, who it is, and where."""

    own: str
    udn: str
    targets: tuple[str, ...]
    location: str


class Searches(asyncio.DatagramProtocol):
    """Created inside the loop; ``shown`` gives what is to be found at the moment."""

    def __init__(self, shown: Callable[[], Iterable[Advertised]], clock: Clock) -> None:
        self._shown = shown
        self._clock = clock
        self._transport: asyncio.BaseTransport | None = None
        self._senders: dict[str, socket.socket] = {}
        self._second, self._answers = 0, 0

    async def open(self, addresses: Iterable[str]) -> list[tuple[str, str]]:
        """Listens in the networks of these own addresses; gives each that cannot be, with the reason."""
        self.close()
        listening = _listening()
        troubles = []
        for own in addresses:
            try:
                self._senders[own] = _joined(listening, own)
            except OSError as error:
                troubles.append((own, error.strerror or str(error)))
        if not self._senders:
            listening.close()
            return troubles
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=listening)
        return troubles

    def close(self) -> None:
        """Hears and says nothing more."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        for sender in self._senders.values():
            sender.close()
        self._senders.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        """Answers from the address that faces the asking machine, and nobody from farther away."""
        wanted = ssdp.read_search(data)
        if wanted is None or not is_near(sender[0]) or not self._may_answer():
            return
        own = _facing(sender[0])
        for one in self._shown():
            if one.own == own:
                for target in one.targets:
                    if wanted in (target, ssdp.EVERYTHING):
                        self._send(own, ssdp.answer(target, one.udn, one.location, SERVER), sender)

    def alive(self, sensors: Iterable[Advertised]) -> None:
        """Says that these are there."""
        for one in sensors:
            for target in one.targets:
                self._send(one.own, ssdp.alive(target, one.udn, one.location, SERVER), _GROUP)

    def goodbye(self, sensors: Iterable[Advertised]) -> None:
        """Says that these leave."""
        for one in sensors:
            for target in one.targets:
                self._send(one.own, ssdp.goodbye(target, one.udn), _GROUP)

    def _send(self, own: str, data: bytes, to: tuple[str, int]) -> None:
        sender = self._senders.get(own)
        if sender is not None:
            try:
                sender.sendto(data, to)
            except OSError as error:
                log.info("nothing can be said from %s: %s", own, error)

    def _may_answer(self) -> bool:
        """Nobody can make us send without end."""
        second = int(self._clock.monotonic_s())
        if second != self._second:
            self._second, self._answers = second, 0
        self._answers += 1
        return self._answers <= MOST_ANSWERS_PER_S


_GROUP = (ssdp.GROUP, ssdp.PORT)


def _listening() -> socket.socket:
    """Bound to the group, so that nothing but what is said to the group comes in."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.setblocking(False)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
    listening.bind(_GROUP)
    return listening


def _joined(listening: socket.socket, own: str) -> socket.socket:
    """Hears the group where this address is; gives a socket that speaks from it, no farther than the link."""
    address = socket.inet_aton(own)
    listening.setsockopt(
        socket.IPPROTO_IP,
        socket.IP_ADD_MEMBERSHIP,
        struct.pack("4s4s", socket.inet_aton(ssdp.GROUP), address),
    )
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sender.setblocking(False)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
        sender.bind((own, 0))
    except OSError:
        sender.close()
        raise
    return sender


def _facing(client: str) -> str:
    """Our address towards a client; nothing is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((client, 9))
        except OSError:
            return ""
        return str(asking.getsockname()[0])
