"""What the web layer needs from the rest of the product; `wachtel.app` wires the real ones in.

Every port is narrow, so that a route says in its signature what it can touch.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wachtel.automation.alarm_desk import ArmRequest
from wachtel.automation.alarm_panel import AlarmPanel
from wachtel.automation.homekit.desk import HomeKitState
from wachtel.automation.mqtt.link import LinkState
from wachtel.automation.rules import Outcome
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.alarm import AlarmNoteKind, AlarmSettings
from wachtel.model.broker import Broker, HeardTopic
from wachtel.model.camera import Camera, Site, StreamState
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.device import EncoderSettings as EncoderSettings
from wachtel.model.device import FoundDevice
from wachtel.model.device import SubStreamPlan as SubStreamPlan
from wachtel.model.event import Event
from wachtel.model.footage import Hold, LastingGap
from wachtel.model.live import AlarmChanged as AlarmChanged
from wachtel.model.live import Announcement as Announcement
from wachtel.model.live import CameraChanged as CameraChanged
from wachtel.model.live import EventChanged as EventChanged
from wachtel.model.live import GapAlarm as GapAlarm
from wachtel.model.live import IceServers
from wachtel.model.live import LiveFragment as LiveFragment
from wachtel.model.live import LiveInit as LiveInit
from wachtel.model.live import StorageAlarm as StorageAlarm
from wachtel.model.live import StorageTrouble as StorageTrouble
from wachtel.model.probe import ProbeFinding as ProbeFinding
from wachtel.model.probe import ProbeReport as ProbeReport
from wachtel.model.rule import Rule
from wachtel.model.stream import StreamFormat, StreamName
from wachtel.model.watch import Watch
from wachtel.pipeline.archive_care import Work, WorkKind
from wachtel.pipeline.camera_controls import Controls, Speeds
from wachtel.pipeline.exports import Wish
from wachtel.pipeline.replay import Replayed, Wanted
from wachtel.pipeline.storage_report import StorageReport
from wachtel.pipeline.storage_shares import Effect, Share
from wachtel.storage.api import HourSummary, Ledger
from wachtel.storage.files.adoption import Adoptable
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.deliveries import Delivery
from wachtel.web.wemo_ports import NoWemo, WemoHouse


class LiveView(Protocol):
    """One viewer of one stream. A viewer that is too slow loses whole GOPs and goes on with a key frame."""

    def __aiter__(self) -> AsyncIterator[LiveInit | LiveFragment | StreamState]:
        """First an init and the cached GOP if there is a picture, a state whenever it changes; never ends by
        itself.
        """
        ...

    async def close(self) -> None: ...


class LiveViews(Protocol):
    """Opens live views."""

    async def open(self, camera: str, stream: StreamName, *, convert: bool = False) -> LiveView:
        """``convert``: as H.264, whatever the camera sends.

        Raises `WachtelError`: not_found for a camera or stream that is not there, busy when no more can be converted.
        """
        ...


class WhepView(Protocol):
    """A browser that watches by WebRTC; ``ended`` is set when it is gone, however that came."""

    @property
    def id(self) -> str: ...

    @property
    def ended(self) -> asyncio.Event: ...

    def close(self) -> None: ...


class WhepViews(Protocol):
    """Opens views by WebRTC."""

    @property
    def servers(self) -> IceServers: ...

    async def open(self, camera: str, stream: StreamName, offer: str, client: str, /) -> tuple[WhepView, str]:
        """The view and the SDP answer.

        Raises `WachtelError` (not_found, busy, timeout, invalid, unsupported_codec).
        """
        ...


class NoWhepViews:
    """Where there is no WebRTC."""

    servers = IceServers()

    async def open(
        self, _camera: str, _stream: StreamName, _offer: str, _client: str
    ) -> tuple[WhepView, str]:
        """Raises `WachtelError` (not_found)."""
        raise WachtelError(ErrorKind.NOT_FOUND, "There is no WebRTC here.")


class Snapshots(Protocol):
    """Stills of now."""

    async def latest(self, camera: str) -> bytes:
        """A JPEG of the newest picture. Raises `WachtelError` (not_found, timeout)."""
        ...


class Clip(Protocol):
    """A playable MP4 ready to be sent.

    ``size_bytes`` and ``etag`` are None while the event still runs. ``gaps`` are stretches of the range
    without footage.
    """

    @property
    def size_bytes(self) -> int | None: ...

    @property
    def etag(self) -> str | None: ...

    @property
    def start(self) -> WallUs: ...

    @property
    def end(self) -> WallUs: ...

    @property
    def gaps(self) -> tuple[tuple[WallUs, WallUs], ...]: ...

    def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes ``first`` to ``last`` (both included); of a running clip everything until the event has
        ended.
        """
        ...


