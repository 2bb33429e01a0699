"""Supervision: the only place where an error nobody foresaw is caught, logged with its trace, and work goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError

log = logging.getLogger(__name__)

RESTART_AFTER_S = 1.0

T = TypeVar("T")


def supervised(work: Callable[[], T], name: str) -> T | WachtelError:
    """Runs a piece of a thread's work; an unforeseen error becomes a `WachtelError` (internal) too."""
    try:
        return work()
    except WachtelError as error:
        return error
    except Exception as error:
        log.exception("unexpected error in %s", name)
        return _unforeseen(error)


async def supervised_task(work: Callable[[], Awaitable[T]], name: str) -> T | WachtelError:
    """The same for a piece of a task's work."""
    try:
        return await work()
    except WachtelError as error:
        return error
    except Exception as error:
        log.exception("unexpected error in %s", name)
        return _unforeseen(error)


def _unforeseen(error: Exception) -> WachtelError:
    return WachtelError(
        ErrorKind.INTERNAL,
        f"Something unexpected happened inside Wachtel ({type(error).__name__}).",
        code="unforeseen",
        hint="It is tried again; the log holds the details, please report it.",
    )


class TaskSupervisor:
    """Keeps long-running tasks of the loop alive: one that fails is logged and started again a second later."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs ``work`` until it returns by itself or `close` is called."""
        task = asyncio.get_running_loop().create_task(self._keep(name, work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await work()
                return
            except Exception:
                log.exception("task %s failed; starting it again", name)
            await self._clock.sleep(RESTART_AFTER_S)

    async def close(self) -> None:
        """Cancels what still runs and waits for it."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Errands:
    """Tasks that end by themselves and that nobody waits for, but at the end; the loop alone would not hold them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Begins with one in the running loop."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def done(self) -> None:
        """Waits for those that still run."""
        await asyncio.gather(*self._tasks)
