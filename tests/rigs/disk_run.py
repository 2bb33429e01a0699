"""A camera recorded onto a simulated disk, picture by picture in one thread, while the disk makes trouble.

The run has whatever a real one has: several files, a midnight, a broken connection, an event with its picture, a hold,
a deletion for room. What a real recorder does about trouble it does here: the same recorder, flusher and journal.
"""

import errno
import hashlib
import logging
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count, pairwise

from archive_samples import FORMAT, Camera, event, picture
from stories import PLACE, volume_on

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.media.fmp4_read import Bytes, recover
from wachtel.media.journal import (
    DeletedLine,
    Entry,
    EventLine,
    GapLine,
    HoldLine,
    Journalled,
    SegmentLine,
    StartLine,
    StopLine,
    read_lines,
)
from wachtel.media.journal_chain import ChainHead, FaultKind, JournalIdentity, verify_day
from wachtel.media.journal_values import event_line, signal_line
from wachtel.media.timestamps import Timeline
from wachtel.model.camera import Camera as CameraSettings
from wachtel.model.footage import GapReason
from wachtel.model.stream import Packet, StreamName
from wachtel.pipeline import recorder as recorders
from wachtel.pipeline.recorder import Place, Recorder
from wachtel.storage.files import Flusher, JournalWriter
from wachtel.storage.files.disk import read_all
from wachtel.storage.files.reading import journals, segment_files
from wachtel.storage.files.recovery import recover_camera
from wachtel.storage.files.removal import remove_listed
from wachtel.storage.files.reserve import keep_reserve
from wachtel.storage.files.volume import valid_signature
from wachtel.testing.clock import FakeClock
from wachtel.testing.simulated_disk import SimulatedDisk

MIDNIGHT = WallUs(1_795_046_400 * US_PER_S)
DOOR = CameraSettings("door", "home", "Door", "rtsp://127.0.0.1:9/")


@dataclass(frozen=True, slots=True)
class Course:
    """How long a run is, and how fine. The day changes after a third of it."""

    pictures: int
    picture_s: float
    gop: int
    segment_s: float

    @property
    def start(self) -> WallUs:
        """When the first picture comes."""
        return WallUs(MIDNIGHT - microseconds(self.pictures * self.picture_s / 3))


COMPACT = Course(pictures=20, picture_s=2.0, gop=2, segment_s=10.0)
LONG = Course(pictures=1100, picture_s=0.2, gop=10, segment_s=60.0)


@dataclass(frozen=True, slots=True)
class Trouble:
    """The ``first`` operation and the next ``times`` ones end with this error; so do all for ``lasts_s`` from then on.

    ``FULL`` stands for a disk that is really full for so long: part of a write goes in, and deleting makes room.
    """

    code: int
    first: int
    times: int = 1
    lasts_s: float = 0.0

    @property
    def ends(self) -> bool:
        """False for trouble that lasts until the next start."""
        return math.isfinite(self.lasts_s)


FULL = -1
ROOM_LEFT = 7
OPENINGS = 8
TORN_HEAD_BYTES = 100


