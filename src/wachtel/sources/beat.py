"""When streams are read: as they come, or all of a process together, three times a second.

To wake a thread costs more than what it does with a picture, and a processor that was asleep has forgotten what it
needs for the next one. What comes meanwhile is kept by the system. That is for streams that are neither recorded nor
shown to anybody (docs/adr/0015).
"""

import threading
from collections.abc import Callable
from typing import Protocol

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS

BEAT_S = 0.309_016_994
"""From beat to beat: half of the golden section (0.618), no multiple of the interval of any usual rate of pictures."""

SETTLED_AFTER_S = 5.0
"""A session is read at once for so long: the times of its pictures are taken from how they come."""

PATIENCE_S = 0.05
"""A thread that hangs, perhaps at its disk, keeps its turn for no longer than this."""


def next_beat(now: MonoS) -> MonoS:
    """The next beat after ``now``, the same for whoever asks.

    Pictures whose rate fits the beat would all wait for the same time, and seem to be taken later than they were. With
    this one they wait for any time, and within a minute one hardly waits at all.
    """
    number = int(now / BEAT_S)
    while (at := number * BEAT_S) <= now:
        number += 1
    return MonoS(at)


class Turn(Protocol):
    """One session's place in the order of reading. Used by the thread that reads."""

    def wait(self, ended: threading.Event) -> bool:
        """Returns when the stream is to be read: True when this is its turn, and it should take what has come and no
        more; False when it may wait for what comes. A turn that was taken before is over."""
        ...

    def over(self) -> None:
        """Nothing more is read."""
        ...


class Beat:
    """What the sessions of a process share: the clock, and that one after the other is read."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()

    def turn(self, hurried: Callable[[], bool]) -> Turn:
        """For a session that begins now; ``hurried`` tells whether its pictures are wanted at once."""
        return _TurnInBeat(self._clock, self._lock, hurried)


class _TurnInBeat:
    """Threads that are all woken by the same beat would fight over Python's lock with every call of the system; this
    one they give up only when they are done."""

    def __init__(self, clock: Clock, lock: threading.Lock, hurried: Callable[[], bool]) -> None:
        self._clock = clock
        self._lock = lock
        self._hurried = hurried
        self._settled_at = clock.monotonic_s() + SETTLED_AFTER_S
        self._taken = False

    def wait(self, ended: threading.Event) -> bool:
        self.over()
        now = self._clock.monotonic_s()
        if now < self._settled_at or self._hurried():
            return False
        self._clock.wait(ended, next_beat(now) - now)
        self._taken = self._lock.acquire(timeout=PATIENCE_S)
        return True

    def over(self) -> None:
        if self._taken:
            self._taken = False
            self._lock.release()
