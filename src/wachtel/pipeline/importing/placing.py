"""Where a recording belongs in time, of which the name says only the second in which it begins. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs

RESOLUTION_US = US_PER_S
"""Names are cut to the second: the first picture was taken at the named moment or up to so much later."""

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
        if end - ahead[0] > RESOLUTION_US or ahead[0] - start < length_us // 2:
            return ahead
        return Placement(WallUs(start), (ahead[0] - start) / length_us)
    limit = end if following is None else following + RESOLUTION_US
    if limit < end <= limit + RESOLUTION_US and limit - start >= length_us // 2:
        return Placement(WallUs(start), (limit - start) / length_us)
    return Placement(WallUs(start), 1.0)


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
