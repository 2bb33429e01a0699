"""Wiring of one installation: data folder, index, engine, web. The concrete choices are made here and nowhere else."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from wachtel.accounts.links import Links
from wachtel.app.alarm_hands import alarm_desk
from wachtel.app.certificates import CertificateLook
from wachtel.app.homekit_hands import homekit_desk
from wachtel.app.message_pictures import message_pictures
from wachtel.app.mqtt_hands import mqtt_desk
from wachtel.app.page_address import guessed
from wachtel.app.probing import make_prober
from wachtel.app.readings import EngineReadings
from wachtel.app.rtsp_out import RtspOut
from wachtel.app.rule_hands import rule_hands
from wachtel.app.searching import NeighbourSearch
from wachtel.app.signals import wait_for_signal
from wachtel.app.stored_archive import StoredArchive
from wachtel.app.stored_events import StoredEvents
from wachtel.app.stored_exports import StoredExports
from wachtel.app.tls.door import TlsDoor
from wachtel.app.tls.store import TlsStore
from wachtel.automation.letters import LetterDesk
from wachtel.automation.post import Post
from wachtel.automation.push_devices import link_signer
from wachtel.automation.rule_desk import RuleDesk
from wachtel.automation.wemo.desk import WemoDesk
from wachtel.automation.wemo.presence import WemoPresence
from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.heap import give_back_freed
from wachtel.base.tasks import TaskSupervisor
from wachtel.cameras.discovery.search import SearchPlan, default_plan
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.live import NO_ICE_SERVERS, IceServers
from wachtel.pipeline.archive_care import ArchiveCare
from wachtel.pipeline.engine import Engine
from wachtel.pipeline.exports import Exporter
from wachtel.pipeline.storage_shares import ShareDesk
from wachtel.pipeline.webrtc.desk import WebRtcDesk
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.files.rule_pictures import RulePictures
from wachtel.storage.index import Index
from wachtel.storage.index.filling import open_or_rebuild
from wachtel.storage.state import State, open_state
from wachtel.storage.state.settings import KEEP_FREE_BYTES, PAGE_ADDRESS
from wachtel.web.app import control_app, create_app
from wachtel.web.ports import WebPorts

log = logging.getLogger(__name__)

GRACE_S = 1
DATE_EVERY_S = 1.0
LARGEST_MESSAGE_BYTES = 65_536
"""What a viewer may send; the page sends nothing, and pictures are compressed already."""


@dataclass(frozen=True, slots=True)
class EdgeOptions:
    """Where the data lies and where to listen; port 0 takes a free one.

    ``names``: further names under which the page may be opened, as behind a proxy. ``encrypted``: serve with TLS, with
    what `wachtel tls` set up; then RTSP as well, unless ``plain_rtsp``. ``search_plan`` says where to look for devices.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8090
    names: frozenset[str] = frozenset()
    rtsp_port: int = 0
    ice: IceServers = NO_ICE_SERVERS
    encrypted: bool = False
    plain_rtsp: bool = False
    search_plan: Callable[[], SearchPlan] = default_plan


class _Server(uvicorn.Server):
    """Leaves the signals to us: two servers share one process. It wakes once a second, where others of its kind do ten
    times: for the date in its answers.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Lets it close."""
        self.should_exit = True
        self._ended.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), DATE_EVERY_S)


