"""Fills the outbox: what happened becomes messages, each at most once per channel."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from zoneinfo import ZoneInfo

from wachtel.automation.camera_watch import CameraBack
from wachtel.automation.known_events import KnownEvents, events_since
from wachtel.automation.messages import is_our_fault, of_event, of_failing, of_gap, of_outage, of_return
from wachtel.automation.rule_times import day_and_minute
from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.camera import Site
from wachtel.model.event import Event
from wachtel.model.live import GapAlarm
from wachtel.model.message import Message, MessageKind, Named
from wachtel.model.wishes import Wishes
from wachtel.storage.state.cameras import Cameras
from wachtel.storage.state.channels import Channel, Channels
from wachtel.storage.state.outbox import NewEntry, Outbox, OutboxKey
from wachtel.storage.state.outbox_marks import Outage, OutboxMarks
from wachtel.storage.state.sites import Sites

RULE = "kinds"
"""In the place of a rule's id, for what a channel gets because it wants the kind."""

LATE_US = 3600 * US_PER_S
"""A line may reach the index this long after what it tells of."""

LONGEST_EVENT_US = 3 * 86_400 * US_PER_S
"""An event that is open for longer is not waited for."""

NO_ZONES: Mapping[str, ZoneInfo] = MappingProxyType({})

KNOWN_EVENTS = 10_000
KEPT_US = 7 * 86_400 * US_PER_S


@dataclass(frozen=True, slots=True)
class Records:
    """What in state.sqlite this is about."""

    outbox: Outbox
    marks: OutboxMarks
    channels: Channels
    cameras: Cameras
    sites: Sites


class OutboxFiller:
    """Blocking; for one thread at a time."""

    def __init__(
        self,
        records: Records,
        catalog: KnownEvents,
        clock: Clock,
        pictured: Callable[[Event], bool] = lambda event: event.snapshot,
    ) -> None:
        self._records = records
        self._catalog = catalog
        self._clock = clock
        self._pictured = pictured
        self._known: dict[str, bool] = {}

    def is_new(self, event: Event) -> bool:
        """True when an event makes messages that were not made in this run. While it lasts it is told of again and
        again; only its beginning and its end make messages.
        """
        ended = self._known.get(event.id)
        return ended is None or (event.end is not None and not ended)

    def event(self, event: str) -> bool:
        """Takes an event as it is on the disk; False when it is not there yet."""
        found = self._catalog.event(event)
        if found is None:
            return False
        self._take([found])
        return True

    def outage(self, outage: Outage) -> None:
        """A camera is away; may be said again."""
        self._records.marks.away(outage)
        self._put([of_outage(outage, self._site(outage.site), self._camera(outage.camera))])

    def back(self, news: CameraBack) -> None:
        """It is back."""
        outage = news.outage
        message = of_return(outage, news.at, self._site(outage.site), self._camera(outage.camera))
        self._put([message])
        self._records.marks.back(outage.camera)

    def gap(self, alarm: GapAlarm) -> None:
        """Nothing is kept of a camera, and not because it is away; may be said again."""
        if is_our_fault(alarm):
            site, camera = self._site(alarm.site), self._camera(alarm.camera)
            self._put([of_gap(alarm, self._clock.wall_us(), site, camera)])

    def failing(self, channel: Channel, since: WallUs) -> None:
        """Nothing arrives by a channel: the others tell; may be said again."""
        site = None if channel.site is None else self._site(channel.site)
        message = of_failing(channel.id, channel.name, since, self._clock.wall_us(), site)
        self._put([message], but=channel.id)

    def sweep(self) -> None:
        """Takes every event that changed since the last sweep: whatever was told while nobody listened, for example
        between a crash and this start.

        An event that changed after a sweep began after it, or was open then; so the mark stays before the oldest open
        event.
        """
        now = self._clock.wall_us()
        mark = min(self._records.marks.get() or now, now)
        begun = [event.start for event in self._catalog.open_events() if event.start > now - LONGEST_EVENT_US]
        self._take(
            [event for event in events_since(self._catalog, WallUs(mark - LATE_US)) if self.is_new(event)]
        )
        self._records.marks.set(WallUs(min([now, *begun])))
        self._records.outbox.forget(self._forgettable(mark))

    def _forgettable(self, mark: WallUs) -> WallUs:
        """Messages older than this are not made again by any sweep or restart."""
        outages = [outage.since for outage in self._records.marks.outages()]
        return WallUs(min([mark, *outages]) - KEPT_US)

    def _take(self, events: list[Event]) -> None:
        messages = [
            message
            for event in events
            for message in of_event(
                self._with_picture(event), self._site(event.site), self._camera(event.camera)
            )
        ]
        self._put(sorted(messages, key=lambda message: message.at))
        self._known |= {event.id: event.end is not None for event in events}
        for event in list(self._known)[:-KNOWN_EVENTS]:
            del self._known[event]

    def _with_picture(self, event: Event) -> Event:
        """The index learns of a picture at the end; the message of the beginning wants it now."""
        return event if event.snapshot else replace(event, snapshot=self._pictured(event))

    def _put(self, messages: Iterable[Message], but: str = "") -> None:
        now = self._clock.wall_us()
        channels = [channel for channel in self._records.channels.all() if channel.id != but]
        zones = zones_of(self._records.sites.all())
        self._records.outbox.put_all(entries_for(messages, channels, now, zones))

    def _site(self, site: str) -> Named:
        found = self._records.sites.get(site)
        return Named(site, site if found is None else found.name)

    def _camera(self, camera: str) -> Named:
        found = self._records.cameras.get(camera)
        return Named(camera, camera if found is None else found.name)


