"""Masks on the grid of blocks: what is in them is not even looked at."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.blobs import BLOCK
from wachtel.model.zone import Zone, ZoneKind


def open_blocks(zones: Sequence[Zone], width: int, height: int) -> NDArray[np.bool_] | None:
    """The blocks outside of all masks, None without masks; width and height are those of the detector's picture."""
    masks = [_blocks_inside(zone, width, height) for zone in zones if zone.kind is ZoneKind.MASK]
    return ~np.logical_or.reduce(masks) if masks else None


def _blocks_inside(zone: Zone, width: int, height: int) -> NDArray[np.bool_]:
    """The blocks whose middle is inside, by the even-odd rule."""
    ys, xs = np.mgrid[0 : height // BLOCK, 0 : width // BLOCK]
    x, y = (xs + 0.5) * BLOCK / width, (ys + 0.5) * BLOCK / height
    inside = np.zeros(x.shape, np.bool_)
    for (ax, ay), (bx, by) in itertools.pairwise((*zone.polygon, zone.polygon[0])):
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return inside
