"""The index opened: one writer, several readers, and the door by which journal lines come in."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, pairwise
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.journal import Journalled
from wachtel.model.event import Event
from wachtel.model.footage import Gap, Hold, Segment
from wachtel.model.stream import StreamName
from wachtel.storage.api import Applied, CameraSize, EventPage, EventQuery, HourSummary, Ledger
from wachtel.storage.files.disk import RealDisk, trouble
from wachtel.storage.files.reading import CameraPlace, read_journal
from wachtel.storage.index import queries
from wachtel.storage.index.batch import Batch, batch_of
from wachtel.storage.index.engine import reader_engine, writer_engine
from wachtel.storage.index.gate import Gate
from wachtel.storage.index.ledger import Layers
from wachtel.storage.index.tables import SCHEMA_VERSION, journal_mark, meta, metadata
from wachtel.storage.index.writing import drop_segments, write_batch

_log = logging.getLogger(__name__)

VOLUME = "volume"
"""The name under which `meta` keeps the id of the archive's volume."""


class Index:
    """The catalog of an archive. All methods block for a moment and may be called by any thread."""

    def __init__(self, path: Path, archive: Path) -> None:
        self.path = path
        self.archive = archive
        self.fresh = False
        self._gate = Gate()
        self._writing = threading.Lock()
        self._writer: Engine
        self._reader: Engine

    @staticmethod
    def open(path: Path, archive: Path, volume: str | None = None) -> "Index":
        """Opens the index of an archive.

        One that is missing, damaged, of another schema or not of this ``volume`` (None: whichever) is begun anew and
        is ``fresh``: `catch_up` then fills it from the files. Raises `WachtelError` (disk_full, disk_error).
        """
        index = Index(path, archive)
        if not _is_usable(path, volume):
            _remove(path)
            index.fresh = True
        index._open()
        return index

    @staticmethod
    def look(path: Path, archive: Path) -> "Index | None":
        """Opens an index only to read it; None when there is none that can be read."""
        if not _is_usable(path):
            return None
        index = Index(path, archive)
        index._reader = index._writer = reader_engine(path)
        return index

    def close(self) -> None:
        """Closes all connections."""
        with self._gate.shut():
            self._reader.dispose()
            self._writer.dispose()

    def belong_to(self, volume: str) -> None:
        """Notes the volume of the archive. Raises `WachtelError` (foreign_volume) when it was another one."""
        with self._write() as connection:
            row = {"name": VOLUME, "value": volume}
            connection.execute(insert(meta).on_conflict_do_nothing(), [row])
            known = connection.execute(select(meta.c.value).where(meta.c.name == VOLUME)).scalar()
        if known != volume:
            raise WachtelError(
                ErrorKind.FOREIGN_VOLUME,
                f"Another disk is in the place of the archive: {self.archive} is volume {volume}, not {known}.",
                hint=f"Mount the right disk at {self.archive}. Nothing was written to this one.",
            )

    def apply(self, lines: Sequence[Journalled]) -> Applied:
        """Takes journal lines in, in one transaction.

        Lines seen before change nothing. If lines before them are missing, they are read from the journal
        itself: so a lost message between processes loses nothing here. Raises `WachtelError` (disk_full,
        disk_error).
        """
        with self._write() as connection:
            pending = self._pending(connection, lines)
            batch = batch_of(pending)
            write_batch(connection, batch)
            _set_marks(connection, pending)
        events = (*batch.begun.values(), *batch.ended.values())
        return Applied(tuple(batch.segments.values()), tuple(batch.gaps.values()), events)

    def add_segments(self, segments: Sequence[Segment]) -> None:
        """Takes in files that no journal knows, as `rebuild` finds them."""
        batch = Batch()
        for segment in segments:
            batch.add_segment(segment)
        with self._write() as connection:
            write_batch(connection, batch)

    def drop_segments(self, camera: str, paths: Sequence[str]) -> None:
        """Forgets files that are no longer there."""
        if paths:
            with self._write() as connection:
                drop_segments(connection, camera, paths)

    def is_deleted(self, path: str) -> bool:
        """True for a file that the journal lists as deleted."""
        with self._read() as connection:
            return queries.is_deleted(connection, path)

    def counts(self) -> tuple[int, int, int]:
        """How many segments, gaps and events there are."""
        with self._read() as connection:
            return queries.counts(connection)

    def marks(self) -> dict[str, int]:
        """How many bytes of each journal are in here."""
        with self._read() as connection:
            rows = connection.execute(select(journal_mark.c.path, journal_mark.c.bytes)).all()
        return {row.path: row.bytes for row in rows}

    def segments(self, camera: str, stream: StreamName, start: WallUs, end: WallUs) -> list[Segment]:
        """The segments that overlap the range, by start."""
        with self._read() as connection:
            return queries.segments(connection, camera, stream, start, end)

    def segment(self, path: str) -> Segment | None:
        """One segment by its path."""
        with self._read() as connection:
            return queries.segment_at(connection, path)

    def segment_paths(self, site: str, camera: str) -> set[str]:
        """The paths of all segments of a camera."""
        with self._read() as connection:
            return queries.segment_paths(connection, site, camera)

    def all_segments(self, camera: str) -> Iterator[Segment]:
        """Every segment of a camera, by path; for `check`."""
        with self._read() as connection:
            yield from queries.all_segments(connection, camera)

    def all_events(self, camera: str) -> Iterator[Event]:
        """Every event of a camera, by id; for `check`."""
        with self._read() as connection:
            yield from queries.all_events(connection, camera)

    def gaps(self, camera: str, start: WallUs, end: WallUs) -> list[Gap]:
        """The gaps that overlap the range, by start."""
        with self._read() as connection:
            return queries.gaps(connection, camera, start, end)

    def events(self, query: EventQuery) -> EventPage:
        """Events, newest first. Raises `WachtelError` (not_found) when ``before`` names no event."""
        with self._read() as connection:
            return queries.events(connection, query)

    def event_ranges(self, camera: str, start: WallUs, end: WallUs) -> list[tuple[WallUs, WallUs | None]]:
        """Start and end of the events that overlap the range, by start; no end while one runs."""
        with self._read() as connection:
            return queries.event_ranges(connection, camera, start, end)

    def pictures_before(self, camera: str, end: WallUs, limit: int = 500) -> list[Event]:
        """Events that ended before this moment and still have their picture, the oldest first."""
        with self._read() as connection:
            return queries.pictures_before(connection, camera, end, limit)

    def event(self, event: str) -> Event | None:
        """One event."""
        with self._read() as connection:
            return queries.event_by_id(connection, event)

    def open_events(self) -> list[Event]:
        """Events that have begun and not ended."""
        with self._read() as connection:
            return queries.open_events(connection)

    def timeline(self, cameras: Sequence[str], start: WallUs, end: WallUs) -> list[HourSummary]:
        """The hours that overlap the range and hold anything, by hour and camera."""
        with self._read() as connection:
            return queries.timeline(connection, cameras, start, end)

    def ledger(self, camera: str, start: WallUs, end: WallUs, more: Layers | None = None) -> Ledger:
        """What became of every moment of the range; ``more`` is what is known and not yet journalled."""
        with self._read() as connection:
            return queries.account(connection, camera, start, end, more)

    def accounted_until(self, camera: str) -> WallUs | None:
        """The last moment of which the journals tell anything."""
        with self._read() as connection:
            return queries.accounted_until(connection, camera)

    def newest(self) -> WallUs | None:
        """The last moment of which any camera's journal tells."""
        found = (self.accounted_until(camera) for _, camera in self.places())
        return max((at for at in found if at is not None), default=None)

    def holds(self, camera: str | None = None) -> list[Hold]:
        """What is held of a camera, or of all, by start."""
        with self._read() as connection:
            return queries.holds(connection, camera)

    def oldest(
        self, camera: str, stream: StreamName, after: tuple[int, str] = (0, ""), limit: int = 500
    ) -> list[Segment]:
        """The oldest segments of a stream behind this start and path, by start and path."""
        with self._read() as connection:
            return queries.oldest(connection, camera, stream, after, limit)

    def places(self) -> list[tuple[str, str]]:
        """Site and camera of every journal, also of cameras that were removed."""
        return sorted({(path.split("/")[0], path.split("/")[1]) for path in self.marks()})

    def sizes(self, since: WallUs) -> list[CameraSize]:
        """How much footage each camera has, and how much of it began after ``since`` (a full hour)."""
        with self._read() as connection:
            return queries.sizes(connection, since)

    def last_footage(self, camera: str) -> WallUs | None:
        """The end of the newest segment of the main stream."""
        with self._read() as connection:
            return queries.last_footage(connection, camera)

    def swap_in(self, new: Path) -> None:
        """Puts a finished index file in the place of this one; questions asked meanwhile wait for a
        moment."""
        with self._writing, self._gate.shut():
            self._reader.dispose()
            self._writer.dispose()
            replace_index(self.path, new)
            self._open()
            self.fresh = False

    def _open(self) -> None:
        if not self.path.exists():
            self.path.touch(mode=0o600)
        self._writer = writer_engine(self.path)
        self._reader = reader_engine(self.path)
        with _translated(), self._writer.begin() as connection:
            metadata.create_all(connection)
            version = {"name": "schema", "value": str(SCHEMA_VERSION)}
            connection.execute(insert(meta).on_conflict_do_nothing(), [version])

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._writing, self._gate.enter(), _translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._gate.enter(), _translated(), self._reader.connect() as connection:
            yield connection

    def _missed(self, place: CameraPlace, path: str, mark: int) -> list[Journalled]:
        try:
            return read_journal(RealDisk(self.archive), place, path, mark)
        except OSError as error:
            raise trouble(error, f"read {path}") from error

    def _pending(self, connection: Connection, lines: Sequence[Journalled]) -> list[Journalled]:
        """The lines that are new, those that were missed included."""
        pending: list[Journalled] = []
        for path, group in groupby(lines, key=lambda line: line.path):
            some = list(group)
            question = select(journal_mark.c.bytes).where(journal_mark.c.path == path)
            mark = connection.execute(question).scalar() or 0
            if some[0].start > mark or any(a.end != b.start for a, b in pairwise(some)):
                _log.info("reading missed lines of %s", path)
                place = CameraPlace(some[0].site, some[0].camera)
                some = self._missed(place, path, mark)
            pending += [line for line in some if line.end > mark]
        return pending


