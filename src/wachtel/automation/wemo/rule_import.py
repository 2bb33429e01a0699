"""Rules of the Wemo app become rules of ours, with a report of what could not. Pure.

The app kept, for each rule, one row per switched device and day, one row per sensor, and which sensor is for which
device. Days: 0 every day, 1 Sunday to 7 Saturday, 8 weekdays, 9 the weekend. Actions: 1 on, 0 off, else nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wachtel.base.errors import WachtelError
from wachtel.model.rule import Action, ActionKind, Conditions, Rule, Trigger, TriggerKind
from wachtel.model.rule_checks import LONGEST_HOLD_S, MOST_PARTS, check_rule
from wachtel.model.schedule import ALWAYS, DAYS, Day, Schedule, Stretch
from wachtel.storage.foreign.wemo_rules import Row, WemoRulesFile

MOST_RULES = 100
_S_PER_DAY = 86_400
_WHOLE_DAY_S = 86_000
_BY_DAY_ID: Mapping[int, tuple[Day, ...]] = {
    0: DAYS,
    **{number: (DAYS[(number + 5) % 7],) for number in range(1, 8)},
    8: DAYS[:5],
    9: DAYS[5:],
}
MOTION, NOTIFY, MAKER = "motion controlled", "notify me", "maker sensor rule"
TIMERS = frozenset({"time interval", "simple switch", "timer"})
ON, OFF = 1, 0


@dataclass(frozen=True, slots=True)
class Known:
    """What this house knows: switched devices and sensors by their ``uuid:``, and where messages go.

    ``sensors`` are names of sensors, ``cameras`` are cameras that take a sensor's place, ``channel`` is "" for none.
    """

    targets: Mapping[str, str] = field(default_factory=dict)
    sensors: Mapping[str, str] = field(default_factory=dict)
    cameras: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of the report about one old rule; ``left`` when because of it something was not carried over."""

    rule: str
    code: str
    details: Mapping[str, str] = field(default_factory=dict)
    left: bool = True


@dataclass(slots=True)
class Converted:
    """What the import would make."""

    rules: list[Rule] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def convert(file: WemoRulesFile, known: Known, site: str, new_id: Callable[[], str]) -> Converted:
    """Rules of ``site``, none of which is stored yet."""
    made = Converted()
    rows = file.rows("RULES")
    if len(rows) > MOST_RULES or file.cut:
        made.remarks.append(Remark("", "too_much"))
    for row in rows[:MOST_RULES]:
        _One(file, row, known, site, new_id, made).convert()
    return made


