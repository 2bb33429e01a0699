"""What the web layer needs from the rest of the product; `wachtel.app` wires the real ones in.

Every port is narrow, so that a route says in its signature what it can touch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from wachtel.base.clock import Clock
from wachtel.web.ports.archive import (
    Archive,
    Care,
    Imports,
    NoCare,
    NoImports,
    NoShares,
    NoStorage,
    Readings,
    Shares,
    StorageKeeping,
)
from wachtel.web.ports.cameras import (
    CameraControls,
    Certificates,
    NoCameraControls,
    NoCertificates,
    NoPricing,
    NoSearches,
    Pricing,
    Prober,
    Recording,
    Searches,
)
from wachtel.web.ports.footage import (
    Events,
    Exports,
    Footage,
    Gaps,
    Holds,
    Ledgers,
    NoExports,
    NoGaps,
    NoHolds,
    NoLedgers,
    NoReplays,
    Replays,
)
from wachtel.web.ports.house import (
    AlarmsAtWork,
    HomeKitAtWork,
    Messages,
    MqttAtWork,
    NoAlarmPanels,
    NoHomeKit,
    NoMessages,
    NoMqtt,
    NoRulePictures,
    NoRules,
    RulePictureShelf,
    RulesAtWork,
)
from wachtel.web.ports.live import (
    Announcements,
    LiveViews,
    NoWatches,
    NoWhepViews,
    Snapshots,
    States,
    Watches,
    WhepViews,
)
from wachtel.web.ports.wemo import NoWemo, WemoHouse


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
    pricing: Pricing = field(default_factory=NoPricing)
    certificates: Certificates = field(default_factory=NoCertificates)
