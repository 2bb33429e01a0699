"""The picture of a message, wherever it lies: beside its event."""

import asyncio
from pathlib import Path

from wachtel.automation.letters import PictureOf
from wachtel.model.message import Message
from wachtel.pipeline.engine import Engine
from wachtel.storage.index import Index


def message_pictures(engine: Engine, index: Index, root: Path) -> PictureOf:  # noqa: ARG001
    """Finds pictures in one running installation."""

    async def of(message: Message) -> bytes | None:
        event = await asyncio.to_thread(index.event, message.event) if message.event else None
        return None if event is None else await engine.clips.event_snapshot(event)

    return of
