"""Signals become events, events become journal lines, and only what is on the disk is announced."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal_values import event_line, signal_line
from wachtel.model.camera import Camera
from wachtel.model.event import Event
from wachtel.model.zone import Box
from wachtel.pipeline.assembler import (
    EventAssembler,
    EventBegan,
    EventChange,
    EventEnded,
    EventTiming,
    EventUpdated,
    clip_range,
)
from wachtel.pipeline.messages import KeepFootage, KeepSnapshot, SignalSeen, WriteLine

log = logging.getLogger(__name__)

Write = Callable[[WriteLine | KeepSnapshot | KeepFootage], None]


@dataclass(frozen=True, slots=True)
class _BestPicture:
    jpeg: bytes
    boxes: tuple[Box, ...] = ()
    quality: float = 0.0


class EventDesk:
    """Lives in main's loop. ``write`` reaches the media worker of the camera; ``on_event`` hears of updates in between.

    The beginning and the end of an event are announced by the indexer when their journal lines are on the disk.
    """

    def __init__(self, clock: Clock, write: Write, on_event: Callable[[Event], None]) -> None:
        self._clock = clock
        self._write = write
        self._on_event = on_event
        self._assembler = EventAssembler()
        self._timings: dict[str, EventTiming] = {}
        self._pictures: dict[str, _BestPicture] = {}
        self._ended: dict[str, Event] = {}
        self._told: dict[str, Event] = {}

    def watch(self, camera: Camera) -> None:
        """Events of this camera are assembled from now on, with its roll times."""
        timing = EventTiming(pre_roll_s=camera.pre_roll_s, post_roll_s=camera.post_roll_s)
        self._timings[camera.id] = timing
        self._handle(self._assembler.watch(camera.id, camera.site, timing))

    def seen(self, message: SignalSeen) -> str | None:
        """A detector's signal. The id of the event that begins with it, if that has no picture yet."""
        try:
            changes = self._assembler.take(message.camera, message.signal)
        except WachtelError as error:
            log.debug("a late signal: %s", error)
            return None
        # The picture is not one of an event that this signal came too late for.
        past: list[EventChange] = [change for change in changes[:1] if isinstance(change, EventEnded)]
        self._handle(past)
        self._remember_picture(message)
        self._handle(changes[len(past) :])
        if self._assembler.running(message.camera) is None:
            self._pictures.pop(message.camera, None)
        began = any(isinstance(change, EventBegan) for change in changes)
        return self.without_picture(message.camera) if began else None

    def _remember_picture(self, message: SignalSeen) -> None:
        known = self._pictures.get(message.camera)
        if message.snapshot and (known is None or message.quality >= known.quality):
            self._pictures[message.camera] = _BestPicture(message.snapshot, message.boxes, message.quality)
            self._told.pop(message.camera, None)

    def without_picture(self, camera: str) -> str | None:
        """The id of this camera's running event, as long as nobody has seen what happens in it."""
        running = self._assembler.running(camera)
        return None if running is None or camera in self._pictures else running.id

    def take_picture(self, camera: str, event: str, jpeg: bytes) -> None:
        """A picture for a running event that has none; a better one may follow from the detector."""
        running = self._assembler.running(camera)
        if running is None or self.without_picture(camera) != event:
            return
        self._pictures[camera] = _BestPicture(jpeg)
        self._keep_picture(running)
        self._update(self._with_picture(running))

    def tick(self) -> None:
        """To be called some times a second."""
        self._handle(self._assembler.tick(self._clock.wall_us()))

    def stop(self, camera: str | None = None) -> None:
        """Ends what runs, of one camera or of all."""
        self._handle(self._assembler.stop(self._clock.wall_us(), camera))

    def abandon(self, camera: str) -> None:
        """The camera's journal is gone for a moment: whoever opens it again completes what runs."""
        self._assembler.stop(self._clock.wall_us(), camera)
        self._pictures.pop(camera, None)

    def running(self, event: Event) -> bool:
        """True while the clip of this event may still grow: it runs, or its post-roll is not over."""
        latest = self.latest(event)
        if latest.end is None:
            running = self._assembler.running(event.camera)
            return running is not None and running.id == event.id
        _, end = self.clip_range(latest)
        return end is None or self._clock.wall_us() < end + US_PER_S

    def latest(self, event: Event) -> Event:
        """The same event as it is now: with its end, once it has one."""
        if event.end is not None:
            return event
        running = self._assembler.running(event.camera)
        if running is not None and running.id == event.id:
            return running
        ended = self._ended.get(event.camera)
        return ended if ended is not None and ended.id == event.id else event

    def clip_range(self, event: Event) -> tuple[WallUs, WallUs | None]:
        """What a clip shows: the event with its camera's pre-roll and post-roll; no end while it runs."""
        return clip_range(event, self._timings.get(event.camera, EventTiming()))

    def picture(self, event: Event) -> bytes | None:
        """The best picture so far of an event that runs."""
        running = self._assembler.running(event.camera)
        best = self._pictures.get(event.camera)
        return best.jpeg if best is not None and running is not None and running.id == event.id else None

    def _handle(self, changes: list[EventChange]) -> None:
        for change in changes:
            event = self._with_picture(change.event)
            match change:
                case EventBegan():
                    self._begin(event)
                case EventUpdated():
                    self._update(event)
                case EventEnded():
                    self._end(event)

    def _with_picture(self, event: Event) -> Event:
        best = self._pictures.get(event.camera)
        return event if best is None else replace(event, snapshot=True, boxes=best.boxes)

    def _begin(self, event: Event) -> None:
        self._keep_footage(event)
        self._keep_picture(event)
        self._told[event.camera] = event
        self._write(WriteLine(event.site, event.camera, signal_line(event)))

    def _update(self, event: Event) -> None:
        """Told with something new, a picture too: a dozen listeners are woken, and each second a signal says that it
        goes on."""
        if event != self._told.get(event.camera):
            self._told[event.camera] = event
            self._on_event(event)

    def _keep_footage(self, event: Event) -> None:
        start, until = self.clip_range(event)
        self._write(KeepFootage(event.camera, start, until))

    def _keep_picture(self, event: Event) -> None:
        picture = self._pictures.get(event.camera)
        if picture is not None:
            self._write(KeepSnapshot(event.site, event.camera, event.id, picture.jpeg))

    def _end(self, event: Event) -> None:
        self._keep_picture(event)
        self._pictures.pop(event.camera, None)
        self._ended[event.camera] = event
        self._keep_footage(event)
        self._write(WriteLine(event.site, event.camera, event_line(event)))
