"""How large the archive's volume is and how much of it is free."""

import os
from dataclasses import dataclass
from pathlib import Path

from wachtel.storage.files.disk import trouble

KEEP_FREE_SHARE = 0.1
KEEP_FREE_BYTES = 5_000_000_000


@dataclass(frozen=True, slots=True)
class Space:
    """In bytes; ``free_bytes`` is what we may use."""

    size_bytes: int
    free_bytes: int


def volume_space(archive: Path) -> Space:
    """Of the volume that holds the archive. Raises `WachtelError` (disk_error)."""
    try:
        found = os.statvfs(archive)
    except OSError as error:
        raise trouble(error, "ask how full the disk is") from error
    return Space(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)


def usual_keep_free(space: Space) -> int:
    """What is kept free when nobody said otherwise: a tenth of the volume, and never more than 5 GB."""
    return min(round(space.size_bytes * KEEP_FREE_SHARE), KEEP_FREE_BYTES)
