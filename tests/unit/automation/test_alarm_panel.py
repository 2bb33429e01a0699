"""The alarm panel as a state machine: who is warned when, and that nothing can make it howl for ever."""

import pytest

from wachtel.automation.alarm_panel import AlarmPanel
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
from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.alarm import AlarmNoteKind, AlarmSettings, AlarmZone, PanelState, Phase, ZoneKind
from wachtel.model.alarm_checks import check_alarm
from wachtel.model.rule import ArmState

AT = WallUs(1_780_000_000_000_000)
WINDOW = AlarmZone("shell", "Hülle", ZoneKind.PERIMETER, ("window",))
DOOR = AlarmZone("way", "Eingang", ZoneKind.ENTRY, ("door",))
HALL = AlarmZone("inside", "Innen", ZoneKind.INTERIOR, ("pir",), ("hall",))
SMOKE = AlarmZone("fire", "Rauch", ZoneKind.ALWAYS, ("smoke",))
GARDEN = AlarmZone("garden", "Garten", ZoneKind.PERIMETER, ("gate",), ("lawn",), confirm=True)
SETTINGS = AlarmSettings((WINDOW, DOOR, HALL, SMOKE, GARDEN), sirens=("horn",))


def a_panel(settings: AlarmSettings = SETTINGS, **sensors: str) -> AlarmPanel:
    return AlarmPanel("home", settings, PanelState(), sensors)


def later(seconds: float) -> WallUs:
    return WallUs(AT + round(seconds * US_PER_S))


def armed_panel(mode: ArmState = ArmState.AWAY, settings: AlarmSettings = SETTINGS) -> AlarmPanel:
    """Armed since `AT`."""
    panel = a_panel(settings)
    panel.arm(mode, "Anna", later(-settings.exit_delay_s))
    panel.tick(AT)
    assert panel.state.phase is Phase.ARMED
    return panel


def tellings(outcome: PanelOutcome) -> list[Telling]:
    return [effect.telling for effect in outcome.effects if isinstance(effect, Tell)]


def sounds(outcome: PanelOutcome) -> list[type[Effect]]:
    return [type(effect) for effect in outcome.effects if isinstance(effect, Sound | Silence)]


def test_leaving_takes_the_exit_delay_and_then_rules_see_that_nobody_is_home() -> None:
    panel = a_panel()
    outcome = panel.arm(ArmState.AWAY, "Anna", AT)
    assert (panel.state.phase, panel.state.standing) == (Phase.ARMING, ArmState.DISARMED)
    assert not outcome.effects
    assert not panel.sensed("door", "open", later(20)).effects
    assert not panel.sensed("door", "closed", later(25)).effects
    assert not panel.tick(later(59.9)).effects
    outcome = panel.tick(later(60))
    assert outcome.effects[0] == Stand(ArmState.AWAY)
    assert tellings(outcome) == [Telling.ARMED]


def test_at_home_it_is_armed_at_once_and_whoever_walks_through_the_hall_is_no_alarm() -> None:
    panel = a_panel()
    assert panel.arm(ArmState.NIGHT, "Anna", AT).effects[0] == Stand(ArmState.NIGHT)
    assert not panel.sensed("pir", "on", later(5)).effects
    assert tellings(panel.sensed("window", "open", later(6))) == [Telling.ALARM]


def test_coming_home_leaves_time_to_disarm() -> None:
    panel = armed_panel()
    assert not panel.sensed("door", "open", later(100)).effects
    assert (panel.state.phase, panel.state.until) == (Phase.PENDING, later(130))
    assert not panel.sensed("pir", "on", later(104)).effects
    outcome = panel.disarm("Anna", later(125))
    assert tellings(outcome) == [Telling.DISARMED]
    assert not panel.tick(later(200)).effects
    assert panel.state.phase is Phase.DISARMED


