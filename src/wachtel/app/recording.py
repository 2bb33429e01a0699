"""Recording one camera without a server: the engine alone, and a file for the clip of every event."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wachtel.app.probing import make_prober
from wachtel.app.signals import wait_for_signal
from wachtel.app.typed_zone import zones_from_text
from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import Errands
from wachtel.base.units import US_PER_S
from wachtel.model.camera import Camera, MotionSettings, Site
from wachtel.model.event import Event
from wachtel.model.live import EventChanged
from wachtel.model.zone import Zone
from wachtel.pipeline.engine import Engine
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.index import Index
from wachtel.storage.index.filling import open_or_rebuild

SITE = Site("home", "Home", "UTC")
CAMERA = "camera"

Tell = Callable[[dict[str, object]], None]


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """``zone`` is a polygon in pixels of the watched stream, as typed; ``seconds`` None runs until a signal."""

    url: str
    data: Path
    detect_url: str | None = None
    zone: str | None = None
    sensitivity: int = 50
    seconds: float | None = None


async def record(options: RecordOptions, tell: Tell, clock: Clock | None = None) -> None:
    """Records, and tells of motion, its end and each clip as dictionaries ready for JSON."""
    clock = clock or SystemClock()
    camera = await _camera(options)
    data = DataFolder.open(options.data, clock)
    index = await asyncio.to_thread(open_or_rebuild, data.index_path, data.archive)
    session = _Session(data, index, clock, tell)
    try:
        await session.run(camera, options.seconds)
    finally:
        index.close()
        data.close()


async def _camera(options: RecordOptions) -> Camera:
    for url in (options.url, options.detect_url):
        if url is not None:
            parse_camera_url(url)
    if not 0 <= options.sensitivity <= 100:
        raise WachtelError(
            ErrorKind.INVALID, "The sensitivity must be between 0 and 100.", hint="50 is normal."
        )
    zones: tuple[Zone, ...] = ()
    if options.zone is not None:
        zones = await _zone_in_shares(options.detect_url or options.url, options.zone)
    return Camera(
        id=CAMERA,
        site=SITE.id,
        name="Camera",
        main_url=options.url,
        sub_url=options.detect_url,
        allow_local=True,
        motion=MotionSettings(sensitivity=options.sensitivity, zones=zones),
    )


async def _zone_in_shares(url: str, text: str) -> tuple[Zone, ...]:
    """A zone typed in pixels needs the size of the picture, so the camera is asked first."""
    report = await make_prober().probe(url, allow_local=True)
    if not report.width or not report.height:
        raise WachtelError(
            ErrorKind.UNREACHABLE,
            "The size of the camera's picture is not known, so a zone in pixels cannot be placed.",
            hint=" ".join(finding.what for finding in report.findings if finding.level == "error"),
        )
    return zones_from_text([text], report.width, report.height)


class _Session:
    def __init__(self, data: DataFolder, index: Index, clock: Clock, tell: Tell) -> None:
        self._engine = Engine(data, index, clock)
        self._clips = data.archive.parent / "clips"
        self._clock = clock
        self._tell = tell
        self._begun: set[str] = set()
        self._ended: set[str] = set()
        self._cutting = Errands()

    async def run(self, camera: Camera, seconds: float | None) -> None:
        self._clips.mkdir(exist_ok=True)
        listening = asyncio.create_task(self._listen())
        await asyncio.sleep(0)
        await self._engine.site_changed(SITE)
        self._engine.start([camera], deletes=False)
        waiting = [asyncio.create_task(wait_for_signal())]
        if seconds is not None:
            waiting.append(asyncio.create_task(self._clock.sleep(seconds)))
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await self._engine.stop()
        await asyncio.sleep(0)
        await self._cutting.done()
        listening.cancel()

    async def _listen(self) -> None:
        async for news in self._engine.announcements.subscribe():
            if isinstance(news, EventChanged):
                self._event(news.event)

    def _event(self, event: Event) -> None:
        if event.id not in self._begun:
            self._begun.add(event.id)
            self._say(event, motion=True, start=event.start / US_PER_S)
        if event.end is not None and event.id not in self._ended:
            self._ended.add(event.id)
            self._say(event, motion=False)
            self._cutting.run("cut", self._cut(event))

    def _say(self, event: Event, **more: object) -> None:
        self._tell({"wall": self._clock.wall_us() / US_PER_S, "event": event.id, **more})

    async def _cut(self, event: Event) -> None:
        try:
            clip = await self._engine.clips.clip(event)
            path = self._clips / f"{event.id}.mp4"
            unfinished = path.with_suffix(".part")
            with unfinished.open("wb") as file:
                async for body in clip.read():
                    file.write(body)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        except WachtelError as error:
            self._say(event, clip=None, error=error.what)
            return
        assert event.end is not None
        self._say(event, clip=str(path), start=event.start / US_PER_S, end=event.end / US_PER_S)
