"""Which picture of an event people want to see: the thing large, sharp and whole."""

import numpy as np

from wachtel.detectors.api import Gray
from wachtel.model.event import Motion
from wachtel.model.zone import Box

_CUT_OFF = 0.6
_EDGE = 0.01
_BLUR = 8.0
"""Mean difference of neighbouring pixels (gray) at which a picture counts as half sharp."""


def picture_quality(motion: Motion, gray: Gray, above: float = 0.0) -> float:
    """A number to compare pictures of one event by, 0 for one that cannot reach ``above``.

    ``gray`` is the detector's picture.
    """
    if not motion.boxes:
        return motion.why.area
    return max(_quality(box, gray, above) for box in motion.boxes)


def _quality(box: Box, gray: Gray, above: float) -> float:
    cut = min(box.left, box.top, 1 - box.right, 1 - box.bottom) < _EDGE
    whole = (box.right - box.left) * (box.bottom - box.top) * (_CUT_OFF if cut else 1.0)
    if whole <= above:
        return 0.0
    sharp = _sharpness(box, gray)
    return whole * sharp / (sharp + _BLUR)


def _sharpness(box: Box, gray: Gray) -> float:
    """Mean difference of neighbouring pixels inside the box."""
    height, width = gray.shape
    part = gray[
        int(box.top * height) : max(int(box.top * height) + 2, round(box.bottom * height)),
        int(box.left * width) : max(int(box.left * width) + 2, round(box.right * width)),
    ].astype(np.int16)
    if min(part.shape) < 2:
        return 0.0
    across, down = np.abs(np.diff(part, axis=1)), np.abs(np.diff(part, axis=0))
    return float(across.mean() + down.mean())
