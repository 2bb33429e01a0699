"""Writes one stream of one camera into the archive: when a file begins and ends, and what is said about gaps."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import DAY_US, US_PER_S, MonoS, WallUs
from wachtel.media.draft import Draft
from wachtel.media.fmp4 import Muxer, SegmentIdentity
from wachtel.media.journal import Closed, Entry, ShiftLine
from wachtel.media.journal_values import split_gap
from wachtel.media.timestamps import SHIFT_WORTH_NOTING_US, Placed, segment_start
from wachtel.model.footage import GapReason
from wachtel.model.stream import VIDEO_TICKS_PER_S, StreamFormat, StreamName, Track
from wachtel.storage.files import Closing, Flusher, JournalWriter, SegmentFile, Volume

log = logging.getLogger(__name__)

SEGMENT_US = 60 * US_PER_S
SMALLEST_GAP_US = 100_000
RETRY_S = 2.0
ACCOUNT_EVERY_US = 600 * US_PER_S
"""A gap that lasts is journalled piece by piece, each so long."""

LATEST_SOUND = VIDEO_TICKS_PER_S
"""So much later than the first picture of a file, in ticks, sound for the file before is not waited for any more."""


GAP_REASONS = {
    ErrorKind.STALLED: GapReason.NO_PACKETS,
    ErrorKind.TIMEOUT: GapReason.CAMERA_OFFLINE,
    ErrorKind.DISK_FULL: GapReason.DISK_FULL,
    ErrorKind.DISK_ERROR: GapReason.DISK_FULL,
    ErrorKind.FOREIGN_VOLUME: GapReason.DISK_FULL,
}


def gap_reason(error: WachtelError) -> GapReason:
    """Why there is no footage while this error lasts."""
    return GAP_REASONS.get(error.kind, GapReason.CAMERA_OFFLINE)


@dataclass(frozen=True, slots=True)
class Account:
    """How far what is known of a stream reaches: to the last picture of the open file, or to where a gap began.

    ``gap_since`` None beside a ``reason``: since whatever the journal knows last.
    """

    recorded_until: WallUs | None
    gap_since: WallUs | None
    reason: GapReason | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream's files go."""

    volume: Volume
    flusher: Flusher
    journal: JournalWriter
    site: str
    camera: str
    stream: StreamName


