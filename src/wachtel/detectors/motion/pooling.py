"""Box sums in 16 bits, by flat shifts: NumPy adds contiguous memory several times faster than slices of rows.

A flat shift wraps around at the left and right edge, so the outer `BORDER` pixels of a sum are meaningless;
the callers leave them out.
"""

import numpy as np
from numpy.typing import NDArray

Map16 = NDArray[np.int16]
"""Shape (height, width); permille of natural logarithm, so 10 is a change of light by 1 %."""

BORDER = 3
CLIP = 650
"""Largest value that may be summed over 7x7 pixels in 16 bits: a factor of 1.9 in light."""


class Pools:
    """Sums over 3x3 and 7x7 pixels of one map, into buffers that are used again by the next call.

    ``both`` are ``small`` and ``large`` in one: what is done to both costs less done at once.
    """

    def __init__(self, height: int, width: int) -> None:
        self._width = width
        self._row = np.zeros((height, width), np.int16)
        self._row7 = np.zeros((height, width), np.int16)
        self._column = np.zeros((height, width), np.int16)
        self.both = np.zeros((2, height, width), np.int16)
        self.small, self.large = self.both

    def pool(self, values: Map16) -> None:
        """Fills ``small`` (3x3) and ``large`` (7x7). The values must lie within +-`CLIP`."""
        source, row, row7 = values.reshape(-1), self._row.reshape(-1), self._row7.reshape(-1)
        column, small, large = self._column.reshape(-1), self.small.reshape(-1), self.large.reshape(-1)
        width = self._width
        _sum_three(source, row, 1)
        _sum_three(row, small, width)
        np.add(row[:-4], row[4:], out=row7[2:-2])
        row7 += source
        _sum_three(row7, column, width)
        np.add(column[: -4 * width], column[4 * width :], out=large[2 * width : -2 * width])
        large += row7


def _sum_three(source: NDArray[np.int16], target: NDArray[np.int16], step: int) -> None:
    np.add(source[: -2 * step], source[2 * step :], out=target[step:-step])
    target[step:-step] += source[step:-step]


def add_pooled(values: Map16, sums: Map16, rows: slice) -> None:
    """Adds to sums over 3x3 pixels what these values, of some of the rows, contribute to them."""
    height, width = values.shape
    row = np.zeros((height + 4, width), np.int16)
    _sum_three(values.reshape(-1), row[2:-2].reshape(-1), 1)
    pooled = row[:-2] + row[2:]
    pooled += row[1:-1]
    top, bottom = max(rows.start - 1, 0), min(rows.stop + 1, sums.shape[0])
    sums[top:bottom] += pooled[1 + top - rows.start : 1 + bottom - rows.start]
