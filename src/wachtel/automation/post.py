"""The post office of one installation: what happens goes into the outbox, and a postman per channel takes it out."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Protocol

from wachtel.automation.camera_watch import CameraBack, CameraWatch
from wachtel.automation.delivery import DeliveryRecords, Postman, attempt
from wachtel.automation.filling import OutboxFiller, Records
from wachtel.automation.known_events import KnownEvents
from wachtel.automation.letters import LetterDesk, Letters
from wachtel.automation.messages import test_message
from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.base.units import WallUs
from wachtel.model.camera import Camera, StreamState
from wachtel.model.event import Event
from wachtel.model.live import Announcement, CameraChanged, EventChanged, GapAlarm
from wachtel.model.message import Named
from wachtel.model.stream import StreamName
from wachtel.storage.state import State
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.deliveries import Delivery, DeliveryResult
from wachtel.storage.state.outbox_marks import Outage

log = logging.getLogger(__name__)

GONE = "push_gone"
"""The code of an error by which a receiver says that it is no more."""

TROUBLE_S = 600.0
"""A channel by which nothing has arrived for so long is told of by the others."""

LOOK_S = 1.0
LOOKS_PER_SWEEP = 60
LAST_TRY_S = 2.0


class CameraStates(Protocol):
    """Honest state of every camera's streams."""

    def of(self, camera: str) -> Mapping[StreamName, StreamState]: ...


class Happenings(Protocol):
    """What happens, as it happens."""

    def subscribe(self) -> AsyncIterator[Announcement]: ...


class Alarms(Protocol):
    """Cameras of which nothing is kept."""

    def standing(self) -> Iterable[GapAlarm]: ...


class NoAlarms:
    """Nothing ever goes wrong."""

    def standing(self) -> Iterable[GapAlarm]:
        return ()


NO_ALARMS = NoAlarms()


