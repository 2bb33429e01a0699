"""One camera inside a media worker: its journal, its recorders, its streams."""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from wachtel import __version__
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import supervised
from wachtel.base.units import WallUs
from wachtel.base.wire import Message
from wachtel.media.draft import Drafts
from wachtel.media.journal import Entry, Journalled, StartLine, StopLine
from wachtel.model.camera import Camera, CameraCondition, RecordedStreams, RecordingMode, StreamState
from wachtel.model.footage import GapReason
from wachtel.model.stream import StreamFormat, StreamName
from wachtel.pipeline.converted_gate import ConvertedGate
from wachtel.pipeline.event_gate import EventGate
from wachtel.pipeline.late_gate import LateGate
from wachtel.pipeline.messages import (
    CertificateLearnt,
    LineWritten,
    MediaFigures,
    RecordingAccount,
    SegmentOpened,
    StateChanged,
    Trouble,
)
from wachtel.pipeline.recorder import Gate, Place, Recorder, gap_reason
from wachtel.pipeline.stream_thread import StreamThread
from wachtel.pipeline.tap import StreamFan, TapServer
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.sources.api import MediaSource, SourceDriver, SourceOptions
from wachtel.sources.beat import Beat
from wachtel.sources.drivers import driver_for
from wachtel.sources.trust import TrustFirst
from wachtel.storage.files import Flusher, JournalWriter, VolumeDoor
from wachtel.storage.files.recovery import Recovery, recover_camera

log = logging.getLogger(__name__)

