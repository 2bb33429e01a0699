"""What goes over many pixels, blocks or tracks, as one value, for there are two of each kind.

In NumPy it runs everywhere and says what is meant; compiled (see `native`) it gives the same answers sooner.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.background import Background
from wachtel.detectors.motion.blobs import Blob, count_changing, count_in_blocks
from wachtel.detectors.motion.calm import Calm
from wachtel.detectors.motion.company import Company
from wachtel.detectors.motion.glance import Glance
from wachtel.detectors.motion.matching import Matcher
from wachtel.detectors.motion.pooling import Map16
from wachtel.detectors.motion.restless import Restlessness
from wachtel.detectors.motion.softness import find_things
from wachtel.detectors.motion.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Passes:
    """One kind; what each does is told at `NUMPY`'s."""

    background: type[Background]
    glance: type[Glance]
    calm: type[Calm]
    count_in_blocks: Callable[[NDArray[np.bool_]], NDArray[np.uint8]]
    count_changing: Callable[
        [NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_] | None, int], NDArray[np.float32]
    ]
    find_things: Callable[[NDArray[np.float32], float, Map16], list[Blob]]
    restlessness: type[Restlessness]
    company: type[Company]
    matcher: type[Matcher]
    surroundings: type[Surroundings]


NUMPY = Passes(
    Background,
    Glance,
    Calm,
    count_in_blocks,
    count_changing,
    find_things,
    Restlessness,
    Company,
    Matcher,
    Surroundings,
)
