# ruff: noqa: ARG002 (what is switched off needs none of its arguments)
"""The ports of an engine that is off: for commands that work on a data folder without a server."""

from collections.abc import AsyncIterator, Mapping, Sequence

from wachtel.base.clock import Clock
from wachtel.base.units import WallUs
from wachtel.model.camera import Camera, Site, StreamState
from wachtel.model.event import Event
from wachtel.model.live import Announcement
from wachtel.model.probe import ProbeReport
from wachtel.model.stream import StreamName
from wachtel.web.ports import WebPorts
from wachtel.web.ports.archive import Reading, Rebuilt
from wachtel.web.ports.cameras import Prober
from wachtel.web.ports.engine_off import not_running
from wachtel.web.ports.footage import Clip, EventQuery, Part
from wachtel.web.ports.live import LiveView


def offline_ports(clock: Clock, prober: Prober | None = None) -> WebPorts:
    """Everything that needs the engine says that the server is not running; settings can be read and
    changed.
    """
    engine = _Off()
    return WebPorts(
        clock=clock,
        events=engine,
        live=engine,
        snapshots=engine,
        footage=engine,
        states=engine,
        announcements=engine,
        recording=engine,
        prober=prober or engine,
        readings=engine,
        archive=engine,
    )


class _Off:
    async def query(self, wanted: EventQuery) -> Sequence[Event]:
        return ()

    async def get(self, event: str) -> Event | None:
        return None

    async def open(self, camera: str, stream: StreamName, *, convert: bool = False) -> LiveView:
        raise not_running()

    async def latest(self, camera: str) -> bytes:
        raise not_running()

    async def parts(self, camera: str, start: WallUs, end: WallUs) -> Sequence[Part]:
        raise not_running()

    async def clip(self, event: Event) -> Clip:
        raise not_running()

    async def event_snapshot(self, event: Event) -> bytes:
        raise not_running()

    def of(self, camera: str) -> Mapping[StreamName, StreamState]:
        return {}

    def subscribe(self) -> AsyncIterator[Announcement]:
        raise not_running()

    async def camera_added(self, camera: Camera) -> None:
        return None

    async def camera_changed(self, camera: Camera) -> None:
        return None

    async def camera_removed(self, camera: str) -> None:
        return None

    async def site_changed(self, site: Site) -> None:
        return None

    async def probe(self, url: str, *, allow_local: bool) -> ProbeReport:
        raise not_running()

    async def describe(self, url: str, *, allow_local: bool) -> ProbeReport:
        raise not_running()

    async def rebuild(self) -> Rebuilt:
        raise not_running()

    def read(self) -> Sequence[Reading]:
        return ()
