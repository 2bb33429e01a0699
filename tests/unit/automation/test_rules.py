"""Rules as a state machine: they fire once, hold as long as they say, never flicker, and come once a day."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wachtel.automation.rule_causes import armed, began, ended, sensed, sensor_signal
from wachtel.automation.rule_conflicts import conflicts
from wachtel.automation.rule_rehearsal import rehearse
from wachtel.automation.rule_times import next_occurrence
from wachtel.automation.rules import Cause, RuleEngine, SiteFacts
from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.event import Event, EventKind
from wachtel.model.event import Why as EventWhy
from wachtel.model.rule import (
    Action,
    ActionKind,
    ArmState,
    Conditions,
    Light,
    Order,
    Place,
    Rule,
    SensorIs,
    Trigger,
    TriggerKind,
    Why,
)
from wachtel.model.rule_checks import check_rule
from wachtel.model.schedule import DAYS, Day, Schedule, Stretch
from wachtel.model.sound import SoundWish

BERLIN = ZoneInfo("Europe/Berlin")
HERE = Place(52.52, 13.405)
FACTS = SiteFacts(BERLIN, HERE)
NOON = WallUs(round(datetime(2026, 6, 1, 12, tzinfo=BERLIN).timestamp()) * US_PER_S)
LAMP = Action(ActionKind.SWITCH, "lamp", off_after_s=900)
SEES = Trigger(TriggerKind.EVENT_BEGAN)


def a_rule(*actions: Action, trigger: Trigger = SEES, name: str = "r", **conditions: Any) -> Rule:
    return Rule(name, "home", name, (trigger,), actions or (LAMP,), Conditions(**conditions))


def engine(*rules: Rule, now: WallUs = NOON, facts: SiteFacts = FACTS) -> RuleEngine:
    return RuleEngine({"home": facts}, rules, [], now, now)


def an_event(
    at: int = NOON,
    *,
    lasts_s: float | None = None,
    camera: str = "door",
    zones: tuple[str, ...] = (),
    line: str = "",
) -> Event:
    end = None if lasts_s is None else WallUs(at + round(lasts_s * US_PER_S))
    name = f"{at}-{camera}"
    return Event(
        name, "home", camera, EventKind.MOTION, WallUs(at), WallUs(at), end, 0.9, zones, EventWhy(line=line)
    )


def later(seconds: float, since: int = NOON) -> WallUs:
    return WallUs(since + round(seconds * US_PER_S))


def commands(orders: list[Order]) -> list[tuple[str, bool]]:
    return [(order.action.target, order.action.on) for order in orders]


def test_motion_switches_a_lamp_and_a_quarter_of_an_hour_after_its_end_it_goes_off() -> None:
    rules = engine(a_rule())
    assert commands(rules.happened(began(an_event()), NOON).orders) == [("lamp", True)]
    assert not rules.happened(began(an_event()), NOON)
    assert not rules.tick(later(5000))
    rules.over(an_event().id, later(100))
    assert not rules.tick(later(100 + 899))
    assert commands(rules.tick(later(100 + 900)).orders) == [("lamp", False)]
    assert not rules.tick(later(9000))


def test_a_second_camera_extends_and_the_last_end_counts() -> None:
    rules = engine(a_rule())
    first, second = an_event(), an_event(later(60), camera="garden")
    assert commands(rules.happened(began(first), NOON).orders) == [("lamp", True)]
    assert commands(rules.happened(began(second), later(61)).orders) == [("lamp", True)]
    rules.over(second.id, later(70))
    assert not rules.tick(later(2000))
    rules.over(first.id, later(2000))
    assert not rules.tick(later(2899))
    assert commands(rules.tick(later(2900)).orders) == [("lamp", False)]


def test_two_rules_hold_one_lamp_and_the_last_one_lets_go() -> None:
    short = replace(LAMP, off_after_s=60)
    rules = engine(a_rule(name="long"), a_rule(short, name="short"))
    rules.happened(began(an_event()), NOON)
    rules.over(an_event().id, NOON)
    quiet = rules.tick(later(60))
    assert not quiet.orders
    assert [note.why for note in quiet.notes] == [Why.STILL_HELD]
    assert commands(rules.tick(later(900)).orders) == [("lamp", False)]


def test_a_lamp_that_is_on_for_good_is_not_put_out_by_the_end_of_a_hold() -> None:
    evening = a_rule(
        Action(ActionKind.SWITCH, "lamp"), trigger=Trigger(TriggerKind.SENSOR, sensor="b", state="on")
    )
    rules = engine(a_rule(), replace(evening, id="evening"))
    rules.happened(sensed("home", "b", "on", NOON), NOON)
    rules.happened(began(an_event(lasts_s=1)), later(2))
    assert not rules.tick(later(3000)).orders


def test_switching_off_ends_every_hold() -> None:
    button = Trigger(TriggerKind.SENSOR, sensor="button", state="pressed")
    rules = engine(
        a_rule(), replace(a_rule(replace(LAMP, on=False, off_after_s=None), trigger=button), id="off")
    )
    rules.happened(began(an_event(lasts_s=1)), later(2))
    assert commands(rules.happened(sensed("home", "button", "pressed", later(5)), later(5)).orders) == [
        ("lamp", False)
    ]
    assert rules.holds.all() == []
    assert not rules.tick(later(5000)).orders


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ({"schedule": Schedule((Stretch((Day.SUN,), 0, 1440),))}, Why.NOT_NOW),
        ({"schedule": Schedule((Stretch((Day.MON,), 720, 721),))}, Why.FIRED),
        ({"armed": (ArmState.AWAY, ArmState.NIGHT)}, Why.NOT_ARMED_SO),
        ({"armed": (ArmState.DISARMED,)}, Why.FIRED),
        ({"light": Light.DARK}, Why.TOO_LIGHT),
        ({"light": Light.LIGHT}, Why.FIRED),
        ({"sensors": (SensorIs("gate", "open"),)}, Why.SENSOR_DIFFERS),
    ],
)
def test_every_condition_is_asked_and_named(conditions: dict[str, Any], why: Why) -> None:
    outcome = engine(a_rule(**conditions)).happened(began(an_event()), NOON)
    assert [note.why for note in outcome.notes] == [why]
    assert bool(outcome.orders) == (why is Why.FIRED)


def test_the_sun_needs_a_place_and_a_sensor_its_state() -> None:
    dark = a_rule(light=Light.DARK)
    assert (
        engine(dark, facts=SiteFacts(BERLIN)).happened(began(an_event()), NOON).notes[0].why is Why.NO_PLACE
    )
    gate = engine(a_rule(sensors=(SensorIs("gate", "open"),)))
    gate.sensors["home", "gate"] = "open"
    assert gate.happened(began(an_event()), NOON).orders


@pytest.mark.parametrize(
    ("trigger", "fires"),
    [
        (Trigger(TriggerKind.EVENT_BEGAN, cameras=("door",)), True),
        (Trigger(TriggerKind.EVENT_BEGAN, cameras=("garden",)), False),
        (Trigger(TriggerKind.EVENT_BEGAN, zones=("path", "gate")), True),
        (Trigger(TriggerKind.EVENT_BEGAN, zones=("lawn",)), False),
        (Trigger(TriggerKind.EVENT_BEGAN, lines=("kerb",)), True),
        (Trigger(TriggerKind.EVENT_BEGAN, lines=("fence",)), False),
        (Trigger(TriggerKind.EVENT_ENDED), False),
        (Trigger(TriggerKind.CAMERA_OFFLINE), False),
    ],
)
def test_a_trigger_fires_on_what_it_names_only(trigger: Trigger, fires: bool) -> None:
    cause = began(an_event(zones=("path",), line="kerb"))
    assert bool(engine(a_rule(trigger=trigger)).happened(cause, NOON).orders) == fires


def test_a_zone_that_is_reached_later_fires_then() -> None:
    rules = engine(a_rule(trigger=Trigger(TriggerKind.EVENT_BEGAN, zones=("path",))))
    assert not rules.happened(began(an_event()), NOON)
    assert rules.happened(began(an_event(zones=("path",))), later(3)).orders


def test_what_is_told_late_sends_messages_and_switches_nothing() -> None:
    message = Action(ActionKind.MESSAGE, "phone")
    outcome = engine(a_rule(LAMP, message)).happened(began(an_event(lasts_s=5)), later(3600))
    assert [order.action.kind for order in outcome.orders] == [ActionKind.MESSAGE]
    assert outcome.notes[0].why is Why.TOO_LATE


def test_a_rule_hears_only_of_what_happens_after_it_was_made() -> None:
    rule = replace(a_rule(), hears_from=later(1))
    assert not engine(rule).happened(began(an_event()), later(2))


def test_a_mad_sensor_does_not_wear_out_a_relay() -> None:
    trigger = Trigger(TriggerKind.SENSOR, sensor="pir", state="on")
    rules = engine(a_rule(Action(ActionKind.CALL, "bell"), trigger=trigger))
    orders = 0
    for number in range(1000):
        at = later(number / 100)
        orders += len(rules.happened(sensed("home", "pir", "on", at), at).orders)
    assert orders == 60


def test_arming_by_a_rule_sets_off_no_rule_that_arms() -> None:
    away = Action(ActionKind.ARM, armed=ArmState.AWAY)
    rule = a_rule(away, trigger=Trigger(TriggerKind.ARMED, armed=ArmState.HOME))
    by_rule = armed("home", ArmState.HOME, NOON, by_rule=True)
    assert engine(rule).happened(by_rule, NOON).notes[0].why is Why.BY_RULE
    assert engine(rule).happened(armed("home", ArmState.HOME, NOON), NOON).orders


def test_a_rule_that_is_changed_or_switched_off_lets_go() -> None:
    rules = engine(a_rule())
    rules.happened(began(an_event()), NOON)
    rules.replace_rules([replace(a_rule(), enabled=False)], later(1))
    assert commands(rules.tick(later(1)).orders) == [("lamp", False)]


def test_a_clock_that_is_set_back_holds_nothing_for_years() -> None:
    rules = engine(a_rule())
    rules.happened(began(an_event(lasts_s=1)), later(2))
    ago = later(-86_400 * 400)
    assert not rules.tick(ago).orders
    assert commands(rules.tick(later(901, ago)).orders) == [("lamp", False)]


HOLDS = st.sampled_from([1.0, 30.0, 900.0])
STEPS = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans(), st.floats(0, 400)), max_size=40)


@settings(max_examples=120, deadline=None)
@given(HOLDS, HOLDS, STEPS, st.booleans())
def test_it_never_flickers_and_a_restart_changes_nothing_of_that(
    one_s: float, other_s: float, steps: list[tuple[str, bool, float]], restarts: bool
) -> None:
    """Sensors come and go as they like: the lamp is never put out sooner than its shortest hold after the last reason,
    and never left on."""
    rules = [
        a_rule(replace(LAMP, off_after_s=one_s), trigger=Trigger(TriggerKind.SENSOR, sensor="a", state="on")),
        a_rule(
            replace(LAMP, off_after_s=other_s),
            trigger=Trigger(TriggerKind.SENSOR, sensor="b", state="on"),
            name="s",
        ),
    ]
    machine, now, on = engine(*rules), NOON, False
    active: set[str] = set()
    reasoned: dict[str, WallUs] = {}
    shortest = {"a": one_s, "b": other_s}

    def done(orders: list[Order]) -> None:
        nonlocal on
        for order in orders:
            if not order.action.on:
                assert on, "put out twice"
                assert not active & {"a", "b"}, "put out while there is a reason"
                assert all(now >= later(shortest[name], at) for name, at in reasoned.items())
            on = order.action.on

    for sensor, state, wait_s in steps:
        now = later(wait_s, now)
        done(machine.tick(now).orders)
        if restarts:
            machine = RuleEngine({"home": FACTS}, rules, machine.holds.all(), now, now)
            for name in sorted(active):
                done(machine.happened(sensed("home", name, "on", now), now).orders)
        if state and sensor not in active:
            active.add(sensor)
            done(machine.happened(sensed("home", sensor, "on", now), now).orders)
        elif not state and sensor in active:
            active.discard(sensor)
            if sensor in shortest:
                reasoned[sensor] = now
            machine.over(sensor_signal("home", sensor, "on"), now)
    for name in sorted(active):
        machine.over(sensor_signal("home", name, "on"), now)
    active.clear()
    now = later(2000, now)
    done(machine.tick(now).orders)
    assert not on and machine.holds.all() == []


def ring(zone: str, minute: int, first: date, days: int, step_s: int) -> list[WallUs]:
    """When a rule by time fires, looked at every so many seconds."""
    place = ZoneInfo(zone)
    start = WallUs(round(datetime(first.year, first.month, first.day, tzinfo=place).timestamp()) * US_PER_S)
    trigger = Trigger(TriggerKind.TIME, minute=minute)
    machine = engine(
        a_rule(Action(ActionKind.CALL, "bell"), trigger=trigger), now=later(-1, start), facts=SiteFacts(place)
    )
    end = datetime.combine(first + timedelta(days=days), datetime.min.time(), place)
    found, now = [], WallUs(start - US_PER_S)
    while now < end.timestamp() * US_PER_S - step_s * US_PER_S:
        now = later(step_s, now)
        found += [now for _ in machine.tick(now).orders]
    last = WallUs(round(end.timestamp()) * US_PER_S - 1)
    return found + [last for _ in machine.tick(last).orders]


SWITCHES = [
    ("Europe/Berlin", date(2026, 3, 28)),
    ("Europe/Berlin", date(2026, 10, 24)),
    ("America/New_York", date(2026, 3, 7)),
    ("Australia/Lord_Howe", date(2026, 4, 4)),
    ("America/Santiago", date(2026, 9, 5)),
]
"""The day before the clock is put forward or back; by half an hour in Lord Howe, at midnight in Santiago."""


@pytest.mark.parametrize(("zone", "first"), SWITCHES)
def test_a_time_of_day_comes_once_a_day_on_days_with_23_and_25_hours_too(zone: str, first: date) -> None:
    place = ZoneInfo(zone)
    days = [first + timedelta(days=number) for number in range(3)]
    before = WallUs(round(datetime.combine(first, time.min, place).timestamp()) * US_PER_S - 1)
    for minute in [*range(0, 1440, 5), 1439]:
        at, found = before, []
        for _ in days:
            coming = next_occurrence(Trigger(TriggerKind.TIME, minute=minute), at, place, None)
            assert coming is not None
            at, day = coming
            found.append(day)
        assert found == days, f"minute {minute}"
    for minute in (0, 90, 150, 1439):
        assert len(ring(zone, minute, first, 3, 197)) == 3, f"minute {minute}"


def test_a_time_that_the_day_leaves_out_comes_when_the_clock_was_put_forward() -> None:
    found = ring("Europe/Berlin", 150, date(2026, 3, 29), 1, 60)
    assert [datetime.fromtimestamp(at // US_PER_S, BERLIN).strftime("%H:%M") for at in found] == ["03:30"]


def test_a_time_missed_by_a_short_restart_is_made_up_for_and_one_long_past_is_not() -> None:
    bell = a_rule(Action(ActionKind.CALL, "bell"), trigger=Trigger(TriggerKind.TIME, minute=721))
    for off_s, made_up in ((200, 1), (2000, 0)):
        again = RuleEngine({"home": FACTS}, [bell], [], later(off_s), NOON)
        assert len(again.tick(later(off_s)).orders) == made_up


def test_sunset_with_an_offset_and_days() -> None:
    trigger = Trigger(TriggerKind.SUNSET, offset_min=-30, days=(Day.MON,))
    machine = engine(a_rule(Action(ActionKind.SWITCH, "lamp"), trigger=trigger))
    found = []
    for minute in range(8 * 1440):
        now = later(60 * minute)
        found += [now for _ in machine.tick(now).orders]
    there = [datetime.fromtimestamp(at // US_PER_S, BERLIN) for at in found]
    assert [at.weekday() for at in there] == [0, 0]
    assert there[0].strftime("%H") == "20" and 45 <= there[0].minute <= 55


def test_a_rehearsal_tells_what_past_days_would_have_been() -> None:
    start = later(-86_400)
    events = [an_event(later(600 * n, start), lasts_s=20) for n in range(1, 101)]
    night = a_rule(LAMP, light=Light.DARK)
    outcome = rehearse(replace(night, hears_from=NOON), FACTS, events, start, NOON)
    whys = [note.why for note in outcome.notes if note.why is not Why.ENDED]
    assert len(whys) == len(events)
    assert 0 < whys.count(Why.TOO_LIGHT) < len(events)
    lamp = commands(outcome.orders)
    assert lamp.count(("lamp", False)) == 1 and lamp[-1] == ("lamp", False)
    both = a_rule(Action(ActionKind.CALL, "bell"), trigger=Trigger(TriggerKind.EVENT_ENDED))
    assert len(rehearse(both, FACTS, events, start, NOON).orders) == len(events)


def test_the_end_of_an_event_is_a_cause_of_its_own() -> None:
    rules = engine(a_rule(trigger=Trigger(TriggerKind.EVENT_ENDED)))
    assert rules.happened(ended(an_event(lasts_s=3)), later(3)).orders


@pytest.mark.parametrize(
    ("one", "other", "quarrel"),
    [
        ({}, {}, True),
        ({"armed": (ArmState.HOME,)}, {"armed": (ArmState.AWAY,)}, False),
        ({"light": Light.DARK}, {"light": Light.LIGHT}, False),
        ({"sensors": (SensorIs("d", "open"),)}, {"sensors": (SensorIs("d", "closed"),)}, False),
        ({"schedule": Schedule((Stretch(DAYS, 480, 600),))}, {"schedule": Schedule((Stretch(DAYS, 660, 720),))}, False),
        ({"schedule": Schedule((Stretch(DAYS, 480, 600),))}, {"schedule": Schedule((Stretch(DAYS, 610, 720),))}, True),
        ({"schedule": Schedule((Stretch((Day.SUN,), 1430, 5),))}, {"schedule": Schedule((Stretch((Day.MON,), 6, 9),))},
         True),
    ],
)  # fmt: skip
def test_rules_that_quarrel_about_a_lamp_are_named(
    one: dict[str, Any], other: dict[str, Any], quarrel: bool
) -> None:
    """The first holds the lamp for a quarter of an hour, so ten minutes past its hours it still may."""
    off = a_rule(Action(ActionKind.SWITCH, "lamp", on=False), name="off", **other)
    assert bool(conflicts(a_rule(**one), [off])) == quarrel
    assert bool(conflicts(off, [a_rule(**one)])) == quarrel


def test_rules_that_want_the_same_or_something_else_do_not_quarrel() -> None:
    assert (
        conflicts(
            a_rule(), [a_rule(name="same"), a_rule(Action(ActionKind.SWITCH, "tv", on=False), name="tv")]
        )
        == []
    )
    at = a_rule(
        Action(ActionKind.SWITCH, "lamp", on=False), trigger=Trigger(TriggerKind.TIME, minute=600), name="at"
    )
    found = conflicts(a_rule(), [at])
    assert [(one.rule, one.actuator, one.minutes) for one in found] == [("at", "lamp", 7)]


BAD = [
    Rule("r", "home", "r", (), (LAMP,)),
    Rule("r", "home", "r", (SEES,), ()),
    a_rule(trigger=Trigger(TriggerKind.TIME)),
    a_rule(trigger=Trigger(TriggerKind.TIME, minute=1440)),
    a_rule(trigger=Trigger(TriggerKind.TIME, minute=5, days=())),
    a_rule(trigger=Trigger(TriggerKind.SUNSET, offset_min=721)),
    a_rule(trigger=Trigger(TriggerKind.SENSOR, sensor="door")),
    a_rule(trigger=Trigger(TriggerKind.TIME, minute=5, cameras=("door",))),
    a_rule(trigger=Trigger(TriggerKind.CAMERA_BACK, zones=("path",))),
    a_rule(Action(ActionKind.SWITCH)),
    a_rule(Action(ActionKind.DIM, "lamp")),
    a_rule(Action(ActionKind.DIM, "lamp", level=101)),
    a_rule(Action(ActionKind.SIREN, "siren")),
    a_rule(Action(ActionKind.SIREN, "siren", off_after_s=601)),
    a_rule(Action(ActionKind.SWITCH, "lamp", on=False, off_after_s=5)),
    a_rule(Action(ActionKind.MESSAGE, "phone", off_after_s=5)),
    a_rule(Action(ActionKind.PUBLISH, topic="a/+/b")),
    a_rule(Action(ActionKind.PUBLISH, topic="")),
    a_rule(Action(ActionKind.ARM)),
    a_rule(Action(ActionKind.ARM, armed=ArmState.AWAY), trigger=Trigger(TriggerKind.ARMED)),
]


@pytest.mark.parametrize("rule", BAD)
def test_a_rule_that_cannot_be_meant_is_refused(rule: Rule) -> None:
    with pytest.raises(WachtelError):
        check_rule(rule)


def test_a_thousand_signals_take_less_than_a_second() -> None:
    rules = engine(*(a_rule(name=f"r{number}") for number in range(20)))
    began_at = process_time()
    for number in range(1000):
        rules.happened(
            Cause(f"c{number}", TriggerKind.EVENT_BEGAN, "home", later(number / 1000)), later(number / 1000)
        )
    assert process_time() - began_at < 5


@pytest.mark.parametrize(
    "trigger",
    [
        Trigger(TriggerKind.PRESENCE),
        Trigger(TriggerKind.PRESENCE, state="asleep"),
        Trigger(TriggerKind.PRESENCE, state="first_home", person="Anna"),
        Trigger(TriggerKind.ALARM, state="nonsense"),
        Trigger(TriggerKind.TIME, minute=3, state="home"),
        Trigger(TriggerKind.EVENT_BEGAN, person="Anna"),
        Trigger(TriggerKind.SOUND),
        Trigger(TriggerKind.SOUND, sound=SoundWish(3, 300)),
        Trigger(TriggerKind.SOUND, sound=SoundWish(-20, 10)),
        Trigger(TriggerKind.EVENT_BEGAN, sound=SoundWish(-20, 300)),
    ],
)
def test_presence_alarm_and_sound_name_what_there_is(trigger: Trigger) -> None:
    with pytest.raises(WachtelError):
        check_rule(a_rule(trigger=trigger))


def test_a_rule_that_arms_is_not_set_off_by_the_arming() -> None:
    arms = Action(ActionKind.ARM, armed=ArmState.AWAY)
    with pytest.raises(WachtelError, match="itself"):
        check_rule(a_rule(arms, trigger=Trigger(TriggerKind.ALARM, state="disarmed")))
    check_rule(a_rule(arms, trigger=Trigger(TriggerKind.PRESENCE, state="everybody_away")))
