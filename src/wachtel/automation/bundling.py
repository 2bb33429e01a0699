"""Several messages made one, that says how many. Pure."""

from collections.abc import Sequence
from urllib.parse import quote

from wachtel.model.message import Message, MessageKind, Named, Tally


def bundle(messages: Sequence[Message]) -> Message:
    """One message in place of several, in their order; the same ones give the same id.

    An event that began and ended meanwhile counts once. The picture is that of the newest event.
    """
    first, newest = messages[0], max(messages, key=lambda message: message.at)
    pictured = max((one for one in messages if one.snapshot), key=lambda one: one.at, default=None)
    cameras = {camera.id: camera for message in messages for camera in message.cameras}
    sites = {message.site for message in messages}
    tally = _tally(messages)
    return Message(
        id=f"{first.id}.and-{len(messages) - 1}.{MessageKind.BUNDLE.value}",
        kind=MessageKind.BUNDLE,
        at=newest.at,
        site=sites.pop() if len(sites) == 1 else None,
        cameras=tuple(cameras.values()),
        event="" if pictured is None else pictured.event,
        start=min(message.start or message.at for message in messages),
        end=newest.at,
        link=_link(list(cameras)),
        snapshot="" if pictured is None else pictured.snapshot,
        count=sum(one.count for one in tally),
        tally=tally,
    )


def _tally(messages: Sequence[Message]) -> tuple[Tally, ...]:
    began = {message.event for message in messages if message.kind is MessageKind.EVENT_BEGAN}
    found: dict[tuple[MessageKind, Named | None], list[Message]] = {}
    for message in messages:
        if message.kind is MessageKind.EVENT_ENDED and message.event in began:
            continue
        camera = message.cameras[0] if message.cameras else None
        found.setdefault((message.kind, camera), []).append(message)
    return tuple(
        Tally(kind, camera, len(those), min(one.start or one.at for one in those))
        for (kind, camera), those in found.items()
    )


def _link(cameras: list[str]) -> str:
    return f"/#/events?camera={quote(cameras[0], safe='')}" if len(cameras) == 1 else "/#/events"
