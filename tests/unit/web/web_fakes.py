"""An engine made of memory, for tests of the web layer."""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from wachtel.actuators.wemo.finding import FoundWemo
from wachtel.actuators.wemo.messages import Place
from wachtel.actuators.wemo.settings import checked_host
from wachtel.automation.wemo.imports import ImportWish, RulesImport
from wachtel.automation.wemo.presence import ShownSensor
from wachtel.automation.wemo.rule_import import Converted, Known, convert
from wachtel.automation.wemo.sensors import WemoSensor
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, MonoS, WallUs
from wachtel.model.camera import Camera, CameraCondition, Site, StreamState
from wachtel.model.device import (
    Ability,
    DeviceReport,
    EncoderSettings,
    FoundDevice,
    Preset,
    Reach,
    Relay,
    StreamOffer,
    SubStreamPlan,
)
from wachtel.model.event import Event, EventKind
from wachtel.model.footage import GapReason, Hold, LastingGap
from wachtel.model.live import Announcement, LiveFragment, LiveInit, StorageAlarm, StorageTrouble
from wachtel.model.probe import ProbeFinding, ProbeReport
from wachtel.model.stream import Codec, StreamFormat, StreamName, VideoFormat
from wachtel.model.watch import Watch
from wachtel.pipeline.archive_care import Finding, Work, WorkKind
from wachtel.pipeline.camera_controls import Controls, Speeds
from wachtel.pipeline.exports import Wish
from wachtel.pipeline.storage_report import CameraStorage, Forecast, StorageReport
from wachtel.pipeline.storage_shares import Effect, Share
from wachtel.protocols.wemo import WemoKind
from wachtel.storage.api import HourSummary, Ledger, LedgerState, Stretch
from wachtel.storage.foreign.wemo_rules import read_wemo_rules
from wachtel.storage.space import Space
from wachtel.web.ports import WebPorts
from wachtel.web.ports.archive import Reading, Rebuilt
from wachtel.web.ports.footage import Clip, EventQuery, Part

START = WallUs(1_795_271_400 * US_PER_S)
MAIN_OFFER = StreamOffer("main", "rtsp://192.168.1.30:554/main", "h264", 1920, 1080, 20.0, 2.0)
SUB_OFFER = StreamOffer("sub", "rtsp://192.168.1.30:554/sub", "h264", 640, 360, 10.0, 2.0)
DEVICE = DeviceReport(
    "onvif://192.168.1.30:80/",
    "onvif",
    "<b>Make</b>",
    "Model",
    main=MAIN_OFFER,
    sub=SUB_OFFER,
    streams=(MAIN_OFFER, SUB_OFFER),
    clock_ahead_s=-7200.0,
    abilities=(Ability.EVENTS,),
)
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
ZIP = b"PK, several cameras"
FILM = bytes(range(256)) * 40


class HandClock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def wall_us(self) -> WallUs:
        return self.now

    def monotonic_s(self) -> MonoS:
        return MonoS(self.now / US_PER_S)

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + round(seconds * US_PER_S), future))
        await future

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.now = WallUs(self.now + round(seconds * US_PER_S))
        return stop.is_set()

    def advance(self, seconds: float) -> None:
        """Moves time and wakes who has slept long enough; call it on the loop's thread."""
        self.now = WallUs(self.now + round(seconds * US_PER_S))
        due = [future for until, future in self._sleepers if until <= self.now]
        self._sleepers = [(until, future) for until, future in self._sleepers if until > self.now]
        for future in due:
            if not future.done():
                future.set_result(None)


@dataclass(frozen=True)
class MemoryClip:
    """A clip whose bytes are at hand."""

    size_bytes: int | None
    etag: str | None
    start: WallUs
    end: WallUs
    gaps: tuple[tuple[WallUs, WallUs], ...]
    data: bytes = FILM
    formats: tuple[StreamFormat, ...] = (StreamFormat(VideoFormat(Codec.H264, 640, 360)),)

    async def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        end = len(self.data) if last is None else last + 1
        for start in range(first, end, 1000):
            yield self.data[start : min(end, start + 1000)]


class MemoryDownload:
    """A file whose bytes are at hand."""

    size_bytes = len(ZIP)
    etag = "zip1"

    async def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        yield ZIP[first : None if last is None else last + 1]


