"""A clock that stands still until it is told to go on, for tests that hold time in their hand."""

import asyncio
import heapq
import itertools
import threading
from collections.abc import Callable

from wachtel.base.units import MonoS, WallUs, microseconds

_START_WALL_US = 1_795_000_000_000_000


class FakeClock:
    """A `wachtel.base.clock.Clock`. Every method may be called by any thread."""

    def __init__(self, start_wall_us: int = _START_WALL_US) -> None:
        self._wall_us = start_wall_us
        self._monotonic_s = 1000.0
        self._lock = threading.Condition()
        self._sleepers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._waiting_threads = 0

    def wall_us(self) -> WallUs:
        """The wall clock."""
        with self._lock:
            return WallUs(self._wall_us)

    def monotonic_s(self) -> MonoS:
        """The monotonic clock."""
        with self._lock:
            return MonoS(self._monotonic_s)

    @property
    def sleepers(self) -> int:
        """How many tasks and threads sleep now."""
        with self._lock:
            return len(self._sleepers) + self._waiting_threads

    def advance(self, seconds: float) -> None:
        """Lets both clocks go on at once and wakes whoever has slept long enough, in the order of their
        times."""
        with self._lock:
            self._wall_us += microseconds(seconds)
            self._monotonic_s += seconds
            while self._sleepers and self._sleepers[0][0] <= self._monotonic_s:
                heapq.heappop(self._sleepers)[2]()
            self._lock.notify_all()

    def jump_wall(self, seconds: float) -> None:
        """Sets the wall clock forward or back, as a time server does; nobody wakes."""
        with self._lock:
            self._wall_us += microseconds(seconds)

    async def sleep(self, seconds: float) -> None:
        """Sleeps in a task until the clock was advanced far enough."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        entry = self._add_sleeper(seconds, lambda: _wake(loop, woken))
        try:
            await woken.wait()
        finally:
            self._remove_sleeper(entry)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Waits in a thread until the clock was advanced far enough or ``stop`` is set."""
        with self._lock:
            end = self._monotonic_s + seconds
            self._waiting_threads += 1
            try:
                while self._monotonic_s < end and not stop.is_set():
                    self._lock.wait(0.01)
            finally:
                self._waiting_threads -= 1
        return stop.is_set()

    def _add_sleeper(self, seconds: float, wake: Callable[[], None]) -> tuple[float, int, Callable[[], None]]:
        with self._lock:
            entry = (self._monotonic_s + seconds, next(self._numbers), wake)
            heapq.heappush(self._sleepers, entry)
            if seconds <= 0:
                wake()
        return entry

    def _remove_sleeper(self, entry: tuple[float, int, Callable[[], None]]) -> None:
        with self._lock:
            if entry in self._sleepers:
                self._sleepers.remove(entry)
                heapq.heapify(self._sleepers)


def _wake(loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(woken.set)
