"""Painting with numbers: shapes as coverage 0..1, blended onto a picture of floats."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Colour = tuple[float, float, float]
"""Red, green, blue, 0..255."""
Spot = tuple[float, float]
"""x and y in pixels."""


class Canvas:
    """A picture (height, width, 3) of red, green, blue, 0..255, and its opacity 0..1."""

    def __init__(self, width: int, height: int) -> None:
        self.rgb: Floats = np.zeros((height, width, 3), np.float32)
        self.alpha: Floats = np.zeros((height, width), np.float32)
        self.x, self.y = _grid(width, height)

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
        """The part of the picture that holds a shape with these bounds, soft edge included."""
        height, width = self.alpha.shape
        rows = slice(max(0, int(top) - 2), max(0, min(height, int(bottom) + 3)))
        return rows, slice(max(0, int(left) - 2), max(0, min(width, int(right) + 3)))

    def blend(self, part: tuple[slice, slice], coverage: Floats, colour: Colour | Floats) -> None:
        """Lays a colour, or colours per pixel, over a part."""
        opacity = self.alpha[part] + (1 - self.alpha[part]) * coverage
        share = (coverage / np.maximum(opacity, 1e-6))[..., None]
        self.rgb[part] += (np.asarray(colour, np.float32) - self.rgb[part]) * share
        self.alpha[part] = opacity

    def shade(self, part: tuple[slice, slice], coverage: Floats, factor: float) -> None:
        """Darkens (factor below 1) or lightens a part."""
        self.rgb[part] *= (1 + (factor - 1) * coverage)[..., None]

    def polygon(self, corners: Sequence[Spot], colour: Colour | Floats, softness: float = 1.0) -> None:
        """A convex polygon."""
        xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
        part = self.box(min(xs), min(ys), max(xs), max(ys))
        self.blend(part, polygon(self.x[part], self.y[part], corners, softness), colour)

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """An upright rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def ellipse(
        self, centre: Spot, radii: Spot, colour: Colour, softness: float = 1.0, strength: float = 1.0
    ) -> None:
        """An upright ellipse; ``softness`` is the width of its edge in pixels."""
        reach = 1 + softness / min(radii)
        reach_x, reach_y = radii[0] * reach, radii[1] * reach
        part = self.box(centre[0] - reach_x, centre[1] - reach_y, centre[0] + reach_x, centre[1] + reach_y)
        self.blend(part, strength * ellipse(self.x[part], self.y[part], centre, radii, softness), colour)

    def capsule(self, start: Spot, end: Spot, radii: Spot, colour: Colour) -> None:
        """A limb: a line with round ends whose radius goes from one to the other."""
        reach = max(radii) + 1
        left, right = min(start[0], end[0]) - reach, max(start[0], end[0]) + reach
        top, bottom = min(start[1], end[1]) - reach, max(start[1], end[1]) + reach
        part = self.box(left, top, right, bottom)
        self.blend(part, capsule(self.x[part], self.y[part], start, end, radii), colour)


def _grid(width: int, height: int) -> tuple[Floats, Floats]:
    """The x and y of every pixel's centre."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x + 0.5, y + 0.5


def polygon(x: Floats, y: Floats, corners: Sequence[Spot], softness: float = 1.0) -> Floats:
    """Coverage of a convex polygon."""
    inside = np.full(x.shape, np.float32(1e9))
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    turn = np.sign(sum(start[0] * end[1] - end[0] * start[1] for start, end in edges))
    for (x0, y0), (x1, y1) in edges:
        length = max(1e-6, float(np.hypot(x1 - x0, y1 - y0)))
        side = ((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) * np.float32(turn / length)
        inside = np.minimum(inside, side)
    return _cover(inside / softness)


def ellipse(x: Floats, y: Floats, centre: Spot, radii: Spot, softness: float = 1.0) -> Floats:
    """Coverage of an upright ellipse."""
    distance = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1])
    return _cover((1 - distance) * min(radii) / softness)


def capsule(x: Floats, y: Floats, start: Spot, end: Spot, radii: Spot) -> Floats:
    """Coverage of a line with round ends and changing radius."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length = max(1e-6, along_x**2 + along_y**2)
    share = np.clip(((x - start[0]) * along_x + (y - start[1]) * along_y) / length, 0, 1)
    distance = np.hypot(x - start[0] - share * along_x, y - start[1] - share * along_y)
    return _cover(radii[0] + (radii[1] - radii[0]) * share - distance)


def _cover(inside: Floats) -> Floats:
    """Coverage from the distance to the edge in pixels, positive inside."""
    return np.asarray(np.clip(inside + 0.5, 0, 1), np.float32)


def smooth_noise(width: int, height: int, cell: Spot, randomness: np.random.Generator) -> Floats:
    """Clouds of -1..1: random values on a grid of cells, smoothly joined."""
    columns, rows = int(width / cell[0]) + 3, int(height / cell[1]) + 3
    grid = randomness.uniform(-1, 1, (rows, columns)).astype(np.float32)
    x, y = np.arange(width, dtype=np.float32) / cell[0], np.arange(height, dtype=np.float32) / cell[1]
    left, top = x.astype(int), y.astype(int)
    across, down = _ease(x - left), _ease(y - top)[:, None]
    upper = grid[top][:, left] * (1 - across) + grid[top][:, left + 1] * across
    lower = grid[top + 1][:, left] * (1 - across) + grid[top + 1][:, left + 1] * across
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def _ease(share: Floats) -> Floats:
    return share * share * (3 - 2 * share)


def gradient(share: Floats, *colours: Colour) -> Floats:
    """Colours for shares of 0..1, evenly spread."""
    places = np.linspace(0, 1, len(colours))
    bands = [np.interp(share, places, [colour[band] for colour in colours]) for band in range(3)]
    return np.stack(bands, axis=-1).astype(np.float32)
