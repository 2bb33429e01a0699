"""What happens in an installation, put as causes of rules. Pure: the same thing told twice has the same id."""

from wachtel.automation.rules import Cause
from wachtel.base.ids import compact_time
from wachtel.base.units import WallUs
from wachtel.model.event import Event
from wachtel.model.live import GapAlarm
from wachtel.model.rule import ArmState, Presence, TriggerKind
from wachtel.model.sound import SoundWish
from wachtel.storage.state.outbox_marks import Outage


def began(event: Event) -> Cause:
    """An event began; it lasts until it ends."""
    signal = "" if event.end is not None else event.id
    return _of_event(event, TriggerKind.EVENT_BEGAN, event.reported, signal)


def ended(event: Event) -> Cause:
    """An event that has its end."""
    assert event.end is not None
    return _of_event(event, TriggerKind.EVENT_ENDED, max(event.end, event.reported), "")


def _of_event(event: Event, kind: TriggerKind, at: WallUs, signal: str) -> Cause:
    word = "began" if kind is TriggerKind.EVENT_BEGAN else "ended"
    return Cause(
        f"{event.id}.{word}",
        kind,
        event.site,
        at,
        camera=event.camera,
        event=event.id,
        zones=event.zones,
        line=event.why.line,
        signal=signal,
    )


def offline_signal(camera: str) -> str:
    """The name of what lasts while a camera is away."""
    return f"offline {camera}"


def offline(outage: Outage) -> Cause:
    """A camera is away, until it is back."""
    name = f"{compact_time(outage.since)}-{outage.camera}.offline"
    signal = offline_signal(outage.camera)
    kind = TriggerKind.CAMERA_OFFLINE
    return Cause(name, kind, outage.site, outage.told, camera=outage.camera, signal=signal)


def back(outage: Outage, at: WallUs) -> Cause:
    """It is back."""
    name = f"{compact_time(outage.since)}-{outage.camera}.back"
    return Cause(name, TriggerKind.CAMERA_BACK, outage.site, at, camera=outage.camera)


def not_recording(alarm: GapAlarm, at: WallUs) -> Cause:
    """Nothing is kept of a camera."""
    name = f"{compact_time(alarm.since)}-{alarm.camera}.not_recording"
    return Cause(name, TriggerKind.NOT_RECORDING, alarm.site, at, camera=alarm.camera)


def sensor_signal(site: str, sensor: str, state: str) -> str:
    """The name of what lasts while a sensor is in a state."""
    return f"sensor {site} {sensor} {state}"


def sensed(site: str, sensor: str, state: str, at: WallUs) -> Cause:
    """A sensor changed into a state, in which it stays."""
    name = f"{compact_time(at)}-{sensor}.{state}"
    signal = sensor_signal(site, sensor, state)
    return Cause(name, TriggerKind.SENSOR, site, at, sensor=sensor, state=state, signal=signal)


def presence(site: str, person: str, what: Presence, at: WallUs) -> Cause:
    """Somebody came or went. That somebody is home lasts until everybody is away, and the other way round."""
    name = f"{compact_time(at)}-{person}.{what.value}"
    lasting = {
        Presence.HOME: f"presence {site} {person} home",
        Presence.AWAY: f"presence {site} {person} away",
        Presence.FIRST_HOME: f"presence {site} somebody",
        Presence.EVERYBODY_AWAY: f"presence {site} nobody",
    }
    return Cause(name, TriggerKind.PRESENCE, site, at, state=what.value, signal=lasting[what], person=person)


def alarm(site: str, word: str, at: WallUs) -> Cause:
    """The alarm panel of a site does something else now, until it does the next."""
    name, signal = f"{compact_time(at)}-alarm.{word}", alarm_signal(site, word)
    return Cause(name, TriggerKind.ALARM, site, at, state=word, signal=signal)


def alarm_signal(site: str, word: str) -> str:
    """The name of what lasts while the panel does so."""
    return f"alarm {site} {word}"


def sound_signal(camera: str, wish: SoundWish) -> str:
    """The name of what lasts while a camera is so loud."""
    return f"sound {camera} {wish.level_db} {wish.for_ms}"


def loud(site: str, camera: str, wish: SoundWish, at: WallUs) -> Cause:
    """A camera is so loud now, until it is quiet again."""
    name = f"{compact_time(at)}-{camera}.sound{wish.level_db:.0f}"
    signal = sound_signal(camera, wish)
    return Cause(name, TriggerKind.SOUND, site, at, camera=camera, signal=signal, sound=wish)


def armed(site: str, state: ArmState, at: WallUs, *, by_rule: bool = False) -> Cause:
    """The site is armed so from now on."""
    name = f"{compact_time(at)}-armed.{state}"
    return Cause(name, TriggerKind.ARMED, site, at, armed=state, by_rule=by_rule)
