"""Sound as browsers take it by WebRTC: Opus and G.711 pass; AAC becomes Opus, once for all who listen."""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler

from wachtel.model.stream import AudioFormat, Codec
from wachtel.pipeline.webrtc.feed import Piece

OPUS_SAMPLES_PER_S = 48_000
_OPUS_FRAME = 960
_BITS_PER_S = 48_000
_G711_PIECE = 160
_G711 = {Codec.PCMU: "audio/PCMU", Codec.PCMA: "audio/PCMA"}


def carried_as(sound: AudioFormat | None) -> str | None:
    """The media type under which a camera's sound goes out, None for what cannot."""
    if sound is None:
        return None
    if sound.codec in _G711:
        return _G711[sound.codec] if (sound.sample_rate, sound.channels) == (8000, 1) else None
    if sound.codec is Codec.AAC:
        return "audio/opus" if sound.config and sound.channels <= 2 else None
    return "audio/opus" if sound.codec is Codec.OPUS else None


class OutgoingSound:
    """One camera's sound on its way out: pieces with samples of the outgoing clock, 48000 or 8000 a second."""

    def __init__(self, source: AudioFormat) -> None:
        self.rate = 8000 if source.codec in _G711 else OPUS_SAMPLES_PER_S
        self._source = source
        self._encoder = _OpusOfAac(source) if source.codec is Codec.AAC else None

    def pieces(self, piece: Piece) -> Iterator[tuple[bytes, int]]:
        """Payloads and their time stamps. Raises `av.FFmpegError` where FFmpeg cannot."""
        if self._encoder is not None:
            yield from self._encoder.encode(piece)
        elif self._source.codec in _G711:
            for at in range(0, len(piece.data), _G711_PIECE):
                yield piece.data[at : at + _G711_PIECE], piece.samples + at
        else:
            yield piece.data, piece.samples * self.rate // self._source.sample_rate


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
        self._rate = source.sample_rate
        self._next: int | None = None

    def encode(self, piece: Piece) -> Iterator[tuple[bytes, int]]:
        at = piece.samples * OPUS_SAMPLES_PER_S // self._rate
        for frame in self._decoder.decode(av.Packet(piece.data)):
            frame.pts = None
            for part in self._resampler.resample(frame):
                part.pts = None
                for packet in self._encoder.encode(part):
                    yield bytes(packet), self._stamp(at)

    def _stamp(self, at: int) -> int:
        """Even steps of 20 ms, until they stray from the camera's clock by 100 ms."""
        if self._next is None or abs(self._next - at) > OPUS_SAMPLES_PER_S // 10:
            self._next = at
        stamp, self._next = self._next, self._next + _OPUS_FRAME
        return stamp
