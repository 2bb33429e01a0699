"""Scenes drawn with NumPy: a garden of smooth texture, sensor noise, things that happen in it. All seeded."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.api import Picture

BEGIN = 1_000_000_000_000_000
Canvas = NDArray[np.float32]
Happening = Callable[[Canvas, float], None]
"""Changes the picture (gray, 0..255) as it is at this moment (seconds)."""


@dataclass(frozen=True)
class Scene:
    """``fps`` pictures a second of this size, with noise of ``sigma`` gray on top of what happens."""

    width: int = 320
    height: int = 180
    fps: float = 10.0
    sigma: float = 2.5
    light: float = 1.0
    seed: int = 1
    happenings: tuple[Happening, ...] = ()

    def pictures(self, seconds: float) -> Iterator[Picture]:
        """All pictures of this many seconds."""
        dice = np.random.default_rng(self.seed)
        ground = self._ground(dice)
        for number in range(int(seconds * self.fps)):
            yield self._picture(ground, dice, number / self.fps)

    def _picture(self, ground: Canvas, dice: np.random.Generator, now: float) -> Picture:
        canvas = ground.copy()
        for happening in self.happenings:
            happening(canvas, now)
        canvas *= self.light
        canvas += dice.normal(0, self.sigma, canvas.shape).astype(np.float32)
        gray = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
        return Picture(WallUs(BEGIN + microseconds(now)), gray)

    def _ground(self, dice: np.random.Generator) -> Canvas:
        coarse = dice.uniform(60, 180, (self.height // 20 + 2, self.width // 20 + 2))
        rows = np.linspace(0, coarse.shape[0] - 1.001, self.height)
        columns = np.linspace(0, coarse.shape[1] - 1.001, self.width)
        top, left = rows.astype(int), columns.astype(int)
        down, right = (rows - top)[:, None], (columns - left)[None, :]
        upper = coarse[top][:, left] * (1 - right) + coarse[top][:, left + 1] * right
        lower = coarse[top + 1][:, left] * (1 - right) + coarse[top + 1][:, left + 1] * right
        ground: Canvas = (upper * (1 - down) + lower * down).astype(np.float32)
        return ground


def walker(height: float, contrast: float, start: float, speed: float, foot: float = 150.0) -> Happening:
    """Someone who walks in from the left; height and speed in pixels (a second).

    ``contrast`` 1 is a difference of about 45 % of the ground's light.
    """
    width = height * 0.36

    def draw(canvas: Canvas, now: float) -> None:
        if now < start:
            return
        right = (now - start) * speed
        left, top, bottom = round(right - width), int(foot - height), int(foot)
        body = canvas[top:bottom, max(0, left) : max(0, round(right))]
        body *= 1 - 0.45 * contrast

    return draw


def swaying_leaves(
    left: int, right: int, amplitude: float, start: float = 0.0, period: float = 1.7
) -> Happening:
    """A texture of leaves between two columns that sways by this many pixels."""
    dice = np.random.default_rng(7)
    leaves = dice.uniform(0.6, 1.4, (400, 400)).astype(np.float32)

    def draw(canvas: Canvas, now: float) -> None:
        rows, columns = np.mgrid[0 : canvas.shape[0], left:right]
        sway = amplitude * np.sin(2 * np.pi * now / period + rows / 25) if now >= start else 0 * rows
        canvas[:, left:right] *= leaves[rows // 3, (columns - left + 40 + sway).astype(int) // 3]

    return draw


def light_change(begin: float, end: float, factor: float) -> Happening:
    """The light goes evenly to this factor."""

    def draw(canvas: Canvas, now: float) -> None:
        share = float(np.clip((now - begin) / max(end - begin, 1e-6), 0, 1))
        canvas *= factor**share

    return draw


def thing_left(left: int, top: int, size: int, start: float, end: float = 1e9) -> Happening:
    """A dark box that is there from one moment to another."""

    def draw(canvas: Canvas, now: float) -> None:
        if start <= now < end:
            canvas[top : top + size, left : left + size] *= 0.5

    return draw
