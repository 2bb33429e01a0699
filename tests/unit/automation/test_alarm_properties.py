"""What holds for an alarm panel whatever happens to it: signals, people, restarts, clocks that are set."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from wachtel.automation.alarm_panel import REST_US, AlarmPanel
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
from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.model.alarm import AlarmNote, AlarmSettings, AlarmZone, PanelState, Phase, ZoneKind
from wachtel.model.rule import NEVER, ArmState

BEGAN = 1_780_000_000 * US_PER_S
SENSORS = ("window", "door", "pir", "smoke", "gate")
CAMERAS = ("lawn", "hall", "street")
ZONES = (
    AlarmZone("shell", "shell", ZoneKind.PERIMETER, ("window",)),
    AlarmZone("way", "way", ZoneKind.ENTRY, ("door",)),
    AlarmZone("inside", "inside", ZoneKind.INTERIOR, ("pir",), ("hall",)),
    AlarmZone("fire", "fire", ZoneKind.ALWAYS, ("smoke",)),
    AlarmZone("garden", "garden", ZoneKind.PERIMETER, ("gate",), ("lawn",), confirm=True),
)
SETTINGS = AlarmSettings(
    ZONES, exit_delay_s=40, entry_delay_s=25, sirens=("horn",), siren_s=70, most_sirens=2
)


@dataclass(frozen=True)
class Toggle:
    """A sensor opens, or closes when it was open."""

    sensor: str


@dataclass(frozen=True)
class See:
    camera: str


@dataclass(frozen=True)
class Arm:
    mode: ArmState
    bypass: bool


@dataclass(frozen=True)
class Disarm:
    duress: bool


@dataclass(frozen=True)
class Wait:
    seconds: int


@dataclass(frozen=True)
class Jump:
    """The wall clock is set."""

    seconds: int


@dataclass(frozen=True)
class Restart:
    """Nothing runs for so long, and the clock is set meanwhile."""

    seconds: int = 0
    jump: int = 0


Step = Toggle | See | Arm | Disarm | Wait | Jump | Restart
JUMPS = st.sampled_from([-31_536_000, -7200, -60, -20, 20, 60, 7200, 31_536_000])
TOGGLES = st.sampled_from(SENSORS).map(Toggle)
WAITS = st.sampled_from([1, 10, 20, 30, 45, 71, 110]).map(Wait)
ARMS = st.builds(
    Arm, st.sampled_from([ArmState.HOME, ArmState.AWAY, ArmState.NIGHT]), st.just(True) | st.booleans()
)
THINGS = st.one_of(
    TOGGLES, TOGGLES, st.sampled_from(CAMERAS).map(See), WAITS, WAITS, ARMS, st.builds(Disarm, st.booleans())
)
TROUBLES = st.builds(Jump, JUMPS) | st.builds(Restart, st.integers(0, 300), st.just(0) | JUMPS)
BEFORE: st.SearchStrategy[list[Step]] = st.sampled_from(
    [
        [],
        [Arm(ArmState.AWAY, bypass=True), Wait(41)],
        [Toggle("door"), Arm(ArmState.AWAY, bypass=True), Wait(41)],
        [Arm(ArmState.AWAY, bypass=True), Wait(41), Toggle("window")],
    ]
)
STEPS = st.builds(lambda first, rest: first + rest, BEFORE, st.lists(THINGS, min_size=3, max_size=30))
NOISY = st.builds(
    lambda first, rest: first + rest,
    BEFORE,
    st.lists(TOGGLES | st.just(Wait(30)) | st.just(Wait(71)), min_size=9),
)
WILD = st.builds(
    lambda first, rest: first + rest, BEFORE, st.lists(THINGS | TROUBLES, min_size=3, max_size=30)
)


@dataclass
class World:
    """A panel with its clock. ``real`` is the time that really passes while it runs."""

    panel: AlarmPanel = field(default_factory=lambda: AlarmPanel("home", SETTINGS, PanelState()))
    real: int = 0
    offset: int = BEGAN
    told: list[tuple[int, Effect]] = field(default_factory=list)
    notes: list[tuple[int, AlarmNote]] = field(default_factory=list)
    phases: list[tuple[int, PanelState]] = field(default_factory=list)

    def now(self) -> WallUs:
        return WallUs(self.real + self.offset)

    def take(self, outcome: PanelOutcome) -> None:
        self.told += [(self.real, effect) for effect in outcome.effects]
        self.notes += [(self.real, note) for note in outcome.notes]
        self.phases.append((self.real, self.panel.state))

    def does(self, step: Step) -> None:
        match step:
            case Toggle(sensor):
                value = "closed" if self.panel.sensor_state(sensor) == "open" else "open"
                self.take(self.panel.sensed(sensor, value, self.now()))
            case See(camera):
                self.take(self.panel.camera_saw(camera, self.now(), self.now()))
            case Arm(mode, bypass):
                self.arm(mode, bypass=bypass)
            case Disarm(duress):
                self.take(self.panel.disarm("Anna", self.now(), duress=duress))
            case Wait(seconds):
                self.wait(seconds * US_PER_S)
            case Jump(seconds):
                self.offset += seconds * US_PER_S
                self.panel.clock_was_set(seconds * US_PER_S)
            case Restart(seconds, jump):
                self.restart(seconds * US_PER_S, jump * US_PER_S)

    def arm(self, mode: ArmState, *, bypass: bool) -> None:
        try:
            self.take(self.panel.arm(mode, "Anna", self.now(), bypass=bypass))
        except StillOpen as refused:
            assert refused.names
            assert not bypass
        except WachtelError:
            assert self.panel.state.phase in (Phase.PENDING, Phase.TRIGGERED)

    def wait(self, us: int) -> None:
        """Ticks wherever something is due, and at the end."""
        end = self.real + us
        while True:
            due = self.panel.next_due
            self.real = min(end, end if due is None else max(self.real, due - self.offset))
            self.take(self.panel.tick(self.now()))
            if self.real >= end:
                return

    def restart(self, down_us: int, jump_us: int) -> None:
        """The clock goes on while nothing runs; ``real`` does not."""
        self.panel.tick(self.now())
        stored = msgspec.json.encode(self.panel.state)
        self.offset += down_us + jump_us
        sensors = {name: self.panel.sensor_state(name) for name in SENSORS}
        self.panel = AlarmPanel("home", SETTINGS, msgspec.json.decode(stored, type=PanelState), sensors)
        self.panel.restored(self.now())
        self.take(self.panel.tick(self.now()))

    def run(self, steps: Sequence[Step]) -> "World":
        for step in steps:
            self.does(step)
        self.wait(600 * US_PER_S)
        return self


def loud_times(world: World) -> list[tuple[int, int]]:
    """When sirens sounded, in time in which the panel ran."""
    found, began = [], None
    for at, effect in world.told:
        if isinstance(effect, Sound):
            assert began is None, "a siren was started twice"
            began = at
        elif isinstance(effect, Silence):
            assert began is not None, "a siren was ended twice"
            found.append((began, at))
            began = None
    assert began is None, "a siren never ended"
    return found


@settings(max_examples=150, deadline=None)
@given(WILD)
def test_a_siren_never_sounds_longer_than_its_limit(steps: list[Step]) -> None:
    world = World().run(steps)
    for began, ended in loud_times(world):
        assert ended - began <= microseconds(SETTINGS.siren_s)


@settings(max_examples=150, deadline=None)
@given(STEPS | NOISY)
def test_sirens_rest_in_between_and_sound_only_so_often(steps: list[Step]) -> None:
    sounded, silent_since = 0, -REST_US
    for at, effect in World().run(steps).told:
        match effect:
            case Sound():
                sounded += 1
                assert sounded <= SETTINGS.most_sirens
                assert at - silent_since >= REST_US
            case Silence():
                silent_since = at
            case Tell(Telling.OVER):
                sounded, silent_since = 0, -REST_US


@settings(max_examples=150, deadline=None)
@given(WILD)
def test_a_disarmed_site_has_no_alarm_but_of_what_always_watches(steps: list[Step]) -> None:
    world = World().run(steps)
    for _, state in world.phases:
        if state.mode is ArmState.DISARMED:
            assert state.phase in (Phase.DISARMED, Phase.TRIGGERED)
            assert state.phase is Phase.DISARMED or state.zone == "fire"
        if state.phase is Phase.DISARMED:
            assert (state.until, state.siren_until, state.standing) == (None, None, ArmState.DISARMED)


@settings(max_examples=150, deadline=None)
@given(WILD)
def test_rules_see_what_the_panel_stands_at(steps: list[Step]) -> None:
    world, seen = World().run(steps), ArmState.DISARMED
    for _, effect in world.told:
        seen = effect.armed if isinstance(effect, Stand) else seen
    assert seen is world.panel.state.standing


@settings(max_examples=150, deadline=None)
@given(WILD)
def test_no_delay_is_longer_than_it_was_set_up(steps: list[Step]) -> None:
    world = World()
    for step in steps:
        world.does(step)
        left = world.panel.state.until
        if left is not None:
            arming = world.panel.state.phase is Phase.ARMING
            longest = SETTINGS.exit_delay_s if arming else SETTINGS.entry_delay_s
            assert left - world.now() <= microseconds(longest)


def without_times(world: World) -> list[object]:
    """What was done when, by the time that really passed."""
    plain: list[object] = []
    for at, effect in world.told:
        same = replace(effect, at=NEVER, episode="", number=0) if isinstance(effect, Tell) else effect
        plain.append((at, same))
    return plain + [(at, replace(note, at=NEVER)) for at, note in world.notes]


@settings(max_examples=150, deadline=None)
@given(STEPS, st.lists(st.tuples(st.integers(0, 40), JUMPS | st.none()), max_size=5))
def test_neither_a_clock_that_is_set_nor_a_short_restart_changes_anything(
    steps: list[Step], troubles: list[tuple[int, int | None]]
) -> None:
    disturbed: list[Step] = list(steps)
    for place, jump in troubles:
        disturbed.insert(place, Restart() if jump is None else Jump(jump))
    assert without_times(World().run(disturbed)) == without_times(World().run(steps))


@settings(max_examples=150, deadline=None)
@given(WILD)
def test_nobody_beside_sees_duress(steps: list[Step]) -> None:
    free, forced = World(), World()
    for step in steps:
        free.does(Disarm(duress=False) if isinstance(step, Disarm) else step)
        forced.does(Disarm(duress=True) if isinstance(step, Disarm) else step)
        assert free.panel.state == forced.panel.state
    seen = [one for one in forced.told if not (isinstance(one[1], Tell) and one[1].telling is Telling.DURESS)]
    assert seen == free.told
    assert forced.notes == free.notes
