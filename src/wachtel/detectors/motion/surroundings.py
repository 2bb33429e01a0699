"""Tells a thing from the brightest part of a swell of light: a thing ends where its blob ends, light goes on.

Of a beam that sweeps over a grainy scene, or of the shadow of a cloud, only what is beyond the noise becomes a blob,
a small one with an edge of noise. Around it the same difference is nearly as strong.
"""

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.pooling import BORDER, Map16

_NEAR = 1
"""So many blocks around a blob may still show its edge,"""
_FAR = 3
"""and up to so many are its surroundings."""
LEAST_BLOCKS = 4
"""Fewer of them prove nothing."""


class Surroundings:
    """The difference of one picture to the still scene, summed over 7x7 pixels, around its blobs."""

    def __init__(self, large: Map16) -> None:
        self._large = large

    def goes_on(self, blob: Blob) -> float:
        """The difference around a blob as a share of that within: about 0 for a thing, 0.5 to 1 for light.

        The median of the blocks around, so that half of a thing's surroundings may be another thing.
        """
        top, left, inside = self._window(blob)
        around = _grown(inside, _FAR) & ~_grown(inside, _NEAR)
        if np.count_nonzero(around) < LEAST_BLOCKS:
            return 0.0
        blocks = self._blocks(top, left, inside.shape)
        within = blocks[inside]
        strength = float(np.abs(within).mean())
        if strength == 0:
            return 0.0
        beyond = float(np.median(blocks[around])) / strength
        return max(0.0, beyond if within.sum() > 0 else -beyond)

    def _window(self, blob: Blob) -> tuple[int, int, NDArray[np.bool_]]:
        """The blob's blocks in a grid of all blocks near it, and the uppermost row and leftmost column of that."""
        rows, columns = self._large.shape[0] // BLOCK, self._large.shape[1] // BLOCK
        row, column = np.divmod(blob.blocks, columns)
        top, left = max(0, int(row.min()) - _FAR), max(0, int(column.min()) - _FAR)
        bottom, right = min(rows, int(row.max()) + _FAR + 1), min(columns, int(column.max()) + _FAR + 1)
        inside = np.zeros((bottom - top, right - left), np.bool_)
        inside[row - top, column - left] = True
        return top, left, inside

    def _blocks(self, top: int, left: int, shape: tuple[int, ...]) -> NDArray[np.int16]:
        """The sums around the middles of the blocks, as far as these do not reach beyond the picture."""
        rows = _middles(top, shape[0], self._large.shape[0])
        columns = _middles(left, shape[1], self._large.shape[1])
        blocks: NDArray[np.int16] = self._large[rows[:, None], columns]
        return blocks


def _middles(first: int, count: int, length: int) -> NDArray[np.intp]:
    middles = (np.arange(first, first + count) * BLOCK + BLOCK // 2).astype(np.intp)
    return np.clip(middles, BORDER, length - 1 - BORDER)


def _grown(inside: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """All blocks at most so many away."""
    grown = inside.copy()
    for axis in (0, 1):
        lines = np.moveaxis(grown, axis, 0)
        before = lines.copy()
        for step in range(1, by + 1):
            lines[step:] |= before[:-step]
            lines[:-step] |= before[step:]
    return grown
