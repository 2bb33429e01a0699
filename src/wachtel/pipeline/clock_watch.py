"""Notices when somebody sets the machine's wall clock: it then runs away from the monotonic one."""

from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, microseconds

SMALLEST_STEP_US = US_PER_S
"""Smaller corrections are left to the smoothing of the wall clock."""


class ClockWatch:
    """Used by one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._read()

    def step(self) -> int:
        """By how many microseconds the wall clock was set since the last look: 0 unless it was a second or more."""
        offset = self._read()
        step = offset - self._offset
        if abs(step) >= SMALLEST_STEP_US:
            # The two clocks are read one after the other; a thread that was held up in between sees a step too.
            offset = self._read()
            step = offset - self._offset
        self._offset = offset
        return step if abs(step) >= SMALLEST_STEP_US else 0

    def _read(self) -> int:
        return self._clock.wall_us() - microseconds(self._clock.monotonic_s())
