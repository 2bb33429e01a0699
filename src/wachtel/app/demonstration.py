"""The demo: a virtual camera in a process of its own, the real server, and a look at what came out of it."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wachtel.app.cli.options import say, show
from wachtel.app.edge import Edge, EdgeOptions
from wachtel.app.playback import count_pictures
from wachtel.app.scene_folder import drawn_scene
from wachtel.app.signals import wait_for_signal
from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import WachtelError
from wachtel.base.tasks import Errands
from wachtel.base.units import US_PER_S
from wachtel.model.camera import Camera
from wachtel.model.event import Event
from wachtel.model.live import EventChanged, LiveFragment
from wachtel.model.stream import StreamName
from wachtel.pipeline.engine import Engine
from wachtel.testing.demo_netcam.process import DemoNetCamProcess

CAMERA_ID = "garden"
CAMERA_NAMES = {"de": "Garten", "en": "Garden"}


@dataclass(slots=True)
class DemoResult:
    """Times are medians in seconds over the events; None when there was none."""

    events: int = 0
    clips: int = 0
    prerolls_s: list[float] = field(default_factory=list)
    onset_to_event_s: list[float] = field(default_factory=list)
    onset_to_clip_s: list[float] = field(default_factory=list)
    first_live_frame_s: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The last line of ``wachtel demo --seconds``."""
        return {
            "events": self.events,
            "clips": self.clips,
            "preroll_s": _median(self.prerolls_s),
            "onset_to_event_s": _median(self.onset_to_event_s),
            "onset_to_clip_s": _median(self.onset_to_clip_s),
            "first_live_frame_s": self.first_live_frame_s,
        }


def _median(values: list[float]) -> float | None:
    return round(sorted(values)[len(values) // 2], 3) if values else None


async def demonstrate(data: Path | None, port: int, seconds: float | None) -> DemoResult:
    """Runs the demo for so many seconds after it is ready, or until a signal."""
    clock = SystemClock()
    say("Drawing the garden (once) ...")
    main, sub = await drawn_scene()
    async with _folder(data) as folder:
        with DemoNetCamProcess(main, sub) as camera:
            edge = await Edge.open(EdgeOptions(folder, "127.0.0.1", port), clock)
            try:
                return await _run(edge, camera, clock, seconds)
            finally:
                await edge.close()


@contextlib.asynccontextmanager
async def _folder(data: Path | None) -> AsyncIterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="wachtel-demo-") as folder:
        yield Path(folder)


async def _run(edge: Edge, camera: DemoNetCamProcess, clock: Clock, seconds: float | None) -> DemoResult:
    observer = Observer(edge.engine, clock)
    watching = [asyncio.create_task(observer.events()), asyncio.create_task(observer.first_picture())]
    await asyncio.sleep(0)
    await _add_camera(edge, camera)
    show(f"{edge.url}#/link?token={edge.links.offer_demo()}")
    say("Open the link above: a garden, its camera, and what happens in it. Ctrl+C ends the demo.")
    waiting = [asyncio.create_task(wait_for_signal())]
    if seconds is not None:
        waiting.append(asyncio.create_task(_after(clock, seconds)))
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    result = await observer.result() if seconds is not None else DemoResult()
    for task in (*waiting, *watching):
        task.cancel()
    await asyncio.gather(*waiting, *watching, return_exceptions=True)
    return result


async def _after(clock: Clock, seconds: float) -> None:
    await clock.sleep(seconds)


async def _add_camera(edge: Edge, camera: DemoNetCamProcess) -> None:
    """Adds the virtual camera, or finds it again on its new ports."""
    site = edge.state.sites.all()[0]
    name = CAMERA_NAMES["de" if site.name == "Zuhause" else "en"]
    wanted = Camera(
        id=CAMERA_ID,
        site=site.id,
        name=name,
        main_url=camera.main_url,
        sub_url=camera.sub_url,
        device_url=camera.netcam_url,
        allow_local=True,
    )
    if edge.state.cameras.get(CAMERA_ID) is None:
        edge.state.cameras.add(wanted)
    else:
        edge.state.cameras.change(wanted)
    await edge.engine.camera_added(wanted)


class Observer:
    """Measures, as a user would see it, how long things take."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._begun: dict[str, Event] = {}
        self._known_at: dict[str, float] = {}
        self._clip_at: dict[str, float] = {}
        self._first_live_frame_s: float | None = None
        self._clips = Errands()

    async def events(self) -> None:
        """Notes when an event became known, and when its clip could be played."""
        async for news in self._engine.announcements.subscribe():
            if isinstance(news, EventChanged):
                self._event(news.event)

    def _event(self, event: Event) -> None:
        if event.id not in self._begun:
            self._known_at[event.id] = self._seconds_since(event)
            self._clips.run("clip", self._clip(event))
        self._begun[event.id] = event

    def _seconds_since(self, event: Event) -> float:
        return (self._clock.wall_us() - event.start) / US_PER_S

    async def _clip(self, event: Event) -> None:
        """The clip of a running event is playable when its first bytes reach beyond the onset."""
        clip = await self._engine.clips.clip(event)
        async for _ in clip.read():
            self._clip_at[event.id] = self._seconds_since(event)
            return

    async def first_picture(self) -> None:
        """Opens a live view, as a page does, once the camera is live."""
        while not self._engine.states.of(CAMERA_ID):
            await self._clock.sleep(0.05)
        while not any(state.last_frame for state in self._engine.states.of(CAMERA_ID).values()):
            await self._clock.sleep(0.05)
        began = self._clock.monotonic_s()
        view = await self._engine.live.open(CAMERA_ID, StreamName.MAIN)
        async for item in view:
            if isinstance(item, LiveFragment):
                self._first_live_frame_s = round(self._clock.monotonic_s() - began, 3)
                break
        await view.close()

    async def result(self) -> DemoResult:
        """What came out; running events are ended, and every clip is played to its end by a decoder."""
        self._engine.events.stop()
        await self._clock.sleep(0.5)
        result = DemoResult(events=len(self._begun), first_live_frame_s=self._first_live_frame_s)
        for event in list(self._begun.values()):
            await self._judge(event, result)
        return result

    async def _judge(self, event: Event, result: DemoResult) -> None:
        ended = self._engine.events.latest(event)
        try:
            start, _ = self._engine.events.clip_range(ended)
            clip = await self._engine.clips.recording(event.camera, start, self._clock.wall_us())
            body = b"".join([part async for part in clip.read()])
            pictures = await count_pictures(body)
        except WachtelError as error:
            say(f"The clip of {event.id} cannot be played: {error}")
            return
        if pictures:
            result.clips += 1
            result.prerolls_s.append((event.start - clip.start) / US_PER_S)
            result.onset_to_event_s.append(self._known_at[event.id])
            if event.id in self._clip_at:
                result.onset_to_clip_s.append(self._clip_at[event.id])
