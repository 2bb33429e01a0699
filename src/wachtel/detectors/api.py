"""What a detector driver offers: pictures of one camera in, motion out.

A driver is one folder under ``wachtel.detectors`` (or in a package of yours) and one entry point in the group
``wachtel.detectors``, whose object is a `DetectorDriver`. A detector has state, belongs to one camera, knows no clock
and does no I/O: the same pictures give the same answers.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from wachtel.base.units import WallUs
from wachtel.model.camera import MotionSettings
from wachtel.model.candidate import Look
from wachtel.model.event import Motion

Gray = NDArray[np.uint8]
"""Shape (height, width), 0 black .. 255 white."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture, already scaled to the size the detector asked for."""

    at: WallUs
    gray: Gray


class Detector(Protocol):
    """Watches one camera."""

    picture_size: tuple[int, int]
    """Width and height of the pictures it wants, in pixels."""

    @property
    def most_fps(self) -> float:
        """More pictures a second than this are of no use to it now; the caller leaves out the rest, and asks again
        after each look."""
        ...

    def look(self, picture: Picture) -> Motion | None:
        """The next picture, in order of time. None means: nothing moves in it, or not yet surely."""
        ...

    def suspicious(self) -> bool:
        """True when the last picture showed something that may become motion: worth decoding more pictures now."""
        ...


@runtime_checkable
class Follower(Protocol):
    """What a detector may offer beside: what it followed, so that other settings can be tried on past days.

    Such a detector must have its words spoken by `wachtel.detectors.judging.Judge`, or the replay tells something else.
    """

    followed: Look | None
    """What was followed in the last picture, whether it counts or not."""


class DetectorDriver(Protocol):
    """Makes detectors."""

    def create(self, settings: MotionSettings, width: int, height: int) -> Detector:
        """A detector for pictures that come from a stream of this size (pixels).

        Raises `WachtelError` (invalid) for a zone it cannot use, with the reason.
        """
        ...
