"""The honest state of every stream, as the media workers last told it."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS
from wachtel.model.camera import Camera, CameraCondition, StreamState
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import MediaFigures, StateChanged

LATELY_S = 300.0
MANY_LOST = 30
"""So many lost packets in `LATELY_S` are worth telling."""
AWAY = frozenset({CameraCondition.OFFLINE, CameraCondition.STALLED, CameraCondition.REFUSED})


class StateBoard:
    """Lives in main's loop; ``on_change`` hears of every change of condition or reason."""

    def __init__(self, clock: Clock, on_change: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._states: dict[str, dict[StreamName, StreamState]] = {}
        self._lost: dict[tuple[str, StreamName], deque[tuple[MonoS, int]]] = {}
        self.figures: dict[tuple[str, StreamName], MediaFigures] = {}

    def of(self, camera: str) -> Mapping[StreamName, StreamState]:
        """The states of a camera's streams; empty for an unknown camera."""
        return self._states.get(camera, {})

    def cameras(self) -> list[str]:
        """All cameras known."""
        return list(self._states)

    def expect(self, camera: Camera) -> None:
        """A camera begins: it is connecting until its worker says more."""
        names = [StreamName.MAIN, *([StreamName.SUB] if camera.sub_url else [])]
        before = self._states.get(camera.id, {})
        self._states[camera.id] = {
            name: replace(self._connecting(), last_frame=before[name].last_frame if name in before else None)
            for name in names
        }
        self._on_change(camera.id)

    def _connecting(self) -> StreamState:
        return StreamState(CameraCondition.CONNECTING, self._clock.wall_us())

    def forget(self, camera: str) -> None:
        """The camera was removed."""
        self._states.pop(camera, None)
        for key in [key for key in self.figures if key[0] == camera]:
            del self.figures[key]
            self._lost.pop(key, None)

    def changed(self, message: StateChanged) -> None:
        """A stream says how it is."""
        states = self._states.get(message.camera)
        if states is None:
            return
        before, now = states.get(message.stream), message.state
        if before is not None and before.condition in AWAY and now.condition in AWAY:
            # A camera that is tried again and again has been away since the first time.
            now = replace(now, since=before.since)
        if before is not None:
            now = replace(now, recorded_as=before.recorded_as)
        states[message.stream] = now
        if before is None or (before.condition, before.reason) != (now.condition, now.reason):
            self._on_change(message.camera)

    def counted(self, figures: MediaFigures) -> None:
        """A stream's counters, with the time of its last frame."""
        states = self._states.get(figures.camera)
        if states is None:
            return
        self.figures[(figures.camera, figures.stream)] = figures
        state = states.get(figures.stream)
        if state is None:
            return
        lost = self._lost_lately(figures)
        last_frame = state.last_frame if figures.last_frame is None else figures.last_frame
        recorded_as = figures.recorded_as
        states[figures.stream] = replace(state, last_frame=last_frame, lost=lost, recorded_as=recorded_as)
        if (lost >= MANY_LOST) != (state.lost >= MANY_LOST) or recorded_as != state.recorded_as:
            self._on_change(figures.camera)

    def _lost_lately(self, figures: MediaFigures) -> int:
        """Since the oldest count that is not older than `LATELY_S`; a worker that began anew counts from zero."""
        now = self._clock.monotonic_s()
        counts = self._lost.setdefault((figures.camera, figures.stream), deque())
        if counts and figures.lost < counts[-1][1]:
            counts.clear()
        counts.append((now, figures.lost))
        while counts[0][0] < now - LATELY_S:
            counts.popleft()
        return figures.lost - counts[0][1]

    def worker_died(self, cameras: list[str]) -> None:
        """Their media worker is gone; it will be back in a moment."""
        for camera in cameras:
            for name, state in self._states.get(camera, {}).items():
                self._states[camera][name] = replace(self._connecting(), last_frame=state.last_frame)
            self._on_change(camera)
