"""Signals become events: a pure state machine that knows neither clock nor camera.

An event begins with the first signal and ends when no signal was there for ``merge_s``: a shorter pause
joins. Between the end of one event of a camera and the start of the next there is always at least
``merge_s``. An event longer than ``longest_s`` is ended, and if the signal goes on the next event begins
after the same distance, so that clips stay of a size that people can handle (the pre-roll of the next clip
covers the distance).
"""

from dataclasses import dataclass, replace

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import event_id
from wachtel.base.units import WallUs, microseconds
from wachtel.model.event import Event, EventKind
from wachtel.pipeline.watching import Edge, Signal

SILENCE_S = 30.0
"""A signal that is on but was not heard of for this long is lost: its sender is gone."""


@dataclass(frozen=True, slots=True)
class EventTiming:
    """Numbers of one camera, in seconds. Raises `WachtelError` (invalid) for impossible ones."""

    pre_roll_s: float = 8.0
    post_roll_s: float = 4.0
    merge_s: float = 1.5
    longest_s: float = 600.0

    def __post_init__(self) -> None:
        rolls = 0 <= self.pre_roll_s <= 3600 and 0 <= self.post_roll_s <= 3600
        if not (rolls and 0 <= self.merge_s <= 3600 and 1 <= self.longest_s <= 86_400):
            raise WachtelError(ErrorKind.INVALID, "The times of an event must be positive and at most a day.")


@dataclass(frozen=True, slots=True)
class EventBegan:
    """Known now; ``event.end`` is None."""

    event: Event


@dataclass(frozen=True, slots=True)
class EventUpdated:
    """Goes on: better score, more zones; ``id``, ``start`` and ``reported`` never change."""

    event: Event


@dataclass(frozen=True, slots=True)
class EventEnded:
    """Over; ``event.end`` is the last motion."""

    event: Event


EventChange = EventBegan | EventUpdated | EventEnded


def clip_range(event: Event, timing: EventTiming) -> tuple[WallUs, WallUs | None]:
    """What the clip shows: from exactly the pre-roll before the motion to the post-roll after it.

    The second moment is None while the event runs.
    """
    start = WallUs(event.start - microseconds(timing.pre_roll_s))
    end = None if event.end is None else WallUs(event.end + microseconds(timing.post_roll_s))
    return start, end


class EventAssembler:
    """All cameras' events; cameras do not influence each other."""

    def __init__(self) -> None:
        self._cameras: dict[str, _CameraEvents] = {}

    def watch(self, camera: str, site: str, timing: EventTiming | None = None) -> list[EventChange]:
        """Adds a camera, or changes its numbers; a running event goes on."""
        numbers = timing or EventTiming()
        known = self._cameras.get(camera)
        if known is None:
            self._cameras[camera] = _CameraEvents(camera, site, numbers)
        else:
            known.site, known.timing = site, numbers
        return []

    def forget(self, camera: str, at: WallUs) -> list[EventChange]:
        """Removes a camera and ends its running event."""
        known = self._cameras.pop(camera, None)
        return known.stop(at) if known else []

    def take(self, camera: str, signal: Signal) -> list[EventChange]:
        """What a signal changes. Raises `WachtelError` (not_found) for a camera that is not watched."""
        known = self._cameras.get(camera)
        if known is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"Camera {camera!r} is not watched.")
        return known.take(signal)

    def tick(self, now: WallUs) -> list[EventChange]:
        """What the passing of time changes: ends events whose pause became too long."""
        return [change for camera in self._cameras.values() for change in camera.tick(now)]

    def stop(self, at: WallUs, camera: str | None = None) -> list[EventChange]:
        """Ends the running event of one camera, or of all, no later than ``at``."""
        chosen = [self._cameras[camera]] if camera in self._cameras else []
        cameras = list(self._cameras.values()) if camera is None else chosen
        return [change for known in cameras for change in known.stop(at)]

    def running(self, camera: str) -> Event | None:
        """The event that is not over yet."""
        known = self._cameras.get(camera)
        return known.event if known else None


class _CameraEvents:
    """One camera. ``last`` is the last motion of the running event, ``heard`` the time of its last signal."""

    def __init__(self, camera: str, site: str, timing: EventTiming) -> None:
        self._camera = camera
        self.site = site
        self.timing = timing
        self.event: Event | None = None
        self._last = WallUs(0)
        self._heard = WallUs(0)
        self._on = False
        self._ended: WallUs | None = None

    def take(self, signal: Signal) -> list[EventChange]:
        changes = self._part_from_past(signal)
        if self.event is None:
            return changes + self._begin(signal)
        self._heard, self._on = signal.at, signal.edge is not Edge.OFF
        self._last = max(self._last, signal.last)
        self.event = _improved(self.event, signal)
        changes.append(EventUpdated(self.event))
        if self._last - self.event.start >= microseconds(self.timing.longest_s):
            changes += self._end(self._last)
        return changes

    def tick(self, now: WallUs) -> list[EventChange]:
        if self.event is None:
            return []
        lost = self._on and now - self._heard > microseconds(SILENCE_S)
        over = not self._on and now - self._last > microseconds(self.timing.merge_s)
        return self._end(self._last) if lost or over else []

    def stop(self, at: WallUs) -> list[EventChange]:
        return [] if self.event is None else self._end(min(self._last, max(at, self.event.reported)))

    def _part_from_past(self, signal: Signal) -> list[EventChange]:
        """Ends an event that the signal is too late (or, after the clock was set back, too early) to join."""
        if self.event is None:
            return []
        late = not self._on and signal.at - self._last > microseconds(self.timing.merge_s)
        early = signal.at < self.event.start
        return self._end(self._last) if late or early else []

    def _begin(self, signal: Signal) -> list[EventChange]:
        start = signal.since
        if self._ended is not None and signal.at >= self._ended:
            start = max(start, WallUs(self._ended + microseconds(self.timing.merge_s)))
        if signal.edge is Edge.OFF or start > signal.at:
            return []
        self._last, self._heard, self._on = max(signal.last, start), signal.at, True
        self.event = Event(
            id=event_id(self._camera, start),
            site=self.site,
            camera=self._camera,
            kind=EventKind(signal.kind.value),
            start=start,
            reported=signal.at,
            end=None,
            score=signal.score,
            zones=signal.zones,
            why=signal.why,
        )
        return [EventBegan(self.event)]

    def _end(self, end: WallUs) -> list[EventChange]:
        if self.event is None:
            return []
        event = replace(self.event, end=max(end, self.event.start))
        self.event, self._on, self._ended = None, False, event.end
        return [EventEnded(event)]


def _improved(event: Event, signal: Signal) -> Event:
    better = signal.score > event.score
    return replace(
        event,
        score=max(event.score, signal.score),
        zones=tuple(sorted({*event.zones, *signal.zones})),
        why=signal.why if better else event.why,
    )