class _One:
    """One old rule on its way."""

    def __init__(
        self,
        file: WemoRulesFile,
        row: Row,
        known: Known,
        site: str,
        new_id: Callable[[], str],
        made: Converted,
    ) -> None:
        self._file = file
        self._id = row.get("RuleID")
        self._name = str(row.get("Name") or "").strip()[:100] or "Wemo"
        self._kind = str(row.get("Type") or "").strip().lower()
        self._enabled = str(row.get("State")) == "1"
        self._known = known
        self._site = site
        self._new_id = new_id
        self._made = made
        self._rows = [one for one in file.rows("RULEDEVICES") if self._is_mine(one)]

    def _is_mine(self, row: Row) -> bool:
        """Some columns hold a number where others hold it as a text."""
        return self._id is not None and str(row.get("RuleID")) == str(self._id)

    def convert(self) -> None:
        """Adds rules and remarks."""
        if self._kind in (MOTION, MAKER):
            self._motion()
        elif self._kind == NOTIFY:
            self._notify()
        elif self._kind in TIMERS:
            self._timer()
        else:
            self._left("unknown_kind", kind=self._kind[:40])
        if not self._enabled and any(rule.name.startswith(self._name) for rule in self._made.rules):
            self._remark("switched_off")

    def _left(self, code: str, **details: str) -> None:
        self._made.remarks.append(Remark(self._name, code, details))

    def _remark(self, code: str, **details: str) -> None:
        self._made.remarks.append(Remark(self._name, code, details, left=False))

    def _sensor_rows(self) -> list[Row]:
        linked = {
            str(one.get("SensorID")) for one in self._file.rows("DEVICECOMBINATION") if self._is_mine(one)
        }
        return [
            one for one in self._rows if _number(one, "DayID") == -1 or str(one.get("DeviceID")) in linked
        ]

    def _target_rows(self) -> list[Row]:
        sensors = [id(one) for one in self._sensor_rows()]
        return [one for one in self._rows if id(one) not in sensors]

    def _sensors_of(self, device: str) -> list[str]:
        """The sensors that switch a device; all of the rule where the file does not say."""
        linked = [
            str(one.get("SensorID"))
            for one in self._file.rows("DEVICECOMBINATION")
            if self._is_mine(one) and str(one.get("DeviceID")) == device
        ]
        return list(dict.fromkeys(linked or [str(one.get("DeviceID")) for one in self._sensor_rows()]))

    def _triggers(self, sensors: list[str]) -> tuple[Trigger, ...]:
        found = []
        for udn in sensors:
            if udn in self._known.sensors:
                state = self._state_of(udn)
                found.append(Trigger(TriggerKind.SENSOR, sensor=self._known.sensors[udn], state=state))
            elif udn in self._known.cameras:
                found.append(Trigger(TriggerKind.EVENT_BEGAN, cameras=(self._known.cameras[udn],)))
            else:
                self._left("no_sensor", device=udn[:80])
        return tuple(found[:MOST_PARTS])

    def _state_of(self, udn: str) -> str:
        if self._kind != MAKER:
            return "on"
        level = next((_number(one, "Level") for one in self._sensor_rows() if one.get("DeviceID") == udn), 1)
        state = "off" if level == 0 else "on"
        self._remark("maker_state", state=state)
        return state

    def _motion(self) -> None:
        targets = list(dict.fromkeys(str(one.get("DeviceID")) for one in self._target_rows()))
        if not targets:
            self._left("does_nothing")
        for device in targets:
            if device not in self._known.targets:
                self._left("no_target", device=device[:80])
                continue
            triggers = self._triggers(self._sensors_of(device))
            rows = [one for one in self._target_rows() if str(one.get("DeviceID")) == device]
            action = self._switch(rows[0], self._known.targets[device])
            conditions = self._conditions(rows)
            if triggers and action is not None and conditions is not None:
                self._add(self._name, triggers, action, conditions)

    def _switch(self, row: Row, target: str) -> Action | None:
        start, end = _number(row, "StartAction"), _number(row, "EndAction")
        if start not in (ON, OFF):
            code = {OFF: "off_without_on", ON: "on_at_end"}.get(end, "does_nothing")
            self._left(code)
            return None
        if end == ON and start == OFF:
            self._left("on_at_end")
            return None
        seconds = float(min(max(0, _number(row, "SensorDuration")), int(LONGEST_HOLD_S)))
        off_after = seconds if start == ON and end == OFF else None
        return Action(ActionKind.SWITCH, target=target, on=start == ON, off_after_s=off_after)

    def _conditions(self, rows: list[Row]) -> Conditions | None:
        """The hours in which the rule holds, by the rows for the days."""
        stretches, always = [], False
        for row in rows:
            days = _BY_DAY_ID.get(_number(row, "DayID"))
            if days is None:
                continue
            start, length = _number(row, "StartTime"), _number(row, "RuleDuration")
            if _number(row, "OnModeOffset") > 0 or _number(row, "OffModeOffset") > 0:
                self._remark("sun_hours")
            if length >= _WHOLE_DAY_S or length <= 0:
                always = always or days == DAYS
                stretches.append(Stretch(days, 0, 0))
            else:
                begin, end = _minute(start), _minute(start + length)
                stretches.append(Stretch(days, begin, end))
        if not stretches:
            self._left("no_days")
            return None
        return Conditions(ALWAYS if always else Schedule(tuple(dict.fromkeys(stretches))))

    def _notify(self) -> None:
        sensors = list(dict.fromkeys(str(one.get("DeviceID")) for one in self._sensor_rows() or self._rows))
        triggers = self._triggers(sensors)
        if not self._known.channel:
            self._left("no_channel")
            return
        hours = [one for one in self._rows if _number(one, "DayID") in _BY_DAY_ID]
        conditions = self._conditions(hours) if hours else Conditions()
        told = [one.get("Message") for one in self._file.rows("RULESNOTIFYMESSAGE") if self._is_mine(one)]
        text = str(told[0]) if told and told[0] else self._name
        if triggers and conditions is not None:
            action = Action(ActionKind.MESSAGE, target=self._known.channel, text=text)
            self._add(self._name, triggers, action, conditions)

    def _timer(self) -> None:
        """On at one time and off at another are two rules of ours."""
        if not self._rows:
            self._left("does_nothing")
        for row in self._rows:
            device, days = str(row.get("DeviceID")), _BY_DAY_ID.get(_number(row, "DayID"))
            if device not in self._known.targets:
                self._left("no_target", device=device[:80])
            elif days is None:
                self._left("no_days")
            else:
                self._times(row, self._known.targets[device], days)

    def _times(self, row: Row, target: str, days: tuple[Day, ...]) -> None:
        if _number(row, "OnModeOffset") > 0 or _number(row, "OffModeOffset") > 0:
            self._remark("sun_hours")
        start, length = _number(row, "StartTime"), max(0, _number(row, "RuleDuration"))
        end_days = (
            days if start + length < _S_PER_DAY else tuple(DAYS[(DAYS.index(one) + 1) % 7] for one in days)
        )
        for name, wish, at, on_days in (
            (self._name, _number(row, "StartAction"), start, days),
            (f"{self._name} (2)", _number(row, "EndAction"), start + length, end_days),
        ):
            if wish in (ON, OFF) and (length or at is start):
                trigger = Trigger(TriggerKind.TIME, minute=_minute(at), days=on_days)
                action = Action(ActionKind.SWITCH, target=target, on=wish == ON)
                self._add(name, (trigger,), action, Conditions())

    def _add(self, name: str, triggers: tuple[Trigger, ...], action: Action, conditions: Conditions) -> None:
        rule = Rule(self._new_id(), self._site, name, triggers, (action,), conditions, enabled=self._enabled)
        try:
            check_rule(rule)
        except WachtelError as error:
            self._left("not_valid", why=error.what)
            return
        self._made.rules.append(rule)


def _number(row: Row, column: str) -> int:
    """A whole number, -1 for anything else."""
    value = row.get(column)
    try:
        return int(float(value)) if value is not None else -1
    except (ValueError, OverflowError):
        return -1


def _minute(seconds: int) -> int:
    return (max(0, seconds) // 60) % 1440
