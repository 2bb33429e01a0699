"""What a trial of a camera URL found, in words."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """One thing the probe found: ``level`` is ok, warning or error; ``kind`` names it for translation."""

    level: str
    kind: str
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a camera URL gives.

    ``url`` is without user and password. ``picture`` is a JPEG, None when none could be had.
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
