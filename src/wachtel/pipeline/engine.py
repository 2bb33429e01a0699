"""The engine: workers and desks of one installation, connected. It decides nothing itself."""

import asyncio
import logging
import tempfile
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec

from wachtel.base.clock import Clock, next_tick
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.media.journal import DeletedLine, HoldLine, Journalled, SegmentLine
from wachtel.model.camera import Camera, MotionSettings, Site
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.event import Event
from wachtel.model.footage import GapReason
from wachtel.model.live import Announcement, CameraChanged, EventChanged, StorageTrouble
from wachtel.model.sound import SoundWant, SoundWish
from wachtel.pipeline.analysis_board import AnalysisBoard
from wachtel.pipeline.announcements import Broadcast
from wachtel.pipeline.camera_controls import ControlDesk
from wachtel.pipeline.camera_motion import CameraMotionDesk
from wachtel.pipeline.candidate_desk import CandidateDesk
from wachtel.pipeline.clips import ClipDesk
from wachtel.pipeline.clock_guard import ClockGuard
from wachtel.pipeline.crew import AnalysisCrew, MediaCrew
from wachtel.pipeline.event_desk import EventDesk
from wachtel.pipeline.gap_alarm import GapAlarms
from wachtel.pipeline.holds import HoldDesk
from wachtel.pipeline.importing.desk import ImportDesk
from wachtel.pipeline.indexer import Indexer
from wachtel.pipeline.ledger import LedgerDesk
from wachtel.pipeline.live import LiveDesk
from wachtel.pipeline.messages import (
    AdoptionDone,
    AnalysisFigures,
    CandidatesSeen,
    CertificateLearnt,
    DiskFigures,
    FromAnalysis,
    FromMedia,
    LineWritten,
    MediaFigures,
    RecordingAccount,
    RemovalDone,
    SegmentOpened,
    SignalSeen,
    SnapshotTaken,
    SoundHeard,
    StateChanged,
    Trouble,
)
from wachtel.pipeline.retention import RetentionDesk
from wachtel.pipeline.snapshots import SnapshotDesk
from wachtel.pipeline.state_board import StateBoard
from wachtel.pipeline.storage_alarms import StorageAlarms
from wachtel.pipeline.storage_report import StorageDesk
from wachtel.pipeline.tap_streams import TapStreams
from wachtel.pipeline.transcode.converters import Converters
from wachtel.pipeline.transcode.desk import TranscodeDesk
from wachtel.pipeline.transcode.pricing import PriceDesk
from wachtel.pipeline.worker_process import Worker
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.files import write_site
from wachtel.storage.files.candidates import Candidates
from wachtel.storage.index import Index
from wachtel.storage.space import volume_space

log = logging.getLogger(__name__)

PICTURE_TRIES, PICTURE_AGAIN_S = 10, 0.5
LOOK_FOR_GAPS_S = 1.0
DISK_TROUBLE = frozenset({ErrorKind.DISK_FULL, ErrorKind.DISK_ERROR, ErrorKind.FOREIGN_VOLUME})
LATENESS_SAMPLES = 1000
STOP_PATIENCE_S = 12.0
LAST_ROWS_S = 5.0


