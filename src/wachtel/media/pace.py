"""Even times for pictures that carry none: Motion JPEG says nothing but \"here is the next one\"."""

from collections import deque

_REMEMBERED = 15
_LONGEST_LAG = 1.5
_USUAL_LAG = 0.5
_PULL = 0.05


class Pace:
    """Finds out at which pace pictures are taken from the times at which they come.

    Networks and cameras deliver unevenly; played as delivered, a steady picture stutters. Each picture comes one
    interval after the one before, as long as that is not after its arrival nor more than one and a half intervals
    before it. The interval is the median of the last ones, so a picture left out does no harm.
    """

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=_REMEMBERED)
        self._arrival = 0.0
        self._last: float | None = None

    def place(self, arrival: float) -> float:
        """The time of the picture that arrived at ``arrival``, in the same unit; never before the last one's."""
        if self._last is None:
            self._arrival = self._last = arrival
            return arrival
        self._gaps.append(max(arrival - self._arrival, 0.0))
        self._arrival = max(arrival, self._arrival)
        interval = sorted(self._gaps)[len(self._gaps) // 2]
        wanted = self._last + interval
        late = self._arrival - _USUAL_LAG * interval - wanted
        wanted += max(-_PULL * interval, min(late, _PULL * interval))
        earliest = self._arrival - _LONGEST_LAG * interval
        self._last = max(self._last, min(max(wanted, earliest), self._arrival))
        return self._last
