"""The shapes in which an alarm panel's settings come and go."""

import secrets
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from wachtel.model.alarm import ALARMING, AlarmSettings, AlarmZone, ArmedBy, ZoneKind
from wachtel.model.message import MessageKind
from wachtel.model.rule import ArmState
from wachtel.web.answers import Answer, Question

Id = Annotated[str, Field(min_length=1, max_length=100)]
State = Annotated[str, Field(min_length=1, max_length=100)]
Seconds = Annotated[float, Field(ge=0, le=900, allow_inf_nan=False)]


class ZoneShape(Answer):
    """Sensors and cameras that belong together; ``states`` of a sensor set off."""

    id: str
    name: str
    kind: ZoneKind
    sensors: list[str]
    cameras: list[str]
    states: list[str]
    confirm: bool
    siren: bool


class ZoneQuestion(Question):
    """The same; without ``id`` it gets one."""

    id: Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9-]*$")] = ""
    name: Annotated[str, Field(min_length=1, max_length=60)]
    kind: ZoneKind
    sensors: Annotated[tuple[Id, ...], Field(max_length=64)] = ()
    cameras: Annotated[tuple[Id, ...], Field(max_length=64)] = ()
    states: Annotated[tuple[State, ...], Field(max_length=16)] = ALARMING
    confirm: bool = False
    siren: bool = True

    def zone(self) -> AlarmZone:
        return AlarmZone(
            self.id or secrets.token_hex(4),
            self.name,
            self.kind,
            self.sensors,
            self.cameras,
            self.states,
            self.confirm,
            self.siren,
        )


class SettingsAnswer(Answer):
    """How the panel is set up. ``channels`` counts those that get each kind of message."""

    set_up: bool
    zones: list[ZoneShape]
    exit_delay_s: float
    entry_delay_s: float
    exit_in: list[ArmState]
    sirens: list[str]
    siren_s: float
    most_sirens: int
    confirm_s: float
    code_to_arm: bool
    without_code: list[ArmedBy]
    channels: dict[MessageKind, int]


class SettingsQuestion(Question):
    """All of it at once; what is left out is as usual."""

    zones: Annotated[tuple[ZoneQuestion, ...], Field(max_length=32)] = ()
    exit_delay_s: Seconds = 60
    entry_delay_s: Seconds = 30
    exit_in: Annotated[tuple[ArmState, ...], Field(max_length=3)] = (ArmState.AWAY,)
    sirens: Annotated[tuple[Id, ...], Field(max_length=16)] = ()
    siren_s: Seconds = 180
    most_sirens: Annotated[int, Field(ge=1, le=20)] = 3
    confirm_s: Seconds = 60
    code_to_arm: bool = False
    without_code: Annotated[tuple[ArmedBy, ...], Field(max_length=4)] = (ArmedBy.RULE,)

    def settings(self) -> AlarmSettings:
        return AlarmSettings(
            tuple(zone.zone() for zone in self.zones),
            self.exit_delay_s,
            self.entry_delay_s,
            self.exit_in,
            self.sirens,
            self.siren_s,
            self.most_sirens,
            self.confirm_s,
            self.code_to_arm,
            self.without_code,
        )


def settings_answer(
    settings: AlarmSettings, *, set_up: bool, channels: Mapping[MessageKind, int]
) -> SettingsAnswer:
    return SettingsAnswer(
        set_up=set_up,
        zones=[_zone(zone) for zone in settings.zones],
        exit_delay_s=settings.exit_delay_s,
        entry_delay_s=settings.entry_delay_s,
        exit_in=list(settings.exit_in),
        sirens=list(settings.sirens),
        siren_s=settings.siren_s,
        most_sirens=settings.most_sirens,
        confirm_s=settings.confirm_s,
        code_to_arm=settings.code_to_arm,
        without_code=list(settings.without_code),
        channels=dict(channels),
    )


def _zone(zone: AlarmZone) -> ZoneShape:
    return ZoneShape(
        id=zone.id,
        name=zone.name,
        kind=zone.kind,
        sensors=list(zone.sensors),
        cameras=list(zone.cameras),
        states=list(zone.states),
        confirm=zone.confirm,
        siren=zone.siren,
    )