class Edge:
    """One running installation."""

    def __init__(
        self,
        data: DataFolder,
        state: State,
        index: Index,
        engine: Engine,
        clock: Clock,
        rtsp_listener: socket.socket,
        options: EdgeOptions,
    ) -> None:
        self.data = data
        self.state = state
        self.engine = engine
        self.index = index
        self.links = Links(state, clock)
        letters = LetterDesk(
            state.sites,
            message_pictures(engine, index, RulePictures(data.root), clock),
            self._page_address,
            link_signer(state),
        )
        engine.keep_certificate = self._keep_certificate
        self.post = Post(
            state,
            index,
            engine.states,
            engine.announcements,
            clock,
            engine.gap_alarms,
            letters,
            engine.clips.has_snapshot,
        )
        self.rules = RuleDesk(state, index, engine.announcements, rule_hands(self), clock)
        self.post.on_camera = self.rules.camera_news
        self.mqtt = mqtt_desk(self, clock)
        presence = WemoPresence(state, engine.announcements, engine.states, clock)
        self.wemo = WemoDesk(state, self.rules, presence, clock, options.search_plan)
        self.alarms = alarm_desk(self, clock)
        self.homekit = homekit_desk(self, clock)
        self.door = TlsDoor(TlsStore(data.keys), clock, encrypted=options.encrypted, names=options.names)
        self.rtsp = RtspOut(
            state, engine, rtsp_listener, clock, None if options.plain_rtsp else self.door.certificate_path
        )
        self.care = ArchiveCare(index, data.archive, data.keys, clock)
        self.webrtc = WebRtcDesk(options.host, options.ice, engine.media.tap_of, clock)
        self.url = ""
        self._guessed_address = ""
        self.rtsp_url = ""
        self._clock = clock
        self._servers: list[_Server] = []
        self._serving: list[asyncio.Task[None]] = []
        self._tasks = TaskSupervisor(clock)

    @classmethod
    async def open(cls, options: EdgeOptions, clock: Clock | None = None) -> "Edge":
        """Opens the data folder, starts the cameras, and listens. Raises `WachtelError` when the folder is in use."""
        clock = clock or SystemClock()
        listener = listen(options.host, options.port)
        rtsp_listener = listen(options.host, options.rtsp_port, "--rtsp-port")
        data = DataFolder.open(options.data, clock, patient=True)
        state = open_state(options.data)
        index = await asyncio.to_thread(_open_index, data)
        edge = cls(data, state, index, Engine(data, index, clock), clock, rtsp_listener, options)
        edge.engine.retention.keep_free_bytes = state.settings.get(KEEP_FREE_BYTES, int)
        for site in state.sites.all():
            await edge.engine.site_changed(site)
        edge.post.start()
        edge.rules.start()
        edge.mqtt.start()
        edge.homekit.start()
        await edge.wemo.start()
        edge.alarms.start()
        edge.engine.start(state.cameras.all())
        edge.rtsp.start()
        edge.door.start(edge._tasks)
        await edge._serve(listener, options)
        give_back_freed()
        return edge

    async def _keep_certificate(self, camera: str, pin: PinnedCertificate) -> None:
        await asyncio.to_thread(self.state.cameras.pin, camera, pin)

    async def _serve(self, listener: socket.socket, options: EdgeOptions) -> None:
        engine = self.engine
        ports = WebPorts(
            clock=self._clock,
            events=StoredEvents(self.index),
            live=engine.live,
            snapshots=engine.snapshots,
            footage=engine.clips,
            states=engine.states,
            announcements=engine.announcements,
            recording=engine,
            prober=make_prober(),
            readings=EngineReadings(
                engine,
                self.post,
                self.rtsp.desk,
                self.webrtc,
                self.alarms,
                self.door.certificates,
                self.mqtt,
                self.homekit,
            ),
            archive=StoredArchive(self.index),
            messages=self.post,
            page_address=lambda: self._guessed_address,
            rule_pictures=RulePictures(self.data.root),
            rules=self.rules,
            mqtt=self.mqtt,
            alarms=self.alarms,
            homekit=self.homekit,
            ledgers=engine.ledgers,
            gaps=engine.gap_alarms,
            holds=engine.holds,
            storage=engine.storage,
            imports=engine.imports,
            replays=engine.candidates,
            exports=StoredExports(Exporter(self.index, self.data.archive)),
            care=self.care,
            shares=ShareDesk(self.index, self._clock, engine.retention.cameras, engine.holds),
            whep=self.webrtc,
            watches=engine.watches,
            searches=NeighbourSearch(self._clock, options.search_plan),
            controls=engine.controls,
            pricing=engine.pricing,
            certificates=CertificateLook(self._clock),
            wemo=self.wemo,
        )
        app = create_app(self.state, ports, self.door.settings())
        control = control_listener(self.data.control_socket)
        for application, listening, tls in (
            (app, listener, self.door.context),
            (control_app(app), control, None),
        ):
            config = uvicorn.Config(
                application, ws="websockets-sansio", lifespan="off", log_level="warning", access_log=False,
                proxy_headers=False, server_header=False, timeout_graceful_shutdown=GRACE_S,
                ws_per_message_deflate=False, ws_max_size=LARGEST_MESSAGE_BYTES,
                ssl_context_factory=None if tls is None else lambda *_, tls=tls: tls,
            )  # fmt: skip
            server = _Server(config)
            self._servers.append(server)
            self._serving.append(asyncio.create_task(server.serve(sockets=[listening])))
        while not all(server.started for server in self._servers):
            if any(task.done() for task in self._serving):
                await asyncio.gather(*self._serving)
            await self._clock.sleep(0.01)
        port = listener.getsockname()[1]
        shown = f"[{options.host}]" if ":" in options.host else options.host
        self.url = f"{'http' if self.door.context is None else 'https'}://{shown}:{port}/"
        self._guessed_address = guessed(self.url, options.host, options.names)
        rtsp = "rtsps" if self.door.context is not None and not options.plain_rtsp else "rtsp"
        self.rtsp_url = f"{rtsp}://{shown}:{self.rtsp.desk.port}/"

    def _page_address(self) -> str:
        """Blocking: the address for links in messages, "" before the server listens."""
        said = self.state.settings.get(PAGE_ADDRESS, str)
        return said or self._guessed_address

    def first_run_link(self) -> str | None:
        """The link that makes the owner's account; None when there is one."""
        token = self.links.offer_first_run()
        return None if token is None else f"{self.url}#/first-run?token={token}"

    async def run_until_signal(self) -> None:
        """Serves until SIGINT or SIGTERM, then closes."""
        await wait_for_signal()
        await self.close()

    async def close(self) -> None:
        """Stops listening, lets the workers finish their files, and lets go of the data folder."""
        for server in self._servers:
            server.end()
        self.care.stop()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._tasks.close()
        await self.rtsp.close()
        await self.webrtc.stop()
        await self.homekit.close()
        await self.mqtt.close()
        await self.wemo.close()
        await self.engine.stop()
        await self.alarms.close()
        await self.rules.close()
        await self.post.close()
        self.index.close()
        self.state.close()
        self.data.control_socket.unlink(missing_ok=True)
        self.data.close()


def _open_index(data: DataFolder) -> Index:
    """The index up to date, or as it was left while the archive's disk is not there."""
    if data.missing is None:
        return open_or_rebuild(data.index_path, data.archive)
    log.warning("nothing is recorded: %s", data.missing)
    return Index.open(data.index_path, data.archive)


def listen(host: str, port: int, option: str = "--port") -> socket.socket:
    """A listening socket; raises `WachtelError` with the next step when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise WachtelError(
            ErrorKind.BUSY,
            f"{host}:{port} cannot be listened on: {error.strerror or error}.",
            hint=f"Another program, perhaps another Wachtel, may use it: choose another {option}.",
        ) from error


def control_listener(path: Path) -> socket.socket:
    """The socket over which commands reach the running server; only its user may open it."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen()
    return listener
