"""Says whether the machine's clock can be believed before anything is deleted by its age.

While the product runs, the wall clock must go on as the monotonic clock does. Over a time in which it did not run, the
wall clock may have gone on by a week at most; a box that was off for longer waits for a person's word. A step soon
after the start counts as such a time too: a machine without a battery learns the time only then.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import msgspec

from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.pipeline.wrong_times import WrongTimes

log = logging.getLogger(__name__)

LARGEST_STEP_US = 60 * US_PER_S
LONGEST_OFF_US = 7 * 86_400 * US_PER_S
BOOTING_S = 600.0
NOTE_EVERY_S = 60.0


class _Noted(msgspec.Struct, frozen=True):
    """The content of the file: the last wall clock that could be believed."""

    wall: int


@dataclass(frozen=True, slots=True)
class _Trust:
    """A moment at which both clocks were right, and how far the wall clock may have gone ahead since."""

    wall: int
    monotonic_us: int
    may_lead_us: int


class ClockGuard:
    """Used by one task. ``past`` is the newest moment the archive knows; it counts where nothing was noted yet.

    What the archive says is weaker than the note: a wrong clock writes wrong times into it.
    """

    def __init__(self, clock: Clock, file: Path, past: WallUs | None) -> None:
        self._clock = clock
        self._file = file
        self.wrong = WrongTimes(file.with_name("wrong_times.json"))
        self._began_s = clock.monotonic_s()
        self._noted_s = float("-inf")
        known = _read(file) or past
        if known is None:
            self._trust = self._now(LARGEST_STEP_US)
        else:
            self._trust = _Trust(known, microseconds(self._began_s), LONGEST_OFF_US)

    def trusted(self) -> bool:
        """True while the wall clock can be believed; notes it now and then for the next start."""
        if not self._fits(self._trust):
            self.wrong.saw(self._clock.wall_us())
            return False
        self.wrong.is_right(self._clock.wall_us())
        if self._clock.monotonic_s() - self._began_s >= BOOTING_S:
            self._trust = self._now(LARGEST_STEP_US)
        if self._clock.monotonic_s() - self._noted_s >= NOTE_EVERY_S:
            self._noted_s = self._clock.monotonic_s()
            _write(self._file, self._clock.wall_us())
        return True

    def believe(self) -> None:
        """A person says that the clock is right now."""
        self._trust = self._now(LARGEST_STEP_US)
        self._began_s = self._clock.monotonic_s()
        self.wrong.is_right(self._clock.wall_us())
        _write(self._file, self._clock.wall_us())

    def off_by_s(self) -> float:
        """By how many seconds the wall clock is ahead of what was to be expected."""
        return self._lead_us(self._trust) / US_PER_S

    def _fits(self, trust: _Trust) -> bool:
        return -LARGEST_STEP_US <= self._lead_us(trust) <= trust.may_lead_us

    def _lead_us(self, trust: _Trust) -> int:
        gone = microseconds(self._clock.monotonic_s()) - trust.monotonic_us
        return self._clock.wall_us() - trust.wall - gone

    def _now(self, may_lead_us: int) -> _Trust:
        return _Trust(self._clock.wall_us(), microseconds(self._clock.monotonic_s()), may_lead_us)


def _read(file: Path) -> int | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Noted).wall
    except (OSError, msgspec.MsgspecError):
        return None


def _write(file: Path, wall: WallUs) -> None:
    draft = file.with_name(file.name + ".new")
    try:
        draft.write_bytes(msgspec.json.encode(_Noted(wall)))
        draft.replace(file)
    except OSError as error:
        # Without the note the archive itself tells how far time had gone.
        log.warning("the time could not be noted: %s", error)