def finished_clip(start: WallUs = START) -> MemoryClip:
    end = WallUs(start + 20 * US_PER_S)
    gap = (WallUs(start + 5 * US_PER_S), WallUs(start + 9 * US_PER_S))
    return MemoryClip(len(FILM), "abc123", start, end, (gap,))


def running_clip() -> MemoryClip:
    return MemoryClip(None, None, START, START, ())


class FakeView:
    """Shows what it was given, then waits for ever."""

    def __init__(self, pieces: Sequence[LiveInit | LiveFragment | StreamState]) -> None:
        self._pieces = pieces
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[LiveInit | LiveFragment | StreamState]:
        for piece in self._pieces:
            yield piece
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed = True


def some_pieces() -> list[LiveInit | LiveFragment | StreamState]:
    return [
        LiveInit('video/mp4; codecs="avc1.64001f"', 640, 360, b"init"),
        LiveFragment(b"moofmdat-1", True, START),
        StreamState(
            CameraCondition.STALLED, START, "stalled", "No picture for 8 s.", "Look at the camera.", START
        ),
        LiveFragment(b"moofmdat-2", False, START),
    ]


@dataclass
class FakeEngine:
    """Every port in one; what a test sets is what the routes see."""

    happened: list[Event] = field(default_factory=list)
    conditions: dict[str, dict[StreamName, StreamState]] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    views: list[FakeView] = field(default_factory=list)
    pieces: list[LiveInit | LiveFragment | StreamState] = field(default_factory=some_pieces)
    recorded: MemoryClip | None = field(default_factory=finished_clip)
    later_parts: list[MemoryClip] = field(default_factory=list)
    event_clip: MemoryClip = field(default_factory=finished_clip)
    news: "asyncio.Queue[Announcement]" = field(default_factory=asyncio.Queue)
    numbers: list[Reading] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    held: dict[str, Hold] = field(default_factory=dict)
    kept_free: int | None = None
    work: Work | None = None
    missing: dict[str, LastingGap] = field(default_factory=dict)
    watches: "FakeWatches" = field(default_factory=lambda: FakeWatches())

    async def query(self, wanted: EventQuery) -> Sequence[Event]:
        ordered = sorted(self.happened, key=lambda event: (event.start, event.id), reverse=True)
        ids = [event.id for event in ordered]
        older = ordered[ids.index(wanted.before) + 1 :] if wanted.before in ids else ordered
        fitting = [event for event in older if _fits(event, wanted)]
        return fitting[: wanted.limit]

    async def get(self, event: str) -> Event | None:
        return next((each for each in self.happened if each.id == event), None)

    async def open(self, camera: str, stream: StreamName, *, convert: bool = False) -> FakeView:
        if stream is StreamName.SUB:
            raise WachtelError(ErrorKind.NOT_FOUND, "This camera has no second stream.")
        self.views.append(FakeView(self.pieces))
        return self.views[-1]

    async def latest(self, camera: str) -> bytes:
        return JPEG

    async def parts(self, camera: str, start: WallUs, end: WallUs) -> Sequence[Part]:
        if self.recorded is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "Nothing was recorded then.")
        return [replace(self.recorded, start=start, end=end), *self.later_parts]

    async def clip(self, event: Event) -> Clip:
        return self.event_clip

    async def event_snapshot(self, event: Event) -> bytes:
        return JPEG

    def of(self, camera: str) -> Mapping[StreamName, StreamState]:
        return self.conditions.get(camera, {})

    async def subscribe(self) -> AsyncIterator[Announcement]:
        while True:
            yield await self.news.get()

    async def camera_added(self, camera: Camera) -> None:
        self.told.append(("added", camera.main_url))

    async def camera_changed(self, camera: Camera) -> None:
        self.told.append(("changed", camera.main_url))

    async def camera_removed(self, camera: str) -> None:
        self.told.append(("removed", camera))

    async def site_changed(self, site: Site) -> None:
        self.told.append(("site", site.name))

    async def probe(self, url: str, *, allow_local: bool) -> ProbeReport:
        finding = ProbeFinding("ok", "found", "A picture came.")
        return ProbeReport(True, "rtsp://1.2.3.4:554/", "h264", 640, 360, 25.0, None, [finding], JPEG)

    async def describe(self, url: str, *, allow_local: bool) -> ProbeReport:
        return replace(await self.probe(url, allow_local=allow_local), device=DEVICE)

    async def search(self, seconds: float) -> AsyncIterator[list[FoundDevice]]:
        self.told.append(("search", f"{seconds:g}"))
        found = FoundDevice("192.168.1.30", "onvif://192.168.1.30", ("onvif",), "camera", name="<b>Hof</b>")
        yield []
        yield [found]

    async def ledger(self, camera: str, start: WallUs, end: WallUs) -> Ledger:
        """A gap of ten minutes from `START` on; recorded before it, nothing known after it."""
        past = min(end, WallUs(START + 600 * US_PER_S))
        borders = [start, min(max(start, START), past), past]
        states = ((LedgerState.RECORDED, None), (LedgerState.GAP, GapReason.CRASH))
        stretches = tuple(
            Stretch(WallUs(one), WallUs(two), state, reason)
            for (one, two), (state, reason) in zip(pairwise(borders), states, strict=True)
            if two > one
        )
        return Ledger(stretches, 1.0)

    async def hours(self, cameras: Sequence[str], start: WallUs, end: WallUs) -> Sequence[HourSummary]:
        return [HourSummary(camera, START, b"\xff" * 45, bytes(45), 1000) for camera in cameras]

    def of_event(self, event: str) -> Hold | None:
        return self.held.get(event)

    async def hold_event(self, event: Event, why: str) -> Hold:
        hold = Hold(event.camera, event.start, event.end or event.start, event.id, why)
        return self.held.setdefault(event.id, hold)

    async def release_event(self, event: Event) -> None:
        self.held.pop(event.id, None)

    async def hold(self, site: str, hold: Hold) -> Hold:
        return self.held.setdefault(f"{site} {hold.start}", hold)

    async def release(self, site: str, hold: Hold) -> None:
        self.held = {key: one for key, one in self.held.items() if one != hold}

    async def shares(self) -> Sequence[Share]:
        return [Share("flur", 20, 15, 5)]

    async def preview(self, camera: Camera) -> Effect:
        """Everything older than the days is a file of a byte each."""
        files = round(100 - camera.keep_days)
        return Effect(files, files, START, WallUs(START + files))

    def start(self, kind: WorkKind) -> Work:
        if self.work is not None and self.work.finished is None:
            raise WachtelError(ErrorKind.BUSY, "Something runs.")
        self.work = Work(kind, START, found=1, findings=(Finding("file_missing", "a.mp4", "Gone.", "Look."),))
        return self.work

    def stop(self) -> None:
        if self.work is not None:
            self.work = replace(self.work, finished=START, stopped=True)

    def last(self) -> Work | None:
        return self.work

    def all(self) -> Sequence[Hold]:
        return list(self.held.values())

    async def report(self) -> StorageReport:
        camera = CameraStorage("flur", 40, 10, START, len(self.held))
        alarms = (StorageAlarm(StorageTrouble.CLOCK, START, "The clock is wrong.", "Set it."),)
        return StorageReport(
            Space(1000, 500), self.kept_free or 100, 40, 10, Forecast(44.0, 40.0), False, (camera,), alarms
        )

    async def keep_free(self, size_bytes: int | None) -> None:
        self.kept_free = size_bytes

    async def believe_clock(self) -> None:
        self.told.append(("clock", "right"))

    async def archive(self, wish: Wish) -> "MemoryDownload":
        self.wishes.append(wish)
        return MemoryDownload()

    def lasting(self, camera: str) -> LastingGap | None:
        return self.missing.get(camera)

    def alarmed(self, camera: str) -> bool:
        return camera in self.missing

    async def rebuild(self) -> Rebuilt:
        return Rebuilt(3, 2, 1)

    def read(self) -> Sequence[Reading]:
        return self.numbers


