"""Presentation times in the order in which pictures say they are shown: for a camera whose clock steps among them."""

from bisect import bisect_left, insort
from itertools import pairwise

from wachtel.media.h264_order import Order

_REMEMBERED = 16
_ENOUGH = 5
_JUMP = 900_000
"""Ticks of 90 kHz (ten seconds): beyond that the camera has set its clock, which others take care of."""


class ShownOrder:
    """Knows the last pictures by their place in the order of showing.

    A picture that is shown after all of them but has no later time proves that the clock stepped back: it and what
    follows is moved. One that belongs between two others but has no time between theirs, because the clock stepped
    between them, gets one.
    """

    def __init__(self, interval: int, shift: int = 0) -> None:
        self.shift = shift
        """What has been added to the camera's times, in ticks."""
        self._interval = interval
        self._known: list[tuple[Order, int]] = []
        self._came: list[tuple[Order, int]] = []

    def place(self, pts: int, order: Order) -> int:
        """The presentation time of the next picture in decode order, in ticks."""
        at = pts + self.shift
        if self._known and abs(at - self._known[-1][1]) > _JUMP:
            self._known, self._came = [], []
        number = bisect_left(self._known, (order,))
        below = self._known[number - 1] if number else None
        above = self._known[number] if number < len(self._known) else None
        if above is not None:
            at = self._between(at, order, below, above)
        elif below is not None and at <= below[1]:
            step = below[1] + self._apart(below[0], order) - at
            self.shift, at = self.shift + step, at + step
        self._remember((order, at))
        return at

    def _between(
        self, at: int, order: Order, below: tuple[Order, int] | None, above: tuple[Order, int]
    ) -> int:
        if at < above[1] and (below is None or at > below[1]):
            return at
        if below is None:
            return above[1] - self._apart(order, above[0])
        whole = max(self._apart(below[0], above[0]), 1)
        return below[1] + (above[1] - below[1]) * self._apart(below[0], order) // whole

    def _apart(self, one: Order, two: Order) -> int:
        """How far two pictures of usual distance would be apart, in ticks."""
        pictures = (two[1] - one[1]) // self._step() if one[0] == two[0] else 1 + two[1] // self._step()
        return self._usual_interval() * max(pictures, 1)

    def _usual_interval(self) -> int:
        gaps = sorted(two - one for (_, one), (_, two) in pairwise(self._known))
        return gaps[len(gaps) // 2] if len(gaps) >= _ENOUGH else self._interval

    def _step(self) -> int:
        """By how much the order count rises from picture to picture: 2 with most encoders, 1 with some."""
        odd = any(order[1] & 1 for order, _ in self._known)
        return 1 if odd else 2

    def _remember(self, one: tuple[Order, int]) -> None:
        insort(self._known, one)
        self._came.append(one)
        if len(self._came) > _REMEMBERED:
            self._known.remove(self._came.pop(0))
