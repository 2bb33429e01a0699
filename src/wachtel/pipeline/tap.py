"""Taps: how packets leave a media worker for those who watch or analyse.

Each consumer has one connection and one thread that sends to it. The camera's thread only puts references into the
consumer's queue; a consumer that is too slow loses whole GOPs and is told, the camera never waits.
"""

import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.base.wire import Channel, Message, pack
from wachtel.model.stream import Packet, StreamFormat, StreamName, Track
from wachtel.pipeline.messages import FromTap, Tap, TapFormat, TapLoss, TapPacket, ToTap, tap_packet
from wachtel.pipeline.newest_group import NewestGroup

log = logging.getLogger(__name__)

LARGEST_QUEUE_BYTES = 16 << 20
"""What may wait for one consumer: some seconds of fifty cameras, or one camera's stall of half a minute."""

LARGEST_SEND_BYTES = 1 << 20

StreamKey = tuple[str, StreamName]


class Consumer:
    """The sending side of one connection. ``put`` is called by camera threads, the rest by the consumer's own two."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._changed = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._waiting_for_key: dict[StreamKey, int] = {}
        self._closed = False

    def put_packet(self, key: StreamKey, body: bytes, *, begins_gop: bool) -> bool:
        """Queues a packet; False when it was left out because the consumer is behind."""
        with self._changed:
            if self._closed:
                return True
            lost = self._waiting_for_key.get(key)
            full = self._queued_bytes + len(body) > LARGEST_QUEUE_BYTES
            if full or (lost is not None and not begins_gop):
                self._waiting_for_key[key] = (lost or 0) + 1
                return False
            if lost is not None:
                del self._waiting_for_key[key]
                self._append(pack(TapLoss(key[0], key[1], lost)))
            self._append(body)
            return True

    def put(self, message: Message) -> None:
        """Queues something that is never left out."""
        with self._changed:
            if not self._closed:
                self._append(pack(message))

    def _append(self, body: bytes) -> None:
        self._queue.append(body)
        self._queued_bytes += len(body)
        self._changed.notify()

    def send_until_closed(self) -> None:
        """The sending thread. What is being sent still counts as waiting: a reader that stands still holds no more."""
        while (body := self._next_body()) is not None:
            try:
                self._connection.sendall(body)
            except OSError:
                self.close()
            with self._changed:
                self._queued_bytes = max(0, self._queued_bytes - len(body))

    def _next_body(self) -> bytes | None:
        """Some of what waits, in one piece; None when the consumer is gone."""
        with self._changed:
            while not self._queue and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            bodies = [self._queue.popleft()]
            size = len(bodies[0])
            while self._queue and size + len(self._queue[0]) <= LARGEST_SEND_BYTES:
                size += len(self._queue[0])
                bodies.append(self._queue.popleft())
        return b"".join(bodies)

    @property
    def waiting_bytes(self) -> int:
        """What has not been handed to the system yet."""
        return self._queued_bytes

    def close(self) -> None:
        """Ends both threads of this consumer, and gives back what waits."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._queued_bytes = 0
            self._changed.notify()
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


class StreamFan:
    """The consumers of one stream, and the GOP that a new one begins with."""

    def __init__(self, camera: str, stream: StreamName) -> None:
        self._key: StreamKey = (camera, stream)
        self._lock = threading.Lock()
        self._all: list[Consumer] = []
        self._viewers: list[Consumer] = []
        self._keys: list[Consumer] = []
        self._sound: list[Consumer] = []
        self._format: StreamFormat | None = None
        self._gop: NewestGroup[tuple[Packet, WallUs]] = NewestGroup()
        self.losses = 0
        self.urgent = bytearray(1)
        """One byte: 1 while somebody wants each of its packets, soon or at once, and 0 else."""

    def format(self, format: StreamFormat) -> None:
        """The packets that follow have this format."""
        with self._lock:
            self._format = format
            self._gop.forget()
            for consumer in (*self._all, *self._keys, *self._sound):
                consumer.put(TapFormat(*self._key, format))

    def packet(self, packet: Packet, at: WallUs) -> None:
        """Hands a packet to all who want it."""
        begins_gop = packet.key and packet.track is Track.VIDEO
        with self._lock:
            self._gop.add((packet, at), len(packet.data), key=begins_gop)
            readers = (*self._all, *self._keys) if begins_gop else self._all
            listeners = self._sound if packet.track is Track.AUDIO else []
            if not readers and not listeners:
                return
            body = pack(tap_packet(*self._key, packet, at, cached=False))
            for consumer in readers:
                self.losses += not consumer.put_packet(self._key, body, begins_gop=begins_gop)
            for consumer in listeners:
                consumer.put_packet(self._key, body, begins_gop=True)

    @property
    def hurried(self) -> bool:
        """True while somebody wants its packets at once."""
        return bool(self._viewers)

    def want(self, consumer: Consumer, want: str) -> None:
        """Changes what a consumer gets; ``all`` and ``soon`` begin with the cached GOP, ``keys`` with its key frame.

        From ``all`` to ``soon`` and back nothing begins anew.
        """
        with self._lock:
            had = "none" if consumer not in self._all else "all" if consumer in self._viewers else "soon"
            self._remove(consumer)
            if want == "none":
                return
            wanted = {"all": self._all, "soon": self._all, "sound": self._sound}.get(want, self._keys)
            wanted.append(consumer)
            if want == "all":
                self._viewers.append(consumer)
            self._note_urgency()
            if {had, want} == {"all", "soon"}:
                return
            if self._format is not None:
                consumer.put(TapFormat(*self._key, self._format))
            if self._format is not None and want != "sound":
                self._replay(consumer, self._gop.items[:1] if want == "keys" else self._gop.items)

    def _replay(self, consumer: Consumer, packets: list[tuple[Packet, WallUs]]) -> None:
        for packet, at in packets:
            body = pack(tap_packet(*self._key, packet, at, cached=True))
            consumer.put_packet(self._key, body, begins_gop=packet.key and packet.track is Track.VIDEO)

    def remove(self, consumer: Consumer) -> None:
        """The consumer is gone."""
        with self._lock:
            self._remove(consumer)

    def _remove(self, consumer: Consumer) -> None:
        for readers in (self._all, self._viewers, self._keys, self._sound):
            if consumer in readers:
                readers.remove(consumer)
        self._note_urgency()

    def _note_urgency(self) -> None:
        self.urgent[0] = bool(self._all or self._sound)

    def clear_cache(self) -> None:
        """The session ended: what comes next begins anew."""
        with self._lock:
            self._gop.forget()


