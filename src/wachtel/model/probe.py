"""What a trial of a camera URL found, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """One thing the probe found: ``level`` is ok, warning or error.

    ``code`` names the sentence and ``details`` the values in it, for the same sentence in another language. The
    ``kind`` of an error is that of the error, of anything else it is the code.
    """

    level: str
    kind: str
    what: str
    hint: str = ""
    code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


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
