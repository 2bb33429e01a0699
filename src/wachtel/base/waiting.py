"""Waiting in a task for one thing, but not for ever, by the injected clock."""

import asyncio
from typing import Any

from wachtel.base.clock import Clock


async def answered(answer: "asyncio.Future[Any]", patience_s: float, clock: Clock) -> bool:
    """Waits for an answer; False when it is not there after ``patience_s``. The answer itself is left alone."""
    await _first_of(answer, asyncio.ensure_future(clock.sleep(patience_s)))
    return answer.done()


async def sleep_or(changed: asyncio.Event, seconds: float | None, clock: Clock) -> None:
    """Sleeps until ``changed`` is set, at most ``seconds`` (None: for as long as it takes)."""
    if seconds is None:
        await changed.wait()
        return
    wait = asyncio.ensure_future(changed.wait())
    try:
        await _first_of(wait, asyncio.ensure_future(clock.sleep(seconds)))
    finally:
        await _cancelled(wait)


async def _first_of(wanted: "asyncio.Future[Any]", patience: "asyncio.Future[None]") -> None:
    try:
        await asyncio.wait({wanted, patience}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _cancelled(patience)


async def _cancelled(wait: "asyncio.Future[Any]") -> None:
    wait.cancel()
    await asyncio.gather(wait, return_exceptions=True)
