"""What footage is there for which reason, and what another setting would delete. Asks the index; changes nothing."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS, WallUs
from wachtel.model.camera import Camera
from wachtel.model.footage import Hold
from wachtel.model.stream import StreamName
from wachtel.pipeline.holds import HoldDesk
from wachtel.pipeline.retention_plan import Due, enough, expired, held, of_events, oldest_unheld, pages
from wachtel.storage.index import Index

GB = 1_000_000_000
_NO_LIMIT = 1 << 60

SHARES_LAST_S = 120.0
"""Which footage is there for which reason is worked out at most so often: every file has to be looked at."""


@dataclass(frozen=True, slots=True)
class Share:
    """A camera's footage in bytes: held, else of an event with its rolls, else continuous."""

    camera: str
    continuous_bytes: int
    event_bytes: int
    held_bytes: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What would go at once: files, bytes, and the stretch of time they are from (None when nothing goes)."""

    files: int
    size_bytes: int
    start: WallUs | None
    end: WallUs | None


class ShareDesk:
    """Asked by the page. ``cameras`` tells whose settings hold, by id."""

    def __init__(
        self, index: Index, clock: Clock, cameras: Callable[[], Mapping[str, Camera]], holds: HoldDesk
    ) -> None:
        self._index = index
        self._clock = clock
        self._cameras = cameras
        self._holds = holds
        self._known: tuple[MonoS, list[Share]] | None = None
        self._turn = asyncio.Lock()

    async def shares(self) -> list[Share]:
        """How much of each camera's footage is there for which reason."""
        async with self._turn:
            now = self._clock.monotonic_s()
            if self._known is None or now - self._known[0] > SHARES_LAST_S:
                self._known = (now, await self._all())
            return self._known[1]

    async def preview(self, camera: Camera) -> Effect:
        """What would be deleted now if the camera's settings were these."""
        holds, now = self._holds.of_camera(camera.id), self._clock.wall_us()
        return await asyncio.to_thread(effect_of, self._index, camera, holds, now)

    async def _all(self) -> list[Share]:
        known = self._cameras()
        names = sorted({camera for _, camera in await asyncio.to_thread(self._index.places)})
        return [
            await asyncio.to_thread(
                share_of, self._index, known.get(name, removed(name)), self._holds.of_camera(name)
            )
            for name in names
        ]


def share_of(index: Index, camera: Camera, holds: Sequence[Hold]) -> Share:
    """Looks at every file of the camera once."""
    kept = held(holds)
    continuous = events = held_bytes = 0
    for stream in StreamName:
        for page in pages(index, camera.id, stream, None):
            around = of_events(index, camera, page)
            for one in page:
                if kept.touch(one.start, one.end):
                    held_bytes += one.size_bytes
                elif around.touch(one.start, one.end):
                    events += one.size_bytes
                else:
                    continuous += one.size_bytes
    return Share(camera.id, continuous, events, held_bytes)


def effect_of(index: Index, camera: Camera, holds: Sequence[Hold], now: WallUs) -> Effect:
    """What these settings of a camera would delete now: by age, then by its own limit, as retention does it."""
    due = list(expired(index, camera, holds, now))
    if camera.most_gb > 0:
        due += _over_limit(index, camera, holds, due, now)
    return _effect([one for one in due if one.size_bytes])


def removed(camera: str) -> Camera:
    """A camera that is not there any more, with the usual rolls around its events."""
    return Camera(camera, "", camera, "")


def _over_limit(
    index: Index, camera: Camera, holds: Sequence[Hold], due: Sequence[Due], now: WallUs
) -> list[Due]:
    sizes = {one.camera: one.size_bytes for one in index.sizes(now)}
    gone = {one.path for one in due}
    left = sizes.get(camera.id, 0) - sum(one.size_bytes for one in due)
    over = left - round(camera.most_gb * GB)
    return enough(oldest_unheld(index, [camera.id], holds, gone, now), over, _NO_LIMIT) if over > 0 else []


def _effect(due: Sequence[Due]) -> Effect:
    if not due:
        return Effect(0, 0, None, None)
    start, end = min(one.start for one in due), max(one.end for one in due)
    return Effect(len(due), sum(one.size_bytes for one in due), WallUs(start), WallUs(end))
