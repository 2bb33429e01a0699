"""Worker processes by what they work for: each is kept at work until nobody wants it any more."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from wachtel.base.clock import Clock
from wachtel.base.tasks import Errands, TaskSupervisor
from wachtel.pipeline.worker_process import STOP_PATIENCE_S, Worker, WorkerProcess

Key = TypeVar("Key")
T = TypeVar("T")


class KeyedWorkers(Generic[Key, T]):
    """One worker for each key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks = TaskSupervisor(clock)
        self._running: dict[Key, WorkerProcess[T]] = {}
        self._endings = Errands()

    @property
    def workers(self) -> Sequence[Worker]:
        """Those that run now."""
        return tuple(self._running.values())

    def keep(self, key: Key, worker: WorkerProcess[T]) -> None:
        """Runs the worker until `end`."""
        self._running[key] = worker
        self._tasks.keep(worker.name, worker.run)

    def end(self, key: Key) -> None:
        """Lets the worker end, if there is one; `close` waits for it."""
        worker = self._running.pop(key, None)
        if worker is not None:
            self._endings.run(f"end {worker.name}", worker.end(STOP_PATIENCE_S))

    async def close(self) -> None:
        """Ends all of them."""
        for key in tuple(self._running):
            self.end(key)
        await self._endings.done()
        await self._tasks.close()
