"""Tells what came from what has always been there and only sways: leaves, branches, a flag, a trembling camera.

Where the scene itself was moved by a few pixels, the picture is found again in the still scene a few pixels away;
somebody who stands in front of it is not.
"""

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.pooling import Map16

_REACH = 3
"""The scene may have been moved by so many pixels across and down."""
_MARGIN = 2
"""A block is compared together with so many pixels around it."""
_MOST_BLOCKS = 32
"""Of a larger blob so many blocks are looked at, evenly spread."""
_SIDE = BLOCK + 2 * _MARGIN
OF_SUM = 0.27
"""The mean difference of a pixel of noise as a share of the deviation of nine pixels' sum."""
CLEAR = 1.5
_LEAST_CLEAR = 3
"""Asked are blocks that differ by so many times the noise; fewer than so many prove nothing."""
EXPLAINED = 0.4
"""A block is explained when moving the scene leaves less than this share of the difference beyond noise."""


class Swaying:
    """One picture beside the still scene, both as logarithms of light, and the noise of a 3x3 sum of it."""

    def __init__(
        self, picture: Map16, scene: Map16, variance_small: NDArray[np.float32], offset: int
    ) -> None:
        self._picture, self._scene = picture, scene
        self._variance, self._offset = variance_small, offset
        self._columns = picture.shape[1] // BLOCK

    def share(self, blob: Blob) -> float:
        """The share of a blob's blocks, as far as they differ clearly, that show the still scene, moved."""
        blocks = blob.blocks
        if blocks.size > _MOST_BLOCKS:
            blocks = blocks[np.linspace(0, blocks.size - 1, _MOST_BLOCKS).astype(np.intp)]
        clear, explained = self._count(blocks)
        return explained / max(_LEAST_CLEAR, clear)

    def _count(self, blocks: NDArray[np.intp]) -> tuple[int, int]:
        """How many of these differ clearly, and how many of those are explained."""
        rows, columns = np.divmod(blocks, self._columns)
        shown = self._windows(self._picture, rows, columns, _MARGIN) - np.int16(self._offset)
        around = self._windows(self._scene, rows, columns, _MARGIN + _REACH)
        differences = _differences(shown, around)
        unmoved = differences[:, _REACH, _REACH]
        least = differences.min(axis=(1, 2))
        noise = self._noise(rows, columns)
        clear = unmoved > CLEAR * noise
        explained = clear & (least - noise < EXPLAINED * (unmoved - noise))
        return int(np.count_nonzero(clear)), int(np.count_nonzero(explained))

    def _windows(
        self, values: Map16, rows: NDArray[np.intp], columns: NDArray[np.intp], margin: int
    ) -> NDArray[np.int16]:
        """Each block with its margin; beyond the picture's edge its last pixels are repeated."""
        steps = np.arange(-margin, BLOCK + margin)
        ys = np.clip(rows[:, None] * BLOCK + steps, 0, values.shape[0] - 1)
        xs = np.clip(columns[:, None] * BLOCK + steps, 0, values.shape[1] - 1)
        windows: NDArray[np.int16] = values[ys[:, :, None], xs[:, None, :]]
        return windows

    def _noise(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float32]:
        """The mean difference that noise alone makes."""
        middle = BLOCK // 2
        variance = self._variance[rows * BLOCK + middle, columns * BLOCK + middle]
        noise: NDArray[np.float32] = np.sqrt(variance) * np.float32(OF_SUM)
        return noise


def _differences(shown: NDArray[np.int16], around: NDArray[np.int16]) -> NDArray[np.float32]:
    """The mean difference of each block to the scene moved down and across by -3..3 pixels: blocks x down x across."""
    moved = np.lib.stride_tricks.sliding_window_view(around, (_SIDE, _SIDE), (1, 2))
    apart = moved - shown[:, None, None]
    np.abs(apart, out=apart)
    sums = apart.reshape(*apart.shape[:3], -1).sum(axis=3, dtype=np.int32)
    means: NDArray[np.float32] = sums / np.float32(_SIDE**2)
    return means
