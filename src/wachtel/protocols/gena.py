"""Event subscriptions of a UPnP device (UPnP Device Architecture 1.1 section 4): who is told, until when. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from wachtel.base.units import MonoS

LONGEST_S = 1801
MOST_SUBSCRIBERS = 32
MOST_PER_CLIENT = 8
_CALLBACK = re.compile(r"<(http://[^>\s]{1,512})>")
_TIMEOUT = re.compile(r"\s*Second-(\d{1,7}|infinite)\s*", re.IGNORECASE)
_LAST_NUMBER = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Callback:
    """Where events are sent; ``host`` is an address in numbers."""

    host: str
    port: int
    path: str


def read_callback(header: str, client: str) -> Callback | None:
    """The first address in a CALLBACK header.

    None unless it is the asking machine's own: nobody may have events sent to somebody else.
    """
    match = _CALLBACK.search(header)
    if match is None:
        return None
    try:
        url = urlsplit(match[1])
        host, port = str(ip_address(url.hostname or "")), url.port or 80
    except ValueError:
        return None
    target = url.path + (f"?{url.query}" if url.query else "")
    plain = target.isascii() and target.isprintable()
    return Callback(host, port, target or "/") if host == client and plain else None


def wanted_s(header: str) -> int:
    """The length in a TIMEOUT header, in seconds; the longest we give where it says nothing."""
    match = _TIMEOUT.fullmatch(header)
    if match is None or not match[1].isdigit():
        return LONGEST_S
    return max(1, min(int(match[1]), LONGEST_S))


@dataclass(slots=True)
class Subscription:
    """One client's wish to be told, until ``until``."""

    sid: str
    callback: Callback
    until: MonoS
    number: int = 0

    def next_number(self) -> int:
        """The number of the next event: from 0, and after the largest again from 1 (section 4.3.2)."""
        number = self.number
        self.number = 1 if number >= _LAST_NUMBER else number + 1
        return number


class SubscriptionBook:
    """The subscriptions of one device. ``new_id`` gives a unique name."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._by_sid: dict[str, Subscription] = {}

    def all(self) -> list[Subscription]:
        """Every subscription, oldest first."""
        return list(self._by_sid.values())

    def add(self, callback: Callback, seconds: int, now: MonoS) -> Subscription | None:
        """A new subscription; None when there are too many, of this client or in all."""
        same = sum(one.callback.host == callback.host for one in self._by_sid.values())
        if len(self._by_sid) >= MOST_SUBSCRIBERS or same >= MOST_PER_CLIENT:
            return None
        one = Subscription(f"uuid:{self._new_id()}", callback, MonoS(now + seconds))
        self._by_sid[one.sid] = one
        return one

    def renew(self, sid: str, seconds: int, now: MonoS) -> bool:
        """False for one that is not there, or not any more."""
        one = self._by_sid.get(sid)
        if one is None or one.until <= now:
            return False
        one.until = MonoS(now + seconds)
        return True

    def remove(self, sid: str) -> Subscription | None:
        """Takes it out; None when it was not there."""
        return self._by_sid.pop(sid, None)

    def expire(self, now: MonoS) -> list[Subscription]:
        """Takes out those whose time is over."""
        return [self._by_sid.pop(one.sid) for one in self.all() if one.until <= now]
