"""Sound on its way into a fragment: it rides with the next picture, on the pictures' line of time."""

from collections.abc import Sequence
from dataclasses import dataclass

from wachtel.media import audio as audio_codecs
from wachtel.model.stream import VIDEO_TICKS_PER_S, AudioFormat

_TOLERANCE_S = 0.04
_JITTER_S = 0.005
_STEERING = 200
_MOST_WAITING = 500


@dataclass(frozen=True, slots=True)
class AudioRun:
    """Audio packets that ride in a fragment: ``decode`` and ``durations`` count in the track's timescale."""

    decode: int
    durations: Sequence[int]
    packets: Sequence[bytes]


class AudioQueue:
    """Audio waiting for the next picture, on the pictures' line of time.

    It goes on without a gap while its stamps agree to 5 ms; up to 40 ms are made good by lengthening or shortening
    packets by half a percent, more by a gap or by leaving a packet out.
    """

    def __init__(self, format: AudioFormat | None) -> None:
        assert format is not None
        self._format = format
        self._rate = audio_codecs.timescale(format)
        self._tolerance = round(_TOLERANCE_S * self._rate)
        self._jitter = round(_JITTER_S * self._rate)
        self._next: int | None = None
        self._decode = 0
        self._packets: list[bytes] = []
        self._durations: list[int] = []

    def put(self, data: bytes, ticks: int) -> None:
        """A packet that belongs to the moment at which a picture of decode time ``ticks`` belongs."""
        samples = audio_codecs.packet_samples(self._format, data)
        decode = self._place(ticks * self._rate // VIDEO_TICKS_PER_S, samples)
        if decode is None or not samples or len(self._packets) >= _MOST_WAITING:
            return
        if self._packets and self._next is not None:
            self._durations[-1] += decode - self._next
        else:
            self._decode = decode
        self._packets.append(data)
        self._durations.append(samples)
        self._next = decode + samples

    def _place(self, wanted: int, samples: int) -> int | None:
        """Where the packet goes; None for one that comes too early."""
        following = self._next
        if following is None:
            return max(wanted, 0) if wanted >= -self._jitter else None
        late = wanted - following
        if late < -self._tolerance:
            return None
        if late > self._tolerance:
            return wanted
        if abs(late) <= self._jitter:
            return following
        most = samples // _STEERING
        return following + max(-most, min(late, most))

    def begin_session(self) -> None:
        """Forgets what waits; what follows still never steps back."""
        self.take()

    def take(self) -> AudioRun | None:
        """The packets waiting, which are then forgotten; None if there are none."""
        if not self._packets:
            return None
        run = AudioRun(self._decode, self._durations, self._packets)
        self._packets, self._durations = [], []
        return run
