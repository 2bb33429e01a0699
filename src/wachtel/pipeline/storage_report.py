"""How full the archive's volume is, what takes the room, and how long it lasts."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.units import DAY_US, HOUR_US, WallUs
from wachtel.model.camera import Camera
from wachtel.model.live import StorageAlarm
from wachtel.pipeline.holds import HoldDesk
from wachtel.pipeline.messages import DiskFigures
from wachtel.pipeline.retention import GB, RetentionDesk
from wachtel.pipeline.storage_alarms import StorageAlarms
from wachtel.storage.api import CameraSize
from wachtel.storage.index import Index
from wachtel.storage.space import Space

RECENT_US = 7 * DAY_US
"""How much a camera records a day is taken from the last week."""


@dataclass(frozen=True, slots=True)
class CameraStorage:
    """One camera's part; ``oldest`` is the hour of its oldest footage, None without any."""

    camera: str
    size_bytes: int
    bytes_per_day: int
    oldest: WallUs | None
    holds: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """``days_kept``: so many days of footage have room, None when nothing is recorded. ``days_until_full``: so long
    until old footage must go to make room, 0 when it has to now, None when age alone keeps the volume from filling."""

    days_kept: float | None
    days_until_full: float | None


@dataclass(frozen=True, slots=True)
class DiskPace:
    """How the disk keeps up since the workers started: rounds in which all open files were saved, those that took too
    long, how long the slowest of the last ones took, files the disk refused to save, and what waits for it."""

    rounds: int = 0
    late_rounds: int = 0
    last_round_s: float = 0.0
    abandoned: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class StorageReport:
    """The state of the archive's volume, in bytes."""

    space: Space
    keep_free_bytes: int
    size_bytes: int
    bytes_per_day: int
    forecast: Forecast
    clock_trusted: bool
    cameras: tuple[CameraStorage, ...]
    alarms: tuple[StorageAlarm, ...]
    pace: DiskPace = DiskPace()


class StorageDesk:
    """Asked by the page."""

    def __init__(
        self,
        index: Index,
        clock: Clock,
        space: Callable[[], Space],
        retention: RetentionDesk,
        holds: HoldDesk,
        alarms: StorageAlarms,
    ) -> None:
        self._index = index
        self._clock = clock
        self._space = space
        self._retention = retention
        self._holds = holds
        self._alarms = alarms
        self.figures: dict[str, DiskFigures] = {}

    def heard(self, figures: DiskFigures) -> None:
        """A media worker tells how its disk keeps up."""
        self.figures[figures.worker] = figures

    def trouble(self) -> DiskFigures | None:
        """The figures of a worker that can record nothing at all on its disk, None when all can."""
        return next((one for one in self.figures.values() if one.what), None)

    def pace(self) -> DiskPace:
        """All workers together."""
        now = self.figures.values()
        return DiskPace(
            sum(one.rounds for one in now),
            sum(one.late_rounds for one in now),
            max((one.last_round_s for one in now), default=0.0),
            sum(one.abandoned for one in now),
            sum(one.waiting for one in now),
        )

    async def report(self) -> StorageReport:
        """The state now. Raises `WachtelError` (disk_error)."""
        now = self._clock.wall_us()
        since = WallUs((now - RECENT_US) // HOUR_US * HOUR_US)
        space = await asyncio.to_thread(self._space)
        sizes = await asyncio.to_thread(self._index.sizes, since)
        cameras = [self._camera(size, since, now) for size in sizes]
        keep_free = self._retention.keep_free(space)
        return StorageReport(
            space=space,
            keep_free_bytes=keep_free,
            size_bytes=sum(one.size_bytes for one in cameras),
            bytes_per_day=sum(one.bytes_per_day for one in cameras),
            forecast=forecast(cameras, self._retention.cameras(), space, keep_free, now),
            clock_trusted=self._retention.guard.trusted(),
            cameras=tuple(sorted(cameras, key=lambda one: one.camera)),
            alarms=tuple(self._alarms.standing()),
            pace=self.pace(),
        )

    async def keep_free(self, size_bytes: int | None) -> None:
        """So much of the volume stays free from now on; None: the usual part."""
        self._retention.keep_free_bytes = size_bytes
        self._retention.hurry()

    async def believe_clock(self) -> None:
        """A person says that the machine's clock is right."""
        self._retention.guard.believe()
        self._retention.hurry()

    def _camera(self, size: CameraSize, since: WallUs, now: WallUs) -> CameraStorage:
        recorded_us = now - max(since, size.oldest if size.oldest is not None else now)
        per_day = round(size.recent_bytes * DAY_US / max(recorded_us, HOUR_US))
        holds = len(self._holds.of_camera(size.camera))
        return CameraStorage(size.camera, size.size_bytes, per_day, size.oldest, holds)


def forecast(
    cameras: Iterable[CameraStorage],
    settings: Mapping[str, Camera],
    space: Space,
    keep_free_bytes: int,
    now: WallUs,
) -> Forecast:
    """Looks ahead as if every camera went on as in the last week."""
    recorded = [one for one in cameras if one.camera in settings and one.bytes_per_day > 0]
    rate = sum(one.bytes_per_day for one in recorded)
    if not rate:
        return Forecast(None, None)
    room = space.free_bytes - keep_free_bytes
    days_kept = max(0.0, (sum(one.size_bytes for one in recorded) + room) / rate)
    return Forecast(round(days_kept, 1), _until_full(recorded, settings, room, now))


def _until_full(
    recorded: Sequence[CameraStorage], settings: Mapping[str, Camera], room: int, now: WallUs
) -> float | None:
    """Each camera grows until its age or its own limit holds it; then it stays as it is."""
    if room <= 0:
        return 0.0
    growing = sorted((_days_of_growth(one, settings[one.camera], now), one.bytes_per_day) for one in recorded)
    rate, day, left = sum(per_day for _, per_day in growing), 0.0, float(room)
    for until, per_day in growing:
        if rate > 0 and left < (until - day) * rate:
            return round(day + left / rate, 1)
        left -= (until - day) * rate
        day, rate = until, rate - per_day
    return None


def _days_of_growth(one: CameraStorage, settings: Camera, now: WallUs) -> float:
    oldest = one.oldest if one.oldest is not None else now
    by_age = settings.keep_days - (now - oldest) / DAY_US
    if settings.most_gb > 0:
        return max(0.0, min(by_age, (settings.most_gb * GB - one.size_bytes) / one.bytes_per_day))
    return max(0.0, by_age)
