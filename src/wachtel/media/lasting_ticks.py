"""Time that goes on over a camera's sessions, for clients that stay connected while the camera comes back."""

from wachtel.base.units import WallUs
from wachtel.media.timestamps import Placed, to_ticks


class LastingTicks:
    """Ticks of 1/90000 s from ``first`` on; between two sessions as many pass as the wall clock says, at least one."""

    def __init__(self, first: int = 0) -> None:
        self._first = first
        self._base: int | None = None
        self._last: tuple[int, WallUs] | None = None

    def begin_session(self) -> None:
        """What is placed next counts its decode time anew."""
        self._base = None

    def of(self, placed: Placed) -> int:
        """When a packet is decoded, the same for pictures and sound of one moment."""
        if self._base is None:
            self._base = self._next_base(placed)
        ticks = self._base + placed.decode
        if self._last is None or ticks > self._last[0]:
            self._last = (ticks, placed.wall)
        return ticks

    def _next_base(self, placed: Placed) -> int:
        if self._last is None:
            return self._first
        ticks, wall = self._last
        return ticks + max(1, to_ticks(placed.wall - wall)) - placed.decode
