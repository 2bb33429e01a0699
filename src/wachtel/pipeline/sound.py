"""Sound that MP4 cannot hold becomes sound that it can: G.711 is encoded as AAC, in the stream's own thread.

Nothing of what a camera sends reaches native code here: samples are looked up in a table, and only these are given
to the encoder. Whatever goes wrong costs the sound and never the pictures.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from wachtel.base.units import WallUs
from wachtel.media.audio import storable
from wachtel.media.g711 import is_g711, linear
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat, Track

log = logging.getLogger(__name__)

RATE = 16_000
"""Twice the rate of G.711: at 8000 a packet of AAC would last 128 ms, and live pictures would wait for it."""

BITS_PER_S = 32_000
_TIME_BASE = Fraction(1, RATE)
_LAYOUTS = {1: "mono", 2: "stereo"}


class AacEncoder:
    """Turns packets of G.711 into packets of AAC.

    Raises `av.FFmpegError` where FFmpeg cannot, and `KeyError` for more than two channels.
    """

    def __init__(self, source: AudioFormat) -> None:
        self._codec = source.codec
        self._channels = source.channels
        self._rate = source.sample_rate
        self._layout = _LAYOUTS[source.channels]
        self._encoder = AudioCodecContext.create("aac", "w")
        self._encoder.sample_rate = RATE
        self._encoder.layout = self._layout
        self._encoder.format = "fltp"
        self._encoder.bit_rate = BITS_PER_S * source.channels
        self._encoder.time_base = _TIME_BASE
        self._encoder.options = {"aac_coder": "fast"}
        self._encoder.open()
        self._resampler = AudioResampler("fltp", self._layout, RATE, self._encoder.frame_size)
        self._time_base = Fraction(1, self._rate)
        self._taken = 0
        self.format = AudioFormat(Codec.AAC, RATE, source.channels, bytes(self._encoder.extradata or b""))

    def encode(self, packet: Packet) -> list[Packet]:
        """The packets this one completes; their times follow its own, even over gaps."""
        base = packet.time_base
        stamp = packet.pts * base.numerator * RATE // base.denominator
        ahead = stamp - self._taken * RATE // self._rate
        count = len(packet.data) // self._channels
        if not count:
            return []
        frame = self._frame(packet.data[: count * self._channels])
        self._taken += count
        return [
            _packet(encoded, ahead, packet.arrival)
            for ready in self._resampler.resample(frame)
            for encoded in self._encoder.encode(ready)
        ]

    def _frame(self, data: bytes) -> AudioFrame:
        samples = np.frombuffer(linear(self._codec, data), np.int16)
        frame = AudioFrame.from_ndarray(samples[None, :], "s16", self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._taken, self._time_base
        return frame


def _packet(encoded: "av.Packet[av.AudioStream]", ahead: int, arrival: WallUs) -> Packet:
    pts = (encoded.pts or 0) + ahead
    return Packet(bytes(encoded), pts, pts, _TIME_BASE, True, Track.AUDIO, arrival)


class StoredSound:
    """Between a source and what records and shows it; one for each session."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._given: AudioFormat | None = None
        self._encoder: AacEncoder | None = None
        self._dropped = False

    def through(self, items: Iterator[StreamFormat | Packet]) -> Iterator[StreamFormat | Packet]:
        """The same with sound that can be stored, or without sound."""
        for item in items:
            if isinstance(item, StreamFormat):
                yield self._format(item)
            elif item.track is Track.VIDEO or (self._encoder is None and not self._dropped):
                yield item
            else:
                yield from self._sound(item)

    def _format(self, format: StreamFormat) -> StreamFormat:
        given = format.audio
        if given != self._given:
            self._given, self._encoder = given, None
            self._dropped = given is not None and not storable(given)
            if given is not None and is_g711(given.codec):
                self._begin(given)
        if self._dropped:
            return replace(format, audio=None)
        return replace(format, audio=self._encoder.format) if self._encoder else format

    def _begin(self, given: AudioFormat) -> None:
        try:
            self._encoder, self._dropped = AacEncoder(given), False
        except (av.FFmpegError, KeyError, ValueError) as error:
            log.warning("stream %s goes on without its sound: %r", self._name, error)

    def _sound(self, packet: Packet) -> list[Packet]:
        if self._encoder is None:
            return []
        try:
            return self._encoder.encode(packet)
        except (av.FFmpegError, ValueError) as error:
            log.warning("stream %s goes on without its sound: %r", self._name, error)
            self._encoder, self._dropped = None, True
            return []
