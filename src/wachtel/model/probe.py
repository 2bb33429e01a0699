"""What a trial of a camera URL found, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from wachtel.model.device import DeviceReport
from wachtel.model.finding import ProbeFinding as ProbeFinding


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a camera URL gives.

    ``url`` is without user and password. ``picture`` is a JPEG, None when none could be had. ``device`` is what the
    device says of itself, where the URL was that of a whole device; then the rest is about its main stream.
    """

    ok: bool
    url: str
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    audio: str | None
    findings: Sequence[ProbeFinding]
    picture: bytes | None = None
    device: DeviceReport | None = None