class DiskRun:
    """One life of a camera; `complaints` is what its owner may say about it afterwards."""

    def __init__(self, course: Course, trouble: Trouble | None) -> None:
        self.course = course
        self.disk = SimulatedDisk()
        self.clock = FakeClock(course.start - 7200 * US_PER_S)
        self.lines: list[Journalled] = []
        self.rows_without_file: list[str] = []
        self.operations = 0
        self.trouble_over: WallUs | None = None
        self._trouble = trouble
        self._troubled_since: float | None = None
        self._volume = volume_on(self.disk)
        self._held, self._old = self._past()
        self._held_bytes = read_all(self.disk, self._held)
        self._removed = False
        self._left = 0
        self._foreign: set[str] = set()
        self._ends = trouble is None or trouble.ends
        self._last_picture = course.start
        self._errors = _Unforeseen()

    def _past(self) -> tuple[str, str]:
        """Two hours ago a file was recorded that is held by now, and one that is not."""
        camera = Camera(self._volume, clock=self.clock)
        held, old = (camera.record_at(WallUs(self.clock.wall_us() + n * US_PER_S * 60), 10) for n in (0, 1))
        until = WallUs(self.clock.wall_us() + 30 * US_PER_S)
        camera.write(HoldLine(start=self.clock.wall_us(), end=until, on=True, event="old", why="evidence"))
        camera.write(StopLine())
        camera.journal.close()
        self.lines += camera.lines
        keep_reserve(self.disk)
        self.clock.advance((self.course.start - self.clock.wall_us()) / US_PER_S)
        return held, old

    def live(self) -> "DiskRun":
        """Runs from the first picture to the end of the restart after it."""
        with self._errors.watched(), _segments_of(self.course.segment_s):
            self.disk.fault = self._fault
            self._record()
            self.disk.fault = self.disk.room = None
            self._restart()
        return self

    def _fault(self, operation: str, path: str) -> OSError | None:
        self.operations += 1
        trouble = self._trouble
        if trouble is None or self.operations < trouble.first:
            return None
        if self._troubled_since is None:
            self._troubled_since = self.clock.monotonic_s()
            self.disk.room = ROOM_LEFT if trouble.code == FULL else None
        lasting = self.clock.monotonic_s() - self._troubled_since < trouble.lasts_s
        if not lasting and self.operations >= trouble.first + trouble.times:
            self.disk.room = None
            return None
        self.trouble_over = self.clock.wall_us()
        return None if trouble.code == FULL else OSError(trouble.code, os.strerror(trouble.code))

    def _record(self) -> None:
        course, clock = self.course, self.clock
        flusher, journal, accounted = self._open()
        recorder = self._recorder(flusher, journal, accounted)
        timeline = self._connect(recorder)
        flusher.card(self._volume, DOOR, {StreamName.MAIN: FORMAT})
        for number in range(course.pictures):
            if number == course.pictures * 3 // 4 // course.gop * course.gop:
                recorder.end_session(WachtelError(ErrorKind.STREAM_ENDED, "The camera ended the stream."))
                timeline = self._connect(recorder)
            recorder.add(timeline.place(self._picture(number)))
            self._aside(number, flusher, journal)
            clock.advance(course.picture_s)
            flusher.run_once()
        self._last_picture = WallUs(clock.wall_us() - microseconds(course.picture_s))
        recorder.stop()
        flusher.write(journal, StopLine())
        flusher.run_once()
        if self._ends:
            self._settle(flusher)
        journal.close()

    def _settle(self, flusher: Flusher) -> None:
        """The disk is well again; what waits for it has some rounds."""
        self.disk.fault = self.disk.room = None
        for _ in range(4):
            self.clock.advance(2)
            flusher.run_once()
        self._left = flusher.stats().waiting

    def _open(self) -> tuple[Flusher, JournalWriter, WallUs]:
        """As a camera begins in its worker: again and again until the disk takes it."""
        for attempt in count():
            journal = None
            if attempt == OPENINGS:
                # Trouble that never ends would never let it begin.
                self.disk.fault = self.disk.room = None
            try:
                journal = JournalWriter.open(self._volume, "home", "door", self.clock, self._on_line)
                recovery = recover_camera(self._volume, journal)
                journal.append(StartLine(run="run"))
                return Flusher(self.clock), journal, recovery.accounted_until or self.course.start
            except WachtelError:
                if journal is not None:
                    journal.close()
                self.clock.advance(2)
        raise AssertionError

    def _recorder(self, flusher: Flusher, journal: JournalWriter, accounted: WallUs) -> Recorder:
        return Recorder(
            Place(self._volume, flusher, journal, "home", "door", StreamName.MAIN),
            self.clock,
            accounted_until=accounted,
            reason=GapReason.RESTART,
            on_opened=lambda path, start: None,
            on_trouble=lambda error: None,
        )

    def _connect(self, recorder: Recorder) -> Timeline:
        recorder.begin_session("run")
        recorder.format(FORMAT)
        return Timeline()

    def _picture(self, number: int) -> Packet:
        stamp = round(number * self.course.picture_s * 90_000)
        packet = picture(number, key=number % self.course.gop == 0)
        return replace(packet, pts=stamp, dts=stamp, arrival=self.clock.wall_us())

    def _aside(self, number: int, flusher: Flusher, journal: JournalWriter) -> None:
        """What happens beside the recording."""
        seen = event(3, start=self.course.start)
        steps: dict[int, Entry] = {
            3: signal_line(replace(seen, end=None)),
            5: event_line(seen),
            6: HoldLine(start=seen.start, end=MIDNIGHT, on=True, event=seen.id, why="evidence"),
        }
        step = number * 12 // self.course.pictures
        if step != (number - 1) * 12 // self.course.pictures:
            if step in steps:
                flusher.write(journal, steps[step])
            if step == 4:
                flusher.snapshot(journal, seen.id, b"\xff\xd8 a picture \xff\xd9")
        if number > self.course.pictures // 2 and not self._removed and number % self.course.gop == 0:
            with suppress(WachtelError):
                remove_listed(self._volume, journal, [self._old], "space")
                self._removed = True

    def _on_line(self, journalled: Journalled) -> None:
        """The moment at which the index gets its row."""
        self.lines.append(journalled)
        line = journalled.line
        if isinstance(line, SegmentLine) and _hash_of(self.disk, line.file) != line.sha256:
            self.rows_without_file.append(line.file)

    def _restart(self) -> None:
        self.clock.advance(5)
        journal = JournalWriter.open(self._volume, "home", "door", self.clock, self._on_line)
        foreign = recover_camera(self._volume, journal).foreign
        # A file whose very head is torn belongs to nobody, and nothing can be played of it.
        self._foreign = {path for path in foreign if self.disk.size(path) < TORN_HEAD_BYTES}
        journal.close()

    # --- afterwards

    def complaints(self) -> list[str]:
        """What was promised and is not so."""
        return [
            *(f"something unforeseen: {one}" for one in self._errors.found),
            *(f"a row for a file that is not there: {path}" for path in self.rows_without_file),
            *([f"{self._left} jobs were never done"] if self._left else []),
            *self._about_lines(),
            *self._about_footage(),
            *self._about_time(),
        ]

    def _about_lines(self) -> Iterator[str]:
        whole = {path: read_all(self.disk, path) for path in journals(self.disk, PLACE)}
        for line in self.lines:
            if whole.get(line.path, b"")[line.start : line.end] != line.raw + b"\n":
                yield f"a line that was reported is not there: {line.raw!r}"
        head = ChainHead()
        for path in sorted(whole, key=lambda path: _first_seq(whole[path])):
            identity = JournalIdentity(self._volume.id, "home", "door")
            report = verify_day(whole[path], head, identity, valid_signature)
            head = report.head
            yield from (f"{path}: {one}" for one in report.faults if one.kind is not FaultKind.UNSIGNED)
        kinds = [type(entry) for entry in self._entries()]
        if self._ends and (EventLine not in kinds or kinds.count(HoldLine) != 2):
            yield "the event or its hold is missing"

    def _entries(self) -> list[Entry]:
        data = [read_all(self.disk, path) for path in journals(self.disk, PLACE)]
        return [line.entry for one in data for line in read_lines(one) if line.entry is not None]

    def _segments(self) -> dict[str, SegmentLine]:
        gone = {entry.file for entry in self._entries() if isinstance(entry, DeletedLine)}
        return {e.file: e for e in self._entries() if isinstance(e, SegmentLine) and e.file not in gone}

    def _about_footage(self) -> Iterator[str]:
        listed = self._segments()
        for path, entry in listed.items():
            if _hash_of(self.disk, path) != entry.sha256:
                yield f"a listed file is missing or has changed: {path}"
            elif _frames(read_all(self.disk, path)) != entry.frames:
                yield f"a listed file holds other pictures than listed: {path}"
        there = {path for _, path in segment_files(self.disk, PLACE)}
        yield from (f"a file is not listed: {path}" for path in there - listed.keys() - self._foreign)
        if self._held not in there or read_all(self.disk, self._held) != self._held_bytes:
            yield "held footage was touched"
        if self._ends and (not self._removed or self._old in there):
            yield "room was never made"

    def _about_time(self) -> Iterator[str]:
        course, end = self.course, self._last_picture
        footage = sorted((one.start, one.end) for one in self._segments().values() if one.end > course.start)
        gaps = [(e.start, e.end) for e in self._entries() if isinstance(e, GapLine) and e.end > course.start]
        yield from (f"footage overlaps: {a}, {b}" for a, b in pairwise(footage) if b[0] < a[1])
        if not self._ends:
            return
        slack = microseconds(course.picture_s) + 100_000
        for since, until in _holes([*footage, *gaps], course.start, end):
            if until - since > slack:
                yield f"nobody knows what was from {since} to {until}"
        again = WallUs((self.trouble_over or course.start) + microseconds(course.segment_s))
        for since, until in _holes(footage, again, end):
            if until - since > slack:
                yield f"no footage from {since} to {until}, trouble was over at {self.trouble_over}"


