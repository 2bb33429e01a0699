"""Looks for Wemo devices, when a person asks: asks the local networks, and then each that answers. Blocks."""

import selectors
import socket
import threading
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address

from wachtel.actuators.wemo.finding import (
    OWN_MODEL,
    FoundWemo,
    NobodyThere,
    location_port,
    look,
    look_at_host,
)
from wachtel.base.clock import Clock
from wachtel.cameras.discovery.search import SearchPlan, open_asking, search
from wachtel.model.device import FoundDevice
from wachtel.protocols import ssdp
from wachtel.protocols.wemo import kind_of

ASK_EVERY_S = 1.0
MOST_DEVICES = 200
AT_ONCE = 16
_TICK_S = 0.25
_LARGEST_DATAGRAM = 65_535


def find_wemo(
    plan: SearchPlan, seconds: float, clock: Clock, stop: threading.Event | None = None
) -> list[FoundWemo]:
    """Every Wemo device that answers, our own cameras not among them."""
    return described(_places(plan, seconds, clock, stop))


def described(places: Iterable[tuple[str, int]]) -> list[FoundWemo]:
    """What is at these addresses and ports, as far as it is a Wemo device."""
    with ThreadPoolExecutor(AT_ONCE, "wemo-look") as pool:
        found = [one for one in pool.map(_look, places) if one is not None and one.model != OWN_MODEL]
    return sorted(found, key=lambda one: (one.name, one.udn))


def of_host(host: str) -> list[FoundWemo]:
    """The Wemo devices at the usual ports of one address."""
    return [one for one in look_at_host(host) if one.model != OWN_MODEL]


def search_with_names(
    plan: SearchPlan, seconds: float, clock: Clock, stop: threading.Event | None = None
) -> Generator[list[FoundDevice], None, None]:
    """As `search`; at last Wemo devices have the names they have themselves. Raises `WachtelError`."""
    found: list[FoundDevice] = []
    for found in search(plan, seconds, clock, stop):
        yield found
    yield named(found)


def named(devices: list[FoundDevice]) -> list[FoundDevice]:
    """The same devices, Wemo ones with the names they have themselves."""
    places = {one.url: _place(one.url) for one in devices if one.url.startswith("wemo://")}
    asked = list(dict.fromkeys(place for place in places.values() if place is not None))
    with ThreadPoolExecutor(AT_ONCE, "wemo-look") as pool:
        answers = dict(zip(asked, pool.map(_look, asked), strict=True))
    said = {url: answers.get(place) for url, place in places.items() if place is not None}
    return [_with_name(one, said.get(one.url)) for one in devices]


def _with_name(device: FoundDevice, said: FoundWemo | None) -> FoundDevice:
    if said is None:
        return device
    if said.model == OWN_MODEL:
        return replace(device, name=said.name, make=OWN_MODEL, model="", what="other")
    return replace(device, name=said.name)


def _place(url: str) -> tuple[str, int] | None:
    host, _, port = url.removeprefix("wemo://").partition(":")
    return (host, int(port)) if port.isdecimal() else None


def _look(place: tuple[str, int]) -> FoundWemo | None:
    try:
        return look(*place)
    except NobodyThere:
        return None


def _places(
    plan: SearchPlan, seconds: float, clock: Clock, stop: threading.Event | None
) -> list[tuple[str, int]]:
    """Where the answers come from; what they say of other hosts is not believed."""
    found: dict[tuple[str, int], None] = {}
    with selectors.DefaultSelector() as selector:
        sockets = []
        for address, network in plan.networks:
            with suppress(OSError):
                one = open_asking(address)
                sockets.append(one)
                selector.register(one, selectors.EVENT_READ, network)
        began = asked = clock.monotonic_s() - ASK_EVERY_S
        while (
            sockets and clock.monotonic_s() - began - ASK_EVERY_S < seconds and not (stop and stop.is_set())
        ):
            if clock.monotonic_s() - asked >= ASK_EVERY_S:
                asked = clock.monotonic_s()
                _ask(sockets, plan)
            for key, _ in selector.select(_TICK_S):
                assert isinstance(key.fileobj, socket.socket)
                place = _answer(key.fileobj)
                if place and IPv4Address(place[0]) in key.data and len(found) < MOST_DEVICES:
                    found[place] = None
        for one in sockets:
            one.close()
    return list(found)


def _ask(sockets: Iterable[socket.socket], plan: SearchPlan) -> None:
    for one in sockets:
        with suppress(OSError):
            one.sendto(ssdp.search(ssdp.WEMO, 1), plan.ssdp)


def _answer(asking: socket.socket) -> tuple[str, int] | None:
    try:
        data, (sender, *_) = asking.recvfrom(_LARGEST_DATAGRAM)
    except OSError:
        return None
    answer = ssdp.read_answer(data)
    if answer is None or kind_of(answer.usn.partition("::")[0]) is None:
        return None
    port = location_port(answer.location)
    return None if port is None else (sender, port)
