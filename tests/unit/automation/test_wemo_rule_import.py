"""Old rules become rules of ours that mean the same, or a sentence that says why not."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wemo_rules_rig import LAMP, MAKER, MOTION, NETCAM, PLUG, database, house, rule, sensor, target

from wachtel.automation.wemo.rule_import import Converted, Known, convert
from wachtel.automation.wemo.rule_words import WORDS, words
from wachtel.model.rule import Action, ActionKind, Rule, Trigger, TriggerKind
from wachtel.model.rule_checks import check_rule
from wachtel.model.schedule import DAYS, Day
from wachtel.storage.foreign.wemo_rules import WemoRulesFile, read_wemo_rules

KNOWN = Known(
    {LAMP: "lamp", PLUG: "plug"},
    {MOTION: "wemo.Flur", MAKER: "wemo.Tor"},
    {NETCAM: "flur"},
    "phone",
)


def converted(data: bytes, known: Known = KNOWN) -> Converted:
    numbers = count()
    made = convert(read_wemo_rules(data), known, "home", lambda: f"r{next(numbers)}")
    for one in made.rules:
        check_rule(one)
    for remark in made.remarks:
        assert all(words(remark.code, remark.details))
    return made


def one_rule(*rows: dict[str, Any], kind: str = "Motion Controlled", known: Known = KNOWN) -> Converted:
    return converted(database(RULES=[rule(1, "Eine", kind)], RULEDEVICES=rows), known)


def by_name(made: Converted) -> dict[str, Rule]:
    return {one.name: one for one in made.rules}


def test_a_whole_house() -> None:
    made = converted(house())
    rules = by_name(made)
    assert list(rules) == ["Licht im Flur", "Kamera", "Sag Bescheid", "Tor", "Abends", "Abends (2)"]
    hall = rules["Licht im Flur"]
    assert hall.triggers == (Trigger(TriggerKind.SENSOR, sensor="wemo.Flur", state="on"),)
    assert hall.actions == (Action(ActionKind.SWITCH, target="lamp", on=True, off_after_s=900.0),)
    assert hall.enabled and hall.conditions.schedule.stretches == ()
    camera = rules["Kamera"]
    assert camera.triggers == (Trigger(TriggerKind.EVENT_BEGAN, cameras=("flur",)),) and not camera.enabled
    (stretch,) = camera.conditions.schedule.stretches
    assert (stretch.days, stretch.start, stretch.end) == (DAYS[:5], 1080, 0)
    assert rules["Sag Bescheid"].actions[0].kind is ActionKind.MESSAGE
    assert rules["Tor"].triggers[0].state == "off" and rules["Tor"].actions[0].off_after_s is None
    evening, end = rules["Abends"], rules["Abends (2)"]
    assert evening.triggers == (Trigger(TriggerKind.TIME, minute=1200, days=(Day.MON,)),)
    assert end.triggers == (Trigger(TriggerKind.TIME, minute=1380, days=(Day.MON,)),)
    assert (evening.actions[0].on, end.actions[0].on) == (True, False)
    said = [(one.rule, one.code, one.left) for one in made.remarks]
    assert said == [
        ("Kamera", "switched_off", False),
        ("Tor", "maker_state", False),
        ("Urlaub", "unknown_kind", True),
        ("Erst danach", "on_at_end", True),
    ]


def test_what_is_missing_here_is_said() -> None:
    made = converted(house(), Known())
    assert made.rules == []
    codes = {one.code for one in made.remarks if one.left}
    assert codes == {"no_target", "no_sensor", "no_channel", "unknown_kind"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"StartAction": 2.0, "EndAction": 0.0}, "off_without_on"),
        ({"StartAction": 2.0, "EndAction": 2.0}, "does_nothing"),
        ({"StartAction": 0.0, "EndAction": 1.0}, "on_at_end"),
        ({"DayID": 77}, "no_days"),
    ],
)
def test_what_our_rules_cannot_do_is_left(row: dict[str, Any], code: str) -> None:
    made = one_rule(target(1, LAMP, **row), sensor(1, MOTION))
    assert made.rules == [] and [one.code for one in made.remarks] == [code]


def test_off_by_motion_is_off() -> None:
    (made,) = one_rule(target(1, LAMP, StartAction=0.0, EndAction=2.0), sensor(1, MOTION)).rules
    assert made.actions[0].on is False and made.actions[0].off_after_s is None


def test_several_days_are_one_rule_and_hours_of_the_sun_are_said() -> None:
    rows = [
        target(1, LAMP, DayID=day, StartTime=79_200, RuleDuration=14_400, OnModeOffset=30) for day in (1, 7)
    ]
    made = one_rule(*rows, sensor(1, MOTION))
    (found,) = made.rules
    days = {day for stretch in found.conditions.schedule.stretches for day in stretch.days}
    assert days == {Day.SAT, Day.SUN}
    assert {(one.start, one.end) for one in found.conditions.schedule.stretches} == {(1320, 120)}
    assert {one.code for one in made.remarks} == {"sun_hours"} and not made.remarks[0].left


def test_a_timer_past_midnight_ends_on_the_day_after() -> None:
    made = one_rule(target(1, LAMP, DayID=7, StartTime=82_800, RuleDuration=7200), kind="Time Interval")
    assert [one.triggers[0].days for one in made.rules] == [(Day.SAT,), (Day.SUN,)]
    assert [one.triggers[0].minute for one in made.rules] == [1380, 60]


def test_every_sentence_is_there_in_both_languages() -> None:
    for german, english in WORDS.values():
        assert german.count("{") == english.count("{") and german != english


VALUES = st.one_of(
    st.none(), st.integers(-5, 100_000), st.floats(), st.text(max_size=8), st.sampled_from([LAMP, MOTION])
)
COLUMNS = ("RuleID", "DeviceID", "DayID", "StartTime", "RuleDuration", "StartAction", "EndAction", "SensorDuration",
           "Level", "OnModeOffset")  # fmt: skip
KINDS = st.sampled_from(
    ["Motion Controlled", "Notify Me", "Maker Sensor Rule", "Time Interval", "x", None, 7]
)


@given(
    st.lists(st.fixed_dictionaries({"RuleID": VALUES, "Name": VALUES, "Type": KINDS, "State": VALUES}), max_size=4),
    st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, VALUES)), max_size=6),
    st.lists(st.fixed_dictionaries({"RuleID": VALUES, "SensorID": VALUES, "DeviceID": VALUES}), max_size=4),
)  # fmt: skip
def test_nothing_upsets_the_conversion(
    rules: list[dict[str, Any]], devices: list[dict[str, Any]], links: list[dict[str, Any]]
) -> None:
    tables = {"RULES": rules, "RULEDEVICES": devices, "DEVICECOMBINATION": links}
    numbers = count()
    made = convert(WemoRulesFile(tables), KNOWN, "home", lambda: f"r{next(numbers)}")
    for one in made.rules:
        check_rule(one)
    for remark in made.remarks:
        words(remark.code, remark.details)
