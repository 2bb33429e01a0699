"""The rules of one installation at work: what happens goes in, orders are stored and then done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from wachtel.automation import rule_causes as causes
from wachtel.automation.camera_watch import CameraBack
from wachtel.automation.known_events import KnownEvents, events_since
from wachtel.automation.order_desk import OrderDesk, lane_of
from wachtel.automation.post import Happenings
from wachtel.automation.rule_doers import Doers, Hands
from wachtel.automation.rule_rehearsal import rehearse
from wachtel.automation.rules import Cause, Outcome, RuleEngine, SiteFacts
from wachtel.base.clock import Clock, next_tick
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.camera import Camera, Site
from wachtel.model.event import Event
from wachtel.model.live import Announcement, EventChanged, GapAlarm
from wachtel.model.rule import ArmState, Presence, Rule, RuleNote, Why
from wachtel.model.sound import SoundWant, SoundWish
from wachtel.storage.state import State
from wachtel.storage.state.outbox_marks import Outage
from wachtel.storage.state.rule_work import Made
from wachtel.storage.state.site_facts import Person, SensorState

log = logging.getLogger(__name__)

TICKS_PER_MARK = 240
DATABASE_WAIT_S = 2.0
EVENTS_MARK, CLOCK_MARK = "rules", "rules_clock"
LATE_US = 3600 * US_PER_S
"""A line may reach the index this long after what it tells of."""

PERSON, AT_HOME = "person.", ("home", "on")
"""A sensor named so tells whether that person is at home, as trackers at a broker do."""

REHEARSED_US = 7 * 86_400 * US_PER_S
KEPT_US = 14 * 86_400 * US_PER_S
_Same = tuple[str, Why, str]


@dataclass(slots=True)
class _Pending:
    """What is not stored yet."""

    outcome: Outcome = field(default_factory=Outcome)
    refused: dict[_Same, RuleNote] = field(default_factory=dict)
    sensors: dict[tuple[str, str], SensorState] = field(default_factory=dict)
    marks: dict[str, WallUs] = field(default_factory=dict)
    done: list[asyncio.Future[None]] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Adds it; the same refusal again and again is one line with a number."""
        self.outcome.orders += outcome.orders
        for note in outcome.notes:
            if note.why is Why.FIRED:
                self.outcome.notes.append(note)
                continue
            same = (note.rule, note.why, note.detail)
            known = self.refused.get(same)
            self.refused[same] = note if known is None else replace(note, times=known.times + 1)


