"""HomeKit of one installation: off until the owner switches it on; then one bridge at one address."""

import asyncio
import importlib.util
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol

from wachtel.automation.known_events import KnownEvents
from wachtel.automation.mqtt.house import Panels
from wachtel.automation.post import CameraStates, Happenings
from wachtel.automation.running_events import RunningEvents
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.model.alarm import AlarmWord
from wachtel.model.camera import Camera, CameraCondition, Site
from wachtel.model.homekit import HomeKit, Setup
from wachtel.model.live import AlarmChanged, CameraChanged, EventChanged
from wachtel.model.rule import ArmState
from wachtel.model.stream import StreamName
from wachtel.protocols.homekit import new_code, new_setup_id
from wachtel.storage.state import State

if TYPE_CHECKING:
    from wachtel.automation.homekit.bridge import HomeBridge

log = logging.getLogger(__name__)

ROUND_S = 1.0
ROUNDS_PER_LOAD = 60
RETRY_S = 10.0


class Pictures(Protocol):
    """Stills of now."""

    async def latest(self, camera: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class HomeKitState:
    """``paired``: with how many controllers. ``trouble`` says why it does not run."""

    running: bool
    port: int
    paired: int
    trouble: WachtelError | None = None


def require_library() -> None:
    """Raises `WachtelError` (invalid) with the line that brings it."""
    if importlib.util.find_spec("pyhap") is None:
        raise WachtelError(
            ErrorKind.INVALID,
            "HomeKit needs a package that is not installed.",
            hint="Install it with: pip install 'wachtel[homekit]'",
        )


class HomeKitDesk:
    """Created and used inside the loop; `start` first, `close` last. While it is off no packet leaves."""

    def __init__(
        self,
        state: State,
        catalog: KnownEvents,
        states: CameraStates,
        pictures: Pictures,
        happenings: Happenings,
        arm: Callable[[str, ArmState], Awaitable[None]],
        panels: Panels,
        version: str,
        clock: Clock,
    ) -> None:
        self._state = state
        self._states = states
        self._pictures = pictures
        self._happenings = happenings
        self._arm = arm
        self._panels = panels
        self._version = version
        self._clock = clock
        self._events = RunningEvents(catalog)
        self._bridge: HomeBridge | None = None
        self._trouble: WachtelError | None = None
        self._cameras: list[Camera] = []
        self._sites: list[Site] = []
        self._stored: dict[str, ArmState] = {}
        self._wanted: dict[str, ArmState] = {}
        self._arming = asyncio.Event()
        self._stale = False
        self._tasks = TaskSupervisor(clock)
        self._work = TaskSupervisor(clock)
        self._changing = asyncio.Lock()

    def start(self) -> None:
        """Begins, if it is switched on."""
        self._tasks.keep("HomeKit", self._run)

    async def close(self) -> None:
        """Stops listening."""
        await self._tasks.close()
        await self._stop()

    @property
    def state(self) -> HomeKitState:
        """How it is."""
        bridge = self._bridge
        if bridge is None:
            return HomeKitState(False, 0, 0, self._trouble)
        return HomeKitState(True, bridge.port, bridge.paired)

    async def _run(self) -> None:
        await self.changed()
        while True:
            await self._clock.sleep(RETRY_S)
            if self._trouble is not None and self._trouble.retryable:
                await self.changed()

    async def changed(self) -> None:
        """It was switched on or off, or reset: what is stored counts from now on."""
        async with self._changing:
            await self._stop()
            settings = await asyncio.to_thread(self._state.homekit.get)
            self._trouble = None
            if settings is None or not settings.enabled:
                return
            try:
                require_library()
                await self._begin(settings)
            except WachtelError as error:
                self._trouble = error
                log.warning("HomeKit: %s", error)

    async def _begin(self, settings: HomeKit) -> None:
        await self._events.begin()
        await self._load()
        await self._build(settings, await asyncio.to_thread(setup_of, self._state))
        self._work = TaskSupervisor(self._clock)
        self._work.keep("HomeKit news", self._listen)
        self._work.keep("HomeKit rounds", lambda: self._rounds(settings))
        self._work.keep("HomeKit arming", self._serve)

    async def _build(self, settings: HomeKit, setup: Setup) -> None:
        from wachtel.automation.homekit.bridge import HomeBridge

        tells = not ip_address(settings.address).is_loopback
        bridge = HomeBridge(
            self._state.homekit, setup, settings, self, self._want, self._version, tells=tells
        )
        try:
            await bridge.start()
        except OSError as error:
            raise WachtelError(
                ErrorKind.BUSY,
                f"{settings.address}:{settings.port} cannot be listened on: {os.strerror(error.errno or 0)}.",
                hint="Choose another port, or an address this machine has.",
            ) from error
        self._bridge = bridge

    async def _stop(self) -> None:
        await self._work.close()
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            await bridge.stop()

    async def _load(self) -> bool:
        """Takes up cameras and sites; True when the bridge must be made anew."""
        before = _shape(self._cameras, self._sites)
        self._cameras, self._sites, self._stored = await asyncio.to_thread(self._read)
        return before != _shape(self._cameras, self._sites)

    def _read(self) -> tuple[list[Camera], list[Site], dict[str, ArmState]]:
        sites = self._state.sites.all()
        armed = {site.id: self._state.site_facts.get(site.id).armed for site in sites}
        return self._state.cameras.all(), sites, armed

    async def _listen(self) -> None:
        async for news in self._happenings.subscribe():
            match news:
                case EventChanged(event):
                    self._events.event(event)
                    self._refresh()
                case CameraChanged():
                    self._stale = True
                case AlarmChanged():
                    self._refresh()

    async def _rounds(self, settings: HomeKit) -> None:
        number = 0
        while True:
            await self._clock.sleep(ROUND_S)
            number += 1
            whole = number % ROUNDS_PER_LOAD == 0
            if whole:
                await self._events.reconcile()
            if self._stale or whole:
                self._stale = False
                if await self._load():
                    await self._rebuild(settings)
            self._refresh()

    async def _rebuild(self, settings: HomeKit) -> None:
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            await bridge.stop()
        try:
            await self._build(settings, await asyncio.to_thread(setup_of, self._state))
        except WachtelError as error:
            self._trouble = error
            log.warning("HomeKit: %s", error)

    def _refresh(self) -> None:
        if self._bridge is not None:
            self._bridge.refresh()

    def _want(self, site: str, state: ArmState) -> None:
        """A controller wants a site armed; the newest wish counts."""
        self._wanted[site] = state
        self._arming.set()

    async def _serve(self) -> None:
        while True:
            await self._arming.wait()
            self._arming.clear()
            wanted, self._wanted = self._wanted, {}
            for site, state in wanted.items():
                try:
                    await self._arm(site, state)
                except WachtelError as error:
                    log.warning("what was asked for by HomeKit was not done: %s", error)
            self._refresh()

    def cameras(self) -> list[Camera]:
        return self._cameras

    def sites(self) -> list[Site]:
        return self._sites

    def online(self, camera: str) -> bool:
        main = self._states.of(camera).get(StreamName.MAIN)
        return main is not None and main.condition is CameraCondition.LIVE

    def moves(self, camera: str) -> bool:
        return self._events.moves(camera)

    def armed(self, site: str) -> ArmState:
        return self._panels.armed().get(site) or self._stored.get(site, ArmState.DISARMED)

    def alarmed(self, site: str) -> bool:
        return self._panels.words().get(site) is AlarmWord.TRIGGERED

    async def picture(self, camera: str) -> bytes:
        return await self._pictures.latest(camera)


def setup_of(state: State) -> Setup:
    """The setup code; made at first use. Blocking. Raises `WachtelError` (disk_error) without a key to seal it."""
    setup = state.homekit.setup()
    if setup is None:
        setup = Setup(new_code(), new_setup_id())
        state.homekit.put_setup(setup)
    return setup


def _shape(cameras: list[Camera], sites: list[Site]) -> object:
    return [(camera.id, camera.name) for camera in cameras], [(site.id, site.name) for site in sites]
