"""The picture of a message, wherever it lies: beside its event, or among those that rules took."""

import asyncio
import re

from wachtel.automation.letters import PictureOf
from wachtel.base.clock import Clock
from wachtel.model.message import Message
from wachtel.pipeline.engine import Engine
from wachtel.storage.files.rule_pictures import RulePictures
from wachtel.storage.index import Index

PATIENCE_S = 2.5
LOOK_S = 0.2
_OF_RULE = re.compile(r"/api/v1/rules/([^/]+)/pictures/([^/]+)\.jpg")


def message_pictures(engine: Engine, index: Index, taken: RulePictures, clock: Clock) -> PictureOf:
    """Finds pictures in one running installation."""

    async def of_rule(rule: str, name: str) -> bytes | None:
        """It may be taken at this moment, so it is waited for a little."""
        until = clock.monotonic_s() + PATIENCE_S
        while True:
            found = await asyncio.to_thread(taken.read, rule, name)
            if found is not None or clock.monotonic_s() >= until:
                return found
            await clock.sleep(LOOK_S)

    async def of(message: Message) -> bytes | None:
        picture = _OF_RULE.fullmatch(message.snapshot)
        if picture is not None:
            return await of_rule(picture[1], picture[2])
        event = await asyncio.to_thread(index.event, message.event) if message.event else None
        return None if event is None else await engine.clips.event_snapshot(event)

    return of
