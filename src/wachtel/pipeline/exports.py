"""Any range of the archive to take along: one film of a camera, or several cameras in one ZIP with their journals."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import compact_time
from wachtel.base.units import DAY_US, WallUs
from wachtel.media.archive_layout import (
    CAMERA_FILE,
    EXPORT_FILE,
    SITE_FILE,
    VOLUME_FILE,
    day_of,
    is_day,
    journal_name,
    segment_name_start,
    stream_folder,
)
from wachtel.media.clip import ClipPlan, ClipSource, plan_clips
from wachtel.media.fmp4_read import read_head
from wachtel.media.journal import Entry, EventLine, GapLine, SegmentLine, read_lines
from wachtel.media.stored_zip import Member, zip_pieces, zip_size
from wachtel.model.stream import StreamFormat, StreamName
from wachtel.pipeline.archive_files import FilePool, PooledFile, read_range
from wachtel.storage.files.disk import DiskSource, RealDisk, read_all
from wachtel.storage.files.reading import CameraPlace, cameras, journals
from wachtel.storage.index import Index

PIECE_BYTES = 1 << 20
MOST_FRESH = 3

Progress = Callable[[int, int], None]
"""Called with files looked at and files in all."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported; ``originals``: whole files of the archive instead of films cut to the range."""

    cameras: tuple[str, ...]
    start: WallUs
    end: WallUs
    originals: bool = False


