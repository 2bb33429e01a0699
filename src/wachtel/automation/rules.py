"""The rules of an installation as a state machine: what happens goes in, orders and reasons come out. Pure.

Telling it the same thing twice makes the same orders with the same names, so whoever stores them once does them once.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from wachtel.automation.rule_holds import HoldTable
from wachtel.automation.rule_times import day_and_minute, next_occurrence
from wachtel.base.ids import compact_time
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.rule import (
    HELD,
    OF_THE_CLOCK,
    Action,
    ActionKind,
    ArmState,
    Conditions,
    Held,
    Light,
    Order,
    Place,
    Rule,
    RuleNote,
    Trigger,
    TriggerKind,
    Why,
)
from wachtel.model.sound import SoundWish
from wachtel.model.sun import is_dark

LATE_US = 60 * US_PER_S
"""What comes later than this switches nothing any more; messages are sent and clips kept all the same."""

MISSED_US = 300 * US_PER_S
"""A time of the day that passed while nothing ran is made up for within this time."""

LASTING = frozenset({ActionKind.MESSAGE, ActionKind.KEEP_CLIP})
"""Actions that are never too late."""

MOST_PER_MINUTE = 60
"""So often one rule drives things in a minute; a sensor that has gone mad must not."""

REPEAT_US = 60 * US_PER_S
"""An actuator that is held on already is told so again after this time, in case somebody switched it by hand."""

REMEMBERED = 20_000
_NO_SUN_US = 6 * 3600 * US_PER_S


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What rules need to know of a site."""

    zone: ZoneInfo
    place: Place | None = None
    armed: ArmState = ArmState.DISARMED
    somebody_home: bool | None = None
    """None: of nobody is known where they are."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Something happened at a site. ``id`` is the same whenever it is told; ``signal`` names what lasts from now on.

    ``by_rule``: a rule did it.
    """

    id: str
    kind: TriggerKind
    site: str
    at: WallUs
    camera: str = ""
    event: str = ""
    zones: tuple[str, ...] = ()
    line: str = ""
    sensor: str = ""
    state: str = ""
    armed: ArmState | None = None
    signal: str = ""
    by_rule: bool = False
    person: str = ""
    sound: SoundWish | None = None


@dataclass(slots=True)
class Outcome:
    """What follows: orders in the order of their making, and why rules did or did not fire."""

    orders: list[Order] = field(default_factory=list)
    notes: list[RuleNote] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.orders or self.notes)


@dataclass(slots=True)
class _Alarm:
    rule: Rule
    trigger: Trigger
    place: int
    due: WallUs
    day: str


PANEL = "alarm "
"""Begins the name under which the alarm panel of a site holds its sirens, where a rule has its id."""


