"""Sound as browsers take it by WebRTC: Opus passes; AAC becomes Opus, once for all who listen.

Telephone sound (G.711) is AAC already when it comes here.
"""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler

from wachtel.model.stream import VIDEO_TICKS_PER_S, AudioFormat, Codec
from wachtel.pipeline.webrtc.feed import Piece

OPUS_SAMPLES_PER_S = 48_000
_OPUS_FRAME = 960
_BITS_PER_S = 48_000
_TOLERANCE = OPUS_SAMPLES_PER_S // 10
"""Pieces of AAC and of Opus are of different lengths; this much apart is no fault."""


def carried_as(sound: AudioFormat | None) -> str | None:
    """The media type under which a camera's sound goes out, None for what cannot."""
    if sound is None:
        return None
    if sound.codec is Codec.AAC:
        return "audio/opus" if sound.config and sound.channels <= 2 else None
    return "audio/opus" if sound.codec is Codec.OPUS else None


class OutgoingSound:
    """One camera's sound on its way out: pieces with stamps of 1/48000 s."""

    def __init__(self, source: AudioFormat) -> None:
        self._encoder = _OpusOfAac(source) if source.codec is Codec.AAC else None

    def pieces(self, piece: Piece) -> Iterator[tuple[bytes, int]]:
        """Payloads and their time stamps. Raises `av.FFmpegError` where FFmpeg cannot."""
        if self._encoder is not None:
            yield from self._encoder.encode(piece)
        else:
            yield piece.data, _stamp(piece)


class _OpusOfAac:
    def __init__(self, source: AudioFormat) -> None:
        self._decoder = AudioCodecContext.create("aac", "r")
        self._decoder.extradata = source.config
        self._encoder = AudioCodecContext.create("libopus", "w")
        self._encoder.bit_rate = _BITS_PER_S
        self._encoder.format = "s16"
        self._encoder.layout = "stereo"
        self._encoder.sample_rate = OPUS_SAMPLES_PER_S
        self._encoder.time_base = Fraction(1, OPUS_SAMPLES_PER_S)
        self._resampler = AudioResampler("s16", "stereo", OPUS_SAMPLES_PER_S, _OPUS_FRAME)
        self._next: int | None = None

    def encode(self, piece: Piece) -> Iterator[tuple[bytes, int]]:
        for frame in self._decoder.decode(av.Packet(piece.data)):
            frame.pts = None
            for part in self._resampler.resample(frame):
                part.pts = None
                for packet in self._encoder.encode(part):
                    yield bytes(packet), self._even(_stamp(piece))

    def _even(self, due: int) -> int:
        """Steps of 20 ms, until they stray from the time of what came in."""
        if self._next is None or abs(self._next - due) > _TOLERANCE:
            self._next = due
        stamp, self._next = self._next, self._next + _OPUS_FRAME
        return stamp


def _stamp(piece: Piece) -> int:
    """The piece's own time, which goes on over a camera's sessions; its stamps do not."""
    return piece.ticks * OPUS_SAMPLES_PER_S // VIDEO_TICKS_PER_S