@dataclass
class FakeWatches:
    """How cameras are watched."""

    known: dict[str, Watch] = field(default_factory=dict)

    def of(self, camera: str) -> Watch | None:
        return self.known.get(camera)


@dataclass
class FakeWemoHouse:
    """Wemo devices that are not there."""

    known: list[WemoSensor] = field(default_factory=list)

    async def search(self, seconds: float) -> list[FoundWemo]:
        return [FoundWemo("uuid:Socket-1_0-1", WemoKind.SWITCH, "192.168.1.31", 49153, "<b>Lampe</b>")]

    async def look(self, host: str, *, allow_local: bool) -> list[FoundWemo]:
        checked_host(host, allow_local=allow_local)
        return []

    async def sensors(self) -> list[WemoSensor]:
        return self.known

    async def add_sensor(self, sensor: WemoSensor) -> None:
        self.known.append(sensor)

    async def remove_sensor(self, udn: str) -> None:
        self.known = [one for one in self.known if one.udn != udn]

    async def networks(self) -> tuple[list[str], list[str], dict[str, str]]:
        return [], ["192.168.1.2"], {}

    async def listen_at(self, addresses: list[str]) -> None:
        return None

    async def shown(self) -> list[ShownSensor]:
        return []

    async def show(self, camera: str, hold_s: float) -> None:
        return None

    async def hide(self, camera: str) -> None:
        return None

    async def rules_of(self, place: Place) -> bytes:
        return b""

    async def look_at_rules(self, data: bytes, wish: ImportWish) -> Converted:
        return convert(read_wemo_rules(data), Known(), wish.site, lambda: "r")

    async def take_over_rules(self, data: bytes, wish: ImportWish) -> tuple[RulesImport, Converted]:
        return RulesImport("i", wish.site, WallUs(0), ()), await self.look_at_rules(data, wish)

    async def rule_imports(self) -> list[RulesImport]:
        return []

    async def undo_import(self, imported: str) -> None:
        return None


