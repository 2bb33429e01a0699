"""A transcode worker process: one stream from its tap, made H.264, to main. What goes wrong here costs no recording."""

import logging
import selectors
import socket
import time
from fractions import Fraction

import av

from wachtel.base.clock import SystemClock
from wachtel.base.errors import WachtelError
from wachtel.base.heap import keep_pictures
from wachtel.base.units import WallUs, seconds
from wachtel.base.wire import Channel, pack
from wachtel.model.stream import VIDEO_TICKS_PER_S, Codec, StreamName, Track
from wachtel.pipeline.messages import FromTap, PriceFound, Ready, TapFormat, TapLoss, TapPacket
from wachtel.pipeline.tap_client import TapClient
from wachtel.pipeline.transcode.encoder import FOR_ARCHIVE, FOR_VIEWERS, Encoded, Quality, Transcoder

log = logging.getLogger(__name__)

TICK_S = 0.25
PRICED_S = 2.0
LATEST_S = 3.0
"""Later than that the recorder has given up waiting (`converted_gate.MOST_BEHIND_S`), and the work would be in vain."""


class TranscodeWorker:
    """One thread: what it cannot keep up with the tap leaves out, and a key frame follows."""

    def __init__(
        self,
        control: socket.socket,
        camera: str,
        stream: StreamName,
        tap: str,
        quality: Quality = FOR_VIEWERS,
    ) -> None:
        self._control_socket = control
        self._control: Channel[Ready] = Channel(control, Ready)
        self._camera = camera
        self._stream = stream
        self._quality = quality
        self._tap = TapClient(tap)
        self._tap.want(camera, stream, "all")
        self._transcoder: Transcoder | None = None
        self._needs_key = True
        self._clock = SystemClock()

    def run(self) -> None:
        """Works until main closes the control socket."""
        self._control.send(Ready())
        selector = selectors.DefaultSelector()
        selector.register(self._control_socket, selectors.EVENT_READ, None)
        try:
            while True:
                connected = self._tap.connect()
                if connected is not None:
                    selector.register(connected, selectors.EVENT_READ, connected)
                for key, _ in selector.select(TICK_S):
                    if key.data is None:
                        self._control.receive()
                    else:
                        self._take_from_tap(selector, key.data)
        except (EOFError, OSError):
            log.debug("main is gone")

    def _take_from_tap(self, selector: selectors.BaseSelector, known: socket.socket) -> None:
        for message in self._tap.receive():
            self._take(message)
        if self._tap.socket is None:
            selector.unregister(known)

    def _take(self, message: FromTap) -> None:
        match message:
            case TapFormat():
                self._begin(message)
            case TapLoss():
                self._needs_key = True
            case TapPacket(track=Track.VIDEO):
                self._picture(message)

    def _begin(self, message: TapFormat) -> None:
        try:
            self._transcoder = Transcoder(message.format.video, self._quality)
        except WachtelError as error:
            log.warning("%s cannot be made H.264: %s", self._camera, error)
            self._transcoder = None
        self._needs_key = True

    def _picture(self, message: TapPacket) -> None:
        if self._transcoder is None or (self._needs_key and not message.key):
            return
        self._needs_key = False
        base = Fraction(1, message.ticks_per_s)
        try:
            made = self._transcoder.encode(message.data, message.pts, message.dts, base, message.at)
        except (av.FFmpegError, WachtelError) as error:
            log.warning("a picture of %s could not be made H.264: %s", self._camera, error)
            self._needs_key = True
            return
        for one in made:
            self._tell(one, cached=message.cached)

    def _give(self, message: TapFormat | TapPacket) -> None:
        self._control.send(message)

    def _tell(self, one: Encoded, *, cached: bool) -> None:
        if one.format is not None:
            self._give(TapFormat(self._camera, self._stream, one.format))
        self._give(
            TapPacket(
                self._camera,
                self._stream,
                one.data,
                one.pts,
                one.pts,
                VIDEO_TICKS_PER_S,
                one.key,
                Track.VIDEO,
                one.at,
                cached,
            )
        )


class RecordingWorker(TranscodeWorker):
    """Gives what it makes of Motion JPEG back to the media worker, which records it."""

    def _begin(self, message: TapFormat) -> None:
        if message.format.video.codec is Codec.MJPEG:
            super()._begin(message)
        else:
            self._transcoder = None

    def _picture(self, message: TapPacket) -> None:
        if seconds(self._clock.wall_us() - message.at) <= LATEST_S:
            super()._picture(message)

    def _give(self, message: TapFormat | TapPacket) -> None:
        self._tap.give(message)


def recording_worker(control: socket.socket, camera: str, stream: StreamName, tap: str) -> None:
    """Entry of the process that converts for the archive."""
    keep_pictures()
    RecordingWorker(control, camera, stream, tap, FOR_ARCHIVE).run()


class PricingWorker(RecordingWorker):
    """Makes as much as is recorded in `PRICED_S`, from one key frame to the next, and tells what it took."""

    _pictures = _sent_bytes = _made_bytes = 0
    _first_at: WallUs | None = None
    _cpu_s = 0.0
    _told = False

    def _picture(self, message: TapPacket) -> None:
        if message.cached or self._told or self._transcoder is None:
            return
        if self._first_at is None:
            self._first_at = message.at
        passed_s = seconds(message.at - self._first_at)
        if passed_s >= PRICED_S and self._pictures:
            self._told = True
            self._tell_price(passed_s)
            return
        began = time.process_time()
        super()._picture(message)
        self._cpu_s += time.process_time() - began
        self._pictures += 1
        self._sent_bytes += len(message.data)

    def _tell_price(self, passed_s: float) -> None:
        price = PriceFound(self._pictures, passed_s, self._cpu_s, self._sent_bytes, self._made_bytes)
        self._control_socket.sendall(pack(price))

    def _give(self, message: TapFormat | TapPacket) -> None:
        if isinstance(message, TapPacket):
            self._made_bytes += len(message.data)


def pricing_worker(control: socket.socket, camera: str, stream: StreamName, tap: str) -> None:
    """Entry of the process that finds out what converting costs."""
    keep_pictures()
    PricingWorker(control, camera, stream, tap, FOR_ARCHIVE).run()


def transcode_worker(control: socket.socket, camera: str, stream: StreamName, tap: str) -> None:
    """Entry of the process."""
    keep_pictures()
    TranscodeWorker(control, camera, stream, tap).run()
