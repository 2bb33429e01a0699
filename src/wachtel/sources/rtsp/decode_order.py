"""Decode times for pictures of which only the presentation time is known, as RTP gives them."""

from bisect import insort

_JUMP = 900_000
"""Ticks of 90 kHz (ten seconds): a jump by more is a camera that set its clock, not a late picture."""
_FIRST_STEP = 3000


class DecodeTimes:
    """Pictures come in decode order; their presentation times, sorted, are decode times that lag by ``depth``
    pictures.

    The depth grows when a picture proves it too small, which streams with B pictures do within their first
    GOP.
    """

    def __init__(self, depth: int = 0) -> None:
        self._depth = depth
        self._waiting: list[int] = []
        self._last: int | None = None

    def expect(self, depth: int) -> None:
        """Sets the depth that the stream itself declares."""
        self._depth = depth

    def place(self, pts: int) -> int:
        """The decode time of the next picture, never later than ``pts``."""
        if self._waiting and abs(pts - self._waiting[-1]) > _JUMP:
            self._waiting.clear()
            self._last = None
        if self._last is not None and pts <= self._last:
            self._depth += 1
        insort(self._waiting, pts)
        dts = self._oldest(pts)
        self._last = dts if self._last is None else max(self._last, dts)
        return dts

    def _oldest(self, pts: int) -> int:
        missing = self._depth + 1 - len(self._waiting)
        if missing > 0:
            first = self._waiting[0] - missing * _FIRST_STEP
            return first if self._last is None else min(pts, max(first, self._last + 1))
        while len(self._waiting) > self._depth + 1:
            self._waiting.pop(0)
        return min(self._waiting[0], pts)