class Post:
    """Created and used inside the loop; `start` first, `close` last."""

    def __init__(
        self,
        state: State,
        catalog: KnownEvents,
        states: CameraStates,
        happenings: Happenings,
        clock: Clock,
        alarms: Alarms = NO_ALARMS,
        letters: Letters | None = None,
        pictured: Callable[[Event], bool] = lambda event: event.snapshot,
    ) -> None:
        self.waiting: dict[str, int] = {}
        self.results: Counter[DeliveryResult] = Counter()
        self._state = state
        self._states = states
        self._happenings = happenings
        self._alarms = alarms
        self._letters = letters or LetterDesk(state.sites)
        self._clock = clock
        self._tasks = TaskSupervisor(clock)
        self._filler = OutboxFiller(
            Records(state.outbox, state.outbox_marks, state.channels, state.cameras, state.sites),
            catalog,
            clock,
            pictured,
        )
        self._filling = asyncio.Lock()
        self._watch = CameraWatch(clock)
        self._cameras: dict[str, Camera] = {}
        self._postmen: dict[str, Postman] = {}
        self._gone: set[str] = set()
        self._told_of: set[str] = set()
        self.on_camera: Callable[[Outage | CameraBack], None] = lambda _news: None
        """Hears of cameras that are away or back; what was told before a restart is told again."""

    def start(self) -> None:
        """Begins to listen and to deliver; what happened since the last run is taken up first."""
        self._tasks.keep("messages of events", self._listen)
        self._tasks.keep("messages of cameras", self._rounds)

    async def close(self) -> None:
        """Takes up what was announced last, lets running tries end, and stops. The rest is delivered after the next
        start.
        """
        ends = [asyncio.ensure_future(postman.finish()) for postman in self._postmen.values()]
        if ends:
            await asyncio.wait(ends, timeout=LAST_TRY_S)
        for end in ends:
            end.cancel()
        await self._tasks.close()
        try:
            await asyncio.to_thread(self._filler.sweep)
        except WachtelError as error:
            log.warning("the last events become messages at the next start: %s", error)

    async def channels_changed(self) -> None:
        """A channel was added, changed or removed; one that was changed is tried at once."""
        channels = {channel.id for channel in await asyncio.to_thread(self._state.channels.all)}
        for gone in self._postmen.keys() - channels:
            self._postmen.pop(gone).close()
        records = DeliveryRecords(
            self._state.outbox,
            self._state.channels,
            self._state.deliveries,
            self._state.snoozes,
            self._state.sites,
        )
        for new in sorted(channels - self._postmen.keys()):
            postman = self._postmen[new] = Postman(new, records, self._letters, self._clock, self._tried)
            self._tasks.keep(f"channel {new}", postman.run)
        await self._refresh()

    async def hurry(self, channel: str) -> None:
        """Lets what waits in a channel be tried at once, because its settings changed."""
        await asyncio.to_thread(self._state.outbox.hurry, channel, self._clock.wall_us())
        await self._refresh()

    async def test(self, channel: Channel) -> Delivery:
        """Sends a test message at once, past whatever waits; the try is recorded."""
        message = test_message(channel.id, self._clock.wall_us(), await self._site(channel.site))
        outcome = await attempt(channel.id, message, 1, self._state.channels, self._letters, self._clock)
        await asyncio.to_thread(self._state.deliveries.add, outcome.delivery)
        self.results[outcome.delivery.result] += 1
        return outcome.delivery

    async def _site(self, site: str | None) -> Named | None:
        found = None if site is None else await asyncio.to_thread(self._state.sites.get, site)
        return None if found is None else Named(found.id, found.name)

    async def _listen(self) -> None:
        async for news in self._happenings.subscribe():
            try:
                await self._heard(news)
            except WachtelError as error:
                log.warning("a message has to wait for the next sweep: %s", error)

    async def _heard(self, news: Announcement) -> None:
        match news:
            case EventChanged(event) if self._filler.is_new(event):
                async with self._filling:
                    taken = await asyncio.to_thread(self._filler.event, event.id)
                if taken:
                    await self._refresh()
            case CameraChanged(camera):
                await self._look_up(camera)
            case GapAlarm():
                await self._gap(news)

    async def _gap(self, alarm: GapAlarm) -> None:
        async with self._filling:
            await asyncio.to_thread(self._filler.gap, alarm)
        await self._refresh()

    async def _look_up(self, camera: str) -> None:
        found = await asyncio.to_thread(self._state.cameras.get, camera)
        if found is not None:
            self._cameras[camera] = found
        elif self._cameras.pop(camera, None) is not None:
            self._watch.forget(camera)
            await asyncio.to_thread(self._state.outbox_marks.back, camera)

    async def _rounds(self) -> None:
        await self._begin()
        while True:
            try:
                await self._sweep()
                for _ in range(LOOKS_PER_SWEEP):
                    await self._clock.sleep(LOOK_S)
                    await self._look_at_cameras()
                    await self._forget_gone()
                    await self._tell_of_trouble()
            except WachtelError as error:
                log.warning("messages have to wait: %s", error)
                await self._clock.sleep(LOOK_S)

    async def _begin(self) -> None:
        outages = await asyncio.to_thread(self._state.outbox_marks.outages)
        self._watch = CameraWatch(self._clock, outages)
        await self.channels_changed()
        async with self._filling:
            for outage in outages:
                await asyncio.to_thread(self._filler.outage, outage)
                self.on_camera(outage)

    async def _sweep(self) -> None:
        async with self._filling:
            await asyncio.to_thread(self._filler.sweep)
        for alarm in self._alarms.standing():
            await self._gap(alarm)
        cameras = await asyncio.to_thread(self._state.cameras.all)
        self._cameras = {camera.id: camera for camera in cameras}
        for gone in set(self._watch.cameras()) - self._cameras.keys():
            self._watch.forget(gone)
            await asyncio.to_thread(self._state.outbox_marks.back, gone)
        await self._refresh()

    async def _look_at_cameras(self) -> None:
        for camera in list(self._cameras.values()):
            news = self._watch.look(camera, self._states.of(camera.id).get(StreamName.MAIN))
            if news is None:
                continue
            async with self._filling:
                if isinstance(news, CameraBack):
                    await asyncio.to_thread(self._filler.back, news)
                else:
                    await asyncio.to_thread(self._filler.outage, news)
            self.on_camera(news)
            await self._refresh()

    def _tried(self, delivery: Delivery) -> None:
        self.results[delivery.result] += 1
        if delivery.code == GONE:
            self._gone.add(delivery.channel)
        if delivery.result is not DeliveryResult.FAILED:
            self.waiting[delivery.channel] = max(0, self.waiting.get(delivery.channel, 0) - 1)

    async def _forget_gone(self) -> None:
        """Devices that are no more are channels no more."""
        while self._gone:
            await asyncio.to_thread(self._forget, self._gone.pop())
            await self.channels_changed()

    async def _tell_of_trouble(self) -> None:
        """A channel that fails cannot say so itself: the others do."""
        now = self._clock.monotonic_s()
        for channel, postman in list(self._postmen.items()):
            if postman.trouble is None:
                self._told_of.discard(channel)
                continue
            since, at = postman.trouble
            if now - since >= TROUBLE_S and channel not in self._told_of:
                self._told_of.add(channel)
                await self._tell_of(channel, at)

    async def _tell_of(self, channel: str, since: WallUs) -> None:
        found = await asyncio.to_thread(self._state.channels.get, channel)
        if found is not None and found.enabled:
            log.warning("nothing has arrived by channel %s for %d minutes", found.name, TROUBLE_S // 60)
            async with self._filling:
                await asyncio.to_thread(self._filler.failing, found, since)
            await self._refresh()

    def _forget(self, channel: str) -> None:
        found = self._state.channels.get(channel)
        if found is not None:
            log.info("%s has been taken back on the device; the channel is removed", found.name)
            self._state.channels.remove(channel)

    async def _refresh(self) -> None:
        waiting = await asyncio.to_thread(self._state.outbox.waiting)
        self.waiting = {channel: waiting.get(channel, 0) for channel in self._postmen}
        for postman in self._postmen.values():
            postman.wake()
