"""Where candidates lie: DATA/candidates/<camera>/<day>.cand, a cache beside the archive that may be deleted any time.

One file per camera and UTC day, chunks one after the other (see `wachtel.media.candidates`).
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wachtel.base.units import US_PER_S, WallUs
from wachtel.storage.files.disk import trouble

FOLDER = "candidates"
LARGEST_DAY_BYTES = 16 << 20
"""A day is full after so much: a camera that looks at a motorway must not fill the disk."""
KEEP_DAYS = 14.0
_SUFFIX = ".cand"


class Candidates:
    """Blocking; one writer. Raises `WachtelError` (disk_full, disk_error)."""

    def __init__(self, data: Path) -> None:
        self._root = data / FOLDER

    def append(self, camera: str, at: WallUs, chunk: bytes) -> bool:
        """Adds a chunk to the day of ``at``; False when that day is full."""
        path = self._path(camera, at)
        try:
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
            with os.fdopen(descriptor, "ab") as file:
                if file.tell() + len(chunk) > LARGEST_DAY_BYTES:
                    return False
                file.write(chunk)
        except OSError as error:
            raise trouble(error, f"write {path}") from error
        return True

    def read(self, camera: str, start: WallUs, end: WallUs) -> list[bytes]:
        """The content of the days that overlap the range, oldest first."""
        day, last = _day(start), _day(end)
        found = []
        while day <= last:
            path = self._root / camera / f"{day:%Y-%m-%d}{_SUFFIX}"
            try:
                found.append(path.read_bytes())
            except FileNotFoundError:
                pass
            except OSError as error:
                raise trouble(error, f"read {path}") from error
            day += timedelta(days=1)
        return found

    def first_day(self, camera: str) -> str | None:
        """The oldest day of which something is kept, as in 2026-11-21."""
        return min((path.stem for path in self._days(camera)), default=None)

    def prune(self, camera: str, before: WallUs) -> int:
        """Removes the days that ended before this moment; returns how many."""
        gone = [path for path in self._days(camera) if path.stem < f"{_day(before):%Y-%m-%d}"]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def cameras(self) -> list[str]:
        """Of which something is kept."""
        return sorted(path.name for path in self._root.iterdir()) if self._root.is_dir() else []

    def _days(self, camera: str) -> list[Path]:
        folder = self._root / camera
        return sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []

    def _path(self, camera: str, at: WallUs) -> Path:
        return self._root / camera / f"{_day(at):%Y-%m-%d}{_SUFFIX}"


def _day(at: WallUs) -> datetime:
    moment = datetime.fromtimestamp(max(0, at) // US_PER_S, UTC)
    return moment.replace(hour=0, minute=0, second=0)
