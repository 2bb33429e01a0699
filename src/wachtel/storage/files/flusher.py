"""The one thread per process and volume that makes footage and journals safe; writers never wait for it.

Every open file is synced every two seconds, and at its end: file, folder, then the journal's line. Lines that
others hand in (signals, events, gaps) are written as soon as the file in hand is done.

Before that it looks whether the disk is still the right one and can be written: an open file goes on taking footage
when its disk was unmounted, and nobody would find it. While the disk is away, everything handed in waits.
"""

import errno
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import supervised
from wachtel.base.units import MonoS
from wachtel.media.journal import Entry, SegmentLine
from wachtel.model.camera import Camera
from wachtel.model.stream import StreamFormat, StreamName
from wachtel.storage.files.disk import is_read_only, parent, trouble
from wachtel.storage.files.flush_jobs import (
    Closing,
    Job,
    OnAbandoned,
    OpenFile,
    Salvage,
    WriteCard,
    WriteLines,
    WriteSnapshot,
)
from wachtel.storage.files.journal_writer import JournalWriter
from wachtel.storage.files.recovery import settle_file
from wachtel.storage.files.segment_file import SegmentFile
from wachtel.storage.files.volume import Volume

_log = logging.getLogger(__name__)

Look = Callable[[], None]
"""Raises `WachtelError` while nothing can be recorded on the disk."""


@dataclass(frozen=True, slots=True)
class FlusherStats:
    """Counters for metrics and pages. A late round took longer than the interval; the disk is too slow
    then. ``trouble`` is why nothing can be recorded at this moment, None when all is well."""

    rounds: int
    late_rounds: int
    last_round_s: float
    open_files: int
    waiting: int
    abandoned: int
    failed_lines: int
    trouble: WachtelError | None = None


@dataclass(slots=True)
class _Finish:
    flusher: "Flusher"
    opened: OpenFile
    key: object = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.opened.journal

    def run(self) -> None:
        self.flusher._finish(self.opened)