class Engine:
    """Created inside the loop; `start` first, `stop` last."""

    def __init__(self, data: DataFolder, index: Index, clock: Clock) -> None:
        self.announcements: Broadcast[Announcement] = Broadcast()
        self.troubles: list[Trouble] = []
        self.keep_certificate: Callable[[str, PinnedCertificate], Awaitable[None]] = _keep_nothing
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._data = data
        self._tasks = TaskSupervisor(clock)
        self._sites: dict[str, str] = {}
        self._time_zones: dict[str, str] = {}
        self._cameras: dict[str, Camera] = {}
        self._lateness: deque[float] = deque(maxlen=LATENESS_SAMPLES)
        self.states = StateBoard(clock, self._camera_changed)
        self.on_sound: list[Callable[[Camera, SoundWish, bool], None]] = []
        """Hears that a camera became as loud as somebody wished, or that it is over."""

        self._sound_wants: dict[str, tuple[SoundWant, ...]] = {}
        self._loud: dict[tuple[str, SoundWish], SoundHeard] = {}
        self.watches = AnalysisBoard(clock, self._camera_changed)
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
        self.camera_motion = CameraMotionDesk(clock, self._saw, self._learnt_in_thread)
        self.controls = ControlDesk(clock, self._learnt_in_thread)
        self.candidates = CandidateDesk(Candidates(data.root), clock, lambda: list(self._cameras.values()))
        self.ledgers = LedgerDesk(index, clock)
        self.gap_alarms = GapAlarms(clock, self.ledgers, self.announcements.tell)
        self.clips = ClipDesk(data.archive, index, clock, self.events)
        self.holds = HoldDesk(
            index, clock, lambda m: self.media.send_anywhere(m.camera, m), self.events.clip_range
        )
        self.storage_alarms = StorageAlarms(clock, self.announcements.tell)
        self.retention = RetentionDesk(
            index,
            clock,
            ClockGuard(clock, data.run / "clock.json", index.newest()),
            partial(volume_space, data.archive),
            self.holds,
            lambda m: self.media.send_anywhere(m.camera, m),
            self.storage_alarms,
        )
        self.storage = StorageDesk(
            index, clock, partial(volume_space, data.archive), self.retention, self.holds, self.storage_alarms
        )
        self.indexer = Indexer(index, data.archive, clock, self._event_changed, self._applied)
        self.imports = ImportDesk(
            clock, lambda m: self.media.send_anywhere(m.camera, m), lambda: self.indexer.finish()
        )
        self.snapshots = SnapshotDesk(self.analysis.send)
        self.taps = TapStreams(clock, self.media.tap_of)
        self.transcoding = TranscodeDesk(clock, self.media.tap_of)
        self.converters = Converters(clock)
        self.pricing = PriceDesk(clock, self.media.tap_of)
        self.live = LiveDesk(
            self.taps, lambda camera, stream: self.states.of(camera).get(stream), self.transcoding
        )

    def start(self, cameras: list[Camera], *, deletes: bool = True) -> None:
        """Starts the tasks and all cameras; without ``deletes`` no footage is ever deleted."""
        if self._data.missing is not None:
            self.indexer.catch_up()
        self._tasks.keep("holds", self._load_holds_again)
        if deletes:
            self._tasks.keep("retention", self._keep_room)
        self._tasks.keep("indexer", self.indexer.run)
        self._tasks.keep("events", self._tick)
        self._tasks.keep("candidates", self.candidates.run)
        self._tasks.keep("old candidates", self.candidates.prune)
        self._tasks.keep("gap alarms", self._look_for_gaps)
        self._tasks.keep("coverage", lambda: self.ledgers.keep_shares(self.states.cameras))
        for camera in cameras:
            self._run(camera)

    async def _tick(self) -> None:
        while True:
            self._lateness.append(await next_tick(self._clock))
            self.camera_motion.tick()
            self.events.tick()

    async def _look_for_gaps(self) -> None:
        while True:
            await self._clock.sleep(LOOK_FOR_GAPS_S)
            self.gap_alarms.look()
            # Often, so that no footage of a wrong time goes unnoticed.
            self.retention.guard.trusted()
            self._look_at_disk()

    async def _load_holds_again(self) -> None:
        await self.indexer.finish()
        await self.holds.load()

    async def _keep_room(self) -> None:
        """Nothing is deleted before it is known what is held."""
        await self._load_holds_again()
        await self.retention.run()

    def _look_at_disk(self) -> None:
        """What a worker finds at the disk itself says more than what a file met on the way there."""
        away = self.storage.trouble()
        gaps = (self.ledgers.lasting_gap(camera) for camera in self.states.cameras())
        full = any(gap is not None and gap.reason is GapReason.DISK_FULL for gap in gaps)
        if not full and away is None:
            self.storage_alarms.clear(StorageTrouble.NOT_RECORDING)
            return
        met = away or next((one for one in reversed(self.troubles) if one.kind in DISK_TROUBLE), None)
        if met is not None:
            what = f"{met.what} The archive lies in {self._data.archive}."
            self.storage_alarms.raise_(StorageTrouble.NOT_RECORDING, what, met.hint)
        self.retention.hurry()

    def lateness_p99_s(self) -> float:
        """How late the loop came to its work in the worst hundredth of the last minutes."""
        late = sorted(self._lateness)
        return late[len(late) * 99 // 100] if late else 0.0

    def _run(self, camera: Camera) -> None:
        self._sites[camera.id] = camera.site
        self.states.expect(camera)
        self.events.watch(camera)
        self._keep(camera)
        self.media.add(camera)
        self.converters.run(camera, self.media.tap_of(camera.id))
        self._watch(camera)

    def _watch(self, camera: Camera) -> None:
        """Motion is watched by the clock on the wall of the site; only a device can report it itself."""
        time_zone = self._time_zones.get(camera.site, "UTC")
        from_camera = camera.motion.from_camera and camera.device_url is not None
        motion = replace(camera.motion, time_zone=time_zone, from_camera=from_camera)
        there = replace(camera, motion=motion)
        self.analysis.watch(there)
        self.camera_motion.watch(there)
        self._listen_to(camera)

    def _keep(self, camera: Camera) -> None:
        self._cameras[camera.id] = camera
        self.gap_alarms.watch(camera)
        self.retention.watch(camera)

    def _learnt_in_thread(self, camera: str, pin: PinnedCertificate) -> None:
        self._loop.call_soon_threadsafe(self._certificate_learnt, camera, pin)

    def _saw(self, message: SignalSeen) -> None:
        """A camera's own word comes without a picture, and a detector's when it sent a better one just before: then it
        is taken here, near to when the event began."""
        event = self.events.seen(message)
        if event is not None:
            name = f"picture of {event}"
            self._tasks.keep(name, partial(self._picture_of, message.camera, event))

    async def _picture_of(self, camera: str, event: str) -> None:
        """The newest key frame of the small stream, from the worker that decodes it anyway; tried while it lasts."""
        for _ in range(PICTURE_TRIES):
            if self.events.without_picture(camera) != event:
                return
            try:
                jpeg = await self.snapshots.latest(camera)
            except WachtelError as error:
                log.debug("no picture for %s yet: %s", event, error)
                await self._clock.sleep(PICTURE_AGAIN_S)
            else:
                self.events.take_picture(camera, event, jpeg)
                return

    def _certificate_learnt(self, camera: str, pin: PinnedCertificate) -> None:
        """The first certificate of a place is kept; those who speak to the camera know it already."""
        known = self._cameras.get(camera)
        if known is None or any(one.at == pin.at for one in known.certificates):
            return
        self._cameras[camera] = replace(known, certificates=(*known.certificates, pin))
        self._tasks.keep(f"certificate of {camera}", partial(self._keep_certificate, camera, pin))

    async def _keep_certificate(self, camera: str, pin: PinnedCertificate) -> None:
        await self.keep_certificate(camera, pin)
        self._camera_changed(camera)

    async def camera_added(self, camera: Camera) -> None:
        """A camera was stored: it starts now."""
        self._run(camera)

    async def camera_changed(self, camera: Camera) -> None:
        """A camera's settings changed: it is started anew with them, unless they do not concern its recorder."""
        before = self._cameras.get(camera.id)
        camera = _with_certificates(camera, before)
        if before is not None and _without_keeping(before) == _without_keeping(camera):
            self._keep(camera)
            if before.motion != camera.motion:
                self._watch(camera)
            self._camera_changed(camera.id)
        else:
            self._run(camera)

    async def camera_removed(self, camera: str) -> None:
        """A camera was removed; its footage stays."""
        self.camera_motion.forget(camera)
        self.controls.forget(camera)
        self.events.stop(camera)
        self.analysis.forget(camera)
        self.converters.end(camera)
        self.media.remove(camera)
        self.states.forget(camera)
        self.watches.forget(camera)
        self._cameras.pop(camera, None)
        self.gap_alarms.forget(camera)
        self.retention.forget(camera)
        self.ledgers.forget(camera)
        self.announcements.tell(CameraChanged(camera, self._sites.pop(camera, "")))

    async def site_changed(self, site: Site) -> None:
        """A site was stored: whoever opens the archive folder shall find its name."""
        if self._time_zones.get(site.id, site.time_zone) != site.time_zone:
            self._time_zones[site.id] = site.time_zone
            for camera in self._cameras.values():
                if camera.site == site.id:
                    self._watch(camera)
        self._time_zones[site.id] = site.time_zone
        try:
            await asyncio.to_thread(lambda: write_site(self._data.volume, site))
        except WachtelError as error:
            log.warning("site.json of %s is not up to date: %s", site.id, error)

    def _camera_changed(self, camera: str) -> None:
        self.announcements.tell(CameraChanged(camera, self._sites.get(camera, "")))

    def _event_changed(self, event: Event) -> None:
        self.announcements.tell(EventChanged(event))

    def _applied(self, journalled: Journalled) -> None:
        """A line is in the index."""
        match journalled.line:
            case SegmentLine() as line:
                self.clips.closed(line)
                self.ledgers.closed(line.file)
            case HoldLine() as line:
                self.holds.written(journalled.camera, line)
            case DeletedLine() as line:
                self.retention.deleted(line.file)
            case _:
                pass

    def _from_media(self, message: FromMedia) -> None:
        match message:
            case StateChanged():
                self.states.changed(message)
                self.live.state_changed(message.camera, message.stream, message.state)
            case SegmentOpened():
                self.clips.opened(message)
                self.ledgers.opened(message)
            case CertificateLearnt(camera, pin):
                self._certificate_learnt(camera, pin)
            case RemovalDone():
                self.retention.done(message)
            case AdoptionDone():
                self.imports.done(message)
            case RecordingAccount():
                self.ledgers.heard(message)
            case LineWritten(journalled):
                self.indexer.take(journalled)
            case MediaFigures():
                self.states.counted(message)
            case DiskFigures():
                self.storage.heard(message)
            case Trouble():
                log.warning("%s: %s %s", message.camera, message.what, message.hint)
                self.troubles = [*self.troubles[-99:], message]

    def _from_analysis(self, message: FromAnalysis) -> None:
        match message:
            case SignalSeen():
                self._saw(message)
            case CandidatesSeen():
                self.candidates.seen(message)
            case SnapshotTaken():
                self.snapshots.taken(message)
            case SoundHeard():
                self._sound(message)
            case AnalysisFigures():
                if message.camera in self._cameras:
                    self.watches.heard(message)

    def _media_died(self, cameras: list[str]) -> None:
        # Recovery in the new worker completes their running events from the journal.
        self.clips.worker_died(cameras)
        self.imports.worker_died()
        self.ledgers.worker_died(cameras)
        self.indexer.catch_up()
        self._tasks.keep("holds again", self._load_holds_again)
        for camera in cameras:
            self.events.abandon(camera)
        self.states.worker_died(cameras)

    def _analysis_died(self, cameras: list[str]) -> None:
        for camera in cameras:
            self.events.stop(camera)
        for known in [one for one in self._loud.values() if one.camera in cameras]:
            self._sound(msgspec.structs.replace(known, on=False))

    def hear(self, who: str, wants: Sequence[SoundWant]) -> None:
        """What somebody (``rules``, ``mqtt``) wants to hear, at which cameras; replaces what was wanted before."""
        self._sound_wants[who] = tuple(wants)
        for camera in self._cameras.values():
            self._listen_to(camera)

    def _listen_to(self, camera: Camera) -> None:
        wishes = {
            want.wish
            for wants in self._sound_wants.values()
            for want in wants
            if want.site == camera.site and (not want.cameras or camera.id in want.cameras)
        }
        self.analysis.hear(camera.id, tuple(sorted(wishes, key=lambda wish: (wish.level_db, wish.for_ms))))

    def _sound(self, heard: SoundHeard) -> None:
        key, camera = (heard.camera, heard.wish), self._cameras.get(heard.camera)
        if heard.on:
            self._loud[key] = heard
        else:
            self._loud.pop(key, None)
        if camera is not None:
            for told in self.on_sound:
                told(camera, heard.wish, heard.on)

    def workers(self) -> list[Worker]:
        """All worker processes."""
        return [*self.analysis.workers, *self.media.workers]

    async def stop(self) -> None:
        """Ends running events, lets the workers close their files, and brings their last lines into the index."""
        self.camera_motion.stop()
        await self.controls.close()
        self.events.stop()
        self.taps.close()
        await self.transcoding.close()
        for worker in self.workers():
            await worker.stop()
        endings = [asyncio.ensure_future(worker.ended.wait()) for worker in self.workers()]
        if endings:
            await asyncio.wait(endings, timeout=STOP_PATIENCE_S)
        # Only now: the last pictures of the recordings still went through them.
        await self.converters.close()
        with suppress(TimeoutError):
            # A disk that takes no more takes no row either; the journals bring them back at the next start.
            await asyncio.wait_for(self.indexer.finish(), LAST_ROWS_S)
        await self._tasks.close()


async def _keep_nothing(_camera: str, _pin: PinnedCertificate) -> None:
    return None


def _with_certificates(camera: Camera, before: Camera | None) -> Camera:
    """A camera that was read before its certificates were learnt has them all the same."""
    places = {pin.at for pin in camera.certificates}
    learnt = () if before is None else tuple(pin for pin in before.certificates if pin.at not in places)
    return replace(camera, certificates=(*camera.certificates, *learnt))


def _without_keeping(camera: Camera) -> Camera:
    """A camera as its recorder knows it: how long footage is kept, when to be alarmed and what counts as motion are not
    its business."""
    motion = MotionSettings()
    return replace(camera, gap_limit_s=0.0, keep_days=0.0, keep_event_days=0.0, most_gb=0.0, motion=motion)


def tap_folder(run: Path) -> Path:
    """Where the Unix sockets of the taps lie: DATA/run, unless its path is too long for a socket's name."""
    longest_name = run / "tap-999.sock"
    if len(str(longest_name).encode()) < 100:
        return run
    return Path(tempfile.mkdtemp(prefix="wachtel-"))