class Converted(Protocol):
    """Takes a stream's pictures in another codec; called by threads of the tap."""

    def take(self, message: FromTap) -> None: ...

    def worker_gone(self) -> None: ...


class TapServer:
    """Listens at a Unix socket and connects consumers to streams."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fans: dict[StreamKey, StreamFan] = {}
        self._wanted: dict[StreamKey, list[tuple[Consumer, str]]] = {}
        self._converted: dict[StreamKey, Converted] = {}
        self._converters: dict[StreamKey, Consumer] = {}
        self._lock = threading.Lock()
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen()

    def start(self) -> None:
        """Begins to accept."""
        _thread("tap-accept", self._accept)

    def fan(self, camera: str, stream: StreamName) -> StreamFan:
        """The fan of a stream; those who asked for it before it existed are connected now."""
        key = (camera, stream)
        with self._lock:
            fan = self._fans.get(key)
            if fan is None:
                fan = self._fans[key] = StreamFan(camera, stream)
                for consumer, want in self._wanted.get(key, ()):
                    fan.want(consumer, want)
            return fan

    def forget(self, camera: str) -> None:
        """The camera was removed."""
        with self._lock:
            for key in [key for key in self._fans if key[0] == camera]:
                del self._fans[key]

    def take_converted(self, camera: str, stream: StreamName, converted: Converted | None) -> None:
        """Who gets this stream's pictures from the worker that converts them; None: nobody any more."""
        with self._lock:
            if converted is None:
                self._converted.pop((camera, stream), None)
            else:
                self._converted[camera, stream] = converted

    def _came_back(self, consumer: Consumer, message: TapFormat | TapPacket) -> None:
        key = (message.camera, message.stream)
        with self._lock:
            self._converters[key] = consumer
            converted = self._converted.get(key)
        if converted is not None:
            converted.take(message)

    def _converter_gone(self, consumer: Consumer) -> None:
        with self._lock:
            keys = [key for key, one in self._converters.items() if one is consumer]
            for key in keys:
                del self._converters[key]
            gone = [self._converted[key] for key in keys if key in self._converted]
        for converted in gone:
            converted.worker_gone()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            consumer = Consumer(connection)
            _thread("tap-send", consumer.send_until_closed)
            _thread("tap-read", partial(self._serve, connection, consumer))

    def _serve(self, connection: socket.socket, consumer: Consumer) -> None:
        channel: Channel[ToTap] = Channel(connection, ToTap)
        try:
            while True:
                for message in channel.receive():
                    if isinstance(message, Tap):
                        self._turn(consumer, message)
                    else:
                        self._came_back(consumer, message)
        except (EOFError, OSError, WachtelError) as error:
            log.debug("tap closed: %r", error)
        finally:
            self._drop(consumer)

    def _turn(self, consumer: Consumer, tap: Tap) -> None:
        key = (tap.camera, tap.stream)
        with self._lock:
            others = [pair for pair in self._wanted.get(key, []) if pair[0] is not consumer]
            self._wanted[key] = others if tap.want == "none" else [*others, (consumer, tap.want)]
            fan = self._fans.get(key)
        if fan is not None:
            fan.want(consumer, tap.want)

    def _drop(self, consumer: Consumer) -> None:
        self._converter_gone(consumer)
        with self._lock:
            others = {
                key: [pair for pair in pairs if pair[0] is not consumer]
                for key, pairs in self._wanted.items()
            }
            self._wanted = {key: pairs for key, pairs in others.items() if pairs}
            fans = list(self._fans.values())
        for fan in fans:
            fan.remove(consumer)
        consumer.close()


def _thread(name: str, target: Callable[[], None]) -> None:
    threading.Thread(target=target, name=name, daemon=True).start()