def test_nobody_disarms_so_sirens_sound_for_three_minutes_and_the_alarm_stays_visible() -> None:
    panel = armed_panel()
    panel.sensed("door", "open", later(100))
    outcome = panel.tick(later(130))
    assert tellings(outcome) == [Telling.ALARM]
    assert [effect for effect in outcome.effects if isinstance(effect, Sound)] == [Sound(180.0)]
    assert not panel.tick(later(309)).effects
    assert sounds(panel.tick(later(310))) == [Silence]
    assert panel.state.phase is Phase.TRIGGERED
    assert tellings(panel.disarm("Anna", later(999))) == [Telling.OVER]


def test_a_window_opened_during_the_entry_delay_ends_it() -> None:
    panel = armed_panel()
    panel.sensed("door", "open", later(100))
    assert tellings(panel.sensed("window", "open", later(105))) == [Telling.ALARM]
    assert panel.state.sources == ("door", "window")


def test_a_door_left_open_on_the_way_out_begins_the_entry_delay() -> None:
    panel = a_panel(door="open")
    panel.arm(ArmState.AWAY, "Anna", AT)
    panel.tick(later(60))
    assert (panel.state.phase, panel.state.sources) == (Phase.PENDING, ("door",))


def test_open_windows_are_named_and_left_out_only_with_consent_and_only_until_disarmed() -> None:
    panel = a_panel(window="open")
    with pytest.raises(StillOpen, match="window"):
        panel.arm(ArmState.AWAY, "Anna", AT)
    assert panel.state.phase is Phase.DISARMED
    panel.arm(ArmState.AWAY, "Anna", AT, bypass=True)
    panel.tick(later(60))
    panel.sensed("window", "closed", later(70))
    assert not panel.sensed("window", "open", later(80)).effects
    panel.disarm("Anna", later(90))
    assert panel.state.bypassed == ()
    panel.arm(ArmState.HOME, "Anna", later(100), bypass=True)
    panel.disarm("Anna", later(110))
    panel.sensed("window", "closed", later(120))
    panel.arm(ArmState.HOME, "Anna", later(130))
    assert tellings(panel.sensed("window", "open", later(140))) == [Telling.ALARM]


def test_smoke_is_an_alarm_even_while_disarmed() -> None:
    panel = a_panel()
    assert tellings(panel.sensed("smoke", "alarm", AT)) == [Telling.ALARM]
    assert (panel.state.phase, panel.state.standing) == (Phase.TRIGGERED, ArmState.DISARMED)
    outcome = panel.disarm("Anna", later(10))
    assert sounds(outcome) == [Silence]
    assert not panel.sensed("smoke", "alarm", later(11)).effects
    assert panel.state.phase is Phase.DISARMED


def test_one_gate_alone_is_a_warning_until_a_camera_sees_somebody() -> None:
    panel = armed_panel()
    assert tellings(panel.sensed("gate", "open", later(100))) == [Telling.WARNING]
    assert panel.state.phase is Phase.ARMED
    assert tellings(panel.camera_saw("street", later(140), later(141))) == [Telling.ALARM]
    assert panel.state.sources == ("gate", "street")


def test_a_camera_just_before_confirms_as_well_and_one_too_late_does_not() -> None:
    panel = armed_panel()
    panel.camera_saw("street", later(60), later(61))
    assert tellings(panel.sensed("gate", "open", later(100))) == [Telling.ALARM]
    panel = armed_panel()
    panel.sensed("gate", "open", later(100))
    panel.tick(later(161))
    assert not panel.camera_saw("street", later(161), later(161)).effects
    assert panel.state.phase is Phase.ARMED


def test_a_second_zone_confirms_as_well() -> None:
    cellar = AlarmZone("cellar", "Keller", ZoneKind.PERIMETER, ("hatch",), confirm=True)
    panel = armed_panel(settings=AlarmSettings((GARDEN, cellar)))
    assert tellings(panel.sensed("gate", "open", later(10))) == [Telling.WARNING]
    assert tellings(panel.sensed("hatch", "open", later(20))) == [Telling.ALARM]


