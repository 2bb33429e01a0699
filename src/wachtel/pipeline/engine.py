"""The engine: workers and desks of one installation, connected. It decides nothing itself."""

import asyncio
import logging
import tempfile
from collections import deque
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.media.journal import SegmentLine
from wachtel.model.camera import Camera, Site
from wachtel.model.event import Event
from wachtel.model.live import Announcement, CameraChanged, EventChanged
from wachtel.pipeline.announcements import Broadcast
from wachtel.pipeline.clips import ClipDesk
from wachtel.pipeline.crew import AnalysisCrew, MediaCrew
from wachtel.pipeline.event_desk import EventDesk
from wachtel.pipeline.gap_alarm import GapAlarms
from wachtel.pipeline.indexer import Indexer
from wachtel.pipeline.ledger import LedgerDesk
from wachtel.pipeline.live import LiveDesk
from wachtel.pipeline.messages import (
    AnalysisFigures,
    FromAnalysis,
    FromMedia,
    LineWritten,
    MediaFigures,
    RecordingAccount,
    SegmentOpened,
    SignalSeen,
    SnapshotTaken,
    StateChanged,
    Trouble,
)
from wachtel.pipeline.snapshots import SnapshotDesk
from wachtel.pipeline.state_board import StateBoard
from wachtel.pipeline.tap_streams import TapStreams
from wachtel.pipeline.worker_process import Worker
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.files import write_site
from wachtel.storage.index import Index

log = logging.getLogger(__name__)

TICK_S = 0.2
LOOK_FOR_GAPS_S = 1.0
LATENESS_SAMPLES = 1000
STOP_PATIENCE_S = 12.0


