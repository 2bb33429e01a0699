"""What alarm panels decided, stored with the messages that tell of it."""

from dataclasses import dataclass, field

from wachtel.automation.alarm_messages import Scene, of_panel
from wachtel.automation.filling import entries_for, zones_of
from wachtel.automation.panel_outcome import PanelOutcome, Tell, Telling
from wachtel.automation.rules import Cause
from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.alarm import PanelState
from wachtel.model.message import Named
from wachtel.storage.state import State
from wachtel.storage.state.alarms import AlarmWork
from wachtel.storage.state.outbox import NewEntry

SCENE_US = 120 * US_PER_S
"""What a camera saw longer ago is not the picture of an alarm."""


@dataclass(slots=True)
class Decided:
    """What panels decided since the last time, and the states of those sites behind it."""

    outcomes: list[tuple[str, PanelOutcome]] = field(default_factory=list)
    sites: set[str] = field(default_factory=set)
    states: dict[str, PanelState] = field(default_factory=dict)
    by_rule: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Seen:
    event: str
    camera: str
    at: WallUs


class AlarmBook:
    """Blocking; `saw` may be called from the loop meanwhile."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    def saw(self, cause: Cause) -> None:
        """A camera saw something: the picture of an alarm that follows soon."""
        self._seen[cause.site] = _Seen(cause.event, cause.camera, cause.at)

    def write(self, decided: Decided) -> list[NewEntry]:
        """Stores states, notes and messages in one transaction; returns the messages by receiver."""
        work = []
        for site in sorted(decided.sites):
            notes = [note for at, outcome in decided.outcomes if at == site for note in outcome.notes]
            work.append(AlarmWork(site, decided.states.get(site), notes))
        entries = self._entries(decided)
        self._state.alarms.put(work, entries)
        return entries

    def _entries(self, decided: Decided) -> list[NewEntry]:
        messages = [
            of_panel(effect, self._scene(site, effect))
            for site, outcome in decided.outcomes
            for effect in outcome.effects
            if isinstance(effect, Tell)
        ]
        if not messages:
            return []
        zones = zones_of(self._state.sites.all())
        return entries_for(messages, self._state.channels.all(), self._clock.wall_us(), zones)

    def _scene(self, site: str, tell: Tell) -> Scene:
        found = self._state.sites.get(site)
        named = Named(site, site if found is None else found.name)
        seen = self._seen.get(site)
        pictured = tell.telling in (Telling.ALARM, Telling.WARNING)
        if pictured and seen is not None and abs(tell.at - seen.at) <= SCENE_US:
            return Scene(named, self._camera(seen.camera), seen.event)
        return Scene(named, self._camera(tell.who) if tell.telling is Telling.CAMERA_LOST else None)

    def _camera(self, camera: str) -> Named:
        found = self._state.cameras.get(camera)
        return Named(camera, camera if found is None else found.name)
