"""Time comes from one injected object; nothing else in the product asks the system for it."""

import asyncio
import threading
import time
from typing import Protocol

from wachtel.base.units import MonoS, WallUs


class Clock(Protocol):
    """Wall time, monotonic time and sleep, so that a test can hold all three in its hand."""

    def wall_us(self) -> WallUs:
        """Now, by the wall clock."""
        ...

    def monotonic_s(self) -> MonoS:
        """Now, by the monotonic clock."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits in a task."""
        ...

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Waits in a thread; ends early with True when ``stop`` is set."""
        ...


TICK_S = 0.25
"""From tick to tick: how often those look who must know soon that it is time for something."""


async def next_tick(clock: Clock) -> float:
    """Waits for the next tick, the same for whoever waits, so that a process is woken once for all of them.

    Gives how many seconds late it came.
    """
    now = clock.monotonic_s()
    due = now + TICK_S - now % TICK_S
    await clock.sleep(due - now)
    return clock.monotonic_s() - due


class SystemClock:
    """The machine's own clocks."""

    def wall_us(self) -> WallUs:
        return WallUs(time.time_ns() // 1000)

    def monotonic_s(self) -> MonoS:
        return MonoS(time.monotonic())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.wait(seconds)
