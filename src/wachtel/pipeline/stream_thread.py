"""One stream of a camera: connect, take packets, hand them on, connect again."""

import logging
import random
import secrets
import threading
from collections.abc import Callable

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import supervised
from wachtel.base.units import MonoS, WallUs, seconds
from wachtel.media.timestamps import Timeline
from wachtel.model.camera import CameraCondition, StreamState
from wachtel.model.stream import Packet, StreamFormat
from wachtel.pipeline.backoff import STEPS_S, Backoff
from wachtel.pipeline.clock_watch import ClockWatch
from wachtel.pipeline.recorder import Gate
from wachtel.pipeline.sound import StoredSound
from wachtel.pipeline.tap import StreamFan
from wachtel.sources.api import MediaSource

log = logging.getLogger(__name__)

OpenSource = Callable[[], MediaSource]
OnState = Callable[[StreamState], None]
OnFormat = Callable[[StreamFormat], None]

REFUSALS = frozenset(
    {
        ErrorKind.WRONG_PASSWORD,
        ErrorKind.UNTRUSTED,
        ErrorKind.NO_SUCH_STREAM,
        ErrorKind.NOT_A_CAMERA,
        ErrorKind.REDIRECT,
        ErrorKind.FORBIDDEN_URL,
        ErrorKind.UNSUPPORTED_CODEC,
    }
)
ASK_SELDOM = frozenset(
    {ErrorKind.WRONG_PASSWORD, ErrorKind.UNTRUSTED, ErrorKind.REDIRECT, ErrorKind.FORBIDDEN_URL}
)
GOOD_SESSION_S = 2.0
"""A connection that lasted so long was a good one: who drops it every few seconds is asked again at once."""

NOBODY_THERE = frozenset({ErrorKind.UNREACHABLE, ErrorKind.REFUSED, ErrorKind.TIMEOUT})
NOBODY_THERE_WAIT_S = 1.0
"""To knock where nobody opens costs next to nothing, and a camera that has started is to be seen soon after."""

REFUSED_WAIT_S = 30.0
"""A camera that refuses the password is not asked every second: that would lock accounts."""


class StreamThread:
    """The thread of one stream. The counters are written by it and may be read by anybody."""

    def __init__(
        self,
        name: str,
        open_source: OpenSource,
        fan: StreamFan,
        gate: Gate | None,
        on_state: OnState,
        clock: Clock,
        on_format: OnFormat | None = None,
    ) -> None:
        self.last_frame: WallUs | None = None
        self.packets = 0
        self.bytes = 0
        self.sessions = 0
        self.shifts = 0
        self._lost_before = 0
        self.fan = fan
        self._open_source = open_source
        self._gate = gate
        self._on_state = on_state
        self._on_format = on_format
        self._clock = clock
        self._clock_watch = ClockWatch(clock)
        self._source: MediaSource | None = None
        self._backoff = Backoff(random.Random(name), stable_after_s=GOOD_SESSION_S)
        self._stop = threading.Event()
        self._writing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def lost(self) -> int:
        """Packets of the network that never came, over all sessions."""
        source = self._source
        return self._lost_before + (source.lost if source is not None else 0)

    def start(self) -> None:
        """Begins to connect."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ends the connection; may be called by any thread."""
        self._stop.set()
        source = self._source
        if source is not None:
            source.close()

    def join(self, timeout_s: float) -> bool:
        """Waits until nothing more will be written; True when that is so.

        A thread that still waits for a silent camera is not waited for: it writes nothing, and ends by itself.
        """
        if not self._writing.acquire(timeout=timeout_s):
            return False
        try:
            self._close_gate()
        finally:
            self._writing.release()
        return True

    def _close_gate(self) -> None:
        if not self._closed and self._gate is not None:
            self._gate.stop()
        self._closed = True

    def _run(self) -> None:
        self._say(CameraCondition.CONNECTING)
        while not self._stop.is_set():
            began = self._clock.monotonic_s()
            error = supervised(self._session, self._thread.name)
            if error is not None and not self._stop.is_set():
                self._failed(error, began)
        with self._writing:
            self._close_gate()

    def _session(self) -> WachtelError | None:
        try:
            source = self._source = self._open_source()
        except WachtelError as error:
            return error
        try:
            with self._writing:
                if not self._stop.is_set():
                    self._take(source)
        except WachtelError as error:
            return error
        finally:
            self._lost_before += source.lost
            self._source = None
            source.close()
        return WachtelError(ErrorKind.STREAM_ENDED, "The camera ended the stream.", code="camera_ended")

    def _take(self, source: MediaSource) -> None:
        self.sessions += 1
        timeline = Timeline()
        live = False
        self._look_at_clock(timeline)
        if self._gate is not None:
            self._gate.begin_session(secrets.token_hex(6))
        for item in StoredSound(self._thread.name).through(source.packets()):
            if isinstance(item, Packet):
                self._packet(timeline, item)
                if not live:
                    live = True
                    self._say(CameraCondition.LIVE)
            else:
                self.fan.format(item)
                if self._on_format is not None:
                    self._on_format(item)
                if self._gate is not None:
                    self._gate.format(item)

    def _look_at_clock(self, timeline: Timeline) -> None:
        """A clock that was set begins a new file in mid-stream, and is accounted for where nothing is written."""
        set_by_us = self._clock_watch.step()
        if not set_by_us:
            return
        log.warning("stream %s: the machine's clock was set by %.3f s", self._thread.name, seconds(set_by_us))
        if timeline.begun:
            timeline.clock_was_set(set_by_us)
        elif self._gate is not None:
            now = self._clock.wall_us()
            self._gate.clock_was_set(WallUs(now - set_by_us), now)

    def _packet(self, timeline: Timeline, packet: Packet) -> None:
        self._look_at_clock(timeline)
        placed = timeline.place(packet)
        self.packets += 1
        self.bytes += len(packet.data)
        self.shifts += placed.shift_us != 0
        self.last_frame = packet.arrival
        self.fan.packet(packet, placed.wall)
        if self._gate is not None:
            self._gate.add(placed)

    def _failed(self, error: WachtelError, began: MonoS) -> None:
        log.info("stream %s: %s", self._thread.name, error)
        self.fan.clear_cache()
        with self._writing:
            if not self._closed and self._gate is not None:
                self._gate.end_session(error)
        refused = error.kind in REFUSALS
        stalled = error.kind is ErrorKind.STALLED
        condition = CameraCondition.STALLED if stalled else CameraCondition.OFFLINE
        self._say(CameraCondition.REFUSED if refused else condition, error)
        longest_s = NOBODY_THERE_WAIT_S if error.kind in NOBODY_THERE else STEPS_S[-1]
        wait = self._backoff.failed(self._clock.monotonic_s() - began, longest_s)
        self._clock.wait(self._stop, max(wait, REFUSED_WAIT_S) if error.kind in ASK_SELDOM else wait)

    def _say(self, condition: CameraCondition, error: WachtelError | None = None) -> None:
        reason, what, hint = (error.kind.value, error.what, error.hint) if error else ("", "", "")
        code, details = (error.code, dict(error.details)) if error else ("", {})
        now = self._clock.wall_us()
        self._on_state(StreamState(condition, now, reason, what, hint, self.last_frame, code, details))