def test_an_unconfirmed_door_is_a_warning_when_its_delay_is_over() -> None:
    door = AlarmZone("way", "Eingang", ZoneKind.ENTRY, ("door",), confirm=True)
    panel = armed_panel(settings=AlarmSettings((door, HALL)))
    panel.sensed("door", "open", later(10))
    assert tellings(panel.tick(later(40))) == [Telling.WARNING]
    assert panel.state.phase is Phase.ARMED
    panel = armed_panel(settings=AlarmSettings((door, HALL)))
    panel.sensed("door", "open", later(10))
    panel.sensed("pir", "on", later(12))
    assert tellings(panel.tick(later(40))) == [Telling.ALARM]


def test_a_camera_in_a_zone_sets_off_by_itself_and_what_it_saw_before_does_not_count() -> None:
    panel = armed_panel()
    assert not panel.camera_saw("lawn", later(-1), later(5)).effects
    assert tellings(panel.camera_saw("lawn", later(4), later(5))) == [Telling.ALARM]


def test_a_camera_of_a_watching_zone_that_goes_away_is_a_warning() -> None:
    panel = armed_panel(ArmState.HOME)
    assert tellings(panel.camera_lost("lawn", later(50))) == [Telling.CAMERA_LOST]
    assert tellings(panel.camera_lost("hall", later(51))) == []
    assert panel.state.phase is Phase.ARMED


def test_sirens_sound_again_for_something_new_but_not_without_end() -> None:
    panel, number, at = armed_panel(), 0, 10.0
    panel.sensed("window", "open", later(at))
    for _ in range(20):
        number += sounds(panel.tick(later(at + 180))).count(Silence)
        at += 180 + 31
        panel.sensed("window", "closed", later(at))
        panel.sensed("window", "open", later(at))
    assert number == 3
    assert panel.state.siren_until is None


def test_arming_during_an_alarm_is_refused() -> None:
    panel = armed_panel()
    panel.sensed("window", "open", later(5))
    with pytest.raises(WachtelError, match="alarm"):
        panel.arm(ArmState.HOME, "Anna", later(6))


def test_the_log_says_who_and_why() -> None:
    panel = a_panel(window="open")
    notes = panel.arm(ArmState.AWAY, "Anna", AT, bypass=True).notes
    notes += panel.tick(later(60)).notes
    notes += panel.sensed("pir", "on", later(70)).notes
    notes += panel.disarm("Ben", later(80)).notes
    assert [(note.kind, note.who, note.detail) for note in notes] == [
        (AlarmNoteKind.BYPASSED, "Anna", "window"),
        (AlarmNoteKind.ARMING, "Anna", "away"),
        (AlarmNoteKind.ARMED, "", "away"),
        (AlarmNoteKind.TRIGGERED, "pir", "Innen"),
        (AlarmNoteKind.SIREN_ON, "", ""),
        (AlarmNoteKind.DISARMED, "Ben", ""),
        (AlarmNoteKind.SIREN_OFF, "Ben", ""),
    ]


@pytest.mark.parametrize(
    "settings",
    [
        AlarmSettings(exit_delay_s=-1),
        AlarmSettings(entry_delay_s=float("nan")),
        AlarmSettings(siren_s=3600),
        AlarmSettings(most_sirens=0),
        AlarmSettings(exit_in=(ArmState.DISARMED,)),
        AlarmSettings((AlarmZone("a", "A", ZoneKind.ENTRY),)),
        AlarmSettings((DOOR, DOOR)),
        AlarmSettings((AlarmZone("a", "A", ZoneKind.ENTRY, ("x", "x")),)),
        AlarmSettings((AlarmZone("a", "A", ZoneKind.ENTRY, ("x",), states=()),)),
    ],
)
def test_nonsense_is_refused(settings: AlarmSettings) -> None:
    with pytest.raises(WachtelError):
        check_alarm(settings)


def test_what_is_sensible_is_taken() -> None:
    check_alarm(SETTINGS)
