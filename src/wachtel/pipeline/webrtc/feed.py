"""One stream on its way to browsers: packets of a tap with their place in time, and the group they can begin with."""

import logging
from dataclasses import dataclass
from typing import Protocol

from wachtel.base.errors import WachtelError
from wachtel.media.lasting_ticks import LastingTicks
from wachtel.media.timestamps import Timeline
from wachtel.media.video import to_annexb
from wachtel.model.stream import StreamFormat, Track
from wachtel.pipeline.messages import FromTap, TapFormat, TapLoss, TapPacket, packet_of
from wachtel.pipeline.newest_group import NewestGroup

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """A picture as Annex B (ITU-T H.264), or a packet of sound.

    ``ticks`` count 1/90000 s over all sessions, the same for pictures and sound of the same moment.
    """

    data: bytes
    ticks: int
    key: bool
    track: Track


class Listener(Protocol):
    """A viewer; its methods neither wait nor raise."""

    def take(self, piece: Piece) -> None:
        """The next piece."""
        ...

    def end(self) -> None:
        """What was agreed no longer fits the stream."""
        ...


class Feed:
    """Not thread-safe. ``format`` is None until the camera has sent something."""

    def __init__(self) -> None:
        self.format: StreamFormat | None = None
        self.reordered = False
        """True once pictures came in another order than they are shown, which WebRTC cannot carry."""
        self._gop: NewestGroup[Piece] = NewestGroup()
        self._listeners: list[Listener] = []
        self._timeline = Timeline()
        self._ticks = LastingTicks()

    @property
    def gop(self) -> list[Piece]:
        """Pictures since the last key frame."""
        return self._gop.items

    def join(self, listener: Listener) -> None:
        """From now on; `gop` is what came before."""
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """A viewer is gone."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def end(self) -> None:
        """Sends everybody away."""
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener.end()

    def take(self, message: FromTap) -> None:
        """The next message of the tap."""
        match message:
            case TapFormat():
                self._begin(message.format)
            case TapPacket():
                self._packet(message)
            case TapLoss():
                self._gop.forget()

    def _begin(self, format: StreamFormat) -> None:
        """A session of the camera begins; viewers stay unless the codecs are others now."""
        old, self.format = self.format, format
        if old is not None and (old.video.codec, old.audio) != (format.video.codec, format.audio):
            self.end()
        self._timeline = Timeline()
        self._ticks.begin_session()
        self._gop.forget()

    def _packet(self, message: TapPacket) -> None:
        if self.format is None:
            return
        placed = self._timeline.place(packet_of(message))
        if placed.composition and message.track is Track.VIDEO and not self.reordered:
            self.reordered = True
            self.end()
        ticks = self._ticks.of(placed)
        try:
            data = self._picture(message) if message.track is Track.VIDEO else message.data
        except WachtelError as error:
            log.debug("a picture was left out: %s", error)
            return
        key = message.key and message.track is Track.VIDEO
        piece = Piece(data, ticks, key, message.track)
        if message.track is Track.VIDEO:
            self._gop.add(piece, len(data), key=key)
        for listener in tuple(self._listeners):
            listener.take(piece)

    def _picture(self, message: TapPacket) -> bytes:
        """Start codes instead of lengths, and before a key frame what a decoder must know (RFC 6184 section 8.4)."""
        assert self.format is not None
        return to_annexb(self.format.video, message.data, with_parameter_sets=message.key)