def zones_of(sites: Sequence[Site]) -> dict[str, ZoneInfo]:
    """The clocks on the walls, by site; "" is the first one's."""
    zones = {site.id: ZoneInfo(site.time_zone) for site in sites}
    return zones | {"": ZoneInfo(sites[0].time_zone)}


def entries_for(
    messages: Iterable[Message],
    channels: Iterable[Channel],
    now: WallUs,
    zones: Mapping[str, ZoneInfo] = NO_ZONES,
) -> list[NewEntry]:
    """One for each channel that wants a message."""
    return [
        NewEntry(_key(message, channel), now, message)
        for message in messages
        for channel in channels
        if wants(channel, message, now, zones)
    ]


def wants(channel: Channel, message: Message, now: WallUs, zones: Mapping[str, ZoneInfo] = NO_ZONES) -> bool:
    """True when the message is for this channel: it is on, its kind, its site, camera and zone, in its hours, nothing
    its person may not see, and not from before it existed or while it was off.

    A channel from the future was made or switched on before the clock was set back; it gets everything.
    """
    if not channel.enabled or message.kind not in channel.kinds:
        return False
    site = None if message.site is None else message.site.id
    if channel.site not in (None, site) or not (channel.sees is None or site in channel.sees):
        return False
    if not (_is_about(channel.wishes, message) and _in_its_hours(channel.wishes, message, zones)):
        return False
    since = max(channel.created, channel.hears_from)
    return message.at >= since or since > now


def _is_about(wishes: Wishes, message: Message) -> bool:
    cameras = {camera.id for camera in message.cameras}
    if wishes.cameras and cameras and not cameras & set(wishes.cameras):
        return False
    of_event = message.kind in (MessageKind.EVENT_BEGAN, MessageKind.EVENT_ENDED)
    return not (wishes.zones and of_event) or bool(set(wishes.zones) & set(message.zones))


def _in_its_hours(wishes: Wishes, message: Message, zones: Mapping[str, ZoneInfo]) -> bool:
    """By the clock of the message's site; an alarm knows no hours."""
    zone = zones.get("" if message.site is None else message.site.id) or zones.get("")
    if zone is None or message.kind.urgent or not wishes.schedule.stretches:
        return True
    return wishes.schedule.covers(*day_and_minute(message.at, zone))


def _key(message: Message, channel: Channel) -> OutboxKey:
    return OutboxKey("" if message.site is None else message.site.id, message.id, RULE, channel.id)
