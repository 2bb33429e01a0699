"""Deletes footage when its time is over or its room is needed: by age, by a camera's own limit, by free space.

Main decides here what goes; the camera's media worker checks that its journal lists it, journals the deletion and
deletes. Nothing goes while the machine's clock cannot be believed, and nothing that is held.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from itertools import count

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS
from wachtel.base.waiting import answered, sleep_or
from wachtel.model.camera import Camera
from wachtel.model.footage import Hold
from wachtel.model.live import StorageTrouble
from wachtel.pipeline.clock_guard import ClockGuard
from wachtel.pipeline.holds import HoldDesk
from wachtel.pipeline.messages import RemovalDone, RemoveFootage
from wachtel.pipeline.retention_plan import Due, enough, expired, held, oldest_unheld
from wachtel.pipeline.storage_alarms import StorageAlarms
from wachtel.storage.index import Index
from wachtel.storage.space import Space, usual_keep_free

log = logging.getLogger(__name__)

ROUND_S = 30.0
HURRY_S = 5.0
AGE_EVERY_S = 900.0
BATCH = 200
PATIENCE_S = 60.0
GB = 1_000_000_000
USUAL_DAYS = 30.0
"""For so long footage of a camera that was removed is not taken for older than it is."""

AGE, LIMIT, SPACE = "age", "limit", "space"
"""Why footage went, as the journal says it."""


class RetentionDesk:
    """One task of main. ``keep_free_bytes`` None means a tenth of the volume, 5 GB at most."""

    def __init__(
        self,
        index: Index,
        clock: Clock,
        guard: ClockGuard,
        space: Callable[[], Space],
        holds: HoldDesk,
        send: Callable[[RemoveFootage], None],
        alarms: StorageAlarms,
    ) -> None:
        self.keep_free_bytes: int | None = None
        self.removed = {AGE: 0, LIMIT: 0, SPACE: 0}
        self.guard = guard
        self.space: Space | None = None
        self._index = index
        self._clock = clock
        self._space = space
        self._holds = holds
        self._send = send
        self._alarms = alarms
        self._cameras: dict[str, Camera] = {}
        self._tickets = count(1)
        self._waiting: dict[int, asyncio.Future[RemovalDone]] = {}
        self._gone: set[str] = set()
        self._next_by_age = MonoS(float("-inf"))
        self._hurry = asyncio.Event()

    def watch(self, camera: Camera) -> None:
        """This camera's settings hold from now on."""
        before = self._cameras.get(camera.id)
        if before != camera:
            self._cameras[camera.id] = camera
            self._next_by_age = MonoS(float("-inf"))
        if before not in (None, camera):
            self.hurry()

    def forget(self, camera: str) -> None:
        """The camera was removed: its footage stays until its room is needed."""
        self._cameras.pop(camera, None)

    def cameras(self) -> Mapping[str, Camera]:
        """The cameras whose settings hold here, by id."""
        return self._cameras

    def hurry(self) -> None:
        """The disk is full, or a setting changed: looks at once."""
        self._hurry.set()

    def done(self, message: RemovalDone) -> None:
        """A worker has worked through an order."""
        waiting = self._waiting.pop(message.ticket, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def deleted(self, path: str) -> None:
        """The index knows that a file is deleted."""
        self._gone.discard(path)

    def keep_free(self, space: Space) -> int:
        """How much of the volume stays free, in bytes."""
        return usual_keep_free(space) if self.keep_free_bytes is None else self.keep_free_bytes

    async def run(self) -> None:
        """Looks every half minute, more often while room is short."""
        while True:
            short = await self.round()
            await sleep_or(self._hurry, HURRY_S if short else ROUND_S, self._clock)
            self._hurry.clear()

    async def round(self) -> bool:
        """Deletes what is due; True while there is less room than there should be."""
        if not self._clock_is_right():
            return False
        try:
            if self._clock.monotonic_s() >= self._next_by_age:
                await self._by_age()
            await self._by_limit()
            return await self._by_space()
        except WachtelError as error:
            log.warning("retention has to wait: %s", error)
            return True

    def _clock_is_right(self) -> bool:
        if self.guard.trusted():
            self._alarms.clear(StorageTrouble.CLOCK)
            return True
        off = round(self.guard.off_by_s())
        self._alarms.raise_(
            StorageTrouble.CLOCK,
            f"The clock of this machine is {abs(off)} s {'ahead of' if off > 0 else 'behind'} what it should show.",
            "Nothing is deleted until it is right again. If it is right now, say so in the settings of the storage.",
        )
        return False

    async def _by_age(self) -> None:
        self._next_by_age = MonoS(self._clock.monotonic_s() + AGE_EVERY_S)
        for camera in list(self._cameras.values()):
            kept = [*self._holds.of_camera(camera.id), *self._younger(camera.id)]
            due = await asyncio.to_thread(self._expired, camera, kept)
            await self._remove([one for one in due if one.path not in self._gone], AGE)

    def _younger(self, camera: str) -> list[Hold]:
        """Footage whose times are wrong and make it look older than it is."""
        settings = self._cameras.get(camera)
        keep = USUAL_DAYS if settings is None else max(settings.keep_days, settings.keep_event_days)
        return self.guard.wrong.kept(camera, keep, self._clock.wall_us())

    def _expired(self, camera: Camera, holds: list[Hold]) -> list[Due]:
        return list(expired(self._index, camera, holds, self._clock.wall_us()))

    async def _by_limit(self) -> None:
        limited = {camera.id: camera for camera in self._cameras.values() if camera.most_gb > 0}
        if not limited:
            return
        for size in await asyncio.to_thread(self._index.sizes, self._clock.wall_us()):
            camera = limited.get(size.camera)
            over = 0 if camera is None else size.size_bytes - round(camera.most_gb * GB)
            if camera is not None and over > 0:
                await self._make_room([camera.id], over, LIMIT)

    async def _by_space(self) -> bool:
        space = self.space = await asyncio.to_thread(self._space)
        missing = self.keep_free(space) - space.free_bytes
        if missing <= 0:
            self._alarms.clear(StorageTrouble.NO_ROOM)
            return False
        places = await asyncio.to_thread(self._index.places)
        if await self._make_room([camera for _, camera in places], missing, SPACE):
            self._alarms.clear(StorageTrouble.NO_ROOM)
        else:
            self._alarms.raise_(
                StorageTrouble.NO_ROOM,
                "The disk has less room than it should, and nothing more may be deleted.",
                "Let go of held footage, make room on the disk, or use a larger one.",
            )
        return True

    async def _make_room(self, cameras: list[str], size_bytes: int, why: str) -> bool:
        """Deletes the oldest footage; False when none may go. What only seems old, because the clock was wrong, goes
        last."""
        gone, holds = frozenset(self._gone), self._holds.all()
        younger = [one for camera in cameras for one in self._younger(camera)]
        due = await asyncio.to_thread(self._candidates, cameras, [*holds, *younger], gone, size_bytes)
        if younger and not due:
            due = await asyncio.to_thread(self._candidates, cameras, holds, gone, size_bytes)
        await self._remove(due, why)
        return bool(due)

    def _candidates(
        self, cameras: list[str], holds: list[Hold], gone: frozenset[str], size_bytes: int
    ) -> list[Due]:
        now = self._clock.wall_us()
        return enough(oldest_unheld(self._index, cameras, holds, gone, now), size_bytes, BATCH)

    async def _remove(self, due: Iterable[Due], why: str) -> None:
        places: dict[tuple[str, str], list[Due]] = {}
        for one in due:
            places.setdefault((one.site, one.camera), []).append(one)
        for (site, camera), files in places.items():
            for first in range(0, len(files), BATCH):
                # Somebody may have begun to hold footage since this was planned.
                kept = held(self._holds.of_camera(camera))
                batch = files[first : first + BATCH]
                paths = tuple(one.path for one in batch if not kept.touch(one.start, one.end))
                if paths:
                    await self._order(site, camera, paths, why)

    async def _order(self, site: str, camera: str, paths: tuple[str, ...], why: str) -> None:
        ticket = next(self._tickets)
        answer: asyncio.Future[RemovalDone] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = answer
        self._gone.update(paths)
        self._send(RemoveFootage(ticket, site, camera, paths, why))
        in_time = await answered(answer, PATIENCE_S, self._clock)
        self._waiting.pop(ticket, None)
        if not in_time:
            self._gone.difference_update(paths)
            log.warning("the worker of %s does not say what became of its footage", camera)
            return
        self._book(camera, answer.result(), paths, why)

    def _book(self, camera: str, result: RemovalDone, paths: tuple[str, ...], why: str) -> None:
        self.removed[why] += result.removed
        if result.kind:
            self._gone.difference_update(paths)
            log.warning("footage of %s could not be deleted: %s", camera, result.what)
        if result.refused:
            # They stay among the gone ones, so that they are not asked for again and again.
            log.warning("no journal lists %d files of %s; they stay", len(result.refused), camera)
