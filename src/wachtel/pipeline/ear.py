"""Listens to one camera in the analysis worker: decodes its sound, no picture, and measures how loud it is."""

import math
from collections.abc import Iterable

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from wachtel.base.units import WallUs
from wachtel.model.sound import SILENCE_DB, WINDOW_S, Loudness, SoundWish
from wachtel.model.stream import AudioFormat, Codec, StreamFormat, StreamName, Track
from wachtel.pipeline.messages import SoundHeard, TapPacket

_DECODERS = {Codec.AAC: "aac", Codec.OPUS: "libopus"}
_FULL_SCALE = {"s16": 32768.0, "s16p": 32768.0, "s32": 2147483648.0, "s32p": 2147483648.0}


class Ear:
    """State of one camera's sound."""

    def __init__(self, camera: str, stream: StreamName, wishes: Iterable[SoundWish]) -> None:
        self.camera = camera
        self.stream = stream
        self._levels = [Loudness(wish) for wish in wishes]
        self._format: AudioFormat | None = None
        self._decoder: AudioCodecContext | None = None
        self._rest = np.zeros(0, np.float32)

    def format(self, format: StreamFormat) -> None:
        """The packets that follow have this format."""
        if format.audio == self._format:
            return
        self._format, self._decoder = format.audio, None
        self._rest = np.zeros(0, np.float32)
        if format.audio is not None and format.audio.codec in _DECODERS:
            decoder = AudioCodecContext.create(_DECODERS[format.audio.codec], "r")
            assert isinstance(decoder, AudioCodecContext)
            if format.audio.codec is Codec.AAC:
                decoder.extradata = format.audio.config
            self._decoder = decoder

    def packet(self, packet: TapPacket) -> list[SoundHeard]:
        """What becomes loud or quiet with this packet. Damage is silence."""
        if packet.track is not Track.AUDIO or self._decoder is None:
            return []
        try:
            frames = self._decoder.decode(av.Packet(packet.data))
        except av.FFmpegError:
            return []
        heard: list[SoundHeard] = []
        for frame in frames:
            for db in self._windows(_powers(frame), frame.sample_rate):
                heard += self._hear(packet.at, db)
        return heard

    def _windows(self, powers: "np.ndarray[tuple[int], np.dtype[np.float32]]", rate: int) -> list[float]:
        size = max(1, round(rate * WINDOW_S))
        samples = np.concatenate((self._rest, powers))
        whole = len(samples) // size
        self._rest = samples[whole * size :]
        means = samples[: whole * size].reshape(whole, size).mean(axis=1)
        return [SILENCE_DB if mean <= 1e-12 else 10 * math.log10(mean) for mean in means.tolist()]

    def _hear(self, at: WallUs, db: float) -> list[SoundHeard]:
        edges = [(level.wish, level.hear(at, db)) for level in self._levels]
        return [SoundHeard(self.camera, wish, edge, at, db) for wish, edge in edges if edge is not None]

    def elapsed(self, now: WallUs) -> list[SoundHeard]:
        """Time went by without sound."""
        edges = [(level.wish, level.elapsed(now)) for level in self._levels]
        return [
            SoundHeard(self.camera, wish, edge, now, SILENCE_DB) for wish, edge in edges if edge is not None
        ]

    def stop(self) -> list[SoundHeard]:
        """Nobody listens from now on."""
        loud = [level.wish for level in self._levels if level.on]
        return [SoundHeard(self.camera, wish, False, WallUs(0), SILENCE_DB) for wish in loud]


def _powers(frame: av.AudioFrame) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """The square of each sample of full scale 1, the mean of all channels."""
    samples = frame.to_ndarray().astype(np.float32) / _FULL_SCALE.get(frame.format.name, 1.0)
    channels = max(1, frame.layout.nb_channels)
    if not frame.format.is_planar:
        samples = samples.reshape(-1, channels).T
    squares: np.ndarray[tuple[int], np.dtype[np.float32]] = (samples**2).mean(axis=0)
    return squares
