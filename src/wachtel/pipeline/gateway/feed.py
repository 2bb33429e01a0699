"""One stream on its way out: packets of a tap become RTP once, for all clients."""

import logging
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS, WallUs
from wachtel.media.lasting_ticks import LastingTicks
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import VIDEO_TICKS_PER_S, StreamFormat, Track
from wachtel.pipeline.gateway.conversation import Offer, Start
from wachtel.pipeline.gateway.tracks import NUMBERS, media_of, pieces_of
from wachtel.pipeline.messages import FromTap, TapFormat, TapLoss, TapPacket, packet_of
from wachtel.pipeline.newest_group import NewestGroup
from wachtel.protocols.rtp_send import RtpTrack
from wachtel.protocols.rtsp import interleaved_head
from wachtel.protocols.sdp import Media

log = logging.getLogger(__name__)

REPORT_EVERY_S = 5.0
_SOUND_STRAYS = 20
"""Sound keeps its own even steps until they stray from the common time by a 20th of a second."""


@dataclass(slots=True)
class Piece:
    """RTP packets that belong together, or a sender report. ``key`` says that a decoder can begin here."""

    track: int
    packets: list[bytes]
    size: int
    key: bool = False
    is_report: bool = False
    _framed: dict[int, bytes] = field(default_factory=dict)

    def interleaved(self, channel: int) -> bytes:
        """The bytes for a channel of an RTSP connection, made once for all clients that use it."""
        framed = self._framed.get(channel)
        if framed is None:
            framed = b"".join(
                [part for one in self.packets for part in (interleaved_head(channel, len(one)), one)]
            )
            self._framed[channel] = framed
        return framed


class Listener(Protocol):
    """A client of a feed; none of its methods waits or raises."""

    def take(self, piece: Piece) -> None:
        """The next piece."""
        ...

    def end(self) -> None:
        """There is no more."""
        ...


@dataclass(slots=True)
class _Outlet:
    media: Media
    rtp: RtpTrack
    now: tuple[WallUs, int] | None = None
    ahead: int | None = None


class Feed:
    """Not thread-safe. ``format`` is None until the camera has sent something."""

    def __init__(self, clock: Clock) -> None:
        self.format: StreamFormat | None = None
        self.listeners: list[Listener] = []
        self._clock = clock
        self._outlets: dict[Track, _Outlet] = {}
        self._timeline = Timeline()
        self._ticks = LastingTicks(secrets.randbits(30))
        self._gop: NewestGroup[Piece] = NewestGroup()
        self._starts: dict[int, Start] = {}
        self._next_report = MonoS(0.0)

    def offer(self) -> Offer:
        """What this stream has now."""
        media = {NUMBERS[track]: outlet.media for track, outlet in self._outlets.items()}
        return Offer(media, dict(self._starts))

    @property
    def gop_bytes(self) -> int:
        """How much a newcomer gets at once."""
        return self._gop.size

    def join(self, listener: Listener) -> None:
        """A client begins with reports, so that it knows the time, and the cached GOP."""
        for piece in (*self._reports(), *self._gop.items):
            listener.take(piece)
        self.listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """A client is gone."""
        if listener in self.listeners:
            self.listeners.remove(listener)

    def end(self) -> None:
        """Sends everybody away."""
        for listener in tuple(self.listeners):
            listener.end()
        self.listeners.clear()

    def take(self, message: FromTap) -> None:
        """The next message of the tap."""
        match message:
            case TapFormat():
                self._begin(message.format)
            case TapPacket():
                self._packet(message)
            case TapLoss():
                self._forget_gop()

    def _begin(self, format: StreamFormat) -> None:
        """A session of the camera begins. Who was told of other tracks has to ask again."""
        media = media_of(format)
        if _shape(self.format) != _shape(format):
            self.end()
            self._outlets = {
                track: _Outlet(one, RtpTrack(one.payload_type, secrets.randbits(32), secrets.randbits(15)))
                for track, one in media.items()
            }
        for track, one in media.items():
            self._outlets[track].media = one
            self._outlets[track].ahead = None
        self.format = format
        self._timeline = Timeline()
        self._ticks.begin_session()
        self._forget_gop()

    def _packet(self, message: TapPacket) -> None:
        outlet = self._outlets.get(message.track)
        if outlet is None or self.format is None:
            return
        placed = self._timeline.place(packet_of(message))
        try:
            cut = pieces_of(self.format, message.track, message.data, key=message.key)
        except WachtelError as error:
            log.debug("a packet was left out: %s", error)
            return
        ticks = self._ticks.of(placed)
        stamp = self._stamp(outlet, message, ticks, placed.composition)
        outlet.now = (placed.wall, _scaled(ticks, outlet.media.clock_rate))
        for after, payloads in cut:
            self._send(outlet, message, payloads, stamp + after)
        self._report_when_due()

    def _send(self, outlet: _Outlet, message: TapPacket, payloads: list[bytes], stamp: int) -> None:
        first = outlet.rtp.sequence
        packets = outlet.rtp.packets_of(payloads, stamp)
        key = message.key and message.track is Track.VIDEO
        number = NUMBERS[message.track]
        piece = Piece(number, packets, sum(map(len, packets)), key)
        self._gop.add(piece, piece.size, key=piece.key)
        if piece.key or not self._gop:
            self._starts.clear()
        if self._gop:
            self._starts.setdefault(number, Start(first, stamp & 0xFFFFFFFF))
        self._tell(piece)

    def _tell(self, piece: Piece) -> None:
        for listener in tuple(self.listeners):
            listener.take(piece)

    def _stamp(self, outlet: _Outlet, message: TapPacket, ticks: int, composition: int) -> int:
        rate = outlet.media.clock_rate
        if message.track is Track.VIDEO:
            return ticks + composition
        due = _scaled(ticks, rate)
        own = message.pts * rate // message.ticks_per_s
        if outlet.ahead is None or abs(own + outlet.ahead - due) > rate // _SOUND_STRAYS:
            outlet.ahead = due - own
        return own + outlet.ahead

    def _forget_gop(self) -> None:
        self._gop.forget()
        self._starts.clear()

    def _report_when_due(self) -> None:
        now = self._clock.monotonic_s()
        if now >= self._next_report:
            self._next_report = MonoS(now + REPORT_EVERY_S)
            for piece in self._reports():
                self._tell(piece)

    def _reports(self) -> list[Piece]:
        """Sender reports: which time stamp is which moment of the wall clock (RFC 3550 section 6.4.1)."""
        found = []
        for track, outlet in self._outlets.items():
            if outlet.now is not None:
                report = outlet.rtp.report(*outlet.now)
                found.append(Piece(NUMBERS[track], [report], len(report), is_report=True))
        return found


def _scaled(ticks: int, rate: int) -> int:
    return ticks * rate // VIDEO_TICKS_PER_S


def _shape(format: StreamFormat | None) -> object:
    """What a client was told and cannot learn from the stream itself."""
    return None if format is None else (format.video.codec, format.audio)
