"""Tells things from light: a thing has an edge, the shadow of a cloud or a beam of light has none.

Works on block means of the difference to the still scene. Where a thing ends the difference jumps, so blocks there
differ from the mean of their surroundings; a change of light looks the same as its surroundings everywhere.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.blobs import BLOCK, Blob, blocks_of, find_blobs
from wachtel.detectors.motion.pooling import BORDER, Map16

LARGE_SUM_PIXELS = 49
_REACH = 2
JUMP_SHARE = 0.25
EDGE_BLOCKS = 3
SHARP_EDGE = 0.8
MOST_CORRECTION = 2.0


def find_things(mass: NDArray[np.float32], least: float, large: Map16) -> list[Blob]:
    """The blobs of at least this mass (see `find_blobs`), each with its sharpness and strength.

    Sharp is the share of blocks that stand out, near 1 for a small thing, which is all edge. What is large has
    more inside than edge, which is allowed for. ``large`` are 7x7 sums of the difference to the still scene.
    """
    blobs = find_blobs(mass, least)
    if blobs:
        _look_at(blobs, large)
    return blobs


def _look_at(blobs: list[Blob], large: Map16) -> None:
    strength, jump = _stand_out(large)
    cells, sizes = blocks_of(blobs)
    begins = np.cumsum(sizes) - sizes
    strengths = np.add.reduceat(strength[cells], begins, dtype=np.float64) / sizes / LARGE_SUM_PIXELS
    least = np.repeat(JUMP_SHARE * LARGE_SUM_PIXELS * strengths, sizes)
    shares = np.add.reduceat(jump[cells] > least, begins, dtype=np.intp) / sizes
    for blob, strong, share in zip(blobs, strengths.tolist(), shares.tolist(), strict=True):
        blob.strength, blob.sharp = strong, _sharpness(share, blob.blocks.size)


def _sharpness(share: float, blocks: int) -> float:
    return min(1.0, share * _inside_correction(blocks))


def _stand_out(large: Map16) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of each block the size of its difference to the still scene, and of that to the mean around; both flat."""
    blocks = large[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK].astype(np.float32)
    # The sums of the outermost blocks' own middles reach beyond the edge; the next ones do not.
    blocks[0], blocks[-1] = large[BORDER, BLOCK // 2 :: BLOCK], large[-1 - BORDER, BLOCK // 2 :: BLOCK]
    rows = _middles(large.shape[0])
    blocks[:, 0], blocks[:, -1] = large[rows, BORDER], large[rows, -1 - BORDER]
    jump = _mean_around(blocks)
    jump -= blocks
    return np.abs(blocks).reshape(-1), np.abs(jump, out=jump).reshape(-1)


@cache
def _inside_correction(blocks: int) -> float:
    """What a square of so many blocks lacks in edge, at most `MOST_CORRECTION`."""
    side = max(0.0, 1 - 2 * EDGE_BLOCKS / math.sqrt(blocks))
    return min(MOST_CORRECTION, max(1.0, SHARP_EDGE / (1 - side * side)))


@cache
def _middles(height: int) -> NDArray[np.intp]:
    """The rows of the blocks' middles, as far as sums do not reach beyond the edge."""
    return np.clip(np.arange(BLOCK // 2, height, BLOCK), BORDER, height - 1 - BORDER)


def _mean_around(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Over 5x5 blocks. They are whole numbers, so that the order of adding does not matter."""
    height, width = blocks.shape
    padded = np.empty((height + 2 * _REACH, width + 2 * _REACH), np.float32)
    padded[_REACH:-_REACH, _REACH:-_REACH] = blocks
    padded[_REACH:-_REACH, :_REACH], padded[_REACH:-_REACH, -_REACH:] = blocks[:, :1], blocks[:, -1:]
    padded[:_REACH], padded[-_REACH:] = padded[_REACH], padded[-_REACH - 1]
    pairs = padded[:-1] + padded[1:]
    rows = pairs[:height] + pairs[2 : height + 2]
    rows += padded[4:]
    pairs = rows[:, :-1] + rows[:, 1:]
    mean: NDArray[np.float32] = pairs[:, :width] + pairs[:, 2 : width + 2]
    mean += rows[:, 4:]
    mean /= (2 * _REACH + 1) ** 2
    return mean
