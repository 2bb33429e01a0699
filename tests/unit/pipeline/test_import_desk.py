"""What main asks of a media worker during an import, and what it does without an answer."""

import asyncio

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.pipeline.importing.desk import PATIENCE_S, ImportDesk
from wachtel.pipeline.messages import AdoptFootage, AdoptionDone
from wachtel.storage.files.adoption import Adoptable
from wachtel.testing.clock import FakeClock

FILE = Adoptable("import-1-0.mp4", "frigate:2025-10-01/13/door/05.10.mp4")


class Rig:
    """A desk whose worker answers when it is told to."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sent: list[AdoptFootage] = []
        self.settled = 0
        self.desk = ImportDesk(self.clock, self.sent.append, self._settle)

    async def _settle(self) -> None:
        self.settled += 1

    async def asked(self) -> "asyncio.Task[object]":
        task: asyncio.Task[object] = asyncio.ensure_future(self.desk.adopt("home", "door", [FILE], []))
        while not self.sent or self.clock.sleepers < 1:
            await asyncio.sleep(0)
        return task


async def failed(task: "asyncio.Task[object]") -> ErrorKind:
    with pytest.raises(WachtelError) as caught:
        await task
    return caught.value.kind


def test_the_answer_comes_when_the_index_knows() -> None:
    async def story() -> None:
        rig = Rig()
        task = await rig.asked()
        assert rig.sent == [AdoptFootage(1, "home", "door", ((FILE.name, FILE.imported),), ())]
        rig.desk.done(AdoptionDone(1, ((FILE.name, "It is not whole."),), "", ""))
        assert (await task, rig.settled) == ({FILE.name: "It is not whole."}, 1)

    asyncio.run(story())


def test_a_worker_that_fails_dies_or_is_silent_ends_the_import_in_words() -> None:
    async def story() -> None:
        rig = Rig()
        task = await rig.asked()
        rig.desk.done(AdoptionDone(1, (), "disk_full", "The disk is full."))
        assert await failed(task) is ErrorKind.DISK_FULL
        rig = Rig()
        task = await rig.asked()
        rig.desk.worker_died()
        assert await failed(task) is ErrorKind.INTERNAL
        rig = Rig()
        task = await rig.asked()
        rig.clock.advance(PATIENCE_S + 1)
        assert await failed(task) is ErrorKind.TIMEOUT
        rig.desk.done(AdoptionDone(1, (), "", ""))

    asyncio.run(story())
