"""Tells subscribers what changed, each by a thread of its own, from the device's own address."""

import http.client
import queue
import threading
import uuid
from collections.abc import Mapping

from wachtel.base.clock import Clock
from wachtel.protocols import gena, wemo
from wachtel.protocols.gena import Callback, Subscription, SubscriptionBook

SEND_TIMEOUT_S = 3.0
_Waiting = queue.SimpleQueue[dict[str, str] | None]


class EventSender:
    """The subscriptions of every service of one device. Usable by any thread."""

    def __init__(self, host: str, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._lock = threading.Lock()
        self._books: dict[str, SubscriptionBook] = {}
        self._queues: dict[str, _Waiting] = {}
        self.longest_s = gena.LONGEST_S

    def subscriptions(self, service: str = "basicevent") -> list[Subscription]:
        """Who is told of a service."""
        with self._lock:
            return self._book(service).all()

    def subscribe(
        self, service: str, callback: Callback, seconds: int, first: Mapping[str, str]
    ) -> tuple[str, int] | None:
        """Name and length of a new subscription; ``first`` is what it is told at once, if anything."""
        granted = min(seconds, self.longest_s)
        with self._lock:
            one = self._book(service).add(callback, granted, self._clock.monotonic_s())
            if one is None:
                return None
            waiting = self._queues[one.sid] = queue.SimpleQueue()
        threading.Thread(target=self._serve, args=(one, waiting), name="wemo-events", daemon=True).start()
        if first:
            waiting.put(dict(first))
        return one.sid, granted

    def renew(self, service: str, sid: str, seconds: int) -> int | None:
        """The new length, None for a subscription that is not there."""
        granted = min(seconds, self.longest_s)
        with self._lock:
            known = self._book(service).renew(sid, granted, self._clock.monotonic_s())
        return granted if known else None

    def unsubscribe(self, service: str, sid: str) -> bool:
        """False when there was none."""
        with self._lock:
            gone = self._book(service).remove(sid)
            if gone is not None:
                self._queues.pop(sid).put(None)
        return gone is not None

    def tell(self, service: str, variables: Mapping[str, str]) -> None:
        """Tells every subscriber of a service."""
        with self._lock:
            for gone in self._book(service).expire(self._clock.monotonic_s()):
                self._queues.pop(gone.sid).put(None)
            for one in self._book(service).all():
                self._queues[one.sid].put(dict(variables))

    def forget(self) -> None:
        """As after a restart: renewals are answered with 412."""
        with self._lock:
            for waiting in self._queues.values():
                waiting.put(None)
            self._books.clear()
            self._queues.clear()

    def _book(self, service: str) -> SubscriptionBook:
        return self._books.setdefault(service, SubscriptionBook(lambda: str(uuid.uuid4())))

    def _serve(self, to: Subscription, waiting: _Waiting) -> None:
        while (variables := waiting.get()) is not None:
            try:
                self._notify(to, wemo.property_set(variables).encode())
            except (OSError, http.client.HTTPException):
                continue

    def _notify(self, to: Subscription, body: bytes) -> None:
        headers = {
            "Content-Type": 'text/xml; charset="utf-8"',
            "NT": "upnp:event",
            "NTS": "upnp:propchange",
            "SID": to.sid,
            "SEQ": str(to.next_number()),
        }
        connection = http.client.HTTPConnection(
            to.callback.host, to.callback.port, timeout=SEND_TIMEOUT_S, source_address=(self._host, 0)
        )
        try:
            connection.request("NOTIFY", to.callback.path, body, headers)
            connection.getresponse().read(1024)
        finally:
            connection.close()
