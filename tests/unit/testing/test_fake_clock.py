import asyncio
import threading

from wachtel.testing.clock import FakeClock


def test_time_stands_still_until_told() -> None:
    clock = FakeClock(start_wall_us=5_000_000)
    assert (clock.wall_us(), clock.monotonic_s()) == (5_000_000, 1000.0)
    clock.advance(1.5)
    clock.jump_wall(-3)
    assert (clock.wall_us(), clock.monotonic_s()) == (3_500_000, 1001.5)


def test_tasks_wake_in_the_order_of_their_times() -> None:
    async def scenario() -> list[float]:
        clock, woken = FakeClock(), []

        async def sleeper(seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append(seconds)

        tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (3, 1, 2, 9)]
        await asyncio.sleep(0)
        assert clock.sleepers == 4
        clock.advance(3)
        await asyncio.gather(*tasks[:3])
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert clock.sleepers == 0
        return woken

    assert asyncio.run(scenario()) == [1, 2, 3]


def test_threads_wait_for_the_clock_or_the_stop() -> None:
    clock, stop, results = FakeClock(), threading.Event(), []

    def wait(seconds: float) -> None:
        results.append(clock.wait(stop, seconds))

    thread = threading.Thread(target=wait, args=(5,))
    thread.start()
    while clock.sleepers == 0:
        pass
    clock.advance(5)
    thread.join(5)
    stop.set()
    wait(1000)
    assert results == [False, True]