class Engine:
    """Created inside the loop; `start` first, `stop` last."""

    def __init__(self, data: DataFolder, index: Index, clock: Clock) -> None:
        self.announcements: Broadcast[Announcement] = Broadcast()
        self.analysis_figures: dict[str, AnalysisFigures] = {}
        self.troubles: list[Trouble] = []
        self._clock = clock
        self._volume = data.volume
        self._tasks = TaskSupervisor(clock)
        self._sites: dict[str, str] = {}
        self._lateness: deque[float] = deque(maxlen=LATENESS_SAMPLES)
        self.states = StateBoard(clock, self._camera_changed)
        self.media = MediaCrew(
            data.archive,
            data.keys,
            tap_folder(data.run),
            clock,
            self._tasks,
            self._from_media,
            self._media_died,
        )
        self.analysis = AnalysisCrew(
            clock, self._tasks, self.media.tap_of, self._from_analysis, self._analysis_died
        )
        self.events = EventDesk(clock, lambda m: self.media.send(m.camera, m), self._event_changed)
        self.ledgers = LedgerDesk(index, clock)
        self.gap_alarms = GapAlarms(clock, self.ledgers, self.announcements.tell)
        self.clips = ClipDesk(data.archive, index, clock, self.events)
        self.indexer = Indexer(index, data.archive, self._event_changed, self._segment_closed)
        self.snapshots = SnapshotDesk(self.analysis.send)
        self.taps = TapStreams(clock, self.media.tap_of)
        self.live = LiveDesk(self.taps, lambda camera, stream: self.states.of(camera).get(stream))

    def start(self, cameras: list[Camera]) -> None:
        """Starts the tasks and all cameras."""
        self._tasks.keep("indexer", self.indexer.run)
        self._tasks.keep("events", self._tick)
        self._tasks.keep("gap alarms", self._look_for_gaps)
        self._tasks.keep("coverage", lambda: self.ledgers.keep_shares(self.states.cameras))
        for camera in cameras:
            self._run(camera)

    async def _tick(self) -> None:
        while True:
            due = self._clock.monotonic_s() + TICK_S
            await self._clock.sleep(TICK_S)
            self._lateness.append(self._clock.monotonic_s() - due)
            self.events.tick()

    async def _look_for_gaps(self) -> None:
        while True:
            await self._clock.sleep(LOOK_FOR_GAPS_S)
            self.gap_alarms.look()

    def lateness_p99_s(self) -> float:
        """How late the loop came to its work in the worst hundredth of the last minutes."""
        late = sorted(self._lateness)
        return late[len(late) * 99 // 100] if late else 0.0

    def _run(self, camera: Camera) -> None:
        self._sites[camera.id] = camera.site
        self.states.expect(camera)
        self.events.watch(camera)
        self.gap_alarms.watch(camera)
        self.media.add(camera)
        self.analysis.watch(camera)

    async def camera_added(self, camera: Camera) -> None:
        """A camera was stored: it starts now."""
        self._run(camera)

    async def camera_changed(self, camera: Camera) -> None:
        """A camera's settings changed: it is started anew with them."""
        self._run(camera)

    async def camera_removed(self, camera: str) -> None:
        """A camera was removed; its footage stays."""
        self.events.stop(camera)
        self.analysis.forget(camera)
        self.media.remove(camera)
        self.states.forget(camera)
        self.gap_alarms.forget(camera)
        self.ledgers.forget(camera)
        self.announcements.tell(CameraChanged(camera, self._sites.pop(camera, "")))

    async def site_changed(self, site: Site) -> None:
        """A site was stored: whoever opens the archive folder shall find its name."""
        try:
            await asyncio.to_thread(write_site, self._volume, site)
        except WachtelError as error:
            log.warning("site.json of %s is not up to date: %s", site.id, error)

    def _camera_changed(self, camera: str) -> None:
        self.announcements.tell(CameraChanged(camera, self._sites.get(camera, "")))

    def _event_changed(self, event: Event) -> None:
        self.announcements.tell(EventChanged(event))

    def _segment_closed(self, line: SegmentLine) -> None:
        self.clips.closed(line)
        self.ledgers.closed(line.file)

    def _from_media(self, message: FromMedia) -> None:
        match message:
            case StateChanged():
                self.states.changed(message)
                self.live.state_changed(message.camera, message.stream, message.state)
            case SegmentOpened():
                self.clips.opened(message)
                self.ledgers.opened(message)
            case RecordingAccount():
                self.ledgers.heard(message)
            case LineWritten(journalled):
                self.indexer.take(journalled)
            case MediaFigures():
                self.states.counted(message)
            case Trouble():
                log.warning("%s: %s %s", message.camera, message.what, message.hint)
                self.troubles = [*self.troubles[-99:], message]

    def _from_analysis(self, message: FromAnalysis) -> None:
        match message:
            case SignalSeen():
                self.events.seen(message)
            case SnapshotTaken():
                self.snapshots.taken(message)
            case AnalysisFigures():
                self.analysis_figures[message.camera] = message

    def _media_died(self, cameras: list[str]) -> None:
        # Recovery in the new worker completes their running events from the journal.
        self.clips.worker_died(cameras)
        self.ledgers.worker_died(cameras)
        self.indexer.catch_up()
        for camera in cameras:
            self.events.abandon(camera)
        self.states.worker_died(cameras)

    def _analysis_died(self, cameras: list[str]) -> None:
        for camera in cameras:
            self.events.stop(camera)

    def workers(self) -> list[Worker]:
        """All worker processes."""
        return [*self.analysis.workers, *self.media.workers]

    async def stop(self) -> None:
        """Ends running events, lets the workers close their files, and brings their last lines into the index."""
        self.events.stop()
        self.taps.close()
        for worker in self.workers():
            await worker.stop()
        endings = [asyncio.ensure_future(worker.ended.wait()) for worker in self.workers()]
        if endings:
            await asyncio.wait(endings, timeout=STOP_PATIENCE_S)
        await self.indexer.finish()
        await self._tasks.close()


def tap_folder(run: Path) -> Path:
    """Where the Unix sockets of the taps lie: DATA/run, unless its path is too long for a socket's name."""
    longest_name = run / "tap-999.sock"
    if len(str(longest_name).encode()) < 100:
        return run
    return Path(tempfile.mkdtemp(prefix="wachtel-"))
