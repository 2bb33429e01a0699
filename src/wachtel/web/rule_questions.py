"""How rules look in questions and answers: times of the day as people write them, everything else as in the model."""

from typing import Annotated

from pydantic import Field

from wachtel.model.rule import (
    Action,
    ActionKind,
    ArmState,
    Conditions,
    Light,
    Rule,
    SensorIs,
    Trigger,
    TriggerKind,
)
from wachtel.model.schedule import DAYS, Day
from wachtel.model.sound import SoundWish
from wachtel.web.answers import Answer, Change, Name, Question
from wachtel.web.motion_questions import Hours, HoursAnswer, hours_answer, schedule_of

Word = Annotated[str, Field(max_length=200)]
Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(max_length=64)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
MOST = 8


class SoundShape(Question):
    """Louder than ``level_db`` (0 is the loudest there is) for ``for_ms`` without a break."""

    level_db: Annotated[float, Field(ge=-80, le=0, allow_inf_nan=False)] = -30.0
    for_ms: Annotated[int, Field(ge=50, le=10_000)] = 300


class TriggerQuestion(Question):
    """``cameras`` empty: every camera of the site; ``zones`` and ``lines`` empty: the whole picture. ``time`` is for
    the kind ``time``, ``offset_min`` for the sun; ``armed`` null: whatever the new state.
    """

    kind: TriggerKind
    cameras: Words = Field(default=[])
    zones: Words = Field(default=[])
    lines: Words = Field(default=[])
    sensor: Word = ""
    state: Word = ""
    time: TimeOfDay | None = None
    days: Annotated[list[Day], Field(max_length=7)] = Field(default=list(DAYS))
    offset_min: Annotated[int, Field(ge=-720, le=720)] = 0
    armed: ArmState | None = None
    person: Annotated[str, Field(max_length=60)] = ""
    sound: SoundShape | None = None

    def trigger(self) -> Trigger:
        """As the rules know it."""
        minute = None if self.time is None else int(self.time[:2]) * 60 + int(self.time[3:])
        return Trigger(
            self.kind,
            tuple(self.cameras),
            tuple(self.zones),
            tuple(self.lines),
            self.sensor,
            self.state,
            minute,
            tuple(dict.fromkeys(self.days)),
            self.offset_min,
            self.armed,
            self.person,
            None if self.sound is None else SoundWish(self.sound.level_db, self.sound.for_ms),
        )


class SensorIsQuestion(Question):
    """A sensor that must be in a state."""

    sensor: Annotated[str, Field(min_length=1, max_length=200)]
    state: Annotated[str, Field(max_length=200)]


class ConditionsQuestion(Question):
    """All must hold; what is not sent allows everything."""

    schedule: Hours = Field(default=[])
    armed: Annotated[list[ArmState], Field(max_length=4)] = Field(default=[])
    light: Light | None = None
    sensors: Annotated[list[SensorIsQuestion], Field(max_length=MOST)] = Field(default=[])
    somebody_home: bool | None = None

    def conditions(self) -> Conditions:
        """As the rules know them."""
        sensors = tuple(SensorIs(one.sensor, one.state) for one in self.sensors)
        armed = tuple(dict.fromkeys(self.armed))
        return Conditions(schedule_of(self.schedule), armed, self.light, sensors, self.somebody_home)


class ActionQuestion(Question):
    """``target`` is an actuator, a channel, or a camera with its preset or output (``hof/2``); ``off_after_s``: undone
    so long after the reason is over.
    """

    kind: ActionKind
    target: Word = ""
    on: bool = True
    level: Annotated[int, Field(ge=0, le=100)] | None = None
    off_after_s: Annotated[float, Field(ge=0, le=604_800, allow_inf_nan=False)] | None = None
    text: Annotated[str, Field(max_length=2000)] = ""
    topic: Annotated[str, Field(max_length=256)] = ""
    retain: bool = False
    armed: ArmState | None = None

    def action(self) -> Action:
        """As the rules know it."""
        return Action(**self.model_dump())


