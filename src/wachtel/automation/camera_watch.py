"""Which cameras have been away for too long, and which are back. A state machine without I/O."""

from collections.abc import Iterable
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, MonoS, WallUs
from wachtel.model.camera import Camera, CameraCondition, StreamState
from wachtel.storage.state.outbox_marks import Outage

NOTICED_WITHIN_S = 15.0
"""A stream that gives no pictures is said to be away or stalled within this time."""

STEADY_S = 5.0
"""A camera is back when pictures have come for this long; one that comes and goes is not."""


@dataclass(frozen=True, slots=True)
class CameraBack:
    """An outage that was told of is over since ``at``."""

    outage: Outage
    at: WallUs


@dataclass(slots=True)
class _Absence:
    since: WallUs
    began: MonoS
    told: Outage | None = None
    live_since: tuple[WallUs, MonoS] | None = None
    reason: str = ""
    what: str = ""


class CameraWatch:
    """Looks at every camera about once a second. ``outages`` are those told of before a restart."""

    def __init__(self, clock: Clock, outages: Iterable[Outage] = ()) -> None:
        self._clock = clock
        now = clock.monotonic_s()
        self._away = {outage.camera: _Absence(outage.since, now, outage) for outage in outages}

    def look(self, camera: Camera, state: StreamState | None) -> Outage | CameraBack | None:
        """What became true of the camera with this state of its main stream, if anything did."""
        if state is None or state.condition is CameraCondition.OFF:
            return None
        if state.condition is CameraCondition.LIVE:
            return self._live(camera.id)
        return self._not_live(camera, state)

    def forget(self, camera: str) -> None:
        """The camera was removed."""
        self._away.pop(camera, None)

    def cameras(self) -> list[str]:
        """Cameras that are away, or were a moment ago."""
        return list(self._away)

    def _live(self, camera: str) -> CameraBack | None:
        away = self._away.get(camera)
        if away is None:
            return None
        now = self._clock.monotonic_s()
        if away.live_since is None:
            away.live_since = (self._clock.wall_us(), now)
        if now - away.live_since[1] < STEADY_S:
            return None
        del self._away[camera]
        return None if away.told is None else CameraBack(away.told, away.live_since[0])

    def _not_live(self, camera: Camera, state: StreamState) -> Outage | None:
        away = self._away.get(camera.id)
        if away is None:
            away = self._away[camera.id] = self._absence(state)
        away.live_since = None
        if state.reason:
            away.reason, away.what = state.reason, state.what
        if away.told is not None or self._clock.monotonic_s() - away.began < camera.gap_limit_s:
            return None
        away.told = Outage(camera.id, camera.site, away.since, self._clock.wall_us(), away.reason, away.what)
        return away.told

    def _absence(self, state: StreamState) -> _Absence:
        """Counted from the last picture, unless the wall clock was set since then."""
        now = self._clock.wall_us()
        last = now if state.last_frame is None else state.last_frame
        ago_s = (now - last) / US_PER_S
        if not 0 <= ago_s <= NOTICED_WITHIN_S:
            return _Absence(now, self._clock.monotonic_s())
        return _Absence(last, MonoS(self._clock.monotonic_s() - ago_s))
