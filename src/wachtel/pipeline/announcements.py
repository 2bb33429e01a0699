"""What happens, told to everybody who listens: pages, rules, messages."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")

LONGEST_QUEUE = 1000


class Broadcast(Generic[T]):
    """Runs in the loop. Each listener has a bounded queue; one that is too slow loses the oldest."""

    def __init__(self) -> None:
        self._listeners: list[_Listener[T]] = []

    def tell(self, news: T) -> None:
        """Hands news to all listeners; never waits."""
        for listener in self._listeners:
            listener.queue.append(news)
            listener.arrived.set()

    async def subscribe(self) -> AsyncIterator[T]:
        """Everything told from the first ``__anext__`` on."""
        listener: _Listener[T] = _Listener()
        self._listeners.append(listener)
        try:
            while True:
                await listener.arrived.wait()
                listener.arrived.clear()
                while listener.queue:
                    yield listener.queue.popleft()
        finally:
            with suppress(ValueError):
                self._listeners.remove(listener)

    def __len__(self) -> int:
        return len(self._listeners)


class _Listener(Generic[T]):
    def __init__(self) -> None:
        self.queue: deque[T] = deque(maxlen=LONGEST_QUEUE)
        self.arrived = asyncio.Event()
