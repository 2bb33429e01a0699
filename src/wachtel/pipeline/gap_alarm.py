"""Raises an alarm when a camera that should be recorded is not, for longer than its owner accepts."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, MonoS, WallUs
from wachtel.model.camera import Camera
from wachtel.model.footage import GapReason, LastingGap
from wachtel.model.live import GapAlarm
from wachtel.pipeline.ledger import LedgerDesk


@dataclass(frozen=True, slots=True)
class _Watched:
    """A gap as long as it lasts: its beginning on the monotonic clock, and the alarm it has raised."""

    began: MonoS
    alarm: GapAlarm | None = None


class GapAlarms:
    """Lives in main's loop; `look` is called about once a second.

    How long a gap lasts is counted by the monotonic clock, so that setting the wall clock alarms nobody.
    """

    def __init__(self, clock: Clock, ledgers: LedgerDesk, tell: Callable[[GapAlarm], None]) -> None:
        self.raised: Counter[str] = Counter()
        self._clock = clock
        self._ledgers = ledgers
        self._tell = tell
        self._cameras: dict[str, Camera] = {}
        self._watched: dict[str, _Watched] = {}

    def watch(self, camera: Camera) -> None:
        """This camera is recorded from now on; its limit may have changed."""
        self._cameras[camera.id] = camera

    def forget(self, camera: str) -> None:
        """The camera was removed; whoever was alarmed is told that it is over."""
        if self._cameras.pop(camera, None) is not None:
            self._over(camera)

    def standing(self) -> Iterable[GapAlarm]:
        """The alarms of this moment."""
        return [watched.alarm for watched in self._watched.values() if watched.alarm is not None]

    def lasting(self, camera: str) -> LastingGap | None:
        """The gap this camera has now, None when it is recorded or off on purpose."""
        return self._ledgers.lasting_gap(camera)

    def alarmed(self, camera: str) -> bool:
        """True while the alarm of this camera stands."""
        watched = self._watched.get(camera)
        return watched is not None and watched.alarm is not None

    def look(self) -> None:
        """Raises and withdraws what is due."""
        for camera in self._cameras.values():
            gap = self._ledgers.lasting_gap(camera.id)
            if gap is None:
                self._over(camera.id)
            else:
                self._lasts(camera, gap)

    def _lasts(self, camera: Camera, gap: LastingGap) -> None:
        watched = self._watched.get(camera.id)
        if watched is None:
            began = MonoS(self._clock.monotonic_s() - self._lasts_already_s(camera.id, gap))
            watched = self._watched[camera.id] = _Watched(began)
        if watched.alarm is None and self._clock.monotonic_s() - watched.began >= camera.gap_limit_s:
            alarm = GapAlarm(camera.id, camera.site, gap.since, gap.reason)
            self._watched[camera.id] = replace(watched, alarm=alarm)
            self.raised[camera.id] += 1
            self._tell(alarm)

    def _lasts_already_s(self, camera: str, gap: LastingGap) -> float:
        """How old a gap is when it is first seen. Only a crash of long ago is measured by the wall clock: then
        nobody was there to count, and the owner has not heard of it."""
        if gap.reason is GapReason.CRASH:
            return max(0.0, (self._clock.wall_us() - gap.since) / US_PER_S)
        return self._ledgers.still_s(camera)

    def _over(self, camera: str) -> None:
        watched = self._watched.pop(camera, None)
        if watched is not None and watched.alarm is not None:
            self._tell(replace(watched.alarm, until=WallUs(self._clock.wall_us())))
