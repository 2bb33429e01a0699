"""Fills the index from the files: journals where there are any, else the boxes inside the footage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.fmp4_read import read_head, recover
from wachtel.media.journal import Journalled
from wachtel.model.footage import Segment
from wachtel.model.stream import StreamName
from wachtel.storage.files.disk import Disk, DiskSource, RealDisk, trouble
from wachtel.storage.files.reading import CameraPlace, cameras, journals, read_journal, segment_files
from wachtel.storage.files.recovery import hash_file
from wachtel.storage.files.volume import read_marker
from wachtel.storage.index.index import Index

Progress = Callable[[int, int], None]
"""Called with journals done and journals in all."""


@dataclass(slots=True)
class FillReport:
    """What went into the index; ``segments``, ``gaps`` and ``events`` are what it holds now. ``skipped``
    files have no journal line and are not finished or not ours."""

    lines: int = 0
    segments: int = 0
    gaps: int = 0
    events: int = 0
    from_boxes: int = 0
    missing: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    shrunk: list[str] = field(default_factory=list)


def open_or_rebuild(path: Path, archive: Path, progress: Progress | None = None) -> Index:
    """Opens the index and brings it up to date; one that is missing, damaged or of another volume is made anew from
    the files.

    Raises `WachtelError` (foreign_volume, disk_full, disk_error).
    """
    volume = read_marker(RealDisk(archive)).volume
    index = Index.open(path, archive, volume)
    try:
        catch_up(index, archive, progress)
    except BaseException:
        index.close()
        raise
    return index


def catch_up(index: Index, archive: Path, progress: Progress | None = None) -> FillReport:
    """Brings an index up to what the journals say now; fills one that is fresh from scratch.

    To be called at start, and when a media worker was started anew. A journal that is shorter than what the
    index has seen of it is named in ``shrunk``: then the index should be rebuilt. Raises `WachtelError`:
    foreign_volume when the archive is not there, or not the one that the index is of.
    """
    disk = RealDisk(archive)
    report = FillReport()
    index.belong_to(read_marker(disk).volume)
    try:
        _read_journals(index, disk, report, progress)
        if index.fresh:
            for place in cameras(disk):
                _compare_files(index, disk, place, report)
            index.fresh = False
    except OSError as error:
        raise trouble(error, "read the archive") from error
    report.segments, report.gaps, report.events = index.counts()
    return report


def segment_from_boxes(disk: Disk, place: CameraPlace, stream: StreamName, path: str, volume: str) -> Segment:
    """What a finished file tells of itself.

    Raises `WachtelError`: bad_data when it cannot be read or is not finished, conflict when it belongs
    elsewhere.
    """
    source = DiskSource(disk, path)
    identity = read_head(source).identity
    if identity is None or (identity.volume, identity.site, identity.camera, identity.stream) != (
        volume,
        place.site,
        place.camera,
        stream,
    ):
        raise WachtelError(ErrorKind.CONFLICT, f"{path} does not belong to this camera and volume.")
    found = recover(source)
    if not found.complete:
        raise WachtelError(ErrorKind.BAD_DATA, f"{path} is not finished.")
    size, sha256 = hash_file(disk, path)
    return Segment(
        site=place.site,
        camera=place.camera,
        stream=stream,
        path=path,
        start=WallUs(found.start),
        end=WallUs(found.end),
        size_bytes=size,
        sha256=sha256,
        frames=found.frames,
        key_frames=found.key_frames,
        run=identity.run,
    )


def _read_journals(index: Index, disk: Disk, report: FillReport, progress: Progress | None) -> None:
    marks = index.marks()
    todo = [(place, path) for place in cameras(disk) for path in journals(disk, place)]
    for done, (place, path) in enumerate(todo):
        if progress is not None:
            progress(done, len(todo))
        mark, size = marks.get(path, 0), disk.size(path)
        if size < mark:
            report.shrunk.append(path)
        elif size > mark:
            report.lines += _apply(index, read_journal(disk, place, path, mark))
    if progress is not None:
        progress(len(todo), len(todo))


def _apply(index: Index, lines: list[Journalled]) -> int:
    if lines:
        index.apply(lines)
    return len(lines)


def _compare_files(index: Index, disk: Disk, place: CameraPlace, report: FillReport) -> None:
    """Rows without a file are dropped; finished files without a row are read."""
    rows = index.segment_paths(place.site, place.camera)
    files = {path: stream for stream, path in segment_files(disk, place)}
    missing = sorted(rows - files.keys())
    index.drop_segments(place.camera, missing)
    report.missing += missing
    volume = read_marker(disk).volume
    new = [path for path in files if path not in rows and not index.is_deleted(path)]
    index.add_segments(list(_from_boxes(disk, place, {path: files[path] for path in new}, volume, report)))


def _from_boxes(
    disk: Disk, place: CameraPlace, files: dict[str, StreamName], volume: str, report: FillReport
) -> Iterator[Segment]:
    for path, stream in files.items():
        try:
            yield segment_from_boxes(disk, place, stream, path, volume)
        except WachtelError:
            report.skipped.append(path)
        else:
            report.from_boxes += 1