def _frames(data: bytes) -> int:
    try:
        return recover(Bytes(data)).frames
    except WachtelError:
        return 0


def _first_seq(data: bytes) -> int:
    return next((line.entry.seq for line in read_lines(data) if line.entry is not None), 0)


def _hash_of(disk: SimulatedDisk, path: str) -> str:
    return hashlib.sha256(read_all(disk, path) if disk.exists(path) else b"").hexdigest()


def _holes(known: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What of the range is not covered."""
    for since, until in sorted(known):
        if start < since:
            yield start, min(since, end)
        start = max(start, until)
        if start >= end:
            return
    yield start, end


@contextmanager
def _segments_of(length_s: float) -> Iterator[None]:
    before = recorders.SEGMENT_US
    recorders.SEGMENT_US = microseconds(length_s)
    try:
        yield
    finally:
        recorders.SEGMENT_US = before


class _Unforeseen(logging.Handler):
    """Collects what the supervisor had to catch: each is a crash that was only just avoided."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{record.getMessage()} {record.exc_info and record.exc_info[1]!r}")

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this lasts."""
        logger = logging.getLogger("wachtel")
        logger.addHandler(self)
        try:
            yield
        finally:
            logger.removeHandler(self)


def troubles(first: int) -> list[Trouble]:
    """All kinds of trouble that begin at this operation."""
    return [
        Trouble(errno.EIO, first),
        Trouble(errno.EIO, first, times=5),
        Trouble(errno.ENOSPC, first),
        Trouble(errno.EIO, first, lasts_s=9.0),
        Trouble(errno.EROFS, first, lasts_s=9.0),
        Trouble(FULL, first, lasts_s=9.0),
        Trouble(FULL, first, lasts_s=math.inf),
        Trouble(errno.EIO, first, lasts_s=math.inf),
    ]
