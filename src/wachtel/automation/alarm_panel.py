"""The alarm panel of a site as a state machine: signals, requests and time go in, what follows comes out. Pure.

Delays and sirens are counted by the wall clock, so that they go on over a restart; whoever runs the panel tells it when
that clock was set (`clock_was_set`), and then they are as long as they were.
"""

from collections.abc import Mapping
from dataclasses import replace

from wachtel.automation.panel_outcome import PanelOutcome, Silence, Sound, Stand, StillOpen, Tell, Telling
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import compact_time
from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.model.alarm import (
    AlarmNoteKind,
    AlarmSettings,
    AlarmZone,
    Doubt,
    PanelState,
    Phase,
    ZoneKind,
)
from wachtel.model.rule import NEVER, ArmState

REST_US = 30 * US_PER_S
"""Between two sounds of a siren it is silent for this long, so that the limit of one sound is a limit."""

MOST_SOURCES = 16
MOST_DOUBTS = 64
LATE_US = 300 * US_PER_S
"""What is told later than this after it happened sets nothing off any more."""


class AlarmPanel:
    """``sensors`` are the last known states of the site's sensors; whoever runs the panel may share them."""

    def __init__(
        self, site: str, settings: AlarmSettings, state: PanelState, sensors: Mapping[str, str] | None = None
    ) -> None:
        self.state = state
        self.settings = settings
        self._site = site
        self._sensors = dict(sensors or {})

    def restored(self, now: WallUs) -> None:
        """After a restart: a clock that was set back meanwhile makes no delay longer."""
        if now < self.state.looked:
            self.clock_was_set(now - self.state.looked)

    def clock_was_set(self, by_us: int) -> None:
        """The wall clock jumped by so much; what is left of every delay stays as it was."""
        state = self.state
        self.state = replace(
            state,
            since=_moved(state.since, by_us),
            looked=_moved(state.looked, by_us),
            armed_at=_moved(state.armed_at, by_us),
            camera_at=_moved(state.camera_at, by_us),
            until=None if state.until is None else _moved(state.until, by_us),
            siren_until=None if state.siren_until is None else _moved(state.siren_until, by_us),
            rest_until=None if state.rest_until is None else _moved(state.rest_until, by_us),
            doubts=tuple(replace(doubt, until=_moved(doubt.until, by_us)) for doubt in state.doubts),
        )

    @property
    def next_due(self) -> WallUs | None:
        """When time alone changes something next."""
        state = self.state
        dues = [state.until, state.siren_until, *(doubt.until for doubt in state.doubts)]
        return min((due for due in dues if due is not None), default=None)

    def sensor_state(self, sensor: str) -> str:
        """What a sensor said last, "" when it never did."""
        return self._sensors.get(sensor, "")

    def open_sensors(self, mode: ArmState | None = None) -> list[str]:
        """Sensors that stand in a state that sets off, of the zones that watch in ``mode``; None: of all zones."""
        watching = [zone for zone in self.settings.zones if mode is None or watches(zone, mode)]
        names = {
            sensor
            for zone in watching
            for sensor in zone.sensors
            if self._sensors.get(sensor, "") in zone.states
        }
        return sorted(names)

    def arm(self, mode: ArmState, who: str, now: WallUs, *, bypass: bool = False) -> PanelOutcome:
        """Arms to ``mode``. Raises `StillOpen`, and `WachtelError` (conflict) during an alarm."""
        state, outcome = self.state, PanelOutcome()
        if state.phase in (Phase.PENDING, Phase.TRIGGERED):
            raise WachtelError(
                ErrorKind.CONFLICT, "There is an alarm.", hint="Disarm first.", code="alarm_runs"
            )
        if state.phase is not Phase.DISARMED and state.mode is mode:
            return outcome
        delay_us = microseconds(self.settings.exit_delay_s) if mode in self.settings.exit_in else 0
        blocking = self.blocking(mode)
        if blocking and not bypass:
            raise StillOpen(blocking)
        self.state = replace(
            PanelState(looked=now),
            phase=Phase.ARMING,
            mode=mode,
            standing=state.standing,
            since=now,
            until=WallUs(now + delay_us),
            bypassed=tuple(sorted({*blocking, *state.bypassed})),
            episode=f"{compact_time(now)}-{self._site}",
        )
        for sensor in blocking:
            outcome.note(now, AlarmNoteKind.BYPASSED, who, sensor)
        if delay_us:
            outcome.note(now, AlarmNoteKind.ARMING, who, mode.value)
        else:
            self._armed(now, outcome, who)
        return outcome

    def blocking(self, mode: ArmState) -> list[str]:
        """Open sensors that stand in the way of arming; whoever has time to leave may still walk past some of them."""
        leaving = mode in self.settings.exit_in and self.settings.exit_delay_s > 0
        on_the_way = (ZoneKind.ENTRY, ZoneKind.INTERIOR)
        names = {
            sensor
            for zone in self.settings.zones
            if watches(zone, mode) and not (leaving and zone.kind in on_the_way)
            for sensor in zone.sensors
            if self._sensors.get(sensor, "") in zone.states and sensor not in self.state.bypassed
        }
        return sorted(names)

    def disarm(self, who: str, now: WallUs, *, duress: bool = False) -> PanelOutcome:
        """Disarms, and ends an alarm. Under duress the same happens, and a message more is sent."""
        state, outcome = self.state, PanelOutcome()
        episode = state.episode or f"{compact_time(now)}-{self._site}"
        if state.phase is not Phase.DISARMED:
            outcome.note(now, AlarmNoteKind.DISARMED, who)
            if state.siren_until is not None:
                outcome.effects.append(Silence())
                outcome.note(now, AlarmNoteKind.SIREN_OFF, who)
            if state.standing is not ArmState.DISARMED:
                outcome.effects.append(Stand(ArmState.DISARMED))
            telling = Telling.OVER if state.phase is Phase.TRIGGERED else Telling.DISARMED
            outcome.effects.append(Tell(telling, now, episode, who))
            self.state = PanelState(since=now, looked=now)
        if duress:
            outcome.effects.append(Tell(Telling.DURESS, now, f"{compact_time(now)}-{self._site}", who))
        return outcome

    def sensed(self, sensor: str, value: str, now: WallUs) -> PanelOutcome:
        """A sensor says something; what it said before sets nothing off."""
        before = self._sensors.get(sensor, "")
        self._sensors[sensor] = value
        outcome = PanelOutcome()
        for zone in self.settings.zones:
            if sensor in zone.sensors and value in zone.states and before not in zone.states:
                self._signal(zone, sensor, now, outcome, camera=False)
        return outcome

    def camera_saw(self, camera: str, at: WallUs, now: WallUs) -> PanelOutcome:
        """A camera's event was known at ``at``; each event is told once."""
        outcome = PanelOutcome()
        if now - at > LATE_US or at < self.state.armed_at:
            return outcome
        self.state = replace(self.state, camera_at=max(self.state.camera_at, min(at, now)))
        self._resolve_doubts(camera, now, outcome)
        for zone in self.settings.zones:
            if camera in zone.cameras:
                self._signal(zone, camera, now, outcome, camera=True)
        return outcome

    def camera_lost(self, camera: str, now: WallUs) -> PanelOutcome:
        """A camera of a watching zone went away: somebody may have seen to that."""
        outcome, state = PanelOutcome(), self.state
        if state.phase is not Phase.ARMED:
            return outcome
        for zone in self.settings.zones:
            if camera in zone.cameras and watches(zone, state.mode):
                outcome.note(now, AlarmNoteKind.CAMERA_LOST, camera, zone.name)
                self._warn(camera, zone, now, outcome, Telling.CAMERA_LOST)
                break
        return outcome

    def tick(self, now: WallUs) -> PanelOutcome:
        """Time passed: delays end, sirens fall silent, doubts go."""
        outcome, state = PanelOutcome(), self.state
        if state.siren_until is not None and now >= state.siren_until:
            outcome.effects.append(Silence())
            outcome.note(now, AlarmNoteKind.SIREN_OFF)
            self.state = replace(self.state, siren_until=None, rest_until=WallUs(now + REST_US))
        if state.until is not None and now >= state.until:
            if state.phase is Phase.ARMING:
                self._armed(now, outcome)
            elif state.phase is Phase.PENDING:
                self._waited(now, outcome)
        left = tuple(doubt for doubt in self.state.doubts if doubt.until > now)
        self.state = replace(self.state, doubts=left, looked=now)
        return outcome

    def _armed(self, now: WallUs, outcome: PanelOutcome, who: str = "") -> None:
        mode = self.state.mode
        self.state = replace(
            self.state, phase=Phase.ARMED, standing=mode, since=now, until=None, armed_at=now
        )
        outcome.effects += [Stand(mode), Tell(Telling.ARMED, now, self.state.episode, who)]
        outcome.note(now, AlarmNoteKind.ARMED, who, mode.value)
        for zone in self.settings.zones:
            if zone.kind in (ZoneKind.ENTRY, ZoneKind.PERIMETER):
                for sensor in zone.sensors:
                    if self._sensors.get(sensor, "") in zone.states and sensor not in self.state.bypassed:
                        self._wait(zone, sensor, now, outcome)

    def _signal(
        self, zone: AlarmZone, source: str, now: WallUs, outcome: PanelOutcome, *, camera: bool
    ) -> None:
        state = self.state
        if source in state.bypassed or not self._watching(zone):
            return
        if state.phase is Phase.TRIGGERED:
            self._again(zone, source, now, outcome)
        elif state.phase is Phase.PENDING and zone.kind in (ZoneKind.ENTRY, ZoneKind.INTERIOR):
            self._add_source(source)
        elif zone.kind is ZoneKind.ENTRY:
            self._wait(zone, source, now, outcome)
        elif camera or not self._doubted(zone) or self._confirmed(source, zone, now):
            self._trigger(zone, source, now, outcome)
        else:
            self._doubt(zone, source, now, outcome)

    def _watching(self, zone: AlarmZone) -> bool:
        if zone.kind is ZoneKind.ALWAYS:
            return True
        return self.state.phase not in (Phase.DISARMED, Phase.ARMING) and watches(zone, self.state.mode)

    def _doubted(self, zone: AlarmZone) -> bool:
        return zone.confirm and self.settings.confirm_s > 0

    def _confirmed(self, source: str, zone: AlarmZone, now: WallUs) -> bool:
        camera_at = self.state.camera_at
        seen = camera_at != NEVER and now - camera_at <= microseconds(self.settings.confirm_s)
        return seen or any(
            doubt.zone != zone.id and doubt.source != source and doubt.until > now
            for doubt in self.state.doubts
        )

    def _doubt(self, zone: AlarmZone, source: str, now: WallUs, outcome: PanelOutcome) -> None:
        until = WallUs(now + microseconds(self.settings.confirm_s))
        others = [doubt for doubt in self.state.doubts if doubt.source != source]
        known = len(others) < len(self.state.doubts)
        self.state = replace(
            self.state, doubts=tuple([*others, Doubt(source, zone.id, until)][-MOST_DOUBTS:])
        )
        if not known:
            outcome.note(now, AlarmNoteKind.UNCONFIRMED, source, zone.name)
            self._warn(source, zone, now, outcome)

    def _resolve_doubts(self, camera: str, now: WallUs, outcome: PanelOutcome) -> None:
        for doubt in self.state.doubts:
            zone = next((zone for zone in self.settings.zones if zone.id == doubt.zone), None)
            if doubt.until > now and zone is not None and self._watching(zone):
                self._trigger(zone, doubt.source, now, outcome)
                self._add_source(camera)
                return

    def _warn(
        self,
        source: str,
        zone: AlarmZone,
        now: WallUs,
        outcome: PanelOutcome,
        telling: Telling = Telling.WARNING,
    ) -> None:
        episode = self.state.episode or f"{compact_time(now)}-{self._site}"
        outcome.effects.append(Tell(telling, now, episode, source, zone.name, now // 1000))

    def _wait(self, zone: AlarmZone, source: str, now: WallUs, outcome: PanelOutcome) -> None:
        """The entry delay begins, or has begun."""
        if self.state.phase is Phase.ARMED:
            until = WallUs(now + microseconds(self.settings.entry_delay_s))
            self.state = replace(
                self.state, phase=Phase.PENDING, since=now, until=until, zone=zone.id, sources=()
            )
            outcome.note(now, AlarmNoteKind.PENDING, source, zone.name)
        self._add_source(source)
        if self.settings.entry_delay_s <= 0 and self.state.phase is Phase.PENDING:
            self._waited(now, outcome)

    def _waited(self, now: WallUs, outcome: PanelOutcome) -> None:
        """Nobody disarmed during the entry delay."""
        state = self.state
        zone = next((zone for zone in self.settings.zones if zone.id == state.zone), None)
        source = state.sources[0]
        if zone is not None and self._doubted(zone) and not self._entry_confirmed(zone):
            self.state = replace(state, phase=Phase.ARMED, since=now, until=None, sources=(), zone="")
            self._doubt(zone, source, now, outcome)
            return
        self._trigger(zone or _gone(state.zone), source, now, outcome)

    def _entry_confirmed(self, zone: AlarmZone) -> bool:
        """A camera saw something since shortly before the door opened, or a sensor of another zone did."""
        state = self.state
        if state.camera_at >= state.since - microseconds(self.settings.confirm_s):
            return True
        return any(source not in (*zone.sensors, *zone.cameras) for source in state.sources)

    def _trigger(self, zone: AlarmZone, source: str, now: WallUs, outcome: PanelOutcome) -> None:
        state = self.state
        if state.phase is Phase.TRIGGERED:
            self._again(zone, source, now, outcome)
            return
        sources = state.sources if state.phase is Phase.PENDING else ()
        self.state = replace(
            state,
            phase=Phase.TRIGGERED,
            since=now,
            until=None,
            zone=zone.id,
            sources=sources,
            doubts=(),
            episode=state.episode or f"{compact_time(now)}-{self._site}",
        )
        self._add_source(source)
        outcome.note(now, AlarmNoteKind.TRIGGERED, source, zone.name)
        outcome.effects.append(Tell(Telling.ALARM, now, self.state.episode, source, zone.name))
        self._sound(zone, now, outcome)

    def _again(self, zone: AlarmZone, source: str, now: WallUs, outcome: PanelOutcome) -> None:
        """During an alarm something else sets off: people know already, sirens may sound once more."""
        if source not in self.state.sources:
            self._add_source(source)
            outcome.note(now, AlarmNoteKind.AGAIN, source, zone.name)
        self._sound(zone, now, outcome)

    def _sound(self, zone: AlarmZone, now: WallUs, outcome: PanelOutcome) -> None:
        state, settings = self.state, self.settings
        resting = state.rest_until is not None and now < state.rest_until
        if not zone.siren or not settings.sirens or state.siren_until is not None or resting:
            return
        if state.sirens >= settings.most_sirens:
            if state.sirens == settings.most_sirens:
                outcome.note(now, AlarmNoteKind.NO_MORE_SIRENS)
                self.state = replace(state, sirens=state.sirens + 1)
            return
        until = WallUs(now + microseconds(settings.siren_s))
        self.state = replace(state, siren_until=until, sirens=state.sirens + 1)
        outcome.effects.append(Sound(settings.siren_s))
        outcome.note(now, AlarmNoteKind.SIREN_ON)

    def _add_source(self, source: str) -> None:
        known = self.state.sources
        if source not in known and len(known) < MOST_SOURCES:
            self.state = replace(self.state, sources=(*known, source))


def watches(zone: AlarmZone, mode: ArmState) -> bool:
    """Whether a zone sets off while the site is armed so."""
    if zone.kind is ZoneKind.ALWAYS:
        return True
    return mode is ArmState.AWAY if zone.kind is ZoneKind.INTERIOR else mode is not ArmState.DISARMED


def _gone(zone: str) -> AlarmZone:
    """A zone that was taken away while its delay ran."""
    return AlarmZone(zone, zone, ZoneKind.ENTRY)


def _moved(at: WallUs, by_us: int) -> WallUs:
    return at if at == NEVER else WallUs(at + by_us)
