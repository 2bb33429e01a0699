"""A drawn scene for detectors: a still, noisy ground, and something dark that walks over it. Seeded."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.api import Gray, Picture

BEGIN = WallUs(1_795_000_000_000_000)


@dataclass(frozen=True, slots=True)
class DrawnWalk:
    """``fps`` pictures a second. From ``walks_at`` on a dark figure enters from the left and needs ``crossing_s``
    seconds to the right border; None: nobody comes. ``noise`` is the sigma of the sensor in gray values."""

    width: int
    height: int
    fps: float = 10.0
    walks_at: float | None = None
    crossing_s: float = 6.0
    noise: float = 2.0
    seed: int = 1

    def pictures(self, seconds: float) -> Iterator[Picture]:
        """The pictures of so many seconds; their arrays cannot be written."""
        dice = np.random.default_rng(self.seed)
        ground = self._ground(dice)
        for number in range(int(seconds * self.fps)):
            now = number / self.fps
            canvas = ground.copy()
            self._draw_figure(canvas, now)
            canvas += dice.normal(0, self.noise, canvas.shape)
            gray: Gray = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
            gray.setflags(write=False)
            yield Picture(WallUs(BEGIN + microseconds(now)), gray)

    def _ground(self, dice: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Wide shading with soft patches."""
        rows, columns = np.mgrid[0 : self.height, 0 : self.width]
        ground = 120 + 40 * columns / self.width - 30 * rows / self.height
        for _ in range(30):
            x, y, size = dice.uniform(0, self.width), dice.uniform(0, self.height), dice.uniform(8, 40)
            ground += dice.uniform(-25, 25) * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * size**2))
        return np.asarray(ground, np.float64)

    def _draw_figure(self, canvas: np.ndarray[tuple[int, int], np.dtype[np.float64]], now: float) -> None:
        if self.walks_at is None or not self.walks_at <= now < self.walks_at + self.crossing_s:
            return
        tall, wide = self.height * 0.4, self.height * 0.14
        left = -wide + (now - self.walks_at) / self.crossing_s * (self.width + wide)
        top = int(self.height * 0.5)
        first, last = max(0, int(left)), max(0, int(left + wide))
        canvas[top : top + int(tall), first:last] *= 0.35
