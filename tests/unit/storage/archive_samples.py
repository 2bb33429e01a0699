"""A camera that records without a network: tiny H.264 segments, journals and events."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.fmp4 import Muxer, SegmentIdentity
from wachtel.media.journal import Closed, Entry, Journalled, SegmentLine, StartLine
from wachtel.media.journal_values import event_line, signal_line, split_gap
from wachtel.media.timestamps import Timeline
from wachtel.model.event import Event, EventKind, Why
from wachtel.model.footage import GapReason
from wachtel.model.stream import Codec, Packet, StreamFormat, StreamName, Track, VideoFormat
from wachtel.storage.files import Closing, Flusher, JournalWriter, SegmentFile, Volume
from wachtel.storage.files.disk import Disk
from wachtel.storage.files.removal import remove_listed
from wachtel.storage.files.volume import prepare
from wachtel.testing.clock import FakeClock

START = WallUs(1_795_000_000_000_000)
_PARAMETER_SETS = (bytes.fromhex("6742c00ada189a1000000300100000030320f1226a"), bytes.fromhex("68ce0fc8"))
FORMAT = StreamFormat(VideoFormat(Codec.H264, 96, 64, _PARAMETER_SETS))
FPS = 5


def volume_in(root: Path, disk: Disk | None = None) -> Volume:
    """A volume of its own under ``root``."""
    for name in ("archive", "keys"):
        (root / name).mkdir(exist_ok=True)
    prepare(root / "archive", root / "keys", START)
    return Volume.open(root / "archive", root / "keys", disk)


def picture(number: int, *, key: bool) -> Packet:
    """A packet with one NAL unit whose content is not H.264, which no test decodes."""
    nal = (b"\x65" if key else b"\x41") + number.to_bytes(4, "big") * 10
    at = WallUs(START + number * US_PER_S // FPS)
    data = len(nal).to_bytes(4, "big") + nal
    return Packet(data, number * 18000, number * 18000, Fraction(1, 90_000), key, Track.VIDEO, at)


@dataclass
class Camera:
    """Records into a volume with one stream; everything happens in the caller's thread."""

    volume: Volume
    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    site: str = "home"
    name: str = "door"
    lines: list[Journalled] = field(default_factory=list)
    abandoned: list[tuple[str, WachtelError]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.flusher = Flusher(self.clock)
        self.journal = self.open_journal()

    def open_journal(self, on_line: Callable[[Journalled], None] | None = None) -> JournalWriter:
        return JournalWriter.open(self.volume, self.site, self.name, self.clock, on_line or self.lines.append)

    def restart(self) -> None:
        """As after a crash: everything that was only in memory is gone."""
        self.journal.close()
        self.flusher = Flusher(self.clock)
        self.journal = self.open_journal()

    def begin(self, first: int = 0, pictures: int = 10, stream: StreamName = StreamName.MAIN) -> "Recording":
        """A segment that is not yet finished; picture ``first`` is its first and a key frame."""
        start = WallUs(START + first * US_PER_S // FPS)
        identity = SegmentIdentity(self.volume.id, self.site, self.name, stream, "run", first, start)
        muxer = Muxer(FORMAT, identity)
        file = SegmentFile.create(self.volume, self.site, self.name, stream, start, muxer.head())
        self.flusher.add(file, self.journal, lambda file, error: self.abandoned.append((file.path, error)))
        recording = Recording(file, muxer, [])
        self.add_pictures(recording, first, pictures)
        return recording

    def add_pictures(self, recording: "Recording", first: int, pictures: int) -> None:
        """Appends to a segment that is not yet finished; call it once only."""
        timeline = Timeline()
        for number in range(pictures):
            fragment = recording.muxer.add(timeline.place(picture(first + number, key=number % 5 == 0)))
            recording.fragments.append(fragment)
            recording.file.append(fragment)

    def record_at(self, start: WallUs, pictures: int = 50) -> str:
        """A finished segment of its own time; returns its path."""
        identity = SegmentIdentity(self.volume.id, self.site, self.name, StreamName.MAIN, "run", 0, start)
        muxer = Muxer(FORMAT, identity)
        file = SegmentFile.create(self.volume, self.site, self.name, StreamName.MAIN, start, muxer.head())
        self.flusher.add(file, self.journal, lambda file, error: self.abandoned.append((file.path, error)))
        timeline = Timeline()
        for number in range(pictures):
            one = replace(
                picture(number, key=number % 5 == 0), arrival=WallUs(start + number * US_PER_S // FPS)
            )
            file.append(muxer.add(timeline.place(one)))
        self.finish(Recording(file, muxer, []))
        return file.path

    def finish(self, recording: "Recording", closed: Closed = Closed.ROTATE) -> None:
        """Hands the segment to the flusher and lets it work."""
        muxer = recording.muxer
        with suppress(WachtelError):
            recording.file.append(muxer.tail())
        self.flusher.finish(recording.file, self.closing(recording, closed))
        self.flusher.run_once()

    def closing(self, recording: "Recording", closed: Closed = Closed.ROTATE) -> Closing:
        """What the recorder says of it."""
        muxer = recording.muxer
        return Closing(muxer.start, muxer.end, muxer.frames, muxer.key_frames, "run", closed)

    def record(self, first: int = 0, pictures: int = 10, stream: StreamName = StreamName.MAIN) -> str:
        """A finished segment; returns its path."""
        recording = self.begin(first, pictures, stream)
        self.finish(recording)
        return recording.file.path

    def write(self, entry: Entry) -> None:
        """A line by way of the flusher."""
        self.flusher.write(self.journal, entry)
        self.flusher.run_once()


@dataclass
class Recording:
    """A segment in the making."""

    file: SegmentFile
    muxer: Muxer
    fragments: list[bytes]


def fill(camera: Camera) -> None:
    """Two days of this and that: segments of both streams, gaps, events, a deletion, a day's end."""
    camera.write(StartLine(run="run"))
    for number in range(6):
        camera.record(number * 300)
        camera.clock.advance(60)
    camera.record(0, stream=StreamName.SUB)
    since, until = WallUs(START + 700 * US_PER_S), WallUs(START + 5000 * US_PER_S)
    for line in split_gap(since, until, GapReason.CAMERA_OFFLINE):
        camera.write(line)
    for number in range(5):
        camera.write(signal_line(event(number, length_s=None)))
        camera.write(event_line(event(number)))
    camera.clock.advance(86_400)
    later = camera.record(86_400 * FPS)
    first = next(line.line for line in camera.lines if isinstance(line.line, SegmentLine))
    remove_listed(camera.volume, camera.journal, [first.file], "space")
    camera.write(signal_line(event(9, length_s=None)))
    assert later.split("/")[3] == "2026-11-19"


def event(
    number: int = 0, *, start: int = START, length_s: float | None = 5.0, camera: str = "door"
) -> Event:
    """An event of the camera above."""
    begin = WallUs(start + number * 60 * US_PER_S)
    end = None if length_s is None else WallUs(begin + round(length_s * US_PER_S))
    moment = f"20261118T{number:06d}000Z-{camera}"
    return Event(
        id=moment,
        site="home",
        camera=camera,
        kind=EventKind.MOTION,
        start=begin,
        reported=WallUs(begin + 400_000),
        end=end,
        score=0.75,
        zones=("gate",),
        why=Why(0.3, 1.5, 0.02),
    )
