"""``python -m wachtel.testing.demo_netcam MAIN SUB``"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from wachtel.base.clock import SystemClock
from wachtel.testing.demo_netcam.camera import play


async def run(arguments: Sequence[str]) -> None:
    """Plays until standard input ends or a signal comes."""
    import signal

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if "--end-with-stdin" in arguments:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    main, sub = (Path(one) for one in arguments if not one.startswith("--"))
    await play(main, sub, stop, SystemClock())


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1:]))
