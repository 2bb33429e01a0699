"""One stream recorded into a real archive folder, with time held in the hand: pictures come when the script says."""

import threading
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.fmp4_read import Bytes, Fragment, read_fragments, read_head
from wachtel.media.journal import GapLine, Journalled, SegmentLine
from wachtel.model.camera import StreamState
from wachtel.model.footage import GapReason
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat, StreamName, Track, VideoFormat
from wachtel.pipeline.event_gate import EventGate
from wachtel.pipeline.recorder import Place, Recorder
from wachtel.pipeline.stream_thread import StreamThread
from wachtel.pipeline.tap import StreamFan
from wachtel.storage.files import Flusher, JournalWriter, Volume
from wachtel.storage.files.volume import prepare
from wachtel.testing.clock import FakeClock

START = WallUs(1_795_000_000 * US_PER_S)
FPS = 10
GOP = 20
FORMAT = StreamFormat(
    VideoFormat(
        Codec.H264,
        96,
        64,
        (bytes.fromhex("6742c00ada189a1000000300100000030320f1226a"), bytes.fromhex("68ce0fc8")),
    )
)
RATE, PIECE = 8000, 1024
WITH_SOUND = StreamFormat(FORMAT.video, AudioFormat(Codec.AAC, RATE, 1, b"\x15\x88"))

Step = int | float | WachtelError | StreamFormat | Callable[[], None]
"""A script: so many pictures (int), the wall clock set by so many seconds (float), an end, another format, any act."""


class ScriptedSource:
    """A `MediaSource` whose pictures take their time on the fake clock."""

    def __init__(
        self, clock: FakeClock, steps: Sequence[Step], format: StreamFormat, sound_lag_s: float
    ) -> None:
        self._clock = clock
        self._sound_lag_s = sound_lag_s
        self._pieces = 0
        self._steps = steps
        self._format = format
        self._sent = 0

    @property
    def lost(self) -> int:
        """Nothing is lost here."""
        return 0

    def packets(self) -> Iterator[StreamFormat | Packet]:
        yield self._format
        for step in self._steps:
            match step:
                case int():
                    for _ in range(step):
                        yield self._picture()
                        yield from self._sound()
                case float():
                    self._clock.jump_wall(step)
                case WachtelError():
                    raise step
                case StreamFormat():
                    yield step
                case _:
                    step()
        raise WachtelError(ErrorKind.STREAM_ENDED, "The script is over.")

    def _picture(self) -> Packet:
        self._clock.advance(1 / FPS)
        number, self._sent = self._sent, self._sent + 1
        nal = (b"\x65" if number % GOP == 0 else b"\x41") + number.to_bytes(4, "big") * 5
        data = len(nal).to_bytes(4, "big") + nal
        return Packet(
            data, number, number, Fraction(1, FPS), number % GOP == 0, Track.VIDEO, self._clock.wall_us()
        )

    def _sound(self) -> Iterator[Packet]:
        """A piece for every 0.128 s, which comes late."""
        while (
            self._format.audio and (self._pieces + 1) * PIECE / RATE + self._sound_lag_s <= self._sent / FPS
        ):
            number, self._pieces = self._pieces, self._pieces + 1
            data, stamp = number.to_bytes(4, "big"), number * PIECE
            yield Packet(data, stamp, stamp, Fraction(1, RATE), True, Track.AUDIO, self._clock.wall_us())

    def close(self) -> None:
        """Nothing to close."""


class RecordingRig:
    """``sessions`` are played one after the other; a number of seconds between two lets time pass."""

    def __init__(self, root: Path, pre_roll_s: float | None = None, *, events: bool = False) -> None:
        self.clock = FakeClock(START)
        self.lines: list[Journalled] = []
        self.opened: list[str] = []
        self.troubles: list[WachtelError] = []
        self.states: list[StreamState] = []
        self._root = root
        for name in ("archive", "keys"):
            (root / name).mkdir(exist_ok=True)
        prepare(root / "archive", root / "keys", START)
        self.volume = Volume.open(root / "archive", root / "keys")
        self.flusher = Flusher(self.clock)
        self.journal = JournalWriter.open(self.volume, "home", "door", self.clock, self.lines.append)
        recorder = Recorder(
            Place(self.volume, self.flusher, self.journal, "home", "door", StreamName.MAIN),
            self.clock,
            accounted_until=START,
            reason=GapReason.RESTART,
            pause_reason=GapReason.SCHEDULE if events else None,
            on_opened=lambda path, start: self.opened.append(path),
            on_trouble=self.troubles.append,
        )
        self.gate = EventGate(recorder, self.clock, pre_roll_s) if events else recorder
        self.fan = StreamFan("door", StreamName.MAIN)

    @property
    def root(self) -> Path:
        """The folder that holds archive and keys."""
        return self._root

    def play(
        self, *sessions: Sequence[Step], format: StreamFormat = FORMAT, sound_lag_s: float = 0.0
    ) -> None:
        """Lets a stream's thread live through the sessions, and stops it in good order."""
        waiting = list(sessions)
        over = threading.Event()

        def open_source() -> ScriptedSource:
            if not waiting:
                over.set()
                raise WachtelError(ErrorKind.UNREACHABLE, "The script is over.")
            return ScriptedSource(self.clock, waiting.pop(0), format, sound_lag_s)

        thread = StreamThread("door/main", open_source, self.fan, self.gate, self.states.append, self.clock)
        thread.start()
        while not over.wait(0.002):
            self.clock.advance(0.1 if self.clock.sleepers else 0.0)
        thread.ask_to_stop()
        assert thread.join(10.0)
        self.flusher.run_once()

    def segments(self) -> list[SegmentLine]:
        """The files journalled, in the order of their ends."""
        return [line for line in (one.line for one in self.lines) if isinstance(line, SegmentLine)]

    def gaps(self) -> list[GapLine]:
        """The gaps journalled."""
        return [line for line in (one.line for one in self.lines) if isinstance(line, GapLine)]

    def fragments(self, segment: SegmentLine) -> list[Fragment]:
        """What a reader finds in a file."""
        source = Bytes((self._root / "archive" / segment.file).read_bytes())
        return list(read_fragments(source, read_head(source)))

    def pieces(self, segment: SegmentLine) -> list[tuple[int, float]]:
        """Number and time in seconds of the pieces of sound that begin a run in a file."""
        source = Bytes((self._root / "archive" / segment.file).read_bytes())
        head, found = read_head(source), []
        for fragment in read_fragments(source, head):
            for track in fragment.tracks:
                if track.track == head.audio_track:
                    begin = fragment.payload_offset + 8 + fragment.video_bytes
                    size = fragment.payload_bytes - 8 - fragment.video_bytes
                    pieces = source.read_at(begin, size)
                    found += [
                        (int.from_bytes(pieces[at : at + 4], "big"), (track.decode + at * PIECE // 4) / RATE)
                        for at in range(0, size, 4)
                    ]
        return found

    def pictures(self) -> int:
        """All pictures in all files."""
        return sum(len(self.fragments(segment)) for segment in self.segments())

    def close(self) -> None:
        """Gives the journal back."""
        self.journal.close()