def replace_index(path: Path, new: Path) -> None:
    """Puts a finished index file in the place of a closed one."""
    for name in _sidecars(path):
        name.unlink(missing_ok=True)
    new.replace(path)


def _set_marks(connection: Connection, lines: Sequence[Journalled]) -> None:
    marks = {line.path: line.end for line in lines}
    if marks:
        statement = insert(journal_mark)
        statement = statement.on_conflict_do_update(
            index_elements=["path"], set_={"bytes": statement.excluded.bytes}
        )
        connection.execute(statement, [{"path": path, "bytes": end} for path, end in marks.items()])


def _is_usable(path: Path, volume: str | None = None) -> bool:
    if not path.exists():
        return False
    engine = reader_engine(path)
    try:
        with engine.connect() as connection:
            found = {row.name: row.value for row in connection.execute(select(meta)).all()}
    except DatabaseError:
        return False
    finally:
        engine.dispose()
    of_this_volume = volume is None or found.get(VOLUME, volume) == volume
    return found.get("schema") == str(SCHEMA_VERSION) and of_this_volume


def _remove(path: Path) -> None:
    for name in (path, *_sidecars(path)):
        name.unlink(missing_ok=True)


def _sidecars(path: Path) -> tuple[Path, Path]:
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        full = "full" in str(error.orig)
        raise WachtelError(
            ErrorKind.DISK_FULL if full else ErrorKind.DISK_ERROR,
            f"The index could not be used: {error.orig}.",
            hint="The footage is safe. Free some space."
            if full
            else "The footage is safe. Run: wachtel rebuild",
        ) from error
