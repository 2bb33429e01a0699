"""Whether the light is steady: while a cloud comes or exposure is changed, soft edges wander by themselves."""

import math


class Light:
    """``change`` is the largest change of light from one picture to the next lately, in permille; it fades."""

    def __init__(self, fades_s: float) -> None:
        self._fades_s = fades_s
        self._offset: int | None = None
        self.change = 0.0

    def see(self, offset: int, dt_s: float) -> float:
        """The change with this picture, in which the light differs by ``offset`` from the still scene's."""
        step = 0 if self._offset is None else abs(offset - self._offset)
        self._offset = offset
        self.change = max(float(step), self.change * math.exp(-dt_s / self._fades_s))
        return self.change
