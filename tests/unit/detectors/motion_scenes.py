"""Scenes drawn with NumPy: a garden of smooth texture, sensor noise, things that happen in it. All seeded."""

import math
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
        ground = self.ground(dice)
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

    def ground(self, dice: np.random.Generator) -> Canvas:
        """Wide shading, leaves and grit, a house with edges and a path."""
        ground = sum(
            (_cloudy(dice, self.height, self.width, cell) * share for cell, share in _OCTAVES), start=_NOTHING
        )
        ground = 110 + ground * 55
        ground[self.height // 6 : self.height // 2, int(self.width * 0.6) : int(self.width * 0.85)] *= 1.3
        ground[self.height // 4 : self.height // 3, int(self.width * 0.65) : int(self.width * 0.7)] *= 0.4
        path: Canvas = np.clip(ground, 15, 240).astype(np.float32)
        path[int(self.height * 0.8) :] = path[int(self.height * 0.8) :] * 0.3 + 90
        return path


_OCTAVES = ((40, 0.6), (12, 0.35), (4, 0.25), (2, 0.15))
_NOTHING = np.zeros((1, 1), np.float32)


def _cloudy(dice: np.random.Generator, height: int, width: int, cell: int) -> Canvas:
    """Smooth noise between -1 and 1 that changes over this many pixels."""
    coarse = dice.uniform(-1, 1, (height // cell + 2, width // cell + 2))
    rows, columns = np.arange(height) / cell, np.arange(width) / cell
    top, left = rows.astype(int), columns.astype(int)
    down, right = (rows - top)[:, None], (columns - left)[None, :]
    upper = coarse[top][:, left] * (1 - right) + coarse[top][:, left + 1] * right
    lower = coarse[top + 1][:, left] * (1 - right) + coarse[top + 1][:, left + 1] * right
    smooth: Canvas = (upper * (1 - down) + lower * down).astype(np.float32)
    return smooth


def walker(
    height: float, contrast: float, start: float, speed: float, foot: float = 150.0, left: float | None = None
) -> Happening:
    """Someone with head, coat and swinging legs; height and speed in pixels (a second).

    Walks in from the left edge, or stands at ``left`` from one picture to the next and walks on. ``contrast`` 1 is a
    coat of about half the light behind it.
    """
    width = max(2.0, height * 0.34)
    begin = -width if left is None else left

    def draw(canvas: Canvas, now: float) -> None:
        if now < start:
            return
        x, stride = begin + (now - start) * speed, math.sin((now - start) * 2 * math.pi * 1.8)
        top, waist = foot - height, foot - 0.45 * height
        _shade(canvas, top, top + 0.16 * height, x + 0.35 * width, x + 0.65 * width, 1 + 0.25 * contrast)
        _shade(canvas, top + 0.16 * height, waist, x, x + width, 1 - 0.5 * contrast)
        for side in (-1, 1):
            leg = x + width * (0.5 + side * 0.22 * stride)
            _shade(canvas, waist, foot, leg - 0.17 * width, leg + 0.17 * width, 1 - 0.4 * contrast)

    return draw


def _shade(canvas: Canvas, top: float, bottom: float, left: float, right: float, factor: float) -> None:
    """Makes a rectangle darker or lighter; parts of pixels count in part."""
    rows, columns = np.arange(canvas.shape[0]), np.arange(canvas.shape[1])
    down = np.clip(np.minimum(rows + 1, bottom) - np.maximum(rows, top), 0, 1)
    across = np.clip(np.minimum(columns + 1, right) - np.maximum(columns, left), 0, 1)
    ys, xs = np.flatnonzero(down), np.flatnonzero(across)
    if ys.size and xs.size:
        part = canvas[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
        part *= 1 + (factor - 1) * np.outer(down[ys], across[xs]).astype(np.float32)


def swaying_trees(
    left: int, right: int, amplitude: float, start: float = 0.0, bottom: float = 0.7, seed: int = 7
) -> Happening:
    """The ground between two columns becomes leaves that sway by up to this many pixels, in gusts."""
    leaves = np.random.default_rng(seed).uniform(0.55, 1.35, (200, 200)).astype(np.float32)
    leaves = np.kron(leaves, np.ones((3, 3), np.float32))

    def draw(canvas: Canvas, now: float) -> None:
        rows, columns = np.mgrid[0 : int(canvas.shape[0] * bottom), left:right].astype(np.float32)
        wind = 0.0
        if now >= start:
            wind = amplitude * min(1.0, (now - start) / 2) * (0.6 + 0.4 * math.sin(2 * math.pi * now / 7.3))
        sway = wind * np.sin(2 * np.pi * now / 1.7 + rows / 19 + columns / 31)
        flutter = 0.4 * wind * np.sin(2 * np.pi * now / 0.63 + rows / 7 - columns / 5)
        xs = np.clip(columns - left + 20 + sway + flutter, 0, 599).astype(int)
        ys = np.clip(rows + 20 + 0.5 * flutter, 0, 599).astype(int)
        canvas[: rows.shape[0], left:right] *= leaves[ys, xs]

    return draw


def light_change(begin: float, end: float, factor: float) -> Happening:
    """The light goes evenly to this factor."""

    def draw(canvas: Canvas, now: float) -> None:
        share = float(np.clip((now - begin) / max(end - begin, 1e-6), 0, 1))
        canvas *= factor**share

    return draw


def cloud_shadow(start: float, speed: float, depth: float, soft: float = 60.0) -> Happening:
    """A soft shadow comes over the garden from the left, its edge this many pixels wide, and stays."""

    def draw(canvas: Canvas, now: float) -> None:
        edge = (now - start) * speed
        if edge > 0:
            shade = np.clip((edge - np.arange(canvas.shape[1])) / soft, 0, 1).astype(np.float32)
            canvas *= 1 - depth * shade

    return draw


def flicker(depth: float, hertz: float) -> Happening:
    """Lamps that flicker."""

    def draw(canvas: Canvas, now: float) -> None:
        canvas *= 1 + depth * math.sin(2 * math.pi * hertz * now)

    return draw


def infrared_switch(at: float) -> Happening:
    """From one picture to the next the scene looks different: bright in the middle, plants white."""

    def draw(canvas: Canvas, now: float) -> None:
        if now >= at:
            rows, columns = np.mgrid[-1 : 1 : canvas.shape[0] * 1j, -1 : 1 : canvas.shape[1] * 1j]
            lamp = np.exp(-(rows**2 + columns**2)).astype(np.float32)
            canvas[:] = (200 - 0.7 * canvas) * lamp + 10

    return draw


def lamp_on(at: float, x: float, y: float, reach: float, gain: float) -> Happening:
    """A lamp lights its surroundings from one picture to the next."""

    def draw(canvas: Canvas, now: float) -> None:
        if now >= at:
            rows, columns = np.ogrid[0 : canvas.shape[0], 0 : canvas.shape[1]]
            canvas *= (1 + gain * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / reach**2)).astype(
                np.float32
            )

    return draw


def rain(start: float, drops: int, light: float = 25.0, seed: int = 0) -> Happening:
    """Short bright streaks, elsewhere in every picture."""

    def draw(canvas: Canvas, now: float) -> None:
        if now >= start:
            dice = np.random.default_rng(int(now * 1000) + 10_000_000 * seed)
            for y, x in dice.integers(0, (canvas.shape[0] - 10, canvas.shape[1]), (drops, 2)):
                canvas[y : y + dice.integers(4, 10), x] += light

    return draw


def snow(start: float, flakes: int, light: float = 50.0, wind: float = 0.0, seed: int = 11) -> Happening:
    """Flakes of 1 to 3 pixels that fall slowly and drift; ``wind`` blows them aside (pixels a second)."""
    dice = np.random.default_rng(seed)
    xs, ys = dice.uniform(0, 320, flakes), dice.uniform(0, 400, flakes)
    speeds, sizes = dice.uniform(25, 60, flakes), dice.integers(1, 4, flakes)

    def draw(canvas: Canvas, now: float) -> None:
        if now >= start:
            for x, y, speed, size in zip(xs, ys, speeds, sizes, strict=True):
                top = int((y + speed * now) % 400) - 100
                left = int(x + wind * now + 6 * math.sin(now + y)) % canvas.shape[1]
                canvas[max(0, top) : max(0, top + size), left : left + size] += light

    return draw


def shake(amplitude: float, start: float = 0.0) -> Happening:
    """The camera trembles by up to this many pixels, other in every picture."""

    def draw(canvas: Canvas, now: float) -> None:
        if now >= start:
            dx, dy = np.random.default_rng(int(now * 1000)).uniform(-amplitude, amplitude, 2)
            canvas[:] = _shifted(_shifted(canvas, dx, 1), dy, 0)

    return draw


def _shifted(canvas: Canvas, by: float, axis: int) -> Canvas:
    whole = math.floor(by)
    near, far = np.roll(canvas, whole, axis), np.roll(canvas, whole + 1, axis)
    moved: Canvas = near * (1 - (by - whole)) + far * (by - whole)
    return moved


def insect(start: float, seconds: float = 0.5) -> Happening:
    """Something blurred and bright crosses the picture close to the lens."""

    def draw(canvas: Canvas, now: float) -> None:
        share = (now - start) / seconds
        if 0 <= share < 1:
            y, x = 40 + 90 * share + 15 * math.sin(9 * share), 320 * share
            rows, columns = np.ogrid[0 : canvas.shape[0], 0 : canvas.shape[1]]
            canvas += (60 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 60)).astype(np.float32)

    return draw


def headlights(start: float, seconds: float = 3.0) -> Happening:
    """A soft patch of light sweeps over the scene."""

    def draw(canvas: Canvas, now: float) -> None:
        share = (now - start) / seconds
        if 0 <= share < 1:
            rows, columns = np.ogrid[0 : canvas.shape[0], 0 : canvas.shape[1]]
            patch = np.exp(-(((rows - 100) / 60) ** 2) - ((columns - 400 * share + 40) / 60) ** 2)
            canvas *= (1 + 0.8 * patch).astype(np.float32)

    return draw


def visitor_who_stands(start: float, stands_s: float, height: float = 50.0) -> Happening:
    """Walks in, stands nearly still, and walks on."""
    walks_in = walker(height, 0.8, start, 40.0)

    def draw(canvas: Canvas, now: float) -> None:
        arrived = start + 4.0
        moment = min(now, arrived) + max(0.0, now - arrived - stands_s)
        walks_in(canvas, moment)

    return draw


def thing_left(left: int, top: int, size: int, start: float, end: float = 1e9) -> Happening:
    """A dark box that is there from one moment to another."""

    def draw(canvas: Canvas, now: float) -> None:
        if start <= now < end:
            canvas[top : top + size, left : left + size] *= 0.5

    return draw
