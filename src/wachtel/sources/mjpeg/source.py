"""A stream of JPEGs as a `MediaSource`: every picture is a key frame, its time follows that of its arrival."""

import threading
from collections.abc import Iterator
from fractions import Fraction

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.media.jpeg import jpeg_size
from wachtel.media.pace import Pace
from wachtel.model.stream import VIDEO_TICKS_PER_S, Codec, Packet, StreamFormat, Track, VideoFormat
from wachtel.protocols.multipart import JpegStream
from wachtel.sources.answers import ended, nonsense, stalled
from wachtel.sources.http_stream import HttpStream
from wachtel.sources.mjpeg.pcm import FORMAT, PcmSound

_TIME_BASE = Fraction(1, VIDEO_TICKS_PER_S)
_GRID_PER_S = 200
_GRID = VIDEO_TICKS_PER_S // _GRID_PER_S
"""Arrivals are no better known than to 5 ms. And players that guess a frame rate and count in it find this one, in
which no two pictures get the same number."""


class MjpegSource:
    """Reads one answer in the caller's thread; `close` may come from any other."""

    def __init__(
        self,
        stream: HttpStream,
        stall_timeout_s: float,
        quiet_since: MonoS,
        clock: Clock,
        sound: PcmSound | None = None,
    ) -> None:
        self._stream = stream
        self._sound = sound
        self._stall_timeout_s = stall_timeout_s
        self._picture_at = quiet_since
        self._clock = clock
        self._pictures = JpegStream()
        self._size: tuple[int, int] | None = None
        self._pace = Pace()
        self._start: float | None = None
        self._last_pts = -_GRID
        self._closed = threading.Event()
        self._started = False

    @property
    def dropped(self) -> int:
        """Pictures that were cut off."""
        return self._pictures.broken

    @property
    def lost(self) -> int:
        """Nothing gets lost inside TCP."""
        return 0

    def packets(self) -> Iterator[StreamFormat | Packet]:
        self._started = True
        try:
            while not self._closed.is_set():
                found = self._read()
                for data in found:
                    yield from self._take(data)
                if self._sound is not None:
                    yield from self._sound.packets(self._start)
                now = self._clock.monotonic_s()
                if found:
                    self._picture_at = now
                elif now - self._picture_at > self._stall_timeout_s:
                    raise stalled(self._stream.endpoint, self._stall_timeout_s)
        except WachtelError:
            if not self._closed.is_set():
                raise
        finally:
            self._end()

    def close(self) -> None:
        self._closed.set()
        self._stream.shut()
        if not self._started:
            self._end()

    def _end(self) -> None:
        self._stream.close()
        if self._sound is not None:
            self._sound.close()

    def _read(self) -> list[bytes]:
        data = self._stream.read()
        if data is None:
            raise ended(self._stream.endpoint)
        try:
            return self._pictures.feed(data)
        except WachtelError as error:
            raise nonsense(self._stream.endpoint) from error

    def _take(self, data: bytes) -> Iterator[StreamFormat | Packet]:
        try:
            size = jpeg_size(data)
        except WachtelError as error:
            if error.kind is not ErrorKind.BAD_DATA:
                raise
            self._pictures.broken += 1
            return
        if size != self._size:
            self._size = size
            yield StreamFormat(VideoFormat(Codec.MJPEG, *size), FORMAT if self._sound else None)
        pts = self._place(self._clock.monotonic_s())
        yield Packet(data, pts, pts, _TIME_BASE, True, Track.VIDEO, self._clock.wall_us())

    def _place(self, arrival_s: float) -> int:
        """Ticks since the first picture, at an even pace and in steps of 5 ms; always later than the picture before."""
        at_s = self._pace.place(arrival_s)
        if self._start is None:
            self._start = at_s
        ticks = int((at_s - self._start) * _GRID_PER_S) * _GRID
        self._last_pts = max(self._last_pts + _GRID, ticks)
        return self._last_pts
