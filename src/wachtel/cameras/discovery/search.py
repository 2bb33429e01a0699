"""Asks all neighbours at once by WS-Discovery, SSDP and mDNS, and tells who answers. Blocks.

NetCams in setup mode answer none of these; `setup_mode` looks where they stand.
"""

import secrets
import selectors
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address, IPv4Network
from typing import Any
from uuid import UUID

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.discovery import reading, setup_mode
from wachtel.cameras.discovery.links import Link, local_links
from wachtel.cameras.discovery.networks import local_networks
from wachtel.model.device import FoundDevice, merged
from wachtel.protocols import mdns, ssdp
from wachtel.protocols.onvif import discovery

ASK_AGAIN_S = 1.5
TICK_S = 0.5
MOST_ANSWERS = 2000
_LARGEST_DATAGRAM = 65_535
Group = tuple[str, int]
Reader = Callable[[bytes, str], list[FoundDevice]]
_Protocol = tuple[Group, tuple[bytes, ...], Reader]


@dataclass(frozen=True, slots=True)
class Groups:
    """Whom to ask by each protocol."""

    ws_discovery: Group
    ssdp: Group
    mdns: Group


V6 = Groups((discovery.GROUP_V6, discovery.PORT), (ssdp.GROUP_V6, ssdp.PORT), (mdns.GROUP_V6, mdns.PORT))


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """Where to ask: own addresses with their networks, the groups, and doors behind which a NetCam may wait.

    ``links`` are own IPv6 addresses, with groups of their own.
    """

    networks: tuple[tuple[str, IPv4Network], ...]
    ws_discovery: Group = (discovery.GROUP_V4, discovery.PORT)
    ssdp: Group = (ssdp.GROUP, ssdp.PORT)
    mdns: Group = (mdns.GROUP, mdns.PORT)
    setup_doors: tuple[setup_mode.Door, ...] = ()
    links: tuple[Link, ...] = ()
    v6: Groups = V6


def default_plan() -> SearchPlan:
    """Every private network this machine is in. Raises `WachtelError` (unreachable) when it is in none."""
    networks, links = tuple(local_networks()), local_links()
    if not networks and not links:
        raise WachtelError(
            ErrorKind.UNREACHABLE,
            "This machine is in no local network in which to look.",
            code="no_local_network",
            hint="Connect it to your network, or enter the camera's address by hand.",
        )
    doors = setup_mode.doors((network for _, network in networks), setup_mode.known_neighbours())
    return SearchPlan(networks, setup_doors=doors, links=links)


def search(
    plan: SearchPlan, seconds: float, clock: Clock, stop: threading.Event | None = None
) -> Generator[list[FoundDevice], None, None]:
    """Everything found so far, some times a second, and at last what was found in all. Raises `WachtelError`."""
    asking = _Asking(plan)
    waiting = setup_mode.SetupSearch(plan.setup_doors, clock)
    try:
        began = clock.monotonic_s()
        asked_at = began - ASK_AGAIN_S
        while (now := clock.monotonic_s()) - began < seconds and not (stop and stop.is_set()):
            if now - asked_at >= ASK_AGAIN_S:
                asking.ask()
                asked_at = now
            asking.listen(min(TICK_S, max(0.0, began + seconds - now)))
            yield merged([*asking.found, *waiting.found])
    finally:
        asking.close()
        waiting.close()
    yield merged([*asking.found, *waiting.found])


@dataclass(slots=True)
class _Line:
    """One socket on one network, for one protocol."""

    socket: socket.socket
    network: IPv4Network | Link
    group: Group
    questions: tuple[bytes, ...]
    read: Reader

    def sender(self, address: tuple[Any, ...]) -> str | None:
        """Who sent a datagram, None for somebody who is not of this network."""
        host = str(address[0])
        if isinstance(self.network, Link):
            return self.network.sender(host, address[3])
        return host if IPv4Address(host) in self.network else None


@dataclass(slots=True)
class _Asking:
    """All sockets of one search."""

    plan: SearchPlan
    found: list[FoundDevice] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _answers: int = 0

    def __post_init__(self) -> None:
        plan = self.plan
        v4, v6 = self._protocols(Groups(plan.ws_discovery, plan.ssdp, plan.mdns)), self._protocols(plan.v6)
        for address, network in plan.networks:
            self._open(partial(open_asking, address), network, v4)
        for link in plan.links:
            self._open(partial(_opened_v6, link), link, v6)
        if not self._selector.get_map():
            raise WachtelError(
                ErrorKind.UNREACHABLE,
                "No question can be sent into the local network.",
                code="no_local_network",
                hint="Look at the machine's network, or enter the camera's address by hand.",
            )

    def _open(
        self, opened: Callable[[], socket.socket], network: IPv4Network | Link, protocols: list[_Protocol]
    ) -> None:
        for group, questions, read in protocols:
            with suppress(OSError):
                line = _Line(opened(), network, group, questions, read)
                self._selector.register(line.socket, selectors.EVENT_READ, line)

    def _protocols(self, groups: Groups) -> list[_Protocol]:
        message_id = f"urn:uuid:{UUID(bytes=secrets.token_bytes(16), version=4)}"
        own = frozenset({message_id})
        return [
            (
                groups.ws_discovery,
                (discovery.probe(message_id),),
                lambda data, sender: reading.from_ws_discovery(data, sender, own),
            ),
            (
                groups.ssdp,
                tuple(ssdp.search(target, group=groups.ssdp[0]) for target in (ssdp.WEMO, ssdp.ROOT)),
                reading.from_ssdp,
            ),
            (groups.mdns, (mdns.query(),), reading.from_mdns),
        ]

    def ask(self) -> None:
        for key in self._selector.get_map().values():
            line: _Line = key.data
            for question in line.questions:
                with suppress(OSError):
                    line.socket.sendto(question, line.group)

    def listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            self._take(key.data)

    def _take(self, line: _Line) -> None:
        try:
            data, address = line.socket.recvfrom(_LARGEST_DATAGRAM)
        except OSError:
            return
        self._answers += 1
        sender = line.sender(address)
        if self._answers <= MOST_ANSWERS and sender is not None:
            self.found = merged([*self.found, *line.read(data, sender)])

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            line: _Line = key.data
            line.socket.close()
        self._selector.close()


def open_asking(address: str) -> socket.socket:
    """Sends from this address only, and no farther than the link."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        opened.bind((address, 0))
    except OSError:
        opened.close()
        raise
    return opened


def _opened_v6(link: Link) -> socket.socket:
    """The same by IPv6."""
    opened = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link.index)
        opened.bind((link.address, 0, 0, link.index))
    except OSError:
        opened.close()
        raise
    return opened
