"""What comes in from the picture's edge: as long as part of it is outside, its middle tells little of how it goes.

How far it has come in does: its mass for each pixel of its length along the edge.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.blobs import BLOCK, Blob


@dataclass(slots=True)
class Entering:
    """Something at one of the edges (0 left, 1 right, 2 top, 3 bottom); lengths in pixels.

    ``first`` and ``last`` are how far it was inside; ``steady`` as long as it comes in further in each picture.
    """

    side: int
    first: float
    last: float
    steady: bool = True

    @classmethod
    def at_edge(cls, blob: Blob, size: tuple[int, int]) -> "Entering | None":
        """Something new that touches exactly one edge; None when it does not."""
        sides = [side for side in range(4) if _touches(blob, side, size)]
        if len(sides) != 1:
            return None
        depth = _depth(blob, sides[0])
        return cls(sides[0], depth, depth)

    def seen_before(self, faint: float, blob: Blob) -> None:
        """It was at the edge in the picture before, with ``faint`` marks, too few to be found."""
        self.first = faint / _side(blob, self.side)

    def see(self, blob: Blob, size: tuple[int, int]) -> None:
        """The same in the next picture."""
        depth = _depth(blob, self.side)
        self.steady = self.steady and depth > 0.97 * self.last and _touches(blob, self.side, size)
        self.last = depth

    def came(self) -> float:
        """How much further it is inside than at first; 0 for what does not steadily come in."""
        return self.last - self.first if self.steady else 0.0


def _depth(blob: Blob, side: int) -> float:
    return blob.mass / _side(blob, side)


def _side(blob: Blob, side: int) -> float:
    return blob.height if side < 2 else blob.width


def marks_within(blob: Blob, mass: NDArray[np.float32]) -> float:
    """The marks in the blob's blocks, of the marks of all blocks."""
    return float(mass.reshape(-1)[blob.blocks].sum())


def _touches(blob: Blob, side: int, size: tuple[int, int]) -> bool:
    gap = (blob.left, size[0] - blob.right, blob.top, size[1] - blob.bottom)[side]
    return gap < BLOCK
