"""Whether a rule can be meant as it stands."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.rule import (
    ALARM_STATES,
    DRIVEN,
    HELD,
    OF_CAMERA_PARTS,
    OF_CAMERAS,
    OF_EVENTS,
    OF_THE_CLOCK,
    Action,
    ActionKind,
    Presence,
    Rule,
    Trigger,
    TriggerKind,
)
from wachtel.model.schedule import MINUTES_PER_DAY, check_schedule

MOST_PARTS = 8
MOST_OFFSET_MIN = 720
LONGEST_HOLD_S = 7 * 86_400.0
LONGEST_SIREN_S = 600.0
LONGEST_TOPIC = 256
LONGEST_TEXT = 2000
LEAST_DB = -80.0
LONGEST_SOUND_MS = 10_000


def check_rule(rule: Rule) -> None:
    """Raises `WachtelError` (invalid) with the reason."""
    if not 1 <= len(rule.triggers) <= MOST_PARTS:
        raise _invalid(f"A rule has one to {MOST_PARTS} triggers.")
    if not 1 <= len(rule.actions) <= MOST_PARTS:
        raise _invalid(f"A rule has one to {MOST_PARTS} actions.")
    for trigger in rule.triggers:
        _check_trigger(trigger)
    for action in rule.actions:
        _check_action(action)
    check_schedule(rule.conditions.schedule)
    _check_loops(rule)


def _check_trigger(trigger: Trigger) -> None:
    if trigger.cameras and trigger.kind not in OF_CAMERAS:
        raise _invalid(f"A trigger of the kind {trigger.kind} names no cameras.")
    if (trigger.zones or trigger.lines) and trigger.kind not in OF_EVENTS:
        raise _invalid("Only an event happens in a zone or at a line.")
    _check_state(trigger)
    _check_sound(trigger)
    if trigger.kind is TriggerKind.TIME and (
        trigger.minute is None or not 0 <= trigger.minute < MINUTES_PER_DAY
    ):
        raise _invalid("A trigger by time needs a time of the day.")
    if trigger.kind in OF_THE_CLOCK and not trigger.days:
        raise _invalid("A trigger by the clock needs at least one day.")
    if abs(trigger.offset_min) > MOST_OFFSET_MIN:
        raise _invalid("More than twelve hours before or after the sun is another day.")


def _check_sound(trigger: Trigger) -> None:
    if (trigger.kind is TriggerKind.SOUND) != (trigger.sound is not None):
        raise _invalid("A trigger by sound says how loud it must be; others do not.")
    if trigger.sound is not None and not (
        LEAST_DB <= trigger.sound.level_db <= 0 and 50 <= trigger.sound.for_ms <= LONGEST_SOUND_MS
    ):
        raise _invalid(f"Sound is from {LEAST_DB:.0f} to 0 dB loud, for 50 ms to ten seconds.")


def _check_state(trigger: Trigger) -> None:
    if (trigger.kind is TriggerKind.SENSOR) != bool(trigger.sensor):
        raise _invalid("A trigger by a sensor names the sensor and its new state; others name none.")
    if trigger.person and trigger.kind is not TriggerKind.PRESENCE:
        raise _invalid("Only a trigger by presence names a person.")
    if trigger.kind is TriggerKind.SENSOR and not trigger.state:
        raise _invalid("A trigger by a sensor names the sensor and its new state; others name none.")
    if trigger.kind is TriggerKind.PRESENCE:
        if trigger.state not in set(Presence):
            raise _invalid(f"A trigger by presence is one of {', '.join(Presence)}.")
        if trigger.person and trigger.state not in (Presence.HOME, Presence.AWAY):
            raise _invalid("The first one and the last one are nobody in particular.")
    elif trigger.kind is TriggerKind.ALARM:
        if trigger.state not in ALARM_STATES:
            raise _invalid(f"A trigger by the alarm panel is one of {', '.join(ALARM_STATES)}.")
    elif trigger.kind is not TriggerKind.SENSOR and trigger.state:
        raise _invalid(f"A trigger of the kind {trigger.kind} has no state.")


def _check_action(action: Action) -> None:
    if action.kind in DRIVEN | {ActionKind.MESSAGE} and not action.target:
        raise _invalid(f"The action {action.kind} needs somebody or something it is for.")
    if action.kind in OF_CAMERA_PARTS and not all(action.target.partition("/")):
        raise _invalid(
            f"The action {action.kind} names a camera and its {action.kind}, as camera/{action.kind}."
        )
    if action.kind is ActionKind.DIM and (action.level is None or not 0 <= action.level <= 100):
        raise _invalid("A dimmer needs a level from 0 to 100.")
    if action.kind is ActionKind.PUBLISH:
        _check_topic(action.topic)
    if len(action.text) > LONGEST_TEXT:
        raise _invalid("The text is longer than 2000 characters.")
    if action.kind is ActionKind.ARM and action.armed is None:
        raise _invalid("To arm needs the state to arm to.")
    _check_hold(action)


def _check_hold(action: Action) -> None:
    if action.kind is ActionKind.SIREN:
        if action.on and not 1 <= (action.off_after_s or 0) <= LONGEST_SIREN_S:
            raise _invalid("A siren needs an end, at most ten minutes after its reason is over.")
        return
    if action.off_after_s is None:
        return
    turns_on = action.on and action.level != 0
    if action.kind not in HELD or not turns_on or not 0 <= action.off_after_s <= LONGEST_HOLD_S:
        raise _invalid("Only what is switched on goes off again, within a week.")


def _check_topic(topic: str) -> None:
    """A topic to publish at has no wildcards (MQTT 5.0 section 4.7.1)."""
    if not 1 <= len(topic.encode()) <= LONGEST_TOPIC or any(char in topic for char in "+#\0"):
        raise _invalid("The topic is empty, too long, or holds +, # or a zero.")


def _check_loops(rule: Rule) -> None:
    """A rule that arms must not be set off by what it does itself."""
    armed = {action.armed for action in rule.actions if action.kind is ActionKind.ARM}
    for trigger in rule.triggers:
        if trigger.kind is TriggerKind.ALARM and armed and trigger.state not in ("pending", "triggered"):
            raise _invalid("This rule would set itself off.")
        if trigger.kind is TriggerKind.ARMED and armed and (trigger.armed is None or trigger.armed in armed):
            raise _invalid("This rule would set itself off.")


def _invalid(what: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, what)
