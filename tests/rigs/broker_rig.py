"""A real mosquitto on a free port, somebody who listens at it, and a house that speaks to it."""

import asyncio
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from running_server import free_port, listens

from wachtel.automation.mqtt.desk import MqttDesk
from wachtel.automation.mqtt.house import House
from wachtel.base.clock import SystemClock
from wachtel.base.units import WallUs
from wachtel.model.alarm import AlarmWord
from wachtel.model.broker import Broker
from wachtel.model.camera import Camera, CameraCondition, RecordingMode, StreamState
from wachtel.model.event import Event, EventKind
from wachtel.model.footage import LastingGap
from wachtel.model.live import Announcement, CameraChanged, EventChanged
from wachtel.model.rule import ArmState
from wachtel.model.sound import SoundWant
from wachtel.model.stream import StreamName
from wachtel.pipeline.announcements import Broadcast
from wachtel.storage.state import State, open_state

MOSQUITTO = Path("/usr/sbin/mosquitto")
needs_mosquitto = pytest.mark.skipif(
    not MOSQUITTO.exists(), reason="mosquitto is not installed (apt: mosquitto)"
)
PATIENCE_S = 30.0


class Mosquitto:
    """``with Mosquitto(folder) as broker:``; ``lines`` go into its configuration."""

    def __init__(self, folder: Path, lines: Sequence[str] = ("allow_anonymous true",), port: int = 0) -> None:
        self.port = port or free_port()
        self._folder = folder
        self._lines = lines
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Mosquitto":
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        """Starts and waits until it listens; nothing is kept over a restart."""
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "mosquitto.conf"
        config.write_text("\n".join([f"listener {self.port} 127.0.0.1", "user root", *self._lines]) + "\n")
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", config], stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if listens(self.port):
                return
            time.sleep(0.02)
        raise AssertionError((self._folder / "mosquitto.log").read_text())

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


class Watcher:
    """A client of another kind: hears everything, and can say something. Counts what comes in."""

    def __init__(self, port: int, user: str = "", password: str = "") -> None:
        self.lies: dict[str, bytes] = {}
        self.heard: list[tuple[str, bytes]] = []
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        if user:
            self._client.username_pw_set(user, password)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._ready.wait(PATIENCE_S)

    def _take(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        with self._lock:
            self.heard.append((message.topic, bytes(message.payload)))
            self.lies[message.topic] = bytes(message.payload)

    def say(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE_S)

    def at(self, topic: str) -> str:
        return self.lies.get(topic, b"").decode(errors="replace")

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()


async def until(true: Callable[[], object], what: str = "", within_s: float = PATIENCE_S) -> None:
    """Waits in the loop until something is so."""
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s} s: {what}")
        await asyncio.sleep(0.02)


class Catalog:
    """Events that ran when we came."""

    def __init__(self) -> None:
        self.running: list[Event] = []

    def open_events(self) -> list[Event]:
        return self.running


@dataclass
class Around:
    """Everything around the desk, made of memory, but for the state's database."""

    state: State
    happenings: Broadcast[Announcement] = field(default_factory=Broadcast)
    catalog: Catalog = field(default_factory=Catalog)
    conditions: dict[str, CameraCondition] = field(default_factory=dict)
    gaps: dict[str, LastingGap] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    armings: dict[str, ArmState] = field(default_factory=dict)
    alarms: dict[str, AlarmWord] = field(default_factory=dict)
    sensed: list[tuple[str, str, str]] = field(default_factory=list)
    heard: tuple[SoundWant, ...] = ()
    done: list[str] = field(default_factory=list)

    def of(self, camera: str) -> dict[StreamName, StreamState]:
        condition = self.conditions.get(camera, CameraCondition.LIVE)
        return {StreamName.MAIN: StreamState(condition, WallUs(0))}

    def lasting(self, camera: str) -> LastingGap | None:
        return self.gaps.get(camera)

    async def event_snapshot(self, event: Event) -> bytes:
        return self.pictures[event.id]

    async def latest(self, camera: str) -> bytes:
        return self.pictures[camera]

    async def camera(self, camera: str) -> Camera | None:
        return self.state.cameras.get(camera)

    async def detection(self, camera: Camera, on: bool) -> None:
        self.change(replace(camera, motion=replace(camera.motion, enabled=on)), f"detection {on}")

    async def mode(self, camera: Camera, mode: RecordingMode) -> None:
        self.change(replace(camera, mode=mode), f"mode {mode}")

    def armed(self) -> dict[str, ArmState]:
        return self.armings

    def words(self) -> dict[str, AlarmWord]:
        return self.alarms

    async def arm(self, site: str, state: ArmState, code: str = "") -> None:
        self.done.append(f"arm {site} {state} {code}".strip())
        self.armings[site] = state

    async def sense(self, site: str, sensor: str, state: str) -> None:
        self.sensed.append((site, sensor, state))

    def hear(self, wants: Sequence[SoundWant]) -> None:
        self.heard = tuple(wants)

    def change(self, camera: Camera, what: str = "") -> None:
        self.state.cameras.change(camera)
        self.done.append(what)
        self.happenings.tell(CameraChanged(camera.id, camera.site))

    def add(self, name: str = "tuer") -> None:
        site = self.state.sites.all()[0].id
        self.state.cameras.add(Camera(name, site, name.title(), "rtsp://192.0.2.1/"))
        self.happenings.tell(CameraChanged(name, site))

    def remove(self, name: str) -> None:
        self.state.cameras.remove(name)
        self.happenings.tell(CameraChanged(name, ""))

    def event(self, camera: str = "tuer", number: int = 1, *, ended: bool = False, jpeg: bytes = b"") -> None:
        site = self.state.sites.all()[0].id
        start, end = WallUs(number * 1_000_000), WallUs(number * 1_000_000 + 1)
        event = Event(
            f"{number}-{camera}", site, camera, EventKind.MOTION, start, start, end if ended else None, 1.0,
            snapshot=bool(jpeg),
        )  # fmt: skip
        if jpeg:
            self.pictures[event.id] = jpeg
        self.happenings.tell(EventChanged(event))

    def desk(self) -> MqttDesk:
        clock = SystemClock()
        house = House(self.state, self.catalog, self, self, self, clock)  # type: ignore[arg-type]
        return MqttDesk(self.state, house, self.happenings, self, self.sense, self, "1.2.3", clock, self.hear)

    def broker(self, port: int, **changes: object) -> Broker:
        broker = replace(Broker("127.0.0.1", port), **changes)  # type: ignore[arg-type]
        self.state.broker.put(broker)
        return broker


@asynccontextmanager
async def running(around: Around) -> AsyncIterator[MqttDesk]:
    """The desk at work."""
    desk = around.desk()
    desk.start()
    try:
        yield desk
    finally:
        await desk.close()


def around(folder: Path, cameras: Sequence[str] = ("tuer",)) -> Around:
    """A house with cameras, without a broker."""
    made = Around(open_state(folder))
    for camera in cameras:
        made.add(camera)
    return made