class Film:
    """A range of one camera as MP4; ``gaps`` are stretches without footage that were closed up."""

    def __init__(self, plan: ClipPlan, files: Sequence[PooledFile]) -> None:
        self.size_bytes = plan.size_bytes
        self.start, self.end, self.gaps = plan.start, plan.end, plan.gaps
        self.formats = plan.formats
        self.etag = plan.etag
        self._plan = plan
        self._files = files

    def read(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The bytes ``first`` to ``last``, both included. Raises `WachtelError` (not_found, bad_data)."""
        waiting, left = bytearray(), (self.size_bytes if last is None else last + 1) - first
        for piece in self._plan.pieces(first, last):
            body = piece if isinstance(piece, bytes) else read_range(self._files[piece.source], piece)
            left -= len(body)
            waiting += body
            if len(waiting) >= PIECE_BYTES:
                yield bytes(waiting)
                waiting.clear()
        if left:
            raise WachtelError(
                ErrorKind.NOT_FOUND,
                "A file of the archive was deleted while it was exported.",
                hint="Export again; hold what must not be deleted.",
            )
        if waiting:
            yield bytes(waiting)


class ZipExport:
    """Several cameras in one ZIP file of a length that is known.

    Any part of it can be read, for a download that goes on where it broke off; what stands before is read too then,
    because the checksums at its end need it.
    """

    def __init__(self, members: Sequence[Member], etag: str) -> None:
        self.size_bytes = zip_size(members)
        self.etag = etag
        self.names = tuple(member.name for member in members)
        self._members = members

    def read(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The bytes ``first`` to ``last``, both included."""
        at, end = 0, self.size_bytes if last is None else last + 1
        for piece in zip_pieces(self._members):
            wanted = piece[max(0, first - at) : max(0, end - at)]
            at += len(piece)
            if wanted:
                yield wanted
            if at >= end:
                return


class Exporter:
    """Reads index and archive, beside a server or without one; blocking."""

    def __init__(self, index: Index, archive: Path) -> None:
        self._index = index
        self._archive = archive
        self._disk = RealDisk(archive)

    def films(self, camera: str, start: WallUs, end: WallUs, progress: Progress | None = None) -> list[Film]:
        """The range as films: one, and one more for each change of the picture's format.

        Raises `WachtelError`: invalid for an empty range, not_found when nothing was recorded in it.
        """
        pool = FilePool(self._archive)
        files = [PooledFile(pool, path) for path in self._paths(camera, start, end)]
        sources = []
        for done, (file, span) in enumerate(zip(files, self._spans(files, end), strict=True)):
            if progress is not None:
                progress(done, len(files))
            sources.append(ClipSource(file, *span))
        films = [Film(plan, files) for plan in plan_clips(sources, start, end)]
        if not films:
            raise _nothing(camera)
        return films

    def archive(self, wish: Wish, progress: Progress | None = None) -> ZipExport:
        """Films or whole files of several cameras, their journals, and what tells whose they are; ``progress`` begins
        anew for each camera.

        Raises `WachtelError` (invalid, not_found).
        """
        places = {place.camera: place for place in cameras(self._disk)}
        members: list[Member] = []
        told: dict[str, object] = {}
        for camera in wish.cameras:
            place = places.get(camera)
            if place is None:
                raise _nothing(camera)
            footage = (
                self._originals(wish, camera) if wish.originals else self._cut(wish, camera, told, progress)
            )
            members += [*footage, *self._journals(wish, place), *self._cards(place)]
        about = _about(wish, told)
        members = [about, self._file(VOLUME_FILE, f"archive/{VOLUME_FILE}"), *_without_doubles(members)]
        whole = [*((one.name, one.size_bytes, one.at) for one in members), told]
        digest = hashlib.sha256(repr(whole).encode())
        return ZipExport(members, digest.hexdigest()[:32])

    def _cut(
        self, wish: Wish, camera: str, told: dict[str, object], progress: Progress | None
    ) -> list[Member]:
        films = self.films(camera, wish.start, wish.end, progress)
        told[camera] = [
            {
                "file": _film_name(camera, film),
                "start": film.start,
                "end": film.end,
                "gaps": film.gaps,
                "formats": [_format_words(one) for one in film.formats],
            }
            for film in films
        ]
        return [Member(_film_name(camera, film), film.size_bytes, film.start, film.read) for film in films]

    def _originals(self, wish: Wish, camera: str) -> list[Member]:
        segments = self._index.segments(camera, StreamName.MAIN, wish.start, wish.end)
        if not segments:
            raise _nothing(camera)
        return [self._file(one.path, f"archive/{one.path}", one.start) for one in segments]

    def _journals(self, wish: Wish, place: CameraPlace) -> list[Member]:
        """The days of the range and one to either side; of the open day what tells of the range.

        So the same export stays the same while the camera goes on, and a download that broke off can go on.
        """
        first, last = day_of(WallUs(wish.start - DAY_US)), day_of(WallUs(wish.end + DAY_US))
        known = journals(self._disk, place)
        named = ((journal_name(path.rpartition("/")[2]), path) for path in known)
        paths = [path for name, path in named if name and first <= name[0] <= last]
        return [
            self._open_day(wish, path) if path == known[-1] else self._file(path, f"archive/{path}")
            for path in paths
        ]

    def _open_day(self, wish: Wish, path: str) -> Member:
        size = 0
        for line in read_lines(read_all(self._disk, path)):
            if line.entry is not None and _tells_of(line.entry, wish):
                size = line.end
        return Member(f"archive/{path}", size, wish.end, partial(_read_file, self._archive / path, size))

    def _cards(self, place: CameraPlace) -> list[Member]:
        paths = (f"{place.site}/{SITE_FILE}", f"{place.site}/{place.camera}/{CAMERA_FILE}")
        return [self._file(path, f"archive/{path}") for path in paths if self._disk.exists(path)]

    def _file(self, path: str, name: str, at: WallUs | None = None) -> Member:
        full = self._archive / path
        found = full.stat()
        size, changed = found.st_size, WallUs(found.st_mtime_ns // 1000)
        return Member(name, size, changed if at is None else at, partial(_read_file, full, size))

    def _paths(self, camera: str, start: WallUs, end: WallUs) -> list[str]:
        """Files of the main stream that overlap the range by the index, and newer ones that it does not know yet."""
        if end <= start:
            raise WachtelError(ErrorKind.INVALID, "The end of the range is not after its start.")
        known = [one.path for one in self._index.segments(camera, StreamName.MAIN, start, end)]
        return [*known, *self._fresh(camera, end)]

    def _fresh(self, camera: str, end: WallUs) -> Iterator[str]:
        """The files being written, which no index knows."""
        site = next((place.site for place in cameras(self._disk) if place.camera == camera), None)
        if site is None:
            raise _nothing(camera)
        folder = stream_folder(site, camera, StreamName.MAIN)
        days = [day for day in self._disk.folders(folder) if is_day(day)]
        for name in self._disk.files(f"{folder}/{days[-1]}")[-MOST_FRESH:] if days else []:
            path, start = f"{folder}/{days[-1]}/{name}", segment_name_start(name)
            if start is not None and start < end and not self._is_known(path) and self._has_head(path):
                yield path

    def _is_known(self, path: str) -> bool:
        return self._index.segment(path) is not None or self._index.is_deleted(path)

    def _has_head(self, path: str) -> bool:
        try:
            return read_head(DiskSource(self._disk, path)).size_bytes > 0
        except (WachtelError, OSError):
            return False

    def _spans(self, files: Sequence[PooledFile], end: WallUs) -> Iterator[tuple[WallUs, WallUs]]:
        for file in files:
            known = self._index.segment(file.path)
            # What the index does not know yet is cut by the times inside it.
            yield (WallUs(0), WallUs(end + 1)) if known is None else (known.start, known.end)


def _read_file(path: Path, size_bytes: int) -> Iterator[bytes]:
    """The first so many bytes: a journal may have grown since."""
    left = size_bytes
    with path.open("rb") as file:
        while left and (piece := file.read(min(left, PIECE_BYTES))):
            left -= len(piece)
            yield piece


def _format_words(format: StreamFormat) -> str:
    sound = f", {format.audio.codec.value}" if format.audio is not None else ""
    return f"{format.video.codec.value} {format.video.width}x{format.video.height}{sound}"


def _tells_of(entry: Entry, wish: Wish) -> bool:
    """True for a line that was written before the range's end, or is about something in it."""
    if entry.at <= wish.end:
        return True
    match entry:
        case SegmentLine() | GapLine() | EventLine():
            return entry.start < wish.end and entry.end > wish.start
        case _:
            return False


def _film_name(camera: str, film: Film) -> str:
    return f"{camera}-{compact_time(film.start)}.mp4"


def _about(wish: Wish, told: dict[str, object]) -> Member:
    content = {"start": wish.start, "end": wish.end, "cameras": wish.cameras, "films": told}
    data = msgspec.json.format(msgspec.json.encode(content)) + b"\n"
    return Member(EXPORT_FILE, len(data), wish.end, lambda: [data])


def _without_doubles(members: Sequence[Member]) -> list[Member]:
    """Cameras of one site share its card."""
    return list({member.name: member for member in members}.values())


def _nothing(camera: str) -> WachtelError:
    return WachtelError(
        ErrorKind.NOT_FOUND,
        f"Nothing was recorded by camera {camera} in this range.",
        hint="The timeline shows what there is, and why the rest is missing.",
    )
