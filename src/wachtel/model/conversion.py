"""What it costs to record Motion JPEG as H.264."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConversionPrice:
    """Measured with ``pictures`` of a camera that it sent within ``seconds``.

    ``core`` is how much of one processor core the work takes while the camera sends as it does now: above 1 it cannot
    be done. The rates are bytes a second, as the camera sends them and as H.264.
    """

    pictures: int
    seconds: float
    core: float
    sent_bytes_per_s: float
    made_bytes_per_s: float