class Flusher:
    """Takes finished work from recorders' threads and brings it to the disk in the right order."""

    def __init__(self, clock: Clock, interval_s: float = 2.0, look: Look | None = None) -> None:
        """``look`` is asked in every round, whether a file is open or not."""
        self._clock = clock
        self._look = look
        self._trouble: WachtelError | None = None
        self._volumes: dict[int, Volume] = {}
        self._interval_s = interval_s
        self._mutex = threading.Lock()
        self._idle = threading.Condition(self._mutex)
        self._wake = threading.Event()
        self._jobs: deque[Job] = deque()
        self._blocked: deque[Job] = deque()
        self._open: dict[SegmentFile, OpenFile] = {}
        self._safe_folders: set[str] = set()
        self._stopping = False
        self._busy = False
        self._due = clock.monotonic_s()
        self._rounds = self._late_rounds = self._abandoned = self._failed_lines = 0
        self._last_round_s = 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins work in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Brings what was handed in to the disk, as far as the disk takes it, and ends the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        else:
            self.run_once()

    def add(self, file: SegmentFile, journal: JournalWriter, on_abandoned: OnAbandoned) -> None:
        """Takes care of a new file.

        ``on_abandoned`` is called by the flusher's thread when the disk refused to save the file: it takes no
        more fragments, and the recorder must begin another one. What can be read back of it is journalled.
        """
        with self._mutex:
            self._open[file] = OpenFile(file, journal, on_abandoned)

    def finish(self, file: SegmentFile, closing: Closing) -> None:
        """Hands in a file that gets no more fragments; its journal line follows when it is safe. Returns at
        once."""
        with self._mutex:
            opened = self._open.get(file)
            if opened is None:
                return
            opened.closing = closing
            self._jobs.append(_Finish(self, opened))
        self._wake.set()

    def write(self, journal: JournalWriter, *entries: Entry) -> None:
        """Hands in lines for the journal; lines of one journal keep their order. Returns at once."""
        self._hand_in(WriteLines(journal, deque(entries)))

    def snapshot(self, journal: JournalWriter, event: str, jpeg: bytes) -> None:
        """Hands in an event's picture. Returns at once."""
        self._hand_in(WriteSnapshot(journal, event, jpeg))

    def card(
        self, volume: Volume, camera: Camera, formats: Mapping[StreamName, StreamFormat] | None = None
    ) -> None:
        """Hands in what camera.json shall say. Returns at once."""
        self._hand_in(WriteCard(volume, camera, formats or {}))

    def stats(self) -> FlusherStats:
        """The counters now."""
        with self._mutex:
            return FlusherStats(
                self._rounds,
                self._late_rounds,
                self._last_round_s,
                len(self._open),
                len(self._jobs) + len(self._blocked),
                self._abandoned,
                self._failed_lines,
                self._trouble,
            )

    def drain(self, timeout_s: float) -> bool:
        """Waits until everything handed in is on the disk; False when it took too long, or the disk is away."""
        self._wake.set()
        with self._idle:
            self._idle.wait_for(self._is_done, timeout_s)
            return not (self._jobs or self._blocked or self._busy)

    def _is_done(self) -> bool:
        away = self._trouble is not None and _is_lost(self._trouble)
        return not (self._jobs or self._busy or (self._blocked and not away))

    def run_once(self) -> None:
        """Does what there is to do now; the thread calls nothing else."""
        self._run_jobs()
        if self._clock.monotonic_s() >= self._due:
            self._round()

    def _hand_in(self, job: Job) -> None:
        with self._mutex:
            self._jobs.append(job)
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            self._clock.wait(self._wake, max(0.0, self._due - self._clock.monotonic_s()))
            self._wake.clear()
            supervised(self.run_once, "the flusher")
        supervised(self._round, "the flusher")

    def _run_jobs(self) -> None:
        while (job := self._next_job()) is not None:
            trouble_met = supervised(job.run, "the flusher")
            if trouble_met is not None:
                self._put_off(job, trouble_met)
        with self._idle:
            self._busy = False
            self._idle.notify_all()

    def _put_off(self, job: Job, error: WachtelError) -> None:
        """Keeps a job for the next round; one that failed by a fault of ours would only fail again."""
        self._failed_lines += 1
        if error.kind is not ErrorKind.INTERNAL:
            _log.warning("not yet saved: %s", error)
            with self._mutex:
                self._blocked.append(job)

    def _next_job(self) -> Job | None:
        """The next job whose journal is not waiting for the disk to recover."""
        with self._mutex:
            waiting = {id(job.key) for job in self._blocked}
            while self._jobs:
                job = self._jobs.popleft()
                if id(job.key) not in waiting:
                    self._busy = True
                    return job
                self._blocked.append(job)
            return None

    def _round(self) -> None:
        begun = self._clock.monotonic_s()
        self._due = MonoS(begun + self._interval_s)
        with self._mutex:
            opened = [one for one in self._open.values() if one.closing is None]
        self._look_at_disk(opened)
        if self._trouble is None or not _is_lost(self._trouble):
            self._unblock()
        for one in opened:
            self._run_jobs()
            self._sync(one)
        self._run_jobs()
        self._book_round(begun)

    def _unblock(self) -> None:
        with self._mutex:
            self._jobs.extendleft(reversed(self._blocked))
            self._blocked.clear()

    def _look_at_disk(self, opened: Sequence[OpenFile]) -> None:
        """Gives up all open files of a disk that is not there, another one, or read-only."""
        self._volumes |= {id(one.file.volume): one.file.volume for one in opened}
        looks = [volume.verify_writable for volume in self._volumes.values()]
        looks += [self._look] if self._look is not None else []
        met = [supervised(look, "the look at the disk") for look in looks]
        before, self._trouble = self._trouble, next((error for error in met if error is not None), None)
        if self._trouble is not None and before is None:
            _log.warning("nothing can be recorded: %s", self._trouble)
        if self._trouble is not None and _is_lost(self._trouble):
            for one in opened:
                self._give_up(one, self._trouble)

    def _book_round(self, begun: MonoS) -> None:
        ended = self._clock.monotonic_s()
        self._rounds += 1
        self._last_round_s = ended - begun
        if self._last_round_s > self._interval_s:
            self._late_rounds += 1
            _log.warning("the disk is slow: saving all open files took %.1f s", self._last_round_s)
            self._due = MonoS(ended + self._interval_s)

    def _sync(self, opened: OpenFile) -> bool:
        """File first, then its folder; False when the file had to be given up."""
        if opened.file not in self._open:
            return False
        try:
            if not opened.file.in_place:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            opened.file.sync()
            if not opened.folder_synced:
                self._sync_folder(opened.file)
                opened.folder_synced = True
        except OSError as error:
            self._abandon(opened, error)
            return False
        return True

    def _sync_folder(self, file: SegmentFile) -> None:
        disk, folder = file.volume.disk, file.folder
        disk.fsync_folder(folder)
        if folder in self._safe_folders:
            return
        above = folder
        while above:
            above = parent(above)
            disk.fsync_folder(above)
        self._safe_folders.add(folder)

    def _abandon(self, opened: OpenFile, error: OSError) -> None:
        self._give_up(opened, trouble(error, f"save {opened.file.path}"))

    def _give_up(self, opened: OpenFile, why: WachtelError) -> None:
        opened.file.give_up(why)
        with self._mutex:
            self._open.pop(opened.file, None)
            self._abandoned += 1
            self._blocked.append(Salvage(opened))
        told = partial(opened.on_abandoned, opened.file, why)
        supervised(told, "the recorder of a file that was given up")

    def _finish(self, opened: OpenFile) -> None:
        closing = opened.closing
        if closing is None or opened.file not in self._open:
            return
        if opened.file.broken:
            self._abandon(opened, OSError("it could not be cut back to its last whole fragment"))
            return
        opened.file.volume.verify()
        opened.folder_synced = False
        if self._sync(opened):
            self._journal(opened.file, opened.journal, closing)
            opened.file.close()
            with self._mutex:
                self._open.pop(opened.file, None)

    def _journal(self, file: SegmentFile, journal: JournalWriter, closing: Closing) -> None:
        """A file that refused a fragment holds less than its recorder believes: then the disk is asked."""
        if file.refused:
            settle_file(file.volume, journal, file.stream, file.path, closing.closed, recovered=False)
        else:
            journal.append(_line(file, closing))


def _is_lost(error: WachtelError) -> bool:
    """True for a disk that is not there, another one, or read-only. One that fails is found out by its files."""
    return error.kind is ErrorKind.FOREIGN_VOLUME or is_read_only(error)


def _line(file: SegmentFile, closing: Closing) -> SegmentLine:
    return SegmentLine(
        file=file.path,
        stream=file.stream.value,
        start=closing.start,
        end=closing.end,
        bytes=file.size_bytes,
        sha256=file.sha256,
        frames=closing.frames,
        key_frames=closing.key_frames,
        run=closing.run,
        closed=closing.closed.value,
    )
