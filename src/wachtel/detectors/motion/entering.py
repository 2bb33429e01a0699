"""What comes in from the picture's edge: as long as part of it is outside, its middle tells little of how it goes.

How far it has come in does: its mass for each pixel of its length along the edge.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.blobs import BLOCK, Blob

_EVEN = 0.3
"""A step of less than this share of the one before is no even way: what appears at once stays as it is."""


@dataclass(slots=True)
class Entering:
    """Something at one of the edges (0 left, 1 right, 2 top, 3 bottom) that takes ``length`` pixels of it.

    ``first`` and ``last`` are its marks, ``step`` those that the last picture added. ``steady`` as long as it comes in
    further in each picture, ``evenly`` as long as no step is much shorter than the one before.
    """

    side: int
    length: float
    first: float
    last: float
    step: float
    steady: bool = True
    evenly: bool = True

    @classmethod
    def at_edge(cls, blob: Blob, size: tuple[int, int]) -> "Entering | None":
        """Something new that touches exactly one edge; None when it does not."""
        sides = _sides(blob, size)
        if sum(sides) != 1:
            return None
        side = sides.index(True)
        return cls(side, _length_along(blob, side), blob.mass, blob.mass, blob.mass)

    def seen_before(self, faint: float) -> None:
        """It was at the edge in the picture before, with ``faint`` marks, too few to be found."""
        self.first, self.step = faint, self.last - faint

    def see(self, blob: Blob, size: tuple[int, int]) -> None:
        """The same in the next picture."""
        step = blob.mass - self.last
        self.steady = self.steady and blob.mass > 0.97 * self.last and _sides(blob, size)[self.side]
        self.evenly = self.evenly and self.steady and step >= _EVEN * self.step
        self.last, self.step, self.length = blob.mass, step, _length_along(blob, self.side)

    def came(self) -> float:
        """How much further it is inside than at first; 0 for what does not steadily come in."""
        return (self.last - self.first) / self.length if self.steady else 0.0

    def came_evenly(self) -> float:
        """How far it is inside, of what was outside and comes in by about as much with each picture; else 0."""
        return self.last / self.length if self.evenly else 0.0


def marks_within(blob: Blob, mass: NDArray[np.float32]) -> float:
    """The marks in the blob's blocks, of the marks of all blocks."""
    return float(mass.reshape(-1)[blob.blocks].sum())


def leaves(origin: Blob, blob: Blob, size: tuple[int, int]) -> bool:
    """Whether it touches an edge to which it came."""
    sides = _sides(blob, size)
    if not any(sides):
        return False
    outwards = (origin.x - blob.x, blob.x - origin.x, origin.y - blob.y, blob.y - origin.y)
    return any(touches and way > BLOCK for touches, way in zip(sides, outwards, strict=True))


def _sides(blob: Blob, size: tuple[int, int]) -> tuple[bool, bool, bool, bool]:
    """Which edges it touches: left, right, top, bottom."""
    width, height = size
    return blob.left < BLOCK, width - blob.right < BLOCK, blob.top < BLOCK, height - blob.bottom < BLOCK


def _length_along(blob: Blob, side: int) -> float:
    return blob.height if side < 2 else blob.width
