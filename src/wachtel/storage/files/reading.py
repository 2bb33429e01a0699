"""Finding one's way in an archive folder without any index."""

from collections.abc import Iterator
from dataclasses import dataclass

from wachtel.media.archive_layout import (
    JOURNAL_FOLDER,
    is_day,
    journal_folder,
    journal_name,
    segment_name_start,
    stream_folder,
)
from wachtel.media.journal import Journalled, read_lines
from wachtel.model.stream import StreamName
from wachtel.storage.files.disk import Disk


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """A camera's folder in the archive."""

    site: str
    camera: str


def cameras(disk: Disk) -> Iterator[CameraPlace]:
    """All folders that hold a journal or a stream."""
    for site in disk.folders(""):
        for camera in disk.folders(site):
            inside = disk.folders(f"{site}/{camera}")
            if JOURNAL_FOLDER in inside or any(stream in inside for stream in StreamName):
                yield CameraPlace(site, camera)


def journals(disk: Disk, place: CameraPlace) -> list[str]:
    """The journals of a camera by day."""
    folder = journal_folder(place.site, place.camera)
    known = sorted((named, name) for name in disk.files(folder) if (named := journal_name(name)) is not None)
    return [f"{folder}/{name}" for _, name in known]


def read_journal(disk: Disk, place: CameraPlace, path: str, offset: int = 0) -> list[Journalled]:
    """The lines from ``offset`` on, up to the last one that can be read. Raises `OSError`."""
    data = disk.read_at(path, offset, max(0, disk.size(path) - offset))
    lines = list(read_lines(data, offset))
    while lines and lines[-1].entry is None:
        lines.pop()
    return [Journalled(place.site, place.camera, path, line.start, line.end, line.raw) for line in lines]


def segment_files(disk: Disk, place: CameraPlace, first_day: str = "") -> Iterator[tuple[StreamName, str]]:
    """All files that are named like segments, by stream and day."""
    for stream in StreamName:
        folder = stream_folder(place.site, place.camera, stream)
        for day in disk.folders(folder):
            if is_day(day) and day >= first_day:
                names = disk.files(f"{folder}/{day}")
                named = (name for name in names if segment_name_start(name) is not None)
                yield from ((stream, f"{folder}/{day}/{name}") for name in named)
