"""Tells one subscriber after the other's fashion: each has its own queue and patience, so a dead one delays nobody."""

import asyncio
import logging
from collections import deque
from contextlib import suppress

from wachtel.protocols.gena import Subscription
from wachtel.protocols.wemo_sensor import MotionSensor, notification

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 4.0
FIRST_AFTER_S = 0.1
"""A client must have read its subscription's name before the first event comes."""

LONGEST_QUEUE = 8


class Notices:
    """The subscribers of one sensor at one address of ours."""

    def __init__(self, sensor: MotionSensor, own: str) -> None:
        self._sensor = sensor
        self._own = own
        self._queues: dict[str, deque[bytes]] = {}
        self._wakes: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, to: Subscription) -> None:
        """A new subscriber: told at once how it is."""
        self._queues[to.sid] = deque(maxlen=LONGEST_QUEUE)
        self._wakes[to.sid] = asyncio.Event()
        self._tasks[to.sid] = asyncio.create_task(self._serve(to), name="wemo subscriber")

    def end(self, to: Subscription) -> None:
        """It is told nothing more."""
        self._queues.pop(to.sid, None)
        self._wakes.pop(to.sid, None)
        task = self._tasks.pop(to.sid, None)
        if task is not None:
            task.cancel()

    def tell(self) -> None:
        """Tells everybody how it is now."""
        event = self._sensor.event()
        for sid, queue in self._queues.items():
            queue.append(event)
            self._wakes[sid].set()

    async def close(self) -> None:
        """Nobody is told anything more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, to: Subscription) -> None:
        await asyncio.sleep(FIRST_AFTER_S)
        queue, wake = self._queues[to.sid], self._wakes[to.sid]
        queue.clear()
        await self._send(to, self._sensor.event())
        while True:
            while queue:
                await self._send(to, queue.popleft())
            wake.clear()
            await wake.wait()

    async def _send(self, to: Subscription, event: bytes) -> None:
        """A failed one is not repeated: the subscriber stays until its time is over."""
        question = notification(to, to.next_number(), event)
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._deliver(to, question)
        except (OSError, TimeoutError) as error:
            log.info("a subscriber at %s was not reached: %s", to.callback.host, error)

    async def _deliver(self, to: Subscription, question: bytes) -> None:
        """From the address it subscribed at: clients discard events that come from another one."""
        reader, writer = await asyncio.open_connection(
            to.callback.host, to.callback.port, local_addr=(self._own, 0)
        )
        try:
            writer.write(question)
            await writer.drain()
            await reader.read(256)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
