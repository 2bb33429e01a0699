import asyncio
import threading

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import Errands, TaskSupervisor, supervised
from wachtel.base.units import MonoS, WallUs


class NoWaiting:
    def wall_us(self) -> WallUs:
        return WallUs(0)

    def monotonic_s(self) -> MonoS:
        return MonoS(0)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.is_set()


def _bug() -> None:
    raise ZeroDivisionError


def test_the_unforeseen_becomes_an_error_for_people() -> None:
    result = supervised(_bug, "test")
    assert isinstance(result, WachtelError)
    assert result.kind is ErrorKind.INTERNAL


def test_a_failed_task_is_started_again() -> None:
    runs = []

    async def work() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise ZeroDivisionError

    async def main() -> None:
        supervisor = TaskSupervisor(NoWaiting())
        supervisor.keep("work", work)
        while len(runs) < 3:
            await asyncio.sleep(0)
        await supervisor.close()

    asyncio.run(main())
    assert len(runs) == 3


def test_errands_are_waited_for_at_the_end() -> None:
    done = []

    async def errand(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    async def main() -> None:
        errands = Errands()
        for number in range(3):
            errands.run("errand", errand(number))
        await errands.done()
        assert done == [0, 1, 2]
        await errands.done()

    asyncio.run(main())