class RuleQuestion(Question):
    """A whole rule."""

    name: Name
    site: Annotated[str, Field(max_length=64)]
    triggers: Annotated[list[TriggerQuestion], Field(min_length=1, max_length=MOST)]
    actions: Annotated[list[ActionQuestion], Field(min_length=1, max_length=MOST)]
    conditions: ConditionsQuestion = ConditionsQuestion()
    enabled: bool = True


class RuleChangeQuestion(Change):
    """Only the fields that are sent are changed."""

    name: Name | None = None
    triggers: Annotated[list[TriggerQuestion], Field(min_length=1, max_length=MOST)] | None = None
    actions: Annotated[list[ActionQuestion], Field(min_length=1, max_length=MOST)] | None = None
    conditions: ConditionsQuestion | None = None
    enabled: bool | None = None


class TriggerAnswer(Answer):
    kind: TriggerKind
    cameras: list[str]
    zones: list[str]
    lines: list[str]
    sensor: str
    state: str
    time: str | None
    days: list[Day]
    offset_min: int
    armed: ArmState | None
    person: str
    sound: SoundShape | None


class SensorIsAnswer(Answer):
    sensor: str
    state: str


class ConditionsAnswer(Answer):
    schedule: list[HoursAnswer]
    armed: list[ArmState]
    light: Light | None
    sensors: list[SensorIsAnswer]
    somebody_home: bool | None


class ActionAnswer(Answer):
    kind: ActionKind
    target: str
    on: bool
    level: int | None
    off_after_s: float | None
    text: str
    topic: str
    retain: bool
    armed: ArmState | None


class ConflictAnswer(Answer):
    """``rule`` is the other rule; both drive ``actuator``, in ``minutes`` of the week."""

    rule: str
    name: str
    actuator: str
    minutes: int


class RuleAnswer(Answer):
    """``conflicts`` names other rules that want the same thing in another state at times."""

    id: str
    site: str
    name: str
    enabled: bool
    created: str
    triggers: list[TriggerAnswer]
    conditions: ConditionsAnswer
    actions: list[ActionAnswer]
    conflicts: list[ConflictAnswer]
    needs_place: bool


def trigger_answer(trigger: Trigger) -> TriggerAnswer:
    """One trigger, as the API says it."""
    minute = trigger.minute
    return TriggerAnswer(
        kind=trigger.kind,
        cameras=list(trigger.cameras),
        zones=list(trigger.zones),
        lines=list(trigger.lines),
        sensor=trigger.sensor,
        state=trigger.state,
        time=None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}",
        days=list(trigger.days),
        offset_min=trigger.offset_min,
        armed=trigger.armed,
        person=trigger.person,
        sound=_sound(trigger),
    )


def _sound(trigger: Trigger) -> SoundShape | None:
    wish = trigger.sound
    return None if wish is None else SoundShape(level_db=wish.level_db, for_ms=wish.for_ms)


def conditions_answer(conditions: Conditions) -> ConditionsAnswer:
    """Conditions, as the API says them."""
    return ConditionsAnswer(
        schedule=hours_answer(conditions.schedule),
        armed=list(conditions.armed),
        light=conditions.light,
        sensors=[SensorIsAnswer(sensor=one.sensor, state=one.state) for one in conditions.sensors],
        somebody_home=conditions.somebody_home,
    )


def action_answer(action: Action) -> ActionAnswer:
    """One action, as the API says it."""
    return ActionAnswer(**{name: getattr(action, name) for name in ActionAnswer.model_fields})


def rule_of(asked: RuleQuestion, rule: Rule) -> Rule:
    """The rule that was asked for, with id and times of ``rule``."""
    return Rule(
        rule.id,
        asked.site,
        asked.name,
        tuple(one.trigger() for one in asked.triggers),
        tuple(one.action() for one in asked.actions),
        asked.conditions.conditions(),
        asked.enabled,
        rule.created,
        rule.hears_from,
    )