class RuleDesk:
    """Created and used inside the loop; `start` first, `close` last. Evaluating a cause does no I/O."""

    def __init__(
        self, state: State, catalog: KnownEvents, happenings: Happenings, hands: Hands, clock: Clock
    ) -> None:
        self._state = state
        self._catalog = catalog
        self._happenings = happenings
        self._clock = clock
        self._engine: RuleEngine | None = None
        self._early: list[Outage | CameraBack] = []
        self._pending = _Pending()
        self._dirty = asyncio.Event()
        self._tasks = TaskSupervisor(clock)
        self.orders = OrderDesk(state.rule_work, Doers(state, hands, clock).all(), clock)
        self.on_wants: Callable[[Sequence[SoundWant]], None] = lambda _wants: None
        """Hears which sounds rules wait for."""

        self._alarm_words: dict[str, str] = {}
        self.on_cause: Callable[[Cause], None] = lambda _cause: None
        """Hears of everything that may set off a rule; some of it is told again."""

        self.on_sensor: Callable[[str, str, str], Awaitable[None]] = _unheard
        """Hears of a sensor's new state before rules do: site, name, state."""

        self.ask_to_arm: Callable[[str, ArmState, bool], Awaitable[None]] = self.stand
        """Arms a site, asked by a rule or not; where it has an alarm panel, by that."""

    def start(self) -> None:
        """Begins to listen; what happened since the last run is taken up first."""
        self._tasks.keep("rules", self._listen)
        self._tasks.keep("time for rules", self._tick)
        self._tasks.keep("what rules made", self._store)
        self._tasks.keep("what rules ordered", self.orders.run)

    async def close(self) -> None:
        """Stores what was made, and stops."""
        await self._tasks.close()
        await self.orders.close()
        if self._engine is not None:
            try:
                await self._put(self._pending)
            except WachtelError as error:
                log.warning("what rules made last is made again at the next start: %s", error)

    def camera_news(self, news: Outage | CameraBack) -> None:
        """A camera is away, or back; may be told again."""
        if self._engine is None:
            self._early.append(news)
        elif isinstance(news, CameraBack):
            self._engine.over(causes.offline_signal(news.outage.camera), news.at)
            self._happened(causes.back(news.outage, news.at))
        else:
            self._happened(causes.offline(news))

    async def sensed(self, site: str, sensor: str, state: str) -> None:
        """A sensor says something; returns when what follows is stored. Repeating itself it sets nothing off."""
        engine = await self._ready()
        if engine.sensors.get((site, sensor)) == state:
            return
        await self.on_sensor(site, sensor, state)
        before, now = engine.sensors.get((site, sensor)), self._clock.wall_us()
        if before == state:
            return
        engine.sensors[site, sensor] = state
        if before is not None:
            engine.over(causes.sensor_signal(site, sensor, before), now)
        self._pending.sensors[site, sensor] = SensorState(site, sensor, state, now)
        self._happened(causes.sensed(site, sensor, state, now))
        await self._stored()
        if sensor.startswith(PERSON):
            await self.present(site, sensor.removeprefix(PERSON), state in AT_HOME)

    async def arm(self, site: str, state: ArmState, *, by_rule: bool = False) -> None:
        """Arms or disarms a site, by its alarm panel if it has one. Raises `WachtelError`."""
        await self.ask_to_arm(site, state, by_rule)

    async def sound(self, site: str, sirens: Iterable[str], seconds: float) -> None:
        """Sirens of the site's alarm panel sound from now on, for at most so long; returns when that is stored."""
        engine = await self._ready()
        self._take(engine.sound(site, sirens, seconds, self._clock.wall_us()))
        await self._stored()

    async def silence(self, site: str) -> None:
        """They go off."""
        engine = await self._ready()
        engine.silence(site, self._clock.wall_us())
        if engine.holds.changed:
            self._take(engine.tick(self._clock.wall_us()))
            await self._stored()

    async def stand(self, site: str, state: ArmState, by_rule: bool = False) -> None:
        """Rules see the site armed so from now on; returns when that is stored. Raises `WachtelError`."""
        engine, now = await self._ready(), self._clock.wall_us()
        facts = engine.site(site)
        if facts is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no site {site!r}.")
        if facts.armed is state:
            return
        await asyncio.to_thread(self._state.site_facts.arm, site, state, now)
        engine.replace_site(site, replace(facts, armed=state))
        self._happened(causes.armed(site, state, now, by_rule=by_rule))
        await self._stored()

    def armed(self) -> dict[str, ArmState]:
        """How each site is armed at this moment; nothing before the first rule was looked at."""
        return {} if self._engine is None else self._engine.armed()

    async def present(self, site: str, person: str, home: bool) -> None:
        """Somebody is at home, or not; returns when what follows is stored. Repeating it sets nothing off.

        Raises `WachtelError` (not_found).
        """
        engine, now = await self._ready(), self._clock.wall_us()
        facts = engine.site(site)
        if facts is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no site {site!r}.")
        book = self._state.site_facts
        before = {one.name: one.home for one in await asyncio.to_thread(book.people, site)}
        if before.get(person) is home:
            return
        await asyncio.to_thread(book.present, Person(site, person, home, now))
        somebody = home or any(at_home for name, at_home in before.items() if name != person)
        engine.replace_site(site, replace(facts, somebody_home=somebody))
        if person in before:
            engine.over(f"presence {site} {person} {'away' if home else 'home'}", now)
        self._happened(causes.presence(site, person, Presence.HOME if home else Presence.AWAY, now))
        if somebody is not facts.somebody_home:
            engine.over(f"presence {site} {'nobody' if somebody else 'somebody'}", now)
            first = Presence.FIRST_HOME if somebody else Presence.EVERYBODY_AWAY
            self._happened(causes.presence(site, person, first, now))
        await self._stored()

    def heard_sound(self, camera: Camera, wish: SoundWish, on: bool) -> None:
        """A camera became as loud as a rule waits for, or it is over."""
        if self._engine is None:
            return
        now = self._clock.wall_us()
        if on:
            self._happened(causes.loud(camera.site, camera.id, wish, now))
        else:
            self._engine.over(causes.sound_signal(camera.id, wish), now)

    def _want_sounds(self, rules: Iterable[Rule]) -> None:
        wants = {
            SoundWant(rule.site, trigger.cameras, trigger.sound)
            for rule in rules
            if rule.enabled
            for trigger in rule.triggers
            if trigger.sound is not None
        }
        self.on_wants(sorted(wants, key=repr))

    def alarm_is(self, site: str, word: str) -> None:
        """The alarm panel of a site does something else now; the same again sets nothing off."""
        if self._engine is None or self._alarm_words.get(site) == word:
            return
        now, before = self._clock.wall_us(), self._alarm_words.get(site)
        if before is not None:
            self._engine.over(causes.alarm_signal(site, before), now)
        self._alarm_words[site] = word
        self._happened(causes.alarm(site, word, now))

    async def rules_changed(self) -> None:
        """A rule was stored, changed or removed."""
        engine = await self._ready()
        rules = await asyncio.to_thread(self._state.rules.all)
        engine.replace_rules(rules, self._clock.wall_us())
        self._want_sounds(rules)

    async def site_changed(self, site: Site) -> None:
        """A site was stored, or its place."""
        engine = await self._ready()
        engine.replace_site(site.id, await asyncio.to_thread(self._facts, site))

    async def rehearse(self, rule: Rule) -> Outcome:
        """What the rule would have done in the last seven days; nothing is switched."""
        return await asyncio.to_thread(rehearsal, self._state, self._catalog, rule, self._clock.wall_us())

    def _happened(self, cause: Cause) -> None:
        assert self._engine is not None
        self.on_cause(cause)
        self._take(self._engine.happened(cause, self._clock.wall_us()))

    def _take(self, outcome: Outcome) -> None:
        if outcome:
            self._pending.take(outcome)
            self._dirty.set()

    async def _ready(self) -> RuleEngine:
        if self._engine is None:
            await self._begin()
        assert self._engine is not None
        return self._engine

    async def _begin(self) -> None:
        if self._engine is None:
            made = await asyncio.to_thread(self._open)
            if self._engine is None:
                self._engine = made
                self._want_sounds(await asyncio.to_thread(self._state.rules.all))
                early, self._early = self._early, []
                for news in early:
                    self.camera_news(news)

    def _open(self) -> RuleEngine:
        state, now = self._state, self._clock.wall_us()
        sites = {site.id: self._facts(site) for site in state.sites.all()}
        since = state.rule_work.mark(CLOCK_MARK) or now
        engine = RuleEngine(sites, state.rules.all(), state.rule_work.held(), now, since)
        engine.sensors = {(one.site, one.name): one.state for one in state.site_facts.sensors()}
        engine.decided(state.rule_work.causes(WallUs(min(now, since) - 2 * LATE_US)))
        state.rule_work.forget(WallUs(now - KEPT_US))
        return engine

    def _facts(self, site: Site) -> SiteFacts:
        return facts_of(self._state, site)

    async def _listen(self) -> None:
        await self._ready()
        news = self._happenings.subscribe()
        sweep = asyncio.ensure_future(self._sweep())
        try:
            async for one in news:
                self._heard(one)
        finally:
            sweep.cancel()

    def _heard(self, news: Announcement) -> None:
        match news:
            case EventChanged(event):
                self._event(event)
            case GapAlarm() if news.until is None:
                self._happened(causes.not_recording(news, self._clock.wall_us()))

    def _event(self, event: Event) -> None:
        assert self._engine is not None
        self._happened(causes.began(event))
        name = (event.site, f"camera.{event.camera}.motion")
        self._engine.sensors[name] = "on" if event.end is None else "off"
        if event.end is not None:
            self._engine.over(event.id, event.end)
            self._happened(causes.ended(event))

    async def _sweep(self) -> None:
        """Takes up events that were told while nobody listened, as between a crash and this start."""
        mark = await asyncio.to_thread(self._state.rule_work.mark, EVENTS_MARK)
        if mark is not None:
            for event in await asyncio.to_thread(
                lambda: list(events_since(self._catalog, WallUs(mark - LATE_US)))[::-1]
            ):
                self._event(event)
        self._pending.marks[EVENTS_MARK] = self._clock.wall_us()
        self._dirty.set()

    async def _tick(self) -> None:
        engine = await self._ready()
        number = 0
        while True:
            await next_tick(self._clock)
            self._take(engine.tick(self._clock.wall_us()))
            number += 1
            if engine.holds.changed:
                self._dirty.set()
            if number % TICKS_PER_MARK == 0:
                await self._mark()

    async def _mark(self) -> None:
        """The mark stays before the oldest event that still runs."""
        now = self._clock.wall_us()
        begun = [event.start for event in await asyncio.to_thread(self._catalog.open_events)]
        self._pending.marks |= {EVENTS_MARK: WallUs(min([now, *begun])), CLOCK_MARK: now}
        self._dirty.set()

    async def _stored(self) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.done.append(done)
        self._dirty.set()
        await done

    async def _store(self) -> None:
        await self._ready()
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            pending, self._pending = self._pending, _Pending()
            while True:
                try:
                    await self._put(pending)
                    break
                except WachtelError as error:
                    log.warning("what rules made cannot be stored yet: %s", error)
                    await self._clock.sleep(DATABASE_WAIT_S)

    async def _put(self, pending: _Pending) -> None:
        assert self._engine is not None
        held = self._engine.holds.all() if self._engine.holds.changed else None
        self._engine.holds.changed = False
        made = Made(
            [(lane_of(order), order) for order in pending.outcome.orders],
            [*pending.outcome.notes, *pending.refused.values()],
            held,
            pending.marks,
        )
        try:
            await asyncio.to_thread(self._write, made, list(pending.sensors.values()))
        except WachtelError:
            self._engine.holds.changed |= held is not None
            raise
        if made.orders:
            self.orders.wake()
        for done in pending.done:
            if not done.done():
                done.set_result(None)

    def _write(self, made: Made, sensors: list[SensorState]) -> None:
        if sensors:
            self._state.site_facts.sensed(sensors)
        self._state.rule_work.put(made)


async def _unheard(_site: str, _sensor: str, _state: str) -> None:
    return None


def facts_of(state: State, site: Site) -> SiteFacts:
    """What rules need to know of a site. Blocking."""
    stored = state.site_facts.get(site.id)
    people = state.site_facts.people(site.id)
    somebody = any(one.home for one in people) if people else None
    return SiteFacts(ZoneInfo(site.time_zone), stored.place, stored.armed, somebody)


def rehearsal(state: State, catalog: KnownEvents, rule: Rule, now: WallUs) -> Outcome:
    """What the rule would have done in the seven days before ``now``. Blocking."""
    site = state.sites.get(rule.site)
    if site is None:
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no site {rule.site!r}.")
    start = WallUs(now - REHEARSED_US)
    return rehearse(rule, facts_of(state, site), events_since(catalog, start), start, now)