class Part(Clip, Protocol):
    """A finished film of a range, or a part of it; ``formats`` are those the picture goes through in it."""

    @property
    def formats(self) -> tuple[StreamFormat, ...]: ...


class Footage(Protocol):
    """Cuts playable files out of the archive."""

    async def parts(self, camera: str, start: WallUs, end: WallUs) -> Sequence[Part]:
        """One film, and one more for each change of codec or sound.

        Raises `WachtelError` (not_found) when nothing was recorded in that range.
        """
        ...

    async def clip(self, event: Event) -> Clip:
        """The event with its pre- and post-roll."""
        ...

    async def event_snapshot(self, event: Event) -> bytes:
        """The JPEG kept with the event. Raises `WachtelError` (not_found)."""
        ...


class States(Protocol):
    """Honest state of every camera's streams."""

    def of(self, camera: str) -> Mapping[StreamName, StreamState]: ...


class Watches(Protocol):
    """How each camera is watched for motion."""

    def of(self, camera: str) -> Watch | None:
        """None while nothing is known."""
        ...


class NoWatches:
    """Of an engine that is off."""

    def of(self, camera: str) -> Watch | None:  # noqa: ARG002 (nobody watches)
        return None


class Announcements(Protocol):
    """What happens, as it happens."""

    def subscribe(self) -> AsyncIterator[Announcement]:
        """Everything from now on; a reader slower than 1000 announcements loses the oldest."""
        ...


class Recording(Protocol):
    """The running engine; told after a change has been stored."""

    async def camera_added(self, camera: Camera) -> None: ...

    async def camera_changed(self, camera: Camera) -> None: ...

    async def camera_removed(self, camera: str) -> None: ...

    async def site_changed(self, site: Site) -> None: ...


class Prober(Protocol):
    """Tries a camera URL without saving anything."""

    async def probe(self, url: str, *, allow_local: bool) -> ProbeReport:
        """Never raises for a bad URL or a bad camera: the report says what is wrong."""
        ...

    async def describe(self, url: str, *, allow_local: bool) -> ProbeReport:
        """Asks a device what it offers, without a look at its streams; else as `probe`."""
        ...


class CameraControls(Protocol):
    """What cameras can be made to do; every method raises `WachtelError` when the camera cannot be told."""

    async def controls(self, camera: Camera) -> Controls: ...

    async def go_to(self, camera: Camera, preset: str) -> None: ...

    async def move(self, camera: Camera, speeds: Speeds) -> None: ...

    async def switch(self, camera: Camera, relay: str, *, on: bool) -> None: ...

    async def sub_stream(self, camera: Camera) -> SubStreamPlan: ...

    async def set_sub_stream(self, camera: Camera, settings: EncoderSettings, /) -> SubStreamPlan: ...


class NoCameraControls:
    """Of an engine that is off."""

    async def controls(self, camera: Camera) -> Controls:  # noqa: ARG002 (nobody asks it)
        raise _not_running()

    async def go_to(self, *_: object) -> None:
        raise _not_running()

    async def move(self, *_: object) -> None:
        raise _not_running()

    async def switch(self, *_: object, on: bool) -> None:  # noqa: ARG002 (nothing is switched)
        raise _not_running()

    async def sub_stream(self, camera: Camera) -> SubStreamPlan:  # noqa: ARG002 (nobody asks it)
        raise _not_running()

    async def set_sub_stream(self, *_: object) -> SubStreamPlan:
        raise _not_running()


