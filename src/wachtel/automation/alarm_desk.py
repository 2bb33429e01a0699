"""The alarm panels of one installation at work: signals and people come in, sirens and messages go out.

What a panel decides is stored with its messages in one transaction; only then sirens are driven and rules told. A siren
that should sound is told so again after a restart.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from wachtel.automation.alarm_book import AlarmBook, Decided
from wachtel.automation.alarm_panel import AlarmPanel
from wachtel.automation.alarm_status import needs_code, no_panel, status_of
from wachtel.automation.panel_outcome import (
    Effect,
    PanelOutcome,
    Silence,
    Sound,
    Stand,
    StillOpen,
    Tell,
    Telling,
)
from wachtel.automation.rules import Cause
from wachtel.base.clock import Clock, next_tick
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import compact_time
from wachtel.base.tasks import TaskSupervisor
from wachtel.base.units import US_PER_S, WallUs, seconds
from wachtel.model.alarm import (
    AlarmNoteKind,
    AlarmSettings,
    AlarmStatus,
    ArmedBy,
    FoundCode,
    PanelState,
    Phase,
)
from wachtel.model.alarm_checks import check_alarm
from wachtel.model.live import AlarmChanged
from wachtel.model.rule import NEVER, ArmState, TriggerKind
from wachtel.storage.state import State
from wachtel.storage.state.outbox import NewEntry

log = logging.getLogger(__name__)

TICKS_PER_STORE = 20
"""A running delay is stored this often, so that a clock that is set back meanwhile makes it no longer."""

TICKS_PER_CHECK = 40
DATABASE_WAIT_S = 2.0
CLOCK_SET_US = 500_000

WRONG_CODES = 5
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class AlarmHands:
    """What panels reach into, each as one function."""

    stand: Callable[[str, ArmState, bool], Awaitable[None]]
    """Rules see this arm state; True where a rule asked for it."""

    sound: Callable[[str, tuple[str, ...], float], Awaitable[None]]
    """Sirens of a site sound for at most so many seconds, from now."""

    silence: Callable[[str], Awaitable[None]]
    check_code: Callable[[str, str, str], FoundCode]
    """Blocking: whose code at a site, asked by whom. Raises `WachtelError`."""

    hurry: Callable[[str], Awaitable[None]]
    """A channel has something new."""

    announce: Callable[[AlarmChanged], None]


@dataclass(frozen=True, slots=True)
class ArmRequest:
    """Somebody wants a site armed or disarmed. ``asker`` is who is slowed down after wrong codes."""

    site: str
    mode: ArmState
    who: str
    way: ArmedBy
    asker: str = ""
    code: str = ""
    bypass: bool = False


class AlarmDesk:
    """Created and used inside the loop; `start` first, `close` last."""

    def __init__(self, state: State, hands: AlarmHands, clock: Clock) -> None:
        self.told: Counter[tuple[str, str]] = Counter()
        self._state = state
        self._hands = hands
        self._clock = clock
        self._panels: dict[str, AlarmPanel] | None = None
        self._early: list[Cause] = []
        self._book = AlarmBook(state, clock)
        self._decided = Decided()
        self._waiting: list[asyncio.Future[None]] = []
        self._dirty = asyncio.Event()
        self._checking = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._known: dict[str, None] = {}
        self._wrong: Counter[str] = Counter()
        self._announced: dict[str, PanelState] = {}
        self._apart_us = clock.wall_us() - round(clock.monotonic_s() * US_PER_S)
        self._tasks = TaskSupervisor(clock)

    def start(self) -> None:
        """Takes up what was armed before, and whatever should sound."""
        self._tasks.keep("time for alarm panels", self._tick)
        self._tasks.keep("what alarm panels decide", self._serve)

    async def close(self) -> None:
        """Stores what was decided, and stops."""
        await self._tasks.close()
        if self._panels is not None:
            try:
                await asyncio.to_thread(self._book.write, self._taken())
            except WachtelError as error:
                log.warning("what alarm panels decided last cannot be stored: %s", error)

    def heard(self, cause: Cause) -> None:
        """Something happened at a site; may be told again."""
        if self._panels is None:
            self._early.append(cause)
            return
        panel, now = self._panels.get(cause.site), self._clock.wall_us()
        if panel is None:
            return
        if cause.kind is TriggerKind.EVENT_BEGAN and cause.event not in self._known:
            self._remember(cause)
            self._take(cause.site, panel.camera_saw(cause.camera, cause.at, now))
        elif cause.kind is TriggerKind.CAMERA_OFFLINE and cause.id not in self._known:
            self._known[cause.id] = None
            self._take(cause.site, panel.camera_lost(cause.camera, now))

    def _remember(self, cause: Cause) -> None:
        self._known[cause.event] = None
        self._book.saw(cause)
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    async def sensed(self, site: str, sensor: str, state: str) -> None:
        """A sensor says something; returns when what follows is stored."""
        panel = (await self._ready()).get(site)
        if panel is None:
            return
        outcome = panel.sensed(sensor, state, self._clock.wall_us())
        if self._take(site, outcome):
            await self._stored()

    async def ask(self, asked: ArmRequest) -> None:
        """Arms or disarms a site; returns when that is stored. A site without a panel is armed for its rules at once.

        Raises `StillOpen`, `WachtelError` (denied without the right code, busy after too many wrong ones, conflict
        during an alarm, not_found).
        """
        panel = (await self._ready()).get(asked.site)
        if panel is None:
            await self._hands.stand(asked.site, asked.mode, asked.way is ArmedBy.RULE)
            return
        found = await self._found(panel, asked)
        who, now = asked.who if found is None else found.name, self._clock.wall_us()
        duress = found is not None and found.duress
        if asked.mode is ArmState.DISARMED:
            outcome = panel.disarm(who, now, duress=duress)
        else:
            outcome = await self._arm(panel, asked, who, now)
            if duress:
                outcome.effects.append(Tell(Telling.DURESS, now, f"{compact_time(now)}-{asked.site}", who))
        if asked.way is ArmedBy.RULE:
            self._decided.by_rule.add(asked.site)
        self._take(asked.site, outcome, always=True)
        await self._stored()

    async def _arm(self, panel: AlarmPanel, asked: ArmRequest, who: str, now: WallUs) -> PanelOutcome:
        try:
            return panel.arm(asked.mode, who, now, bypass=asked.bypass)
        except StillOpen as refused:
            outcome = PanelOutcome()
            outcome.note(now, AlarmNoteKind.REFUSED_OPEN, who, ", ".join(refused.names))
            self._take(asked.site, outcome)
            raise

    async def _found(self, panel: AlarmPanel, asked: ArmRequest) -> FoundCode | None:
        """Whose code came with the request; None where none is needed."""
        codes = await asyncio.to_thread(self._state.alarms.codes, asked.site)
        if not codes or (asked.way in panel.settings.without_code and not asked.code):
            return None
        if not asked.code:
            if needs_code(panel, asked.mode):
                raise WachtelError(ErrorKind.DENIED, "This needs a code.", code="alarm_code_needed")
            return None
        async with self._checking:
            try:
                found = await asyncio.to_thread(
                    self._hands.check_code, asked.site, asked.code, asked.asker or asked.way.value
                )
            except WachtelError as error:
                if error.kind is ErrorKind.DENIED:
                    self._wrong_code(asked)
                raise
        self._wrong[asked.site] = 0
        return found

    def _wrong_code(self, asked: ArmRequest) -> None:
        outcome, now = PanelOutcome(), self._clock.wall_us()
        outcome.note(now, AlarmNoteKind.WRONG_CODE, asked.who, asked.way.value)
        self._wrong[asked.site] += 1
        if self._wrong[asked.site] % WRONG_CODES == 0:
            episode = f"{compact_time(now)}-{asked.site}"
            outcome.effects.append(Tell(Telling.WRONG_CODES, now, episode, asked.who, number=now // 1000))
        self._take(asked.site, outcome)

    async def set_up(self, site: str, settings: AlarmSettings, salt: bytes, who: str) -> None:
        """Sets up the panel of a site, or changes it. ``salt`` counts for a new one.

        Raises `WachtelError` (invalid; conflict while it is not disarmed).
        """
        check_alarm(settings)
        panels = await self._ready()
        panel = panels.get(site)
        if panel is not None and panel.state.phase is not Phase.DISARMED:
            raise _not_disarmed()
        now = self._clock.wall_us()
        fresh = PanelState(since=now, looked=now)
        await asyncio.to_thread(self._state.alarms.set_up, site, settings, fresh, salt)
        sensors = await asyncio.to_thread(self._sensors, site)
        panels[site] = AlarmPanel(site, settings, fresh if panel is None else panel.state, sensors)
        if panel is None:
            await self._hands.stand(site, ArmState.DISARMED, False)
        outcome = PanelOutcome()
        outcome.note(now, AlarmNoteKind.SETTINGS, who)
        self._take(site, outcome, always=True)
        await self._stored()

    async def remove(self, site: str, who: str) -> None:
        """Takes the panel away. Raises `WachtelError` (not_found; conflict while it is not disarmed)."""
        panels = await self._ready()
        panel = panels.get(site)
        if panel is None:
            raise no_panel()
        if panel.state.phase is not Phase.DISARMED:
            raise _not_disarmed()
        await asyncio.to_thread(self._state.alarms.remove, site)
        del panels[site]
        outcome = PanelOutcome()
        outcome.note(self._clock.wall_us(), AlarmNoteKind.SETTINGS, who, "removed")
        self._take(site, outcome)
        self._hands.announce(AlarmChanged(site, None))
        await self._stored()

    async def panel(self, site: str) -> AlarmPanel | None:
        """The panel of a site, to be looked at only; None where none is set up."""
        return (await self._ready()).get(site)

    async def noted(self, site: str, kind: AlarmNoteKind, who: str, detail: str = "") -> None:
        """Writes a line into the log of a site."""
        outcome = PanelOutcome()
        outcome.note(self._clock.wall_us(), kind, who, detail)
        self._take(site, outcome)
        await self._stored()

    def statuses(self) -> list[AlarmStatus]:
        """What every panel is doing, by site."""
        return [status_of(site, panel) for site, panel in sorted((self._panels or {}).items())]

    def _take(self, site: str, outcome: PanelOutcome, *, always: bool = False) -> bool:
        """True when there is something to be stored."""
        if not (outcome.effects or outcome.notes or always):
            return False
        self._decided.outcomes.append((site, outcome))
        self._decided.sites.add(site)
        self._dirty.set()
        return True

    async def _ready(self) -> dict[str, AlarmPanel]:
        async with self._opening:
            if self._panels is None:
                self._panels = await asyncio.to_thread(self._open)
                await self._take_up()
        return self._panels

    def _open(self) -> dict[str, AlarmPanel]:
        now, panels = self._clock.wall_us(), {}
        for site, stored in self._state.alarms.all().items():
            panel = AlarmPanel(site, stored.settings, stored.state, self._sensors(site))
            panel.restored(now)
            panels[site] = panel
        return panels

    def _sensors(self, site: str) -> dict[str, str]:
        return {one.name: one.state for one in self._state.site_facts.sensors() if one.site == site}

    async def _take_up(self) -> None:
        """What was told early, and whatever must sound or be silent after a restart."""
        assert self._panels is not None
        for site, panel in self._panels.items():
            self._announced[site] = replace(panel.state, looked=NEVER, camera_at=NEVER)
            until, now = panel.state.siren_until, self._clock.wall_us()
            if until is not None and until > now:
                await self._do(site, Sound(seconds(until - now)))
            else:
                await self._do(site, Silence())
            await self._do(site, Stand(panel.state.standing))
        early, self._early = self._early, []
        for cause in early:
            self.heard(cause)

    async def _tick(self) -> None:
        panels, number = await self._ready(), 0
        while True:
            await next_tick(self._clock)
            number += 1
            await self._look_at_clock(panels)
            now = self._clock.wall_us()
            for site, panel in list(panels.items()):
                due = panel.next_due
                if due is None:
                    continue
                store = number % TICKS_PER_STORE == 0
                self._take(site, panel.tick(now), always=store)
            if number % TICKS_PER_CHECK == 0:
                for site, panel in list(panels.items()):
                    await self._do(site, Stand(panel.state.standing))

    async def _look_at_clock(self, panels: dict[str, AlarmPanel]) -> None:
        """Somebody set the clock: delays go on as they were, and sirens sound as long as they should."""
        apart = self._clock.wall_us() - round(self._clock.monotonic_s() * US_PER_S)
        moved = apart - self._apart_us
        if abs(moved) < CLOCK_SET_US:
            return
        self._apart_us = apart
        for site, panel in panels.items():
            panel.clock_was_set(moved)
            self._take(site, PanelOutcome(), always=True)
            if panel.state.siren_until is not None:
                left = seconds(panel.state.siren_until - self._clock.wall_us())
                await self._do(site, Sound(max(1.0, left)))

    async def _stored(self) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._dirty.set()
        await done

    async def _serve(self) -> None:
        await self._ready()
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            decided, waiting, self._waiting = self._taken(), self._waiting, []
            entries = await self._kept(decided)
            for site, outcome in decided.outcomes:
                for effect in outcome.effects:
                    await self._do(site, effect, by_rule=site in decided.by_rule)
            self._announce(decided)
            for done in waiting:
                if not done.done():
                    done.set_result(None)
            for channel in sorted({entry.key.channel for entry in entries}):
                await self._hands.hurry(channel)

    def _taken(self) -> Decided:
        """What is to be stored, with the states as they are now."""
        decided, self._decided = self._decided, Decided()
        now, panels = self._clock.wall_us(), self._panels or {}
        for site in decided.sites & panels.keys():
            decided.states[site] = replace(panels[site].state, looked=now)
        return decided

    async def _kept(self, decided: Decided) -> list[NewEntry]:
        """Stores it. Where that fails sirens do not wait for it, and it is tried again behind them."""
        try:
            return await asyncio.to_thread(self._book.write, decided)
        except WachtelError as error:
            log.warning("what alarm panels decided cannot be stored yet: %s", error)
        await self._loud(decided)
        while True:
            await self._clock.sleep(DATABASE_WAIT_S)
            try:
                return await asyncio.to_thread(self._book.write, decided)
            except WachtelError as error:
                log.warning("what alarm panels decided cannot be stored yet: %s", error)

    async def _loud(self, decided: Decided) -> None:
        for site, outcome in decided.outcomes:
            for effect in outcome.effects:
                if isinstance(effect, Sound | Silence):
                    await self._do(site, effect)

    async def _do(self, site: str, effect: Effect, *, by_rule: bool = False) -> None:
        panel = (self._panels or {}).get(site)
        try:
            match effect:
                case Sound(for_s) if panel is not None:
                    await self._hands.sound(site, panel.settings.sirens, for_s)
                case Silence():
                    await self._hands.silence(site)
                case Stand(armed):
                    await self._hands.stand(site, armed, by_rule)
                case Tell(telling) if telling is not Telling.DURESS:
                    self.told[site, telling.value] += 1
        except WachtelError as error:
            log.warning("the alarm panel of %s: %s", site, error)

    def _announce(self, decided: Decided) -> None:
        """Once for each panel that does something else than when it was announced last."""
        for site in sorted(decided.sites):
            panel, state = (self._panels or {}).get(site), decided.states.get(site)
            if panel is None or state is None:
                self._announced.pop(site, None)
                continue
            plain = replace(state, looked=NEVER, camera_at=NEVER)
            if self._announced.get(site) != plain:
                self._announced[site] = plain
                self._hands.announce(AlarmChanged(site, status_of(site, panel, state)))


def _not_disarmed() -> WachtelError:
    return WachtelError(
        ErrorKind.CONFLICT,
        "The alarm panel is armed.",
        hint="Disarm it first; then it can be changed.",
        code="alarm_armed",
    )