class RuleEngine:
    """Lives in one thread. ``since`` is until when time was looked at before; ``held`` what was held then."""

    def __init__(
        self,
        sites: Mapping[str, SiteFacts],
        rules: Iterable[Rule],
        held: Iterable[Held],
        now: WallUs,
        since: WallUs,
    ) -> None:
        self.holds = HoldTable(held)
        self.holds.orphaned(now)
        self.sensors: dict[tuple[str, str], str] = {}
        self._sites = dict(sites)
        self._rules: dict[str, list[Rule]] = {}
        self._by_id: dict[str, Rule] = {}
        self._fired: dict[tuple[str, str], None] = {}
        self._driven: dict[str, deque[WallUs]] = {}
        self._told: dict[str, tuple[bool, int | None, WallUs]] = {}
        self._alarms: list[_Alarm] = []
        self._looked = min(now, max(since, WallUs(now - MISSED_US)))
        self.replace_rules(rules, now)

    def replace_rules(self, rules: Iterable[Rule], now: WallUs) -> None:
        """These are the rules now; a rule that is gone, off or different lets go of what it held for a while."""
        before, kept = self._by_id, {rule.id: rule for rule in rules if rule.enabled}
        known = set(kept) | {held.rule for held in self.holds.all()}
        for rule in known:
            if rule.startswith(PANEL):
                continue
            if rule not in kept or (rule in before and before[rule].actions != kept[rule].actions):
                self.holds.forget_rule(rule, now)
        self._by_id, self._rules = kept, {}
        for one in kept.values():
            self._rules.setdefault(one.site, []).append(one)
        self._set_alarms()

    def replace_site(self, site: str, facts: SiteFacts) -> None:
        """The facts of a site changed."""
        self._sites[site] = facts
        self._set_alarms()

    def decided(self, causes: Iterable[tuple[str, str]]) -> None:
        """Rules with causes that they made up their minds about before a restart."""
        for key in causes:
            self._remember(key)

    def site(self, site: str) -> SiteFacts | None:
        return self._sites.get(site)

    def armed(self) -> dict[str, ArmState]:
        """How each site is armed."""
        return {site: facts.armed for site, facts in self._sites.items()}

    def happened(self, cause: Cause, now: WallUs) -> Outcome:
        """Something happened; may be told again."""
        outcome = Outcome()
        for rule in self._rules.get(cause.site, ()):
            if cause.at >= rule.hears_from or rule.hears_from > now:
                self._try(rule, cause, now, outcome)
        return outcome

    def sound(self, site: str, sirens: Iterable[str], seconds: float, now: WallUs) -> Outcome:
        """The alarm panel of a site lets sirens sound for at most so long; what rules hold goes on beside it."""
        outcome = Outcome()
        for place, siren in enumerate(sirens):
            action = Action(ActionKind.SIREN, siren, on=True, off_after_s=seconds)
            order = Order(f"{PANEL}{site}", f"{compact_time(now)}-on", place, site, action, now)
            self._told.pop(siren, None)
            self._drive(order, "", now)
            outcome.orders.append(order)
        return outcome

    def silence(self, site: str, now: WallUs) -> None:
        """It lets go of its sirens; they go off unless a rule holds them."""
        self.holds.forget_rule(f"{PANEL}{site}", now)

    def over(self, signal: str, at: WallUs) -> None:
        """What lasted is over."""
        self.holds.over(signal, at)

    def tick(self, now: WallUs) -> Outcome:
        """Time passed: what is held too long goes off, and times of the day come."""
        outcome = Outcome()
        if now < self._looked:
            self.holds.clock_was_set(now)
            self._looked = now
            self._set_alarms()
        orders, quiet = self.holds.expire(now)
        for order in orders:
            outcome.orders.append(order)
            outcome.notes.append(RuleNote(order.rule, now, order.cause, Why.ENDED))
            self._told.pop(order.action.target, None)
        for held in quiet:
            outcome.notes.append(RuleNote(held.rule, now, "", Why.STILL_HELD))
        for alarm in [one for one in self._alarms if one.due <= now]:
            self._ring(alarm, now, outcome)
        self._looked = now
        return outcome

    def _ring(self, alarm: _Alarm, now: WallUs, outcome: Outcome) -> None:
        rule = alarm.rule
        cause = Cause(
            f"{alarm.day}-{alarm.place}-{alarm.trigger.kind}", alarm.trigger.kind, rule.site, alarm.due
        )
        if alarm.day and (alarm.due >= rule.hears_from or rule.hears_from > now):
            self._decide(rule, cause, now, outcome)
        self._alarms.remove(alarm)
        self._set_alarm(rule, alarm.place, alarm.trigger, now)

    def _set_alarms(self) -> None:
        self._alarms = []
        for rule in self._by_id.values():
            for place, trigger in enumerate(rule.triggers):
                if trigger.kind in OF_THE_CLOCK and rule.site in self._sites:
                    self._set_alarm(rule, place, trigger, self._looked)

    def _set_alarm(self, rule: Rule, place: int, trigger: Trigger, after: WallUs) -> None:
        facts = self._sites[rule.site]
        found = next_occurrence(trigger, after, facts.zone, facts.place)
        due, day = (WallUs(after + _NO_SUN_US), "") if found is None else (found[0], f"{found[1]:%Y%m%d}")
        self._alarms.append(_Alarm(rule, trigger, place, due, day))

    def _try(self, rule: Rule, cause: Cause, now: WallUs, outcome: Outcome) -> None:
        if any(matches(trigger, cause) for trigger in rule.triggers):
            self._decide(rule, cause, now, outcome)

    def _decide(self, rule: Rule, cause: Cause, now: WallUs, outcome: Outcome) -> None:
        if (rule.id, cause.id) in self._fired:
            return
        self._remember((rule.id, cause.id))
        why, detail = self._why_not(rule, cause)
        if why is None:
            why = self._fire(rule, cause, now, outcome)
        outcome.notes.append(RuleNote(rule.id, cause.at, cause.id, why, detail))

    def _remember(self, key: tuple[str, str]) -> None:
        self._fired[key] = None
        if len(self._fired) > REMEMBERED:
            del self._fired[next(iter(self._fired))]

    def _why_not(self, rule: Rule, cause: Cause) -> tuple[Why | None, str]:
        if cause.by_rule and any(action.kind is ActionKind.ARM for action in rule.actions):
            return Why.BY_RULE, ""
        return why_not(rule.conditions, self._sites[rule.site], cause.at, self._states_of(rule))

    def _states_of(self, rule: Rule) -> Mapping[str, str]:
        return {one.sensor: self.sensors.get((rule.site, one.sensor), "") for one in rule.conditions.sensors}

    def _fire(self, rule: Rule, cause: Cause, now: WallUs, outcome: Outcome) -> Why:
        """Makes the orders; gives the reason where something was left out."""
        why = Why.FIRED
        late = now - cause.at > (MISSED_US if cause.kind in OF_THE_CLOCK else LATE_US)
        often = self._too_often(rule, now)
        for place, action in enumerate(rule.actions):
            if action.kind not in LASTING and (late or often):
                why = Why.TOO_LATE if late else Why.TOO_OFTEN
                continue
            order = Order(rule.id, cause.id, place, rule.site, action, now, cause.camera, cause.event)
            if action.kind not in HELD or self._drive(order, cause.signal, now):
                outcome.orders.append(order)
        return why

    def _drive(self, order: Order, signal: str, now: WallUs) -> bool:
        """Notes what is held; False when the actuator was told the same a moment ago."""
        action = order.action
        held = self.holds.holds(action.target)
        self.holds.begin(order, signal)
        wanted, told = (action.on, action.level), self._told.get(action.target)
        if held and told is not None and told[:2] == wanted and 0 <= now - told[2] < REPEAT_US:
            return False
        self._told[action.target] = (*wanted, now)
        return True

    def _too_often(self, rule: Rule, now: WallUs) -> bool:
        driven = self._driven.setdefault(rule.id, deque(maxlen=MOST_PER_MINUTE))
        if len(driven) == MOST_PER_MINUTE and 0 <= now - driven[0] < 60 * US_PER_S:
            return True
        driven.append(now)
        return False