STOP_PATIENCE_S = 3.0
BUSY_WAIT_S = 0.2


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the cameras of one media worker share."""

    door: VolumeDoor
    flusher: Flusher
    taps: TapServer
    clock: Clock
    say: Callable[[Message], None]
    beat: Beat


class RecordedCamera:
    """Started and stopped by the worker's control thread; everything else happens in threads of its own."""

    def __init__(self, camera: Camera, workplace: Workplace) -> None:
        self.camera = camera
        self._at = workplace
        self._journal: JournalWriter | None = None
        self._streams: dict[StreamName, StreamThread] = {}
        self._gates: list[Gate] = []
        self._late: dict[StreamName, LateGate] = {}
        self._stop = threading.Event()
        self._recorder_of_main: Recorder | None = None
        self._refused_by: GapReason | None = None
        self._told = ""
        self._converted: ConvertedGate | None = None
        self._trust = TrustFirst(
            camera.certificates,
            workplace.clock,
            lambda pin: workplace.say(CertificateLearnt(camera.id, pin)),
        )
        self._waiting: list[Entry] = []
        self._lock = threading.Lock()
        self._opener = threading.Thread(target=self._open, name=f"open-{camera.id}", daemon=True)

    def start(self) -> None:
        """Recovers what a crash left, then connects; without its disk it connects, and records when it can."""
        self._opener.start()

    def _open(self) -> None:
        while not self._stop.is_set():
            result = supervised(self._begin, f"camera {self.camera.id}")
            if result is None:
                return
            # A busy journal belongs to a worker that is about to end; anything else is worth telling.
            if result.kind is not ErrorKind.BUSY:
                self._refused_by = gap_reason(result)
                self._held_back(result)
            self._at.clock.wait(self._stop, BUSY_WAIT_S if result.kind is ErrorKind.BUSY else 2.0)

    def _held_back(self, error: WachtelError) -> None:
        """Told when it is new: the same trouble lasts for as long as nobody mends it. To be watched a camera needs no
        disk."""
        if self._told != error.what:
            self._told = error.what
            self._trouble(error)
        if not self._late:
            for name, url in self._urls().items():
                gate = self._late[name] = LateGate()
                self._run_stream(name, url, gate)

    def _begin(self) -> None:
        camera, at = self.camera, self._at
        volume = at.door.open()
        journal = JournalWriter.open(volume, camera.site, camera.id, at.clock, self._on_line)
        try:
            recovery = recover_camera(volume, journal)
        except WachtelError:
            journal.close()
            raise
        journal.append(StartLine(run=secrets.token_hex(6), version=__version__))
        at.flusher.card(volume, camera)
        with self._lock:
            self._journal = journal
            for entry in self._waiting:
                at.flusher.write(journal, entry)
            self._waiting.clear()
        accounted, reason = self._what_is_due(recovery)
        for name, url in self._urls().items():
            gate = self._gate(name, journal, accounted if name is StreamName.MAIN else None, reason)
            if name in self._late:
                self._record_at_last(name, gate)
            else:
                self._run_stream(name, url, gate)

    def _urls(self) -> dict[StreamName, str]:
        urls = {StreamName.MAIN: self.camera.main_url, StreamName.SUB: self.camera.sub_url}
        return {name: url for name, url in urls.items() if url is not None}

    def _record_at_last(self, name: StreamName, gate: Gate | None) -> None:
        """The stream runs already: from now on it is recorded."""
        late = self._late[name]
        if gate is not None:
            late.put(gate)
        if late.seen is not None:
            self._on_format(name, late.seen)

    def _what_is_due(self, recovery: Recovery) -> tuple[WallUs, GapReason]:
        """From when on time is to be accounted for, and why there is no footage yet."""
        if recovery.accounted_until is None:
            return self._at.clock.wall_us(), GapReason.CAMERA_OFFLINE
        return recovery.accounted_until, self._refused_by or recovery.reason

    def _run_stream(self, name: StreamName, url: str, gate: Gate | None) -> None:
        fan = self._at.taps.fan(self.camera.id, name)
        drafts = None if gate is None else Drafts(gate.draft, fan.urgent)
        thread = StreamThread(
            f"{self.camera.id}/{name}",
            partial(self._open_source, url, fan, drafts),
            fan,
            gate,
            partial(self._on_state, name),
            self._at.clock,
            partial(self._on_format, name),
        )
        with self._lock:
            self._streams[name] = thread
            if gate is not None:
                self._gates.append(gate)
        if not self._stop.is_set():
            thread.start()

    def _gate(
        self, name: StreamName, journal: JournalWriter, accounted: WallUs | None, reason: GapReason
    ) -> Gate | None:
        """What is written of a stream; None when nothing is, and nobody has to account for it."""
        if name is StreamName.SUB and self.camera.record is not RecordedStreams.BOTH:
            return None
        gate = self._plain_gate(self._recorder(name, journal, accounted, reason))
        if name is StreamName.SUB or not self.camera.converted:
            return gate
        converted = self._converted = ConvertedGate(gate, self._at.clock, self._trouble)
        self._at.taps.take_converted(self.camera.id, name, converted)
        return converted

    def _plain_gate(self, recorder: Recorder) -> Gate:
        match self.camera.mode:
            case RecordingMode.CONTINUOUS:
                return recorder
            case RecordingMode.EVENTS:
                return EventGate(recorder, self._at.clock, self.camera.pre_roll_s)
            case RecordingMode.OFF:
                return EventGate(recorder, self._at.clock, None)

    def keep(self, start: WallUs, until: WallUs | None) -> None:
        """An event wants its footage."""
        with self._lock:
            gates = list(self._gates)
        for gate in gates:
            gate.keep(start, until)

    def _recorder(
        self, name: StreamName, journal: JournalWriter, accounted: WallUs | None, reason: GapReason
    ) -> Recorder:
        at, camera = self._at, self.camera
        recorder = Recorder(
            Place(journal.volume, at.flusher, journal, camera.site, camera.id, name),
            at.clock,
            accounted_until=accounted,
            reason=reason,
            pause_reason=None if camera.mode is RecordingMode.CONTINUOUS else GapReason.SCHEDULE,
            on_opened=lambda path, start: at.say(SegmentOpened(camera.id, name, path, start)),
            on_trouble=self._trouble,
        )
        if name is StreamName.MAIN:
            self._recorder_of_main = recorder
        return recorder

    @property
    def journal(self) -> JournalWriter | None:
        """The camera's journal as long as it is open."""
        return self._journal

    def account(self) -> RecordingAccount | None:
        """How far what is known of the main stream reaches; None before anything is known."""
        recorder, refused = self._recorder_of_main, self._refused_by
        if recorder is None:
            return None if refused is None else RecordingAccount(self.camera.id, None, None, refused)
        now = recorder.account_now
        return RecordingAccount(self.camera.id, now.recorded_until, now.gap_since, now.reason)

    def _open_source(self, url: str, fan: StreamFan, drafts: Drafts | None) -> MediaSource:
        parsed = parse_camera_url(url)
        driver: SourceDriver = driver_for(parsed.scheme)
        options = SourceOptions(
            transport=self.camera.transport,
            allow_local=self.camera.allow_local,
            audio=self.camera.record_audio,
            trust=self._trust,
            # What is recorded is read as it comes, or drafted: a crash costs no more than the last picture.
            turn=self._at.beat.turn(lambda: fan.hurried) if drafts is None else None,
            drafts=drafts,
        )
        return driver.open(parsed, options, self._at.clock)

    def _on_state(self, stream: StreamName, state: StreamState) -> None:
        self._at.say(StateChanged(self.camera.id, stream, state))

    def _on_format(self, stream: StreamName, format: StreamFormat) -> None:
        journal = self._journal
        if journal is not None:
            self._at.flusher.card(journal.volume, self.camera, {stream: format})

    def _on_line(self, journalled: Journalled) -> None:
        self._at.say(LineWritten(journalled))

    def _trouble(self, error: WachtelError) -> None:
        log.warning("camera %s: %s", self.camera.id, error)
        self._at.say(Trouble(self.camera.id, error.kind.value, error.what, error.hint))

    def write(self, entry: Entry) -> None:
        """Journals a line on behalf of main; it waits while the journal is still being opened."""
        with self._lock:
            if self._journal is None:
                self._waiting.append(entry)
            else:
                self._at.flusher.write(self._journal, entry)

    def keep_snapshot(self, event: str, jpeg: bytes) -> None:
        """Keeps an event's picture beside the footage."""
        with self._lock:
            if self._journal is not None:
                self._at.flusher.snapshot(self._journal, event, jpeg)

    def figures(self) -> list[MediaFigures]:
        """The counters of its streams."""
        with self._lock:
            streams = list(self._streams.items())
        return [
            MediaFigures(
                self.camera.id,
                name,
                s.last_frame,
                s.packets,
                s.bytes,
                s.lost,
                s.sessions,
                s.shifts,
                s.fan.losses,
                self._written_as(name),
            )
            for name, s in streams
        ]

    def _written_as(self, stream: StreamName) -> str:
        if stream is StreamName.SUB or self._converted is None:
            return ""
        return self._converted.written_as or ""

    def ask_to_stop(self) -> None:
        """Lets all streams end; `finish` waits for them."""
        self._stop.set()
        with self._lock:
            streams = list(self._streams.values())
        for stream in streams:
            stream.ask_to_stop()

    def finish(self) -> None:
        """Waits until the files are with the flusher, and closes the journal after what was handed in is written."""
        self._opener.join(STOP_PATIENCE_S)
        self.ask_to_stop()
        for stream in self._streams.values():
            stream.join(STOP_PATIENCE_S)
        self._at.taps.take_converted(self.camera.id, StreamName.MAIN, None)
        if self._journal is not None:
            self._at.flusher.write(self._journal, StopLine())
            self._at.flusher.drain(STOP_PATIENCE_S)
            self._journal.close()
        for name in self._streams:
            self._on_state(name, StreamState(CameraCondition.OFF, self._at.clock.wall_us()))
