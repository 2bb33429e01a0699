"""Motion as a person means it: a thing that moves through the scene.

The driver of the group ``wachtel.detectors``. Neither a learned model nor anything beside NumPy is needed; where the
passes over pixels and tracks were compiled it is faster (`native`).
How it works is told where it is done: `background` (the still scene and its noise), `blobs` (marked pixels to
blobs), `tracks` (the same thing over pictures), `keeping` (who stands still), `levels` (how much proof a track needs),
`engine` (the order of it all), `zones` (masks), `tuning` (every number). What counts for which zone is told by
`wachtel.detectors.judging`.
"""

from dataclasses import dataclass

from wachtel.detectors.api import Detector
from wachtel.detectors.judging import Judge
from wachtel.detectors.motion.engine import MotionDetector, picture_size
from wachtel.detectors.motion.native import COMPILED
from wachtel.detectors.motion.passes import NUMPY, Passes
from wachtel.detectors.motion.tuning import Tuning
from wachtel.detectors.motion.zones import open_blocks
from wachtel.model.camera import MotionSettings


@dataclass(frozen=True, slots=True)
class MotionDriver:
    """Makes motion detectors, whose passes over pixels are compiled where they can be."""

    passes: Passes = COMPILED or NUMPY

    def create(self, settings: MotionSettings, width: int, height: int) -> Detector:
        """A detector for a stream of this size (pixels).

        Raises `WachtelError` (invalid) for a sensitivity outside 0..100, a picture too small, or a zone that
        makes no sense.
        """
        size = picture_size(width, height)
        return MotionDetector(
            size, Tuning(), Judge(settings), open_blocks(settings.zones, *size), self.passes
        )


driver = MotionDriver()
