"""A source for cameras that offer nothing but a still picture at a URL, asked for again and again."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S
from wachtel.media.jpeg import jpeg_size
from wachtel.model.stream import Codec, Packet, StreamFormat, Track, VideoFormat
from wachtel.protocols.camera_url import CameraUrl
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.http_stream import HttpStream, get

EVERY_S = 0.1
LARGEST_PICTURE_BYTES = 16 << 20
MICROSECONDS = Fraction(1, US_PER_S)


class StillDriver:
    """The driver: one object, no state."""

    schemes = frozenset({"http", "https"})

    def open(self, url: CameraUrl, options: SourceOptions, clock: Clock) -> MediaSource:
        """Takes the first picture, so that a wrong address or password is told at once."""
        first = take_picture(url, options, clock)
        return StillSource(url, options, clock, first)


class StillSource:
    """One camera; `packets` runs in one thread, `close` may come from any other."""

    def __init__(self, url: CameraUrl, options: SourceOptions, clock: Clock, first: bytes) -> None:
        self._url = url
        # A camera that stops answering is stalled after the stall limit, not after the limit for connecting.
        self._options = replace(options, connect_timeout_s=options.stall_timeout_s)
        self._clock = clock
        self._first = first
        self._closed = threading.Event()

    @property
    def lost(self) -> int:
        """A picture that was asked for either comes or fails."""
        return 0

    def packets(self) -> Iterator[StreamFormat | Packet]:
        size: tuple[int, int] | None = None
        last = -1
        data = self._first
        while not self._closed.is_set():
            arrival = self._clock.wall_us()
            if jpeg_size(data) != size:
                size = jpeg_size(data)
                yield StreamFormat(VideoFormat(Codec.MJPEG, *size))
            last = max(last + 1, int(arrival))
            yield Packet(data, last, last, MICROSECONDS, True, Track.VIDEO, arrival)
            if self._clock.wait(self._closed, EVERY_S):
                return
            try:
                data = take_picture(self._url, self._options, self._clock, self._closed)
            except WachtelError:
                if self._closed.is_set():
                    return
                raise

    def close(self) -> None:
        self._closed.set()


def take_picture(
    url: CameraUrl, options: SourceOptions, clock: Clock, stop: threading.Event | None = None
) -> bytes:
    """One JPEG. Raises `WachtelError` as `wachtel.sources.http_stream.get` does, stalled, and bad_data."""
    deadline = clock.monotonic_s() + options.connect_timeout_s
    stream = get(url, options, clock)
    length = announced_length(stream)
    data = bytearray()
    try:
        while len(data) < length and (piece := stream.read()) is not None:
            data += piece
            if clock.monotonic_s() > deadline or (stop is not None and stop.is_set()):
                raise WachtelError(
                    ErrorKind.STALLED,
                    f"{url.host} does not finish its picture.",
                    hint="Look whether the address shows a picture in a browser.",
                )
    finally:
        stream.close()
    jpeg_size(bytes(data))
    return bytes(data)


def announced_length(stream: HttpStream) -> int:
    """How many bytes will come at most: not every camera says so, and not every one ends the connection."""
    said = stream.headers.get("Content-Length") or ""
    return (
        min(int(said), LARGEST_PICTURE_BYTES)
        if said.isdecimal() and len(said) < 19
        else LARGEST_PICTURE_BYTES
    )


driver = StillDriver()
"""What the entry point names."""
