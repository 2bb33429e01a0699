"""Encodes G.711 as AAC.

Nothing of what a camera sends reaches native code here: samples are looked up in a table, and only these are given
to the encoder.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from wachtel.base.units import WallUs
from wachtel.media.g711 import linear
from wachtel.model.stream import AudioFormat, Codec, Packet, Track

RATE = 16_000
"""Twice the rate of G.711: at 8000 a packet of AAC would last 128 ms, and live pictures would wait for it."""

BITS_PER_S = 32_000
_TIME_BASE = Fraction(1, RATE)
_LAYOUTS = {1: "mono", 2: "stereo"}


class AacEncoder:
    """Turns packets of G.711 into packets of AAC. Raises `ValueError` where FFmpeg cannot, or there are more than two
    channels.
    """

    def __init__(self, source: AudioFormat) -> None:
        if source.channels not in _LAYOUTS:
            raise ValueError(f"{source.channels} channels")
        self._codec = source.codec
        self._channels = source.channels
        self._rate = source.sample_rate
        self._layout = _LAYOUTS[source.channels]
        self._time_base = Fraction(1, self._rate)
        self._taken = 0
        with _ffmpeg():
            self._open()
        self.format = AudioFormat(Codec.AAC, RATE, source.channels, bytes(self._encoder.extradata or b""))

    def _open(self) -> None:
        self._encoder = AudioCodecContext.create("aac", "w")
        self._encoder.sample_rate = RATE
        self._encoder.layout = self._layout
        self._encoder.format = "fltp"
        self._encoder.bit_rate = BITS_PER_S * self._channels
        self._encoder.time_base = _TIME_BASE
        self._encoder.options = {"aac_coder": "fast"}
        self._encoder.open()
        self._resampler = AudioResampler("fltp", self._layout, RATE, self._encoder.frame_size)

    def encode(self, packet: Packet) -> list[Packet]:
        """The packets this one completes; their times follow its own, even over gaps."""
        base = packet.time_base
        stamp = packet.pts * base.numerator * RATE // base.denominator
        ahead = stamp - self._taken * RATE // self._rate
        count = len(packet.data) // self._channels
        if not count:
            return []
        with _ffmpeg():
            return [_packet(out, ahead, packet.arrival) for out in self._through(packet.data, count)]

    def _through(self, data: bytes, count: int) -> "list[av.Packet[av.AudioStream]]":
        frame = self._frame(data[: count * self._channels])
        self._taken += count
        return [out for ready in self._resampler.resample(frame) for out in self._encoder.encode(ready)]

    def _frame(self, data: bytes) -> AudioFrame:
        samples = linear(self._codec, data)
        frame = AudioFrame("s16", self._layout, len(data) // self._channels)
        frame.planes[0].update(samples)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._taken, self._time_base
        return frame


def _packet(encoded: "av.Packet[av.AudioStream]", ahead: int, arrival: WallUs) -> Packet:
    pts = (encoded.pts or 0) + ahead
    return Packet(bytes(encoded), pts, pts, _TIME_BASE, True, Track.AUDIO, arrival)


@contextmanager
def _ffmpeg() -> Iterator[None]:
    """Whoever calls this module need not load FFmpeg to know its errors."""
    try:
        yield
    except av.FFmpegError as error:
        raise ValueError(repr(error)) from error
