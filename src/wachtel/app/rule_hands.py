"""What the actions of rules reach into, of one running installation."""

import asyncio
from typing import TYPE_CHECKING

from wachtel.automation.messages import rule_picture
from wachtel.automation.rule_doers import Hands
from wachtel.model.event import Event
from wachtel.model.rule import ArmState, Order
from wachtel.storage.files.rule_pictures import RulePictures

if TYPE_CHECKING:
    from wachtel.app.edge import Edge


def rule_hands(edge: "Edge") -> Hands:
    """Looked up when they are needed: rules are made before half of it."""
    pictures = RulePictures(edge.data.root)

    async def keep(event: Event, why: str) -> None:
        await edge.engine.holds.hold_event(event, why)

    async def picture(camera: str, order: Order) -> None:
        jpeg = await edge.engine.snapshots.latest(camera)
        name = rule_picture(order, order.place)
        await asyncio.to_thread(pictures.keep, order.rule, name, jpeg)

    async def hurry(channel: str) -> None:
        await edge.post.hurry(channel)

    async def arm(site: str, state: ArmState) -> None:
        await edge.rules.arm(site, state, by_rule=True)

    return Hands(edge.index.event, keep, picture, hurry, arm, _Publisher(edge), edge.engine.controls)


class _Publisher:
    def __init__(self, edge: "Edge") -> None:
        self._edge = edge

    async def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        await self._edge.mqtt.publish(topic, payload, retain=retain)
