"""Where a recording belongs in time, of which the name says only the second in which it begins. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs

RESOLUTION_US = US_PER_S
"""Names are cut to the second: the first picture was taken at the named moment or up to so much later."""

_MOST_FOR_FOOTAGE, _MOST_FOR_NAMES = 0.1, 0.05
"""By so much of its length a recording may be made to end earlier: where footage begins that is there, and where the
name of the next recording says that it begins, which may be wrong."""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placement:
    """When the first picture was taken, and how much the wall clock moves on for each unit of media time."""

    start: WallUs
    pace: float

    def end(self, length_us: int) -> WallUs:
        """When a recording of this length ends."""
        return WallUs(self.start + round(length_us * self.pace))


def place(
    named: WallUs, length_us: int, taken: Iterable[Range], following: WallUs | None
) -> Placement | Range:
    """Puts a recording behind what ends in its first second, and lets it end where the next one begins.

    Recordings that follow each other without a gap have names that are cut to the second, so their lengths seem to
    overlap a little: less than a second is put right, once by a later start, once by a slower clock within the file.
    ``following`` is what the name of the next recording says. The answer is a stretch of ``taken`` when the
    recording overlaps it by more.
    """
    start = int(named)
    ahead: Range | None = None
    for one in sorted(taken):
        if one[1] <= start:
            continue
        if one[0] <= start:
            if one[1] > named + RESOLUTION_US:
                return one
            start = one[1]
        elif ahead is None:
            ahead = one
    end = start + length_us
    if ahead is not None and end > ahead[0]:
        squeezed = _squeezed(start, length_us, ahead[0], _MOST_FOR_FOOTAGE)
        return ahead if squeezed is None else squeezed
    if following is not None and end > following + RESOLUTION_US:
        squeezed = _squeezed(start, length_us, following + RESOLUTION_US, _MOST_FOR_NAMES)
        if squeezed is not None:
            return squeezed
    return Placement(WallUs(start), 1.0)


def _squeezed(start: int, length_us: int, end: int, most: float) -> Placement | None:
    """Ends where it must; None when that would bend the time by too much."""
    missing = start + length_us - end
    if missing > min(RESOLUTION_US, length_us * most):
        return None
    return Placement(WallUs(start), (end - start) / length_us)


class Taken:
    """Stretches of time, put together where they touch."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, start: int, end: int) -> None:
        """One more stretch."""
        first = bisect_left(self._ends, start)
        last = first
        while last < len(self._starts) and self._starts[last] <= end:
            start, end = min(start, self._starts[last]), max(end, self._ends[last])
            last += 1
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def near(self, start: int, end: int) -> Iterator[Range]:
        """Those that touch this stretch."""
        at = bisect_left(self._ends, start)
        while at < len(self._starts) and self._starts[at] <= end:
            yield self._starts[at], self._ends[at]
            at += 1

    def all(self) -> list[Range]:
        """Every stretch, in order."""
        return list(zip(self._starts, self._ends, strict=True))