def matches(trigger: Trigger, cause: Cause) -> bool:
    """Whether this is what the trigger waits for."""
    if trigger.kind is not cause.kind or trigger.kind in OF_THE_CLOCK:
        return False
    if trigger.kind is TriggerKind.SENSOR:
        return (trigger.sensor, trigger.state) == (cause.sensor, cause.state)
    if trigger.kind is TriggerKind.ARMED:
        return trigger.armed is None or trigger.armed is cause.armed
    if trigger.kind is TriggerKind.PRESENCE:
        return trigger.state == cause.state and trigger.person in ("", cause.person)
    if trigger.kind is TriggerKind.ALARM:
        return trigger.state == cause.state
    if trigger.cameras and cause.camera not in trigger.cameras:
        return False
    if trigger.kind is TriggerKind.SOUND:
        return trigger.sound == cause.sound
    anywhere = not trigger.zones and not trigger.lines
    return anywhere or cause.line in trigger.lines or bool(set(trigger.zones) & set(cause.zones))


def why_not(
    conditions: Conditions, site: SiteFacts, at: WallUs, states: Mapping[str, str]
) -> tuple[Why | None, str]:
    """The first condition that does not hold, with a word on it; None when all do."""
    if not conditions.schedule.covers(*day_and_minute(at, site.zone)):
        return Why.NOT_NOW, ""
    if conditions.armed and site.armed not in conditions.armed:
        return Why.NOT_ARMED_SO, site.armed.value
    if conditions.somebody_home is not None and site.somebody_home is not conditions.somebody_home:
        return Why.PRESENCE_DIFFERS, ""
    for wanted in conditions.sensors:
        if states.get(wanted.sensor, "") != wanted.state:
            return Why.SENSOR_DIFFERS, wanted.sensor
    if conditions.light is None:
        return None, ""
    if site.place is None:
        return Why.NO_PLACE, ""
    dark = is_dark(site.place, datetime.fromtimestamp(at // US_PER_S, UTC))
    if dark == (conditions.light is Light.DARK):
        return None, ""
    return (Why.TOO_DARK if dark else Why.TOO_LIGHT), ""


def needs_place(rule: Rule) -> bool:
    """Whether the rule cannot do without knowing where its site lies."""
    suns = (TriggerKind.SUNRISE, TriggerKind.SUNSET)
    return rule.conditions.light is not None or any(one.kind in suns for one in rule.triggers)
