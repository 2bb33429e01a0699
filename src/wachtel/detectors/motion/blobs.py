"""From marked pixels to blobs, on a grid of blocks of 4x4 pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 4
_SUM_BYTES = np.uint32(0x01010101)


@dataclass(frozen=True, slots=True)
class Blob:
    """A connected group of blocks; positions in pixels of the detector's picture, ``mass`` in pixels marked.

    ``blocks`` are flat indices into the grid; ``sharp`` the share of them that stand out (see `softness`).
    """

    mass: float
    x: float
    y: float
    left: float
    top: float
    right: float
    bottom: float
    blocks: NDArray[np.intp]
    sharp: float = 1.0

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def size(self) -> float:
        """Side of a square of the same area."""
        return BLOCK * math.sqrt(self.blocks.size)

    @property
    def height(self) -> float:
        return self.bottom - self.top


def count_in_blocks(marks: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """How many of the 16 pixels of each block are marked; height and width must be multiples of 4."""
    packed = marks.view(np.uint32)
    rows = packed[0::4] + packed[1::4]
    rows += packed[2::4]
    rows += packed[3::4]
    rows *= _SUM_BYTES
    rows >>= np.uint32(24)
    return rows.astype(np.uint8)


def spread(blocks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The blocks and their eight neighbours."""
    wide = blocks.copy()
    wide[:, 1:] |= blocks[:, :-1]
    wide[:, :-1] |= blocks[:, 1:]
    tall = wide.copy()
    tall[1:] |= wide[:-1]
    tall[:-1] |= wide[1:]
    return tall


def find_blobs(mass: NDArray[np.float32], least: float = 0.0) -> list[Blob]:
    """The groups of blocks with mass, ``least`` in all; blocks up to one empty block apart belong together."""
    width = mass.shape[1]
    flat = mass.reshape(-1)
    cells = np.flatnonzero(flat)
    if not cells.size:
        return []
    ys, xs = np.divmod(cells, width)
    labels = _label(ys >> 1, xs >> 1, (width >> 1) + 3)
    enough = np.flatnonzero(np.bincount(labels, flat[cells]) >= least)
    return [_blob(cells[labels == label], flat, width) for label in enough.tolist()]


def _label(rows: NDArray[np.intp], columns: NDArray[np.intp], stride: int) -> NDArray[np.intp]:
    """The number of the 8-connected group of tiles that each (row, column) lies in."""
    tiles = (rows + 1) * stride + columns + 1
    left = set(tiles.tolist())
    steps = (-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1)
    group: dict[int, int] = {}
    number = 0
    while left:
        open_tiles = [left.pop()]
        group[open_tiles[0]] = number
        while open_tiles:
            tile = open_tiles.pop()
            for step in steps:
                if tile + step in left:
                    left.remove(tile + step)
                    group[tile + step] = number
                    open_tiles.append(tile + step)
        number += 1
    return np.array([group[tile] for tile in tiles.tolist()], np.intp)


def _blob(cells: NDArray[np.intp], flat: NDArray[np.float32], width: int) -> Blob:
    ys, xs = np.divmod(cells, width)
    weight = flat[cells]
    mass = float(weight.sum())
    return Blob(
        mass=mass,
        x=(float(weight @ xs) / mass + 0.5) * BLOCK,
        y=(float(weight @ ys) / mass + 0.5) * BLOCK,
        left=float(xs.min()) * BLOCK,
        top=float(ys.min()) * BLOCK,
        right=float(xs.max() + 1) * BLOCK,
        bottom=float(ys.max() + 1) * BLOCK,
        blocks=cells,
    )