class Certificates(Protocol):
    """What cameras show when somebody wants to speak to them in secret."""

    async def shown(self, urls: Sequence[str], *, allow_local: bool) -> Sequence[PinnedCertificate]:
        """One for each place of these addresses that speaks TLS and answers now."""
        ...


class NoCertificates:
    """Where nobody can be asked."""

    async def shown(self, urls: Sequence[str], *, allow_local: bool) -> Sequence[PinnedCertificate]:  # noqa: ARG002
        return ()


class Searches(Protocol):
    """Looks for devices on the local networks."""

    def search(self, seconds: float, /) -> AsyncIterator[list[FoundDevice]]:
        """Everything found so far, again and again. Raises `WachtelError` (busy, unreachable)."""
        ...


class NoSearches:
    """Where there is no network to look in."""

    def search(self, _seconds: float) -> AsyncIterator[list[FoundDevice]]:
        """Raises `WachtelError` (unreachable)."""
        raise WachtelError(
            ErrorKind.UNREACHABLE, "There is no network to look in here.", code="no_local_network"
        )


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events; every condition that is not None must hold.

    ``start`` and ``end`` ask for events that overlap this stretch. ``before`` is an event id: only events
    older than that one. ``sites`` limits the answer to what somebody may see.
    """

    camera: str | None = None
    sites: frozenset[str] | None = None
    start: WallUs | None = None
    end: WallUs | None = None
    before: str | None = None
    limit: int = 50


class Events(Protocol):
    """The events of the index."""

    async def query(self, wanted: EventQuery) -> Sequence[Event]:
        """Newest first: by start, then by id, both descending; at most ``limit``."""
        ...

    async def get(self, event: str) -> Event | None: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of the engine for ``/metrics``, once per set of labels. ``name`` comes without
    ``wachtel_``.
    """

    name: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]
    counter: bool = False


class Readings(Protocol):
    """What the engine can count."""

    def read(self) -> Sequence[Reading]: ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How much a new index holds."""

    segments: int
    gaps: int
    events: int


class Archive(Protocol):
    """Care of the archive."""

    async def rebuild(self) -> Rebuilt:
        """Makes the index anew from the files alone and takes it into use."""
        ...


class Care(Protocol):
    """Work on the whole archive that takes a while, one after the other."""

    def start(self, kind: WorkKind) -> Work:
        """Begins. Raises `WachtelError` (busy) while something runs."""
        ...

    def stop(self) -> None:
        """Ends what runs as soon as that can be; harmless when nothing does."""
        ...

    def last(self) -> Work | None:
        """What runs or ran last, None when nothing did since the start of the server."""
        ...


class RulePictureShelf(Protocol):
    """Pictures that rules took; blocking."""

    def names(self, rule: str) -> Sequence[str]:
        """Newest first."""
        ...

    def read(self, rule: str, name: str) -> bytes | None: ...


class NoRulePictures:
    """Where no rule takes any."""

    def names(self, rule: str) -> Sequence[str]:  # noqa: ARG002 (there are none)
        return ()

    def read(self, rule: str, name: str) -> bytes | None:  # noqa: ARG002 (there are none)
        return None


class Messages(Protocol):
    """The post office; told after a change has been stored."""

    async def channels_changed(self) -> None:
        """A channel was added or removed."""
        ...

    async def hurry(self, channel: str) -> None:
        """A channel was changed: what waits in it may succeed now."""
        ...

    async def test(self, channel: Channel) -> Delivery:
        """Sends a test message at once; the try says what came of it."""
        ...


def _not_running() -> WachtelError:
    return WachtelError(ErrorKind.BUSY, "The server is not running.", hint="Start it with `wachtel serve`.")


class NoMessages:
    """The post office of an engine that is off."""

    async def channels_changed(self) -> None:
        return None

    async def hurry(self, channel: str) -> None:  # noqa: ARG002 (nothing waits here)
        return None

    async def test(self, channel: Channel) -> Delivery:  # noqa: ARG002 (nothing is sent from here)
        raise WachtelError(
            ErrorKind.BUSY, "The server is not running.", hint="Start it with `wachtel serve`."
        )


class Ledgers(Protocol):
    """What became of every moment."""

    async def ledger(self, camera: str, start: WallUs, end: WallUs) -> Ledger:
        """The range without holes, as far as it is past; no stretch at all when it is to come."""
        ...

    async def hours(self, cameras: Sequence[str], start: WallUs, end: WallUs) -> Sequence[HourSummary]:
        """The hours that overlap the range and hold anything, by hour and camera."""
        ...


class NoLedgers:
    """The ledger of an engine that is off."""

    async def ledger(self, *_: object) -> Ledger:
        raise _not_running()

    async def hours(self, *_: object) -> Sequence[HourSummary]:
        raise _not_running()


class NoCare:
    """Care of an engine that is off; the command line does it itself."""

    def start(self, kind: WorkKind) -> Work:  # noqa: ARG002 (nobody does it)
        raise _not_running()

    def stop(self) -> None:
        return None

    def last(self) -> Work | None:
        return None


class Gaps(Protocol):
    """Gaps of this moment."""

    def lasting(self, camera: str) -> LastingGap | None:
        """The gap this camera has now, None when it is recorded or off on purpose."""
        ...

    def alarmed(self, camera: str) -> bool:
        """True when that gap is longer than the camera's limit."""
        ...


