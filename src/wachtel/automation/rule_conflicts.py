"""Two rules that want one actuator in different states at the same time. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from wachtel.automation.rule_holds import is_off
from wachtel.model.rule import HELD, OF_THE_CLOCK, Action, ArmState, Rule, Trigger, TriggerKind
from wachtel.model.schedule import DAYS, MINUTES_PER_DAY

WEEK = 7 * MINUTES_PER_DAY


@dataclass(frozen=True, slots=True)
class Conflict:
    """``rule`` is the other rule, ``actuator`` what both drive, ``minutes`` of the week in which both may."""

    rule: str
    actuator: str
    minutes: int


def conflicts(rule: Rule, others: Iterable[Rule]) -> list[Conflict]:
    """What this rule and others of its site would quarrel about, if all are on."""
    found = []
    for other in others:
        if other.id == rule.id or other.site != rule.site or not other.enabled or not _may_meet(rule, other):
            continue
        for actuator in sorted(_quarrels(rule, other)):
            minutes = (_minutes(rule, actuator) & _minutes(other, actuator)).bit_count()
            if minutes:
                found.append(Conflict(other.id, actuator, minutes))
    return found


def _may_meet(one: Rule, other: Rule) -> bool:
    """False when their conditions exclude each other."""
    every = set(ArmState)
    armed = (set(one.conditions.armed) or every) & (set(other.conditions.armed) or every)
    lights = {one.conditions.light, other.conditions.light} - {None}
    states = {(is_.sensor, is_.state) for rule in (one, other) for is_ in rule.conditions.sensors}
    return bool(armed) and len(lights) < 2 and len({sensor for sensor, _ in states}) == len(states)


def _quarrels(one: Rule, other: Rule) -> set[str]:
    mine, theirs = _wanted(one), _wanted(other)
    return {
        actuator for actuator in mine.keys() & theirs.keys() if len(mine[actuator] | theirs[actuator]) > 1
    }


def _wanted(rule: Rule) -> dict[str, set[tuple[bool, int | None]]]:
    """The states a rule puts its actuators in; the end of a hold is no wish of its own."""
    wanted: dict[str, set[tuple[bool, int | None]]] = {}
    for action in rule.actions:
        if action.kind in HELD:
            state = (False, None) if is_off(action) else (True, action.level)
            wanted.setdefault(action.target, set()).add(state)
    return wanted


def _minutes(rule: Rule, actuator: str) -> int:
    """The minutes of the week in which the rule may have its way with this actuator, as bits."""
    lengths = [_length_min(action) for action in rule.actions if action.target == actuator]
    allowed = 0
    for number in range(WEEK):
        day, minute = divmod(number, MINUTES_PER_DAY)
        if rule.conditions.schedule.covers(DAYS[day], minute):
            allowed |= 1 << number
    found = 0
    for trigger in rule.triggers:
        found |= _of_trigger(trigger, allowed)
    return _stretched(found, max(lengths, default=1))


def _length_min(action: Action) -> int:
    return max(1, ceil((action.off_after_s or 0) / 60))


def _of_trigger(trigger: Trigger, allowed: int) -> int:
    """Where in the week it may come: the sun may rise at any time, cameras see things whenever they like."""
    if trigger.kind not in OF_THE_CLOCK:
        return allowed
    at = [trigger.minute] if trigger.kind is TriggerKind.TIME else range(MINUTES_PER_DAY)
    bits = 0
    for day in trigger.days:
        for minute in at:
            bits |= 1 << (DAYS.index(day) * MINUTES_PER_DAY + (minute or 0))
    return bits & allowed


def _stretched(bits: int, minutes: int) -> int:
    """Every minute with so many that follow it, round the week."""
    whole = (1 << WEEK) - 1
    minutes = min(minutes, WEEK)
    done = 1
    while done < minutes:
        step = min(done, minutes - done)
        bits |= (bits << step) & whole | bits >> (WEEK - step)
        done += step
    return bits
