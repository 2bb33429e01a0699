"""When to stop."""

import asyncio
import signal
from collections.abc import Sequence


async def wait_for_signal(signals: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM)) -> None:
    """Returns at the first of these signals."""
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in signals:
        loop.add_signal_handler(one, arrived.set)
    await arrived.wait()