class NoGaps:
    """Gaps of an engine that is off."""

    def lasting(self, camera: str) -> LastingGap | None:  # noqa: ARG002 (nobody knows)
        return None

    def alarmed(self, camera: str) -> bool:  # noqa: ARG002 (nobody knows)
        return False


class Holds(Protocol):
    """Footage that nothing deletes."""

    def of_event(self, event: str) -> Hold | None:
        """The hold of an event."""
        ...

    async def hold_event(self, event: Event, why: str) -> Hold:
        """Keeps an event's footage; returns when that is on the disk. Raises `WachtelError` (timeout)."""
        ...

    async def release_event(self, event: Event) -> None:
        """Lets go of it; harmless when it is not held. Raises `WachtelError` (timeout)."""
        ...

    async def hold(self, site: str, hold: Hold) -> Hold:
        """Keeps any stretch; returns when that is on the disk. Raises `WachtelError` (timeout)."""
        ...

    async def release(self, site: str, hold: Hold) -> None:
        """Lets go of it. Raises `WachtelError` (timeout)."""
        ...

    def all(self) -> Sequence[Hold]:
        """All holds, by start."""
        ...


class NoHolds:
    """Holds of an engine that is off."""

    def of_event(self, event: str) -> Hold | None:  # noqa: ARG002 (nobody knows)
        return None

    async def hold_event(self, *_: object) -> Hold:
        raise _not_running()

    async def release_event(self, *_: object) -> None:
        raise _not_running()

    async def hold(self, *_: object) -> Hold:
        raise _not_running()

    async def release(self, *_: object) -> None:
        raise _not_running()

    def all(self) -> Sequence[Hold]:
        raise _not_running()


class StorageKeeping(Protocol):
    """The archive's volume."""

    async def report(self) -> StorageReport:
        """How full it is, and for how long it lasts. Raises `WachtelError` (disk_error)."""
        ...

    async def keep_free(self, size_bytes: int | None) -> None:
        """So much stays free from now on; None: the usual part. Told after it was stored."""
        ...

    async def believe_clock(self) -> None:
        """A person says that the machine's clock is right."""
        ...


class NoStorage:
    """The volume of an engine that is off."""

    async def report(self) -> StorageReport:
        raise _not_running()

    async def keep_free(self, size_bytes: int | None) -> None:  # noqa: ARG002 (it is read at the next start)
        return None

    async def believe_clock(self) -> None:
        raise _not_running()


