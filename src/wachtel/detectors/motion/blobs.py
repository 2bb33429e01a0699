"""From marked pixels to blobs, on a grid of blocks of 4x4 pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 4
_SUM_BYTES = np.uint32(0x01010101)


@dataclass(slots=True, eq=False)
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
    heavy = (np.bincount(labels, flat[cells]) >= least)[labels]
    cells, labels = cells[heavy], labels[heavy]
    if not cells.size:
        return []
    order = np.argsort(labels, kind="stable")
    cells = cells[order]
    begins = np.flatnonzero(np.diff(labels[order], prepend=-1))
    return _blobs(cells, begins, flat[cells], width)


def _label(rows: NDArray[np.intp], columns: NDArray[np.intp], stride: int) -> NDArray[np.intp]:
    """The number of the 8-connected group of tiles that each (row, column) lies in."""
    tiles, place = np.unique((rows + 1) * stride + columns + 1, return_inverse=True)
    begins = np.flatnonzero(np.diff(tiles, prepend=-2) != 1)
    firsts, lasts = tiles[begins].tolist(), tiles[np.append(begins[1:], tiles.size) - 1].tolist()
    numbers = np.array(_join_runs(firsts, lasts, stride), np.intp)
    return np.repeat(numbers, np.diff(begins, append=tiles.size))[place]


def _join_runs(firsts: list[int], lasts: list[int], stride: int) -> list[int]:
    """The group of each run of tiles side by side: runs of neighbouring rows that touch belong together."""
    group = list(range(len(firsts)))
    above = 0
    for run, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        while lasts[above] < first - stride - 1:
            above += 1
        other = above
        while other < run and firsts[other] <= last - stride + 1:
            _join(group, run, other)
            other += 1
    roots = [_root(group, run) for run in range(len(group))]
    numbers = {root: number for number, root in enumerate(dict.fromkeys(roots))}
    return [numbers[root] for root in roots]


def _root(group: list[int], run: int) -> int:
    while group[run] != run:
        group[run] = run = group[group[run]]
    return run


def _join(group: list[int], run: int, other: int) -> None:
    one, two = _root(group, run), _root(group, other)
    group[max(one, two)] = min(one, two)


def _blobs(
    cells: NDArray[np.intp], begins: NDArray[np.intp], weight: NDArray[np.float32], width: int
) -> list[Blob]:
    """Blobs of cells that lie one blob after the other, each from its place in ``begins`` on."""
    ys, xs = np.divmod(cells, width)
    mass = np.add.reduceat(weight, begins, dtype=np.float64)
    x = (np.add.reduceat(weight * xs, begins) / mass + 0.5) * BLOCK
    y = (np.add.reduceat(weight * ys, begins) / mass + 0.5) * BLOCK
    edges = np.stack(
        (
            np.minimum.reduceat(xs, begins),
            np.minimum.reduceat(ys, begins),
            np.maximum.reduceat(xs, begins) + 1,
            np.maximum.reduceat(ys, begins) + 1,
        )
    )
    sides = (edges * float(BLOCK)).tolist()
    groups = np.split(cells, begins[1:])
    return list(map(Blob, mass.tolist(), x.tolist(), y.tolist(), *sides, groups))
