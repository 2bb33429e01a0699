"""Decode times for pictures of which only the presentation time is known, as RTP gives them."""

from bisect import insort

_JUMP = 900_000
"""Ticks of 90 kHz (ten seconds): a jump by more is a camera that set its clock, not a late picture."""
_USUAL_INTERVAL = 3000
_DEEPEST_GUESS = 3


class DecodeTimes:
    """Pictures come in decode order; their presentation times, sorted, are decode times that lag by ``depth``
    pictures.

    Where the stream declares its depth, a picture that comes earlier than that allows is a camera whose time
    stepped back. Where it does not, such a picture is taken for a B picture and the depth grows, a little. In
    either case the decode time handed out then lies before the last one.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._interval = _USUAL_INTERVAL
        self._declared = False
        self._waiting: list[int] = []
        self._last: int | None = None

    def expect(self, depth: int | None, interval: int | None = None) -> None:
        """Sets the depth and the distance of pictures in ticks that the stream declares, None where it says nothing.

        The distance is only needed for the first pictures: when those shown before them are not there to tell.
        """
        self._interval = interval or self._interval
        self._declared = depth is not None
        self._depth = depth if depth is not None else self._depth

    def place(self, pts: int) -> int:
        """The decode time of the next picture, never later than ``pts``."""
        if self._waiting and abs(pts - self._waiting[-1]) > _JUMP:
            self._begin_anew()
        if self._last is not None and pts <= self._last:
            self._came_early()
        insort(self._waiting, pts)
        dts = self._oldest(pts)
        self._last = dts if self._last is None else max(self._last, dts)
        return dts

    def _came_early(self) -> None:
        if self._declared or self._depth >= _DEEPEST_GUESS:
            self._begin_anew()
        else:
            self._depth += 1

    def _begin_anew(self) -> None:
        self._waiting.clear()
        self._last = None

    def _oldest(self, pts: int) -> int:
        missing = self._depth + 1 - len(self._waiting)
        if missing > 0:
            first = self._waiting[0] - missing * self._interval
            return first if self._last is None else min(pts, max(first, self._last + 1))
        while len(self._waiting) > self._depth + 1:
            self._waiting.pop(0)
        return min(self._waiting[0], pts)
