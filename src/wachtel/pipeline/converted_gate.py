"""Motion JPEG recorded as H.264: each picture goes round by a transcode worker, and as it came when that fails.

What waits for the worker is kept, so that a worker which dies or falls behind costs the picture its codec and not the
recording its pictures.
"""

import logging
import queue
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS, WallUs
from wachtel.media.draft import Draft
from wachtel.media.timestamps import Placed
from wachtel.model.stream import Codec, Packet, StreamFormat, Track, VideoFormat
from wachtel.pipeline.messages import FromTap, TapFormat, TapPacket
from wachtel.pipeline.recorder import Gate

log = logging.getLogger(__name__)

MOST_BEHIND_S = 2.0
"""So long a picture waits for its H.264; then all that wait are written as they came."""

LARGEST_WAITING_BYTES = 32 << 20
LAST_PICTURES_S = 0.3
"""So long the last pictures of a connection are waited for."""

FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 600.0
GOOD_AFTER_S = 600.0
"""A worker that did so long without trouble is tried again soon after the next one."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    placed: Placed
    since: MonoS


class ConvertedGate:
    """Stands before another gate. `take`, `worker_gone` and `keep` may be called by any thread, the rest by the
    stream's own.

    The worker gives each picture back with the place in time it was sent with. A file in another format begins at a
    key frame, so a change in either direction neither leaves a picture out nor writes one twice. Streams that are no
    Motion JPEG pass unchanged. ``on_trouble`` hears why pictures are recorded as they came.
    """

    def __init__(
        self,
        gate: Gate,
        clock: Clock,
        on_trouble: Callable[[WachtelError], None],
        last_pictures_s: float = LAST_PICTURES_S,
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._on_trouble = on_trouble
        self._last_pictures_s = last_pictures_s
        self._told: StreamFormat | None = None
        self._heard = False
        self._inbox: queue.SimpleQueue[FromTap | None] = queue.SimpleQueue()
        self._source: StreamFormat | None = None
        self._made: VideoFormat | None = None
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._hoping = True
        self._converting = False
        self._retry_at = MonoS(float("-inf"))
        self._retry_s = FIRST_RETRY_S
        self._good_since = clock.monotonic_s()

    @property
    def written_as(self) -> Codec | None:
        """In which codec pictures are written at this moment; None before the first."""
        if self._source is None:
            return None
        return Codec.H264 if self._converting else self._source.video.codec

    def take(self, message: FromTap) -> None:
        """What the worker has made."""
        self._inbox.put(message)

    def worker_gone(self) -> None:
        """The worker that converts has ended."""
        self._inbox.put(None)

    def keep(self, start: WallUs, until: WallUs | None) -> None:
        """An event wants its footage."""
        self._gate.keep(start, until)

    def draft(self) -> AbstractContextManager[Draft | None]:
        """What is converted first has no drafts."""
        return nullcontext()

    def begin_session(self, run: str) -> None:
        """A new connection."""
        self._gate.begin_session(run)

    def format(self, format: StreamFormat) -> None:
        """What follows has this format, and so has what is made of it."""
        self._as_sent()
        self._source, self._made = format, None
        if not self._may_wait():
            self._tell(format)

    def _tell(self, format: StreamFormat) -> None:
        if format != self._told:
            self._told = format
            self._gate.format(format)

    def add(self, placed: Placed) -> None:
        """Writes what has come back, and lets the packet wait for its turn."""
        if placed.clock_us:
            # A file that ends where the clock was set must end with this very picture.
            self._receive()
            self._as_sent()
        self._waiting.append(_Waiting(placed, self._clock.monotonic_s()))
        self._waiting_bytes += len(placed.packet.data)
        # Only now: the tap had the picture before, so the worker may have made it already.
        self._receive()
        if not self._may_wait() or placed.clock_us:
            self._as_sent()
        elif self._waiting and self._is_late():
            self._failed(_too_slow() if self._heard else _gone())

    def _may_wait(self) -> bool:
        return self._hoping and self._source is not None and self._source.video.codec is Codec.MJPEG

    def _is_late(self) -> bool:
        waited = self._clock.monotonic_s() - self._waiting[0].since
        return waited > MOST_BEHIND_S or self._waiting_bytes > LARGEST_WAITING_BYTES

    def _receive(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._heed(self._inbox.get_nowait())

    def _receive_last(self) -> None:
        with suppress(queue.Empty):
            while self._converting and self._waiting:
                self._heed(self._inbox.get(timeout=self._last_pictures_s))
        self._as_sent()

    def _heed(self, message: FromTap | None) -> None:
        match message:
            case None:
                self._failed(_gone())
            case TapFormat():
                self._made = message.format.video
            case TapPacket():
                self._came_back(message)
            case _:
                pass

    def _came_back(self, made: TapPacket) -> None:
        now = self._clock.monotonic_s()
        if now < self._retry_at:
            return
        self._hoping = self._heard = True
        if now - self._good_since > GOOD_AFTER_S:
            self._retry_s = FIRST_RETRY_S
        position = self._position_of(made)
        if position is None:
            return
        if not self._converting:
            self._write_as_sent(position if made.key else position + 1)
            if not made.key or self._made is None:
                return
            position = 0
        elif any(one.placed.packet.track is Track.VIDEO for one in list(self._waiting)[:position]):
            # It was left out, or cannot be decoded: as it came it is still worth keeping.
            self._failed(_left_out())
            return
        self._write_made(position, made)

    def _position_of(self, made: TapPacket) -> int | None:
        for position, one in enumerate(self._waiting):
            packet = one.placed.packet
            if packet.track is Track.VIDEO and packet.pts == made.pts and one.placed.wall == made.at:
                return position
        return None

    def _write_made(self, position: int, made: TapPacket) -> None:
        assert self._source is not None
        if made.key and self._made is not None:
            self._tell(StreamFormat(self._made, self._source.audio))
            self._converting = True
        for _ in range(position):
            self._gate.add(self._next())
        placed = self._next()
        packet = Packet(
            made.data, made.pts, made.pts, Fraction(1, made.ticks_per_s), made.key, Track.VIDEO,
            placed.packet.arrival,
        )  # fmt: skip
        self._gate.add(replace(placed, packet=packet))

    def _write_as_sent(self, count: int) -> None:
        """The oldest of what waits, as it came."""
        if count and self._source is not None:
            self._tell(self._source)
            self._converting = False
        for _ in range(count):
            self._gate.add(self._next())

    def _next(self) -> Placed:
        placed = self._waiting.popleft().placed
        self._waiting_bytes -= len(placed.packet.data)
        return placed

    def _as_sent(self) -> None:
        """All that waits is written as it came; the next key frame that comes back in time ends that."""
        self._write_as_sent(len(self._waiting))
        self._converting = False

    def _failed(self, error: WachtelError) -> None:
        """Pictures are recorded as they come for a while, longer each time."""
        if self._hoping:
            self._on_trouble(error)
        self._hoping = False
        self._as_sent()
        self._good_since = self._clock.monotonic_s()
        self._retry_at = MonoS(self._good_since + self._retry_s)
        self._retry_s = min(2 * self._retry_s, LONGEST_RETRY_S)

    def clock_was_set(self, before: WallUs, after: WallUs) -> None:
        """The machine's clock was set while nothing came."""
        self._as_sent()
        self._gate.clock_was_set(before, after)

    def end_session(self, error: WachtelError) -> None:
        """The connection broke."""
        self._receive_last()
        self._gate.end_session(error)

    def stop(self) -> None:
        """The camera is stopped on purpose."""
        self._receive_last()
        self._gate.stop()


_HINT = "Nothing is lost: it is recorded as Motion JPEG meanwhile, which takes more room, and tried again by itself."


def _gone() -> WachtelError:
    return WachtelError(ErrorKind.INTERNAL, "The part that makes H.264 of Motion JPEG has ended.", hint=_HINT)


def _too_slow() -> WachtelError:
    return WachtelError(
        ErrorKind.BUSY, "This machine cannot make H.264 of Motion JPEG as fast as pictures come.", hint=_HINT
    )


def _left_out() -> WachtelError:
    return WachtelError(ErrorKind.BAD_DATA, "A picture of Motion JPEG could not be made H.264.", hint=_HINT)