class Gate(Protocol):
    """Decides which packets of a stream are written.

    `keep` may be called by any thread, the rest by the stream's own.
    """

    def keep(self, start: WallUs, until: WallUs | None) -> None: ...

    def draft(self) -> AbstractContextManager[Draft | None]:
        """Room for drafts of what is added next; None while it is not written at once."""
        ...

    def begin_session(self, run: str) -> None: ...

    def format(self, format: StreamFormat) -> None: ...

    def add(self, placed: Placed) -> None: ...

    def clock_was_set(self, before: WallUs, after: WallUs) -> None: ...

    def end_session(self, error: WachtelError) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A file that is full of pictures; sound that comes later than its pictures still goes in."""

    file: SegmentFile
    muxer: Muxer
    closed: Closed
    until: int


class Recorder:
    """Used by the stream's own thread only.

    ``pause_reason`` is why there is no footage between two files when nothing went wrong: None when that cannot be.
    ``on_opened`` hears of every new file, ``on_trouble`` of a disk that does not take it. Of the main stream, and only
    of it, gaps are journalled.
    """

    def __init__(
        self,
        place: Place,
        clock: Clock,
        *,
        accounted_until: WallUs | None,
        reason: GapReason,
        pause_reason: GapReason | None = None,
        on_opened: Callable[[str, WallUs], None],
        on_trouble: Callable[[WachtelError], None],
    ) -> None:
        self._place = place
        self._clock = clock
        # A camera that has no footage yet is accounted for from its first day on.
        self._accounted_until: WallUs | None = clock.wall_us() if accounted_until is None else accounted_until
        self._reason = GapReason.CAMERA_OFFLINE if accounted_until is None else reason
        self._pause_reason = pause_reason
        self._on_opened = on_opened
        self._on_trouble = on_trouble
        self._format: StreamFormat | None = None
        self._usual_duration: int | None = None
        self._run = ""
        self._sequence = 0
        self._file: SegmentFile | None = None
        self._muxer: Muxer | None = None
        self._written_until = self._accounted_until
        self._leaving: _Leaving | None = None
        self._abandoned = False
        self._retry_at = MonoS(float("-inf"))

    def keep(self, start: WallUs, until: WallUs | None) -> None:
        """Everything is kept anyway."""

    def begin_session(self, run: str) -> None:
        """A new connection: a recording without a gap begins."""
        self._run = run
        self._sequence = 0

    def format(self, format: StreamFormat) -> None:
        """What follows has another format and goes to a new file."""
        if format != self._format:
            self.close_file(Closed.FORMAT)
            self._format, self._usual_duration = format, None

    @contextmanager
    def draft(self) -> Iterator[Draft | None]:
        """Room for drafts of the next pictures."""
        outlook = None if self._muxer is None or self._leaving is not None else self._muxer.outlook()
        if self._file is None or outlook is None or self._abandoned:
            yield None
            return
        with self._file.room() as room:
            yield None if room is None else Draft(room, outlook)

    def add(self, placed: Placed) -> None:
        """Writes one packet. A disk that refuses closes the file; the next attempt comes with a key frame 2 s later."""
        try:
            self._add(placed)
        except WachtelError as error:
            self._refused(error)

    def _add(self, placed: Placed) -> None:
        packet = placed.packet
        begins_gop = packet.key and packet.track is Track.VIDEO
        if abs(placed.shift_us) >= SHIFT_WORTH_NOTING_US:
            self._write(ShiftLine(stream=self._place.stream, start=placed.wall, shift_us=placed.shift_us))
        if begins_gop and self._file is not None:
            self._close_when_due(placed)
        elif placed.clock_us:
            self.clock_was_set(WallUs(placed.wall - placed.clock_us), placed.wall)
        if self._file is None and begins_gop and self._may_try():
            self._open(placed)
        if self._file is None:
            self.account(placed.wall, self._reason)
        if self._leaving is not None and self._belongs_to(self._leaving, placed):
            self._leaving.muxer.add(placed)
        elif self._file is not None and self._muxer is not None:
            self._append(self._file, self._muxer, placed)

    def _append(self, file: SegmentFile, muxer: Muxer, placed: Placed) -> None:
        self._written_until = muxer.end
        body = muxer.add(placed)
        if body:
            file.append(body)
        self._written_until = muxer.end

    def _belongs_to(self, leaving: _Leaving, placed: Placed) -> bool:
        if placed.packet.track is Track.AUDIO:
            return placed.decode < leaving.until
        if placed.decode - leaving.until >= LATEST_SOUND:
            self._let_go()
        return False

    def _may_try(self) -> bool:
        return self._clock.monotonic_s() >= self._retry_at

    def _close_when_due(self, placed: Placed) -> None:
        assert self._muxer is not None
        wall, start = placed.wall, self._muxer.start
        if self._abandoned:
            self._forget_file()
        elif placed.clock_us:
            self.close_file(Closed.CLOCK)
            self._reason = GapReason.CLOCK
        elif wall // DAY_US != start // DAY_US:
            self._turn(placed, Closed.MIDNIGHT)
        elif wall - start >= SEGMENT_US:
            self._turn(placed, Closed.ROTATE)

    def _turn(self, first: Placed, closed: Closed) -> None:
        """The next file begins with ``first``; the one before stays for the sound that belongs to it."""
        self._let_go()
        if self._file is None or self._muxer is None or not self._muxer.has_sound:
            self.close_file(closed)
            return
        self._leaving = _Leaving(self._file, self._muxer, closed, first.decode)
        self._forget_file()

    def _let_go(self) -> None:
        leaving, self._leaving = self._leaving, None
        if leaving is not None:
            self._finish(leaving.file, leaving.muxer, leaving.closed)

    def _open(self, first: Placed) -> None:
        if self._format is None:
            return
        place = self._place
        start = segment_start(first, self._accounted_until)
        self._note_gap(start)
        identity = SegmentIdentity(
            place.volume.id, place.site, place.camera, place.stream, self._run, self._sequence, start
        )
        muxer = Muxer(self._format, identity, usual_duration=self._usual_duration)
        file = SegmentFile.create(place.volume, place.site, place.camera, place.stream, start, muxer.head())
        place.flusher.add(file, place.journal, self._on_abandoned)
        self._sequence += 1
        self._muxer, self._file, self._abandoned, self._written_until = muxer, file, False, start
        self._on_opened(file.path, start)

    def _note_gap(self, until: WallUs) -> None:
        since = self._accounted_until
        if since is not None and until - since >= SMALLEST_GAP_US and self._place.stream is StreamName.MAIN:
            self._write(*split_gap(since, until, self._reason))
            self._accounted_until = until

    def account(self, until: WallUs, then: GapReason) -> None:
        """There is no footage up to ``until``, for the reason known so far; from there on there is none for ``then``.

        A gap that lasts for one reason is journalled piece by piece, so that a crash takes little of its reason away.
        """
        if self._file is None and (then is not self._reason or self._is_long(until)):
            self._note_gap(until)
        self._reason = then

    def _is_long(self, until: WallUs) -> bool:
        return self._accounted_until is not None and until - self._accounted_until >= ACCOUNT_EVERY_US

    @property
    def account_now(self) -> Account:
        """How far the account reaches at this moment; may be read by any thread."""
        muxer, since = self._muxer, self._accounted_until
        if muxer is not None:
            return Account(muxer.end, None, None)
        return Account(None, since, self._reason)

    def _lost(self, error: WachtelError, closed: Closed) -> None:
        """What comes until the next key frame is a gap for this reason; what came before had its own."""
        recording = self._file is not None
        self.close_file(closed)
        if recording:
            self._reason = gap_reason(error)
        else:
            self.account(self._clock.wall_us(), gap_reason(error))

    def clock_was_set(self, before: WallUs, after: WallUs) -> None:
        """The machine's clock was set from ``before`` to ``after`` while nothing is written.

        Up to ``before`` there is no footage for the reason known so far; what the clock left out is a gap of its
        own, and what it gives a second time belongs to the first.
        """
        if self._file is not None:
            return
        reason = self._reason
        self._note_gap(before)
        self._reason = GapReason.CLOCK
        self._note_gap(after)
        self._reason = reason
        if self._accounted_until is not None:
            self._accounted_until = after

    def _write(self, *lines: Entry) -> None:
        self._place.flusher.write(self._place.journal, *lines)

    def _on_abandoned(self, file: SegmentFile, error: WachtelError) -> None:
        # Called by the flusher's thread: only mark it, the stream's thread lets go of the file at the next key frame.
        if file is self._file:
            self._abandoned = True
        self._on_trouble(error)

    def _forget_file(self) -> None:
        assert self._muxer is not None
        # A picture that the disk refused is not in the file, though the muxer counts it.
        self._accounted_until, self._usual_duration = self._written_until, self._muxer.usual_duration
        self._file = self._muxer = None

    def close_file(self, closed: Closed) -> None:
        """Ends the open file, if there is one, and hands it to the flusher."""
        self._let_go()
        if self._file is None or self._muxer is None:
            return
        file, muxer = self._file, self._muxer
        self._forget_file()
        if self._pause_reason is not None:
            self._reason = self._pause_reason
        self._finish(file, muxer, closed)

    def _finish(self, file: SegmentFile, muxer: Muxer, closed: Closed) -> None:
        try:
            file.cut_drafts()
            if closed is not Closed.FULL:
                file.append(muxer.tail())
        except WachtelError as error:
            self._on_trouble(error)
        closing = Closing(muxer.start, muxer.end, muxer.frames, muxer.key_frames, self._run, closed)
        self._place.flusher.finish(file, closing)

    def end_session(self, error: WachtelError) -> None:
        """The connection broke; what comes until the next key frame is a gap for this reason."""
        if self._may_try():
            self._lost(error, Closed.LOST)
        else:
            self.close_file(Closed.LOST)

    def _refused(self, error: WachtelError) -> None:
        self._lost(error, Closed.FULL)
        self._retry_at = MonoS(self._clock.monotonic_s() + RETRY_S)
        self._on_trouble(error)

    def stop(self) -> None:
        """The camera is stopped on purpose: closes the file, and accounts for a gap that still lasts."""
        recording = self._file is not None
        self.close_file(Closed.STOP)
        if not recording:
            self._note_gap(self._clock.wall_us())