def _fits(event: Event, wanted: EventQuery) -> bool:
    return (
        (wanted.camera is None or event.camera == wanted.camera)
        and (wanted.sites is None or event.site in wanted.sites)
        and (wanted.start is None or event.end is None or event.end >= wanted.start)
        and (wanted.end is None or event.start < wanted.end)
    )


class MemoryControls:
    """Cameras that turn; what they are told is noted."""

    def __init__(self, told: list[tuple[str, str]]) -> None:
        self.told = told

    async def controls(self, camera: Camera) -> Controls:
        return Controls(Reach(), (Preset("1", "<b>Tor</b>"),), (Relay("light", 3.0),))

    async def go_to(self, camera: Camera, preset: str) -> None:
        self.told.append(("preset", preset))

    async def move(self, camera: Camera, speeds: Speeds) -> None:
        self.told.append(("move", camera.id))

    async def switch(self, camera: Camera, relay: str, *, on: bool) -> None:
        self.told.append((relay, str(on)))

    async def sub_stream(self, camera: Camera) -> SubStreamPlan:
        return SubStreamPlan(
            "sub", "h264", EncoderSettings(1280, 720, 25, 500), EncoderSettings(640, 360, 10, 20)
        )

    async def set_sub_stream(self, camera: Camera, settings: EncoderSettings) -> SubStreamPlan:
        self.told.append(("sub", str(settings.width)))
        return SubStreamPlan("sub", "h264", settings, None)


def ports_of(engine: FakeEngine, clock: HandClock) -> WebPorts:
    return WebPorts(
        clock=clock,
        events=engine,
        live=engine,
        snapshots=engine,
        footage=engine,
        states=engine,
        announcements=engine,
        recording=engine,
        prober=engine,
        searches=engine,
        controls=MemoryControls(engine.told),
        wemo=FakeWemoHouse(),
        readings=engine,
        archive=engine,
        ledgers=engine,
        gaps=engine,
        holds=engine,
        storage=engine,
        exports=engine,
        care=engine,
        shares=engine,
        watches=engine.watches,
    )


def an_event(number: int = 0, camera: str = "flur", site: str = "home") -> Event:
    start = WallUs(START + number * 60 * US_PER_S)
    return Event(
        id=f"20261121T14{number:02d}00000Z-{camera}",
        site=site,
        camera=camera,
        kind=EventKind.MOTION,
        start=start,
        reported=WallUs(start + US_PER_S),
        end=WallUs(start + 5 * US_PER_S),
        score=0.8,
        snapshot=True,
    )