class Shares(Protocol):
    """What footage is there for, and what a setting would delete."""

    async def shares(self) -> Sequence[Share]:
        """How much of each camera's footage is there for which reason; may be some minutes old."""
        ...

    async def preview(self, camera: Camera) -> Effect:
        """What would be deleted now if the camera's settings were these."""
        ...


class NoShares:
    """Of an engine that is off."""

    async def shares(self) -> Sequence[Share]:
        raise _not_running()

    async def preview(self, camera: Camera) -> Effect:  # noqa: ARG002 (nobody knows)
        raise _not_running()


class Download(Protocol):
    """A file to take along, of which any part can be read."""

    @property
    def size_bytes(self) -> int: ...

    @property
    def etag(self) -> str: ...

    def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes ``first`` to ``last``, both included."""
        ...


class Replays(Protocol):
    """What was followed on past days."""

    async def replay(self, camera: Camera, wanted: Wanted) -> Replayed:
        """What these settings would have made of it. Raises `WachtelError` (invalid, disk_error)."""
        ...

    async def kept_since(self, camera: str) -> str | None:
        """The first UTC day of which anything is kept, None when nothing is."""
        ...


class NoReplays:
    """Replays of an engine that is off."""

    async def replay(self, camera: Camera, wanted: Wanted) -> Replayed:  # noqa: ARG002 (`wachtel replay` does it)
        raise _not_running()

    async def kept_since(self, camera: str) -> str | None:  # noqa: ARG002 (nobody asks)
        return None


class Exports(Protocol):
    """Footage to take along."""

    async def archive(self, wish: Wish) -> Download:
        """Several cameras in one ZIP with their journals. Raises `WachtelError` (not_found)."""
        ...


class NoExports:
    """Exports of an engine that is off."""

    async def archive(self, wish: Wish) -> Download:  # noqa: ARG002 (the command line does it itself)
        raise _not_running()


class Imports(Protocol):
    """Footage of other programs."""

    async def adopt(
        self, site: str, camera: str, files: Sequence[Adoptable], holes: Sequence[tuple[WallUs, WallUs]]
    ) -> Mapping[str, str]:
        """Takes waiting files in; gives the names of those that were refused, with the reason."""
        ...


class NoImports:
    """Imports of an engine that is off: the command does them itself."""

    async def adopt(self, *_: object) -> Mapping[str, str]:
        raise _not_running()


class RulesAtWork(Protocol):
    """The rules of the running engine; told after a change has been stored."""

    async def rules_changed(self) -> None: ...

    async def site_changed(self, site: Site) -> None: ...

    async def sensed(self, site: str, sensor: str, state: str, /) -> None: ...

    async def present(self, site: str, person: str, home: bool, /) -> None: ...

    async def rehearse(self, rule: Rule) -> Outcome:
        """What the rule would have done in the last seven days."""
        ...


class NoRules:
    """The rules of an engine that is off: they can be changed, and nothing follows."""

    async def rules_changed(self) -> None:
        return None

    async def site_changed(self, site: Site) -> None:  # noqa: ARG002 (nothing looks at it)
        return None

    async def sensed(self, _site: str, _sensor: str, _state: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def present(self, _site: str, _person: str, _home: bool) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def rehearse(self, rule: Rule) -> Outcome:  # noqa: ARG002 (there is no index to look into)
        """Raises `WachtelError` (busy)."""
        raise _no_engine()


class AlarmsAtWork(Protocol):
    """The alarm panels of the running engine."""

    async def ask(self, asked: ArmRequest, /) -> None:
        """Arms or disarms a site, by its panel if it has one. Raises `WachtelError`."""
        ...

    async def panel(self, site: str, /) -> AlarmPanel | None:
        """To be looked at only; None where none is set up."""
        ...

    async def set_up(self, site: str, settings: AlarmSettings, salt: bytes, who: str, /) -> None: ...

    async def remove(self, site: str, who: str, /) -> None: ...

    async def noted(self, site: str, kind: AlarmNoteKind, who: str, detail: str = "", /) -> None: ...


class NoAlarmPanels:
    """The panels of an engine that is off."""

    async def ask(self, _asked: ArmRequest) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def panel(self, _site: str) -> AlarmPanel | None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def set_up(self, _site: str, _settings: AlarmSettings, _salt: bytes, _who: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def remove(self, _site: str, _who: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def noted(self, _site: str, _kind: AlarmNoteKind, _who: str, _detail: str = "") -> None:
        return None


def _no_engine() -> WachtelError:
    return WachtelError(ErrorKind.BUSY, "The server is not running.", hint="Start it with `wachtel serve`.")


class MqttAtWork(Protocol):
    """The connection to the broker; told after a change has been stored."""

    @property
    def state(self) -> LinkState | None:
        """How it is; None while there shall be none."""
        ...

    @property
    def said(self) -> int:
        """How many messages the broker took."""
        ...

    def sensor_says(self, sensor: str, /) -> str | None: ...

    async def changed(self) -> None: ...

    async def sensors_changed(self) -> None: ...

    async def test(self, broker: Broker, /) -> None:
        """Connects once. Raises `WachtelError` with what is wrong."""
        ...

    async def listen(self, broker: Broker, seconds: float, /) -> list[HeardTopic]:
        """What is said at the broker for a while. Raises `WachtelError`."""
        ...


class NoMqtt:
    """No connection: the engine is off. Settings can be changed."""

    state: LinkState | None = None
    said = 0

    def sensor_says(self, _sensor: str) -> str | None:
        return None

    async def changed(self) -> None:
        return None

    async def sensors_changed(self) -> None:
        return None

    async def test(self, _broker: Broker) -> None:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()

    async def listen(self, _broker: Broker, _seconds: float) -> list[HeardTopic]:
        """Raises `WachtelError` (busy)."""
        raise _no_engine()


class HomeKitAtWork(Protocol):
    """The bridge to Apple Home; told after a change has been stored."""

    @property
    def state(self) -> HomeKitState: ...

    async def changed(self) -> None: ...


class NoHomeKit:
    """No bridge: the engine is off. Settings can be changed."""

    state = HomeKitState(False, 0, 0)

    async def changed(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class WebPorts:
    """The engine, as the web layer sees it."""

    clock: Clock
    events: Events
    live: LiveViews
    snapshots: Snapshots
    footage: Footage
    states: States
    announcements: Announcements
    recording: Recording
    prober: Prober
    readings: Readings
    archive: Archive
    messages: Messages = field(default_factory=NoMessages)
    page_address: Callable[[], str] = str
    rule_pictures: RulePictureShelf = field(default_factory=NoRulePictures)
    rules: RulesAtWork = field(default_factory=NoRules)
    mqtt: MqttAtWork = field(default_factory=NoMqtt)
    alarms: AlarmsAtWork = field(default_factory=NoAlarmPanels)
    homekit: HomeKitAtWork = field(default_factory=NoHomeKit)
    ledgers: Ledgers = field(default_factory=NoLedgers)
    gaps: Gaps = field(default_factory=NoGaps)
    holds: Holds = field(default_factory=NoHolds)
    storage: StorageKeeping = field(default_factory=NoStorage)
    exports: Exports = field(default_factory=NoExports)
    replays: Replays = field(default_factory=NoReplays)
    shares: Shares = field(default_factory=NoShares)
    care: Care = field(default_factory=NoCare)
    whep: WhepViews = field(default_factory=NoWhepViews)
    imports: Imports = field(default_factory=NoImports)
    searches: Searches = field(default_factory=NoSearches)
    wemo: WemoHouse = field(default_factory=NoWemo)
    watches: Watches = field(default_factory=NoWatches)
    controls: CameraControls = field(default_factory=NoCameraControls)
    certificates: Certificates = field(default_factory=NoCertificates)
