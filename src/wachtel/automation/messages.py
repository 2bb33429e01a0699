"""Events and cameras in trouble, put as messages. Pure: the same thing told twice has the same id."""

from datetime import UTC, datetime
from urllib.parse import quote

from wachtel.base.ids import compact_time
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.event import Event
from wachtel.model.footage import GapReason
from wachtel.model.live import GapAlarm
from wachtel.model.message import Message, MessageKind, Named
from wachtel.model.rule import Order
from wachtel.storage.state.outbox_marks import Outage

_NOT_RECORDING = {
    GapReason.DISK_FULL: "The disk takes no more, failed, or is not the right one.",
    GapReason.CRASH: "Wachtel or one of its workers had died.",
    GapReason.CLOCK: "The machine's clock was set.",
    GapReason.UNKNOWN: "The reason is not known.",
}


def moment(at: WallUs) -> str:
    """As the page reads it in an address: ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at // US_PER_S, UTC).strftime(f"%Y-%m-%dT%H:%M:%S.{at // 1000 % 1000:03d}Z")


def of_event(event: Event, site: Named, camera: Named) -> list[Message]:
    """That it began, and once it has an end, that it ended."""
    messages = [_event_message(event, MessageKind.EVENT_BEGAN, event.reported, site, camera)]
    if event.end is not None:
        messages.append(_event_message(event, MessageKind.EVENT_ENDED, event.end, site, camera))
    return messages


def _event_message(event: Event, kind: MessageKind, at: WallUs, site: Named, camera: Named) -> Message:
    name = quote(event.id, safe="")
    return Message(
        id=f"{event.id}.{kind.value}",
        kind=kind,
        at=at,
        site=site,
        cameras=(camera,),
        event=event.id,
        start=event.start,
        end=event.end if kind is MessageKind.EVENT_ENDED else None,
        score=event.score,
        zones=event.zones,
        why=event.why,
        link=f"/#/event/{name}?at={moment(event.start)}",
        snapshot=f"/api/v1/events/{name}/snapshot.jpg" if event.snapshot else "",
    )


def of_outage(outage: Outage, site: Named, camera: Named) -> Message:
    """That a camera is away."""
    return _outage_message(outage, MessageKind.CAMERA_OFFLINE, outage.told, None, site, camera)


def of_return(outage: Outage, at: WallUs, site: Named, camera: Named) -> Message:
    """That it is back since ``at``."""
    return _outage_message(outage, MessageKind.CAMERA_BACK, at, at, site, camera)


def _outage_message(
    outage: Outage, kind: MessageKind, at: WallUs, end: WallUs | None, site: Named, camera: Named
) -> Message:
    return Message(
        id=f"{compact_time(outage.since)}-{outage.camera}.{kind.value}",
        kind=kind,
        at=at,
        site=site,
        cameras=(camera,),
        start=outage.since,
        end=end,
        reason=outage.reason,
        what=outage.what,
        link=f"/#/camera/{quote(outage.camera, safe='')}",
    )


def is_our_fault(alarm: GapAlarm) -> bool:
    """True for a gap that is told as `MessageKind.NOT_RECORDING`; what the camera is to blame for is told otherwise."""
    return alarm.until is None and alarm.reason in _NOT_RECORDING


def of_gap(alarm: GapAlarm, at: WallUs, site: Named, camera: Named) -> Message:
    """That nothing has been kept of a camera for too long, and still is not."""
    return Message(
        id=f"{compact_time(alarm.since)}-{alarm.camera}.{MessageKind.NOT_RECORDING.value}",
        kind=MessageKind.NOT_RECORDING,
        at=at,
        site=site,
        cameras=(camera,),
        start=alarm.since,
        reason=alarm.reason.value,
        what=_NOT_RECORDING[alarm.reason],
        link=f"/#/camera/{quote(alarm.camera, safe='')}",
    )


def rule_picture(order: Order, place: int) -> str:
    """The name of the picture that the action at this place takes because of the same cause."""
    return f"{compact_time(WallUs(order.made))}-{place}"


def of_rule(
    order: Order, rule: str, site: Named, camera: Named | None, picture: int | None = None
) -> Message:
    """What a rule named ``rule`` has to say, because of its cause. ``picture`` is the place of the rule's action that
    takes one.
    """
    taken = "" if picture is None or camera is None else rule_picture(order, picture)
    seen = f"/api/v1/events/{quote(order.event, safe='')}/snapshot.jpg" if order.event else ""
    name = quote(order.event, safe="")
    return Message(
        id=f"{order.cause}.{order.rule}.{order.place}.{MessageKind.RULE.value}",
        kind=MessageKind.RULE,
        at=order.made,
        site=site,
        cameras=() if camera is None else (camera,),
        event=order.event,
        what=order.action.text or rule,
        link=f"/#/event/{name}" if order.event else "/#/",
        snapshot=f"/api/v1/rules/{order.rule}/pictures/{taken}.jpg" if taken else seen,
    )


def of_failing(channel: str, name: str, since: WallUs, at: WallUs, site: Named | None) -> Message:
    """That nothing arrives by a channel named ``name``, since then."""
    return Message(
        id=f"{compact_time(since)}-{channel}.{MessageKind.CHANNEL_FAILING.value}",
        kind=MessageKind.CHANNEL_FAILING,
        at=at,
        site=site,
        start=since,
        what=name,
        link="/#/settings/messages",
    )


def test_message(channel: str, at: WallUs, site: Named | None) -> Message:
    """To try a channel."""
    return Message(
        id=f"{compact_time(at)}-{channel}.{MessageKind.TEST.value}",
        kind=MessageKind.TEST,
        at=at,
        site=site,
        what="This is a test.",
        link="/#/",
    )
