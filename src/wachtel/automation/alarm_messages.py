"""What an alarm panel tells, put as messages. Pure: the same thing told twice has the same id."""

from dataclasses import dataclass
from urllib.parse import quote

from wachtel.automation.panel_outcome import Tell, Telling
from wachtel.model.message import Message, MessageKind, Named

KINDS = {
    Telling.ARMED: MessageKind.ARMED,
    Telling.DISARMED: MessageKind.DISARMED,
    Telling.ALARM: MessageKind.ALARM,
    Telling.WARNING: MessageKind.ALARM_WARNING,
    Telling.CAMERA_LOST: MessageKind.ALARM_WARNING,
    Telling.WRONG_CODES: MessageKind.ALARM_WARNING,
    Telling.OVER: MessageKind.ALARM_OVER,
    Telling.DURESS: MessageKind.DURESS,
}

REASONS = {
    Telling.CAMERA_LOST: ("camera_lost", "The camera went away while the site was armed."),
    Telling.WRONG_CODES: ("wrong_codes", "Somebody types wrong codes."),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happens, and what a camera saw last, "" when that is long ago. ``camera`` is the one that set off or
    that saw it.
    """

    site: Named
    camera: Named | None = None
    event: str = ""


def of_panel(tell: Tell, scene: Scene) -> Message:
    """``what`` is the sensor or the person, unless ``reason`` says more."""
    kind = KINDS[tell.telling]
    reason, what = REASONS.get(tell.telling, ("", tell.who))
    event = quote(scene.event, safe="")
    number = f".{tell.number}" if tell.number else ""
    return Message(
        id=f"{tell.episode}.{kind.value}{number}",
        kind=kind,
        at=tell.at,
        site=scene.site,
        cameras=() if scene.camera is None else (scene.camera,),
        event=scene.event,
        start=tell.at,
        zones=(tell.zone,) if tell.zone else (),
        reason=reason,
        what=what,
        link=f"/#/event/{event}" if event else f"/#/alarm/{quote(scene.site.id, safe='')}",
        snapshot=f"/api/v1/events/{event}/snapshot.jpg" if event else "",
    )
