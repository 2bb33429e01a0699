"""Waiting for one thing, but not for ever."""

import asyncio

from wachtel.base.waiting import answered, sleep_or
from wachtel.testing.clock import FakeClock


async def _until_asleep(clock: FakeClock) -> None:
    while not clock.sleepers:
        await asyncio.sleep(0)


def test_an_answer_in_time_ends_the_wait() -> None:
    async def run() -> bool:
        clock = FakeClock()
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = asyncio.ensure_future(answered(answer, 5, clock))
        await _until_asleep(clock)
        answer.set_result(None)
        return await waiting

    assert asyncio.run(run())


def test_patience_ends_and_the_answer_may_still_come() -> None:
    async def run() -> tuple[bool, bool]:
        clock = FakeClock()
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = asyncio.ensure_future(answered(answer, 5, clock))
        await _until_asleep(clock)
        clock.advance(5)
        return await waiting, answer.cancelled()

    assert asyncio.run(run()) == (False, False)


def test_sleep_ends_with_a_change_or_with_the_time() -> None:
    async def run() -> None:
        clock, changed = FakeClock(), asyncio.Event()
        by_time = asyncio.ensure_future(sleep_or(changed, 3, clock))
        await _until_asleep(clock)
        clock.advance(3)
        await by_time
        for seconds in (3.0, None):
            by_change = asyncio.ensure_future(sleep_or(changed, seconds, clock))
            await asyncio.sleep(0)
            changed.set()
            await by_change
            changed.clear()

    asyncio.run(run())
