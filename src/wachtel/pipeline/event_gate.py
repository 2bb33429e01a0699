"""Recording around events only: the last seconds wait in memory, and go to the disk when an event asks for them."""

import logging
import threading
from collections import deque
from contextlib import AbstractContextManager, nullcontext

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.draft import Draft
from wachtel.media.journal import Closed
from wachtel.media.timestamps import Placed
from wachtel.model.footage import GapReason
from wachtel.model.stream import StreamFormat, Track
from wachtel.pipeline.recorder import Recorder

log = logging.getLogger(__name__)

ACCOUNT_EVERY_US = 3600 * US_PER_S

REPORT_DELAY_US = 4 * US_PER_S
"""An event is known some time after its start; so much longer than the pre-roll the ring must reach back."""

LARGEST_RING_BYTES = 96 << 20
"""A camera that sends no key frame for minutes must not fill the memory: the ring then begins anew with the next."""


class EventGate:
    """Stands before a recorder, and accounts for what is not written: paused on purpose, or the camera away.

    ``pre_roll_s`` None means that the owner switched recording off: nothing waits, and nothing is kept. `keep` may be
    called by any thread, the rest by the stream's own.
    """

    def __init__(self, recorder: Recorder, clock: Clock, pre_roll_s: float | None) -> None:
        self._recorder = recorder
        self._clock = clock
        self._is_off = pre_roll_s is None
        self._reach_us = 0 if pre_roll_s is None else round(pre_roll_s * US_PER_S) + REPORT_DELAY_US
        self._paused_since: WallUs | None = None
        self._gops: deque[list[Placed]] = deque()
        self._ring_bytes = 0
        self._lock = threading.Lock()
        self._wanted: tuple[WallUs, WallUs | None] | None = None
        self._writing = False

    def keep(self, start: WallUs, until: WallUs | None) -> None:
        """Footage from ``start`` on is wanted, to ``until``, or for as long as nobody says until when."""
        with self._lock:
            self._wanted = None if self._is_off else (start, until)

    def draft(self) -> AbstractContextManager[Draft | None]:
        """What may have to wait in memory has no drafts."""
        return nullcontext()

    def begin_session(self, run: str) -> None:
        """A new connection."""
        self._paused_since = None
        self._recorder.begin_session(run)

    def format(self, format: StreamFormat) -> None:
        """What waits cannot be written in another format; it is written or given up first."""
        self._empty()
        self._recorder.format(format)

    def add(self, placed: Placed) -> None:
        """Writes the packet when an event wants it, else lets it wait in memory."""
        begins_gop = placed.packet.key and placed.packet.track is Track.VIDEO
        if placed.clock_us:
            self._begin_clock(placed)
        if begins_gop and self._writing and self._is_over(placed.wall):
            self._writing = False
            self._recorder.close_file(Closed.STOP)
        if self._writing:
            self._paused_since = placed.wall
            self._recorder.add(placed)
            return
        self._account(placed.wall)
        self._remember(placed, begins_gop=begins_gop)
        if self._wants(placed.wall):
            self._flush()

    def clock_was_set(self, before: WallUs, after: WallUs) -> None:
        """The machine's clock was set while there was no connection."""
        self._move_wanted(after - before)
        self._recorder.clock_was_set(before, after)

    def _begin_clock(self, placed: Placed) -> None:
        """What waits counts by the old clock, and nobody can ask for it any more."""
        self._move_wanted(placed.clock_us)
        if self._writing:
            return
        self._empty()
        self._recorder.clock_was_set(WallUs(placed.wall - placed.clock_us), placed.wall)
        self._paused_since = placed.wall

    def _move_wanted(self, by_us: int) -> None:
        with self._lock:
            if self._wanted is not None:
                start, until = self._wanted
                self._wanted = (WallUs(start + by_us), None if until is None else WallUs(until + by_us))

    def _is_over(self, wall: WallUs) -> bool:
        with self._lock:
            if self._wanted is not None and self._wanted[1] is not None and wall >= self._wanted[1]:
                self._wanted = None
            return self._wanted is None

    def _wants(self, wall: WallUs) -> bool:
        with self._lock:
            return self._wanted is not None and (
                self._wanted[1] is None or wall < self._wanted[1] + self._reach_us
            )

    def _account(self, wall: WallUs) -> None:
        """The pause begins when the camera is there; a long one is accounted for hour by hour."""
        if self._paused_since is None or wall - self._paused_since >= ACCOUNT_EVERY_US:
            # What waits may still be written, so the account never reaches into it.
            until = self._gops[0][0].wall if self._gops else wall
            self._recorder.account(until, GapReason.SCHEDULE)
            self._paused_since = wall

    def _remember(self, placed: Placed, *, begins_gop: bool) -> None:
        if self._is_off:
            return
        if begins_gop:
            self._gops.append([])
        if self._gops:
            self._gops[-1].append(placed)
            self._ring_bytes += len(placed.packet.data)
        while len(self._gops) > 1 and self._gops[1][0].wall < placed.wall - self._reach_us:
            self._drop_oldest()
        if self._ring_bytes > LARGEST_RING_BYTES:
            log.warning("the ring before an event is full; it begins anew with the next key frame")
            self._empty()

    def _drop_oldest(self) -> None:
        self._ring_bytes -= sum(len(placed.packet.data) for placed in self._gops.popleft())

    def _empty(self) -> None:
        self._gops.clear()
        self._ring_bytes = 0

    def _flush(self) -> None:
        """Writes what waits, from the key frame at or before the wanted start."""
        assert self._wanted is not None
        start = self._wanted[0]
        while len(self._gops) > 1 and self._gops[1][0].wall <= start:
            self._drop_oldest()
        self._writing = True
        for gop in self._gops:
            for placed in gop:
                self._recorder.add(placed)
        self._empty()

    def end_session(self, error: WachtelError) -> None:
        """The connection broke: an event that runs keeps what there is."""
        self._empty()
        self._writing = False
        if self._is_off:
            # Nobody misses footage that nobody wanted.
            self._recorder.account(self._clock.wall_us(), GapReason.SCHEDULE)
        else:
            self._recorder.end_session(error)

    def stop(self) -> None:
        """The camera is stopped on purpose."""
        self._recorder.stop()
