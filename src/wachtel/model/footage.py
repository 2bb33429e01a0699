"""What lies in the archive: segments, and gaps with their reasons."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.model.stream import StreamName


class GapReason(StrEnum):
    """Why a stretch has no footage."""

    CAMERA_OFFLINE = "camera_offline"
    NO_PACKETS = "no_packets"
    DISK_FULL = "disk_full"
    SCHEDULE = "schedule"
    PRIVACY = "privacy"
    RESTART = "restart"
    CRASH = "crash"
    CLOCK = "clock"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Segment:
    """One finished file. ``path`` is relative to the archive folder and uses ``/``."""

    site: str
    camera: str
    stream: StreamName
    path: str
    start: WallUs
    end: WallUs
    size_bytes: int
    sha256: str
    frames: int
    key_frames: int
    run: str
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without footage of the main stream; both ends are known."""

    site: str
    camera: str
    start: WallUs
    end: WallUs
    reason: GapReason


NOT_WANTED = frozenset({GapReason.SCHEDULE, GapReason.PRIVACY})
"""Without footage on purpose: the ledger calls it off, and nobody is alarmed."""


@dataclass(frozen=True, slots=True)
class LastingGap:
    """A gap whose end is not known yet."""

    since: WallUs
    reason: GapReason


@dataclass(frozen=True, slots=True)
class Hold:
    """Footage from ``start`` to ``end`` that nothing deletes. ``event`` is the event it is kept for, "" for none."""

    camera: str
    start: WallUs
    end: WallUs
    event: str = ""
    why: str = ""
