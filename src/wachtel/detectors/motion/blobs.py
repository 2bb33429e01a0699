"""From marked pixels to blobs, on a grid of blocks of 4x4 pixels."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

BLOCK = 4
_SUM_BYTES = np.uint32(0x01010101)


@dataclass(slots=True, eq=False)
class Blob:
    """A connected group of blocks; positions in pixels of the detector's picture, ``mass`` in pixels marked.

    ``blocks`` are flat indices into the grid; ``strength`` is their mean difference to the still scene, in permille,
    and ``sharp`` the share of them that stand out (see `softness`). ``row`` are the first seven numbers as compiled
    matching wants them.
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
    strength: float = 0.0
    row: bytes = b""

    @property
    def width(self) -> float:
        return self.right - self.left

    def touches(self, left: float, right: float, top: float, bottom: float) -> bool:
        """Whether its box and this one have a point in common."""
        return self.left <= right and self.right >= left and self.top <= bottom and self.bottom >= top

    @property
    def size(self) -> float:
        """Side of a square of the same area."""
        return BLOCK * math.sqrt(self.blocks.size)

    @property
    def fills(self) -> float:
        """The share of its box that it covers."""
        return BLOCK * BLOCK * self.blocks.size / (self.width * self.height)

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


def count_changing(
    hits: NDArray[np.uint8], changing: NDArray[np.uint8], open: NDArray[np.bool_] | None, least: int
) -> NDArray[np.float32]:
    """The hits of the blocks in or beside which at least so many pixels change now, as far as they are ``open``."""
    counts = hits.astype(np.float32)
    counts *= _spread(changing >= least)
    if open is not None:
        counts *= open
    return counts


def _spread(blocks: NDArray[np.bool_]) -> NDArray[np.bool_]:
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
    flat = mass.reshape(-1)
    cells = np.flatnonzero(flat > 0)
    if not cells.size:
        return []
    labels = _label(cells, *mass.shape)
    heavy = np.bincount(labels, flat[cells]) >= least
    if not heavy.any():
        return []
    if not heavy.all():
        kept = heavy[labels]
        cells, labels = cells[kept], (np.cumsum(heavy) - 1)[labels[kept]]
    return _blobs(cells, labels, mass)


def blocks_of(blobs: list[Blob]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The blocks of all blobs, one blob after the other, and how many each has."""
    blocks = [blob.blocks for blob in blobs]
    return np.concatenate(blocks), np.array([each.size for each in blocks])


@cache
def _tile_places(height: int, width: int) -> NDArray[np.intp]:
    """Where in a flat grid of tiles, of 2x2 blocks each and with empty ones around, each block lies."""
    rows, columns = np.divmod(np.arange(height * width), width)
    places: NDArray[np.intp] = ((rows >> 1) + 1) * ((width >> 1) + 3) + (columns >> 1) + 1
    return places


def _label(cells: NDArray[np.intp], height: int, width: int) -> NDArray[np.intp]:
    """The number of the 8-connected group of tiles that each block lies in."""
    stride = (width >> 1) + 3
    places = _tile_places(height, width)[cells]
    taken = np.zeros(((height >> 1) + 3) * stride, np.bool_)
    taken[places] = True
    begin, end = taken[1:] > taken[:-1], taken[1:] < taken[:-1]
    firsts, lasts = (np.flatnonzero(begin) + 1).tolist(), np.flatnonzero(end).tolist()
    run = np.cumsum(begin)[places - 1] - 1
    labels: NDArray[np.intp] = np.array(_join_runs(firsts, lasts, stride), np.intp)[run]
    return labels


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


def _blobs(cells: NDArray[np.intp], labels: NDArray[np.intp], grid: NDArray[np.float32]) -> list[Blob]:
    """One blob for each label, of cells that lie row by row."""
    rows, columns = np.divmod(cells, grid.shape[1])
    weight = grid.reshape(-1)[cells]
    mass = np.bincount(labels, weight)
    x = (np.bincount(labels, weight * columns) / mass + 0.5) * BLOCK
    y = (np.bincount(labels, weight * rows) / mass + 0.5) * BLOCK
    order = labels.argsort(kind="stable")
    cells, rows, columns = cells[order], rows[order], columns[order]
    sizes = np.bincount(labels)
    ends = np.cumsum(sizes)
    begins = ends - sizes
    sides = (
        np.minimum.reduceat(columns, begins) * float(BLOCK),
        rows[begins] * float(BLOCK),
        (np.maximum.reduceat(columns, begins) + 1) * float(BLOCK),
        (rows[ends - 1] + 1) * float(BLOCK),
    )
    groups = [cells[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    return list(map(Blob, mass.tolist(), x.tolist(), y.tolist(), *(side.tolist() for side in sides), groups))
