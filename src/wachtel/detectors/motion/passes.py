"""What goes over all pixels or blocks of a picture, as one value, for there are two of each kind.

In NumPy it runs everywhere and says what is meant; compiled (see `native`) it gives the same answers sooner.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.background import Background
from wachtel.detectors.motion.blobs import Blob, count_changing, count_in_blocks, find_blobs
from wachtel.detectors.motion.calm import Calm
from wachtel.detectors.motion.glance import Glance
from wachtel.detectors.motion.pooling import Map16
from wachtel.detectors.motion.softness import look_at


@dataclass(frozen=True, slots=True)
class Passes:
    """One kind; what each does is told at `NUMPY`'s."""

    background: type[Background]
    glance: type[Glance]
    calm: type[Calm]
    count_in_blocks: Callable[[NDArray[np.bool_]], NDArray[np.uint8]]
    find_blobs: Callable[[NDArray[np.float32], float], list[Blob]]
    count_changing: Callable[
        [NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_] | None, int], NDArray[np.float32]
    ]
    look_at: Callable[[list[Blob], Map16], list[float]]


NUMPY = Passes(Background, Glance, Calm, count_in_blocks, find_blobs, count_changing, look_at)
