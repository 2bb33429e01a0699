"""How long to wait before the next attempt: 0.2, 0.5, 1, 2, 5, 10 s, each with jitter."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

STEPS_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(slots=True)
class Backoff:
    """Waits of one thing that fails and is tried again.

    Whoever ran for ``stable_after_s`` is taken for well: the next failure begins with the shortest wait again.
    ``jitter`` 0.2 means +-20 %, so that 50 cameras do not march in step.
    """

    randomness: random.Random
    jitter: float = 0.2
    stable_after_s: float = 10.0
    _step: int = field(default=0, init=False)

    def failed(self, ran_s: float, longest_s: float = STEPS_S[-1]) -> float:
        """The seconds to wait after an attempt that lasted ``ran_s``; but for jitter not more than ``longest_s``."""
        if ran_s >= self.stable_after_s:
            self._step = 0
        wait = min(STEPS_S[min(self._step, len(STEPS_S) - 1)], longest_s)
        self._step += 1
        return wait * self.randomness.uniform(1 - self.jitter, 1 + self.jitter)

    def __iter__(self) -> Iterator[float]:
        """The waits of attempts that fail at once."""
        while True:
            yield self.failed(0.0)
