"""Goes through the recordings of another program, one after the other, and makes footage of the archive of them.

Each is read in a process of its own (`ForeignReader`), waits in the archive's folder of its camera as segments, and is
taken in by whoever writes that camera's journal (`Adopter`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, groupby, pairwise
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.stream import StreamName
from wachtel.pipeline.importing.orders import Examined, MadeFile, Remux
from wachtel.pipeline.importing.placing import Placement, Range, Taken, place
from wachtel.pipeline.importing.reader import ForeignReader
from wachtel.pipeline.importing.summary import CameraSummary, Skipped, Summary
from wachtel.storage.api import LedgerState
from wachtel.storage.files.adoption import (
    RUN_PREFIX,
    Adoptable,
    begin_waiting,
    end_waiting,
    waiting_folder,
)
from wachtel.storage.files.recovery import accounted_until
from wachtel.storage.files.volume import Volume
from wachtel.storage.foreign import Foreign, Found
from wachtel.storage.foreign.local_times import Moments, by_last_writing, moments_of
from wachtel.storage.index import Index
from wachtel.storage.index.ledger import Layers

TOO_FRESH_US = 120 * US_PER_S
"""What ended so short a time ago may still be written, or be in a file of ours that is open."""

BATCH_FILES = 32
BATCH_BYTES = 256_000_000
HOLES_AT_ONCE = 400
_UNSURE_US = 2 * US_PER_S
_DATED_OTHERWISE_US = 600 * US_PER_S
_LONGEST_US = 25 * 3600 * US_PER_S

_FATAL = frozenset(
    {ErrorKind.DISK_FULL, ErrorKind.DISK_ERROR, ErrorKind.FOREIGN_VOLUME, ErrorKind.BUSY, ErrorKind.UNREACHABLE,
     ErrorKind.TIMEOUT, ErrorKind.INTERNAL, ErrorKind.DENIED}
)  # fmt: skip
"""Not the fault of one recording: the import ends there and can be begun again."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the recordings of one foreign camera go. ``keep_us``: its owner lets footage be deleted at this age."""

    site: str
    camera: str
    zone: ZoneInfo
    keep_us: int | None = None


class Adopter(Protocol):
    """Whoever writes a camera's journal."""

    def adopt(
        self, target: Target, files: Sequence[Adoptable], holes: Sequence[tuple[WallUs, WallUs]]
    ) -> Mapping[str, str]:
        """Takes waiting files in, and journals holes; gives the names of those it refused, with the reason.

        Raises `WachtelError`.
        """
        ...


class Progress(Protocol):
    """Told after every recording."""

    def __call__(self, done: int, of: int, size_bytes: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """``sound``: take it along. ``dry``: look at everything and change nothing."""

    sound: bool = True
    dry: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    """A recording whose segments wait."""

    file: Foreign
    segments: tuple[MadeFile, ...]


def run_of(layout: str, file: Foreign) -> str:
    """The run in which all segments of one recording are: the same in every import of it."""
    text = f"{layout}\0{file.named.key}\0{file.size_bytes}"
    return RUN_PREFIX + hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


class Importer:
    """Works in the caller's thread until all is done; may be ended at any moment and begun again. ``summary`` is
    what came of it so far."""

    def __init__(
        self,
        archive: Path,
        volume: Volume,
        index: Index,
        reader: ForeignReader,
        adopter: Adopter,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self.summary = Summary()
        self._archive = archive
        self.volume = volume
        self._index = index
        self._reader = reader
        self.adopter = adopter
        self._clock = clock
        self._progress = progress

    def run(self, found: Found, targets: Mapping[str, Target], wishes: Wishes = Wishes()) -> Summary:
        """Imports every recording whose camera is in ``targets``.

        Raises `WachtelError` for what is not the fault of one recording; what was taken in until then stays.
        """
        summary = self.summary = Summary(strangers=len(found.strangers))
        wanted = [file for file in found.files if file.named.camera in targets]
        done = _Counter(len(wanted), self._progress)
        for source, files in groupby(wanted, key=lambda file: file.named.camera):
            target = targets[source]
            camera = CameraSummary(source, target.camera, target.site)
            summary.cameras.append(camera)
            work = _CameraImport(self, found.layout.name, target, camera, summary, wishes)
            work.run(list(files), done)
        return summary

    def left_to_do(self, found: Found, targets: Mapping[str, Target]) -> int:
        """Bytes of the recordings of which nothing was imported yet."""
        known = {target.camera: known_runs(self._index, target.camera) for target in targets.values()}
        return sum(
            file.size_bytes
            for file in found.files
            if file.named.camera in targets
            and run_of(found.layout.name, file) not in known[targets[file.named.camera].camera]
        )


def known_runs(index: Index, camera: str) -> dict[str, Range]:
    """The imported runs of a camera: from when to when."""
    found: dict[str, Range] = {}
    for one in index.all_segments(camera):
        if one.run.startswith(RUN_PREFIX):
            before = found.get(one.run, (one.start, one.end))
            found[one.run] = (min(one.start, before[0]), max(one.end, before[1]))
    return found


class _Counter:
    def __init__(self, of: int, progress: Progress) -> None:
        self._of, self._progress = of, progress
        self._done = self._size = 0

    def add(self, size_bytes: int) -> None:
        self._done += 1
        self._size += size_bytes
        self._progress(self._done, self._of, self._size)


class _CameraImport:
    """The recordings of one camera, by time."""

    def __init__(
        self,
        at: Importer,
        layout: str,
        target: Target,
        camera: CameraSummary,
        summary: Summary,
        wishes: Wishes,
    ) -> None:
        self._at = at
        self._layout = layout
        self._target = target
        self._camera = camera
        self._summary = summary
        self._wishes = wishes
        self._known = known_runs(at._index, target.camera)
        self._taken = Taken()
        self._made: list[_Made] = []
        self._now = at._clock.wall_us()
        self._sound_end = 0

    def run(self, files: Sequence[Foreign], done: _Counter) -> None:
        with self._waiting_folder():
            moments = [moments_of(file.named.begins, self._target.zone) for file in files]
            pairs = pairwise(chain(zip(files, moments, strict=True), [(None, None)]))
            for (file, moment), (_, after) in pairs:
                assert file is not None and moment is not None
                self._attempt(file, moment, None if after is None else after.candidates[0])
                done.add(file.size_bytes)
            self._hand_over()
            self._account()

    @contextmanager
    def _waiting_folder(self) -> Iterator[None]:
        if self._wishes.dry:
            yield
            return
        volume, target = self._at.volume, self._target
        lock = begin_waiting(volume, target.site, target.camera)
        try:
            yield
        finally:
            end_waiting(volume, target.site, target.camera, lock)

    def _attempt(self, file: Foreign, moments: Moments, following: WallUs | None) -> None:
        try:
            self._take(file, moments, following)
        except WachtelError as error:
            if error.kind in _FATAL:
                raise
            self._skip(file, str(error))

    def _skip(self, file: Foreign, why: str) -> None:
        self._summary.skipped.append(Skipped(file.path, why))

    def _take(self, file: Foreign, moments: Moments, following: WallUs | None) -> None:
        _must_be_mp4(file)
        told = self._at._reader.examine(str(file.path))
        length = told.length_us
        if not 0 < length <= _LONGEST_US:
            raise _refused("It holds no footage, or its length makes no sense.")
        run = run_of(self._layout, file)
        start = self._which(moments, length, file)
        known = self._known.get(run)
        if known is not None and _is_complete(known, start, length):
            self._camera.already += 1
            self._camera.covers(*known)
            return
        self._must_be_wanted(start, length)
        placement = self._place(start, moments, length, run, following)
        self._note(file, moments, told, placement)
        if self._wishes.dry:
            self._book(file, [(placement.start, placement.end(length))])
            return
        self._remux(file, run, placement, told, known)

    def _which(self, moments: Moments, length: int, file: Foreign) -> WallUs:
        """Of two candidates the one at which the file was written, else the earlier one."""
        if len(moments.candidates) == 1:
            return moments.candidates[0]
        written = by_last_writing(moments.candidates, length, file.written)
        return moments.candidates[0] if written is None else written

    def _must_be_wanted(self, start: WallUs, length: int) -> None:
        end = start + length
        if start > self._now:
            raise _refused("By its name it is from the future.")
        if end > self._now - TOO_FRESH_US:
            raise _refused("It is too fresh and may still be written; import it later.")
        keep = self._target.keep_us
        if keep is not None and end < self._now - keep:
            days = keep / (86_400 * US_PER_S)
            raise _refused(
                f"It is older than the {days:g} days that the camera {self._target.camera} keeps, and would be deleted "
                "at once; let the camera keep its footage for longer first."
            )
        ledger = self._at._index.ledger(self._target.camera, start, WallUs(end))
        if ledger.length_us(LedgerState.DELETED) > length // 2:
            raise _refused("Footage of its time was in the archive and has been deleted since.")

    def _place(
        self, start: WallUs, moments: Moments, length: int, run: str, following: WallUs | None
    ) -> Placement:
        """In the hour that is shown twice, what finds its place taken is of the second time."""
        others = [one for one in moments.candidates if one > start]
        for candidate in (start, *others):
            found = place(candidate, length, self._occupied(candidate, length, run), following)
            if isinstance(found, Placement):
                return found
        assert not isinstance(found, Placement)
        low, high = found
        raise _refused(f"There is footage already from {_iso(low)} to {_iso(high)}.")

    def _occupied(self, start: int, length: int, run: str) -> list[Range]:
        low, high = WallUs(start - US_PER_S), WallUs(start + length + 2 * US_PER_S)
        rows = self._at._index.segments(self._target.camera, StreamName.MAIN, low, high)
        return [(row.start, row.end) for row in rows if row.run != run] + list(self._taken.near(low, high))

    def _note(self, file: Foreign, moments: Moments, told: Examined, placement: Placement) -> None:
        summary = self._summary
        summary.shown_twice += len(moments.candidates) > 1
        summary.never_shown += moments.skipped
        summary.soundless += bool(told.sound) and self._wishes.sound and not told.sound_stored
        end = placement.end(told.length_us)
        if told.created is None or told.created <= 0:
            return
        off = max(placement.start - told.created, told.created - end, 0)
        if off > _DATED_OTHERWISE_US:
            summary.dated_otherwise += 1
            if not summary.dated_example:
                summary.dated_example = (
                    f"{file.named.key} says it was made at {_iso(told.created)}, by its name it begins at "
                    f"{_iso(placement.start)}"
                )

    def _remux(
        self, file: Foreign, run: str, placement: Placement, told: Examined, known: Range | None
    ) -> None:
        volume, target = self._at.volume, self._target
        folder = str(self._at._archive / waiting_folder(target.site, target.camera))
        order = Remux(
            str(file.path), folder, volume.id, target.site, target.camera, run, placement.start, placement.pace,
            self._wishes.sound and told.sound_stored, self._sound_end,
        )  # fmt: skip
        remuxed = self._at._reader.remux(order, file.size_bytes)
        made, self._sound_end = remuxed.files, max(remuxed.sound_end, self._sound_end)
        segments = tuple(one for one in made if known is None or one.start >= known[1])
        self._made.append(_Made(file, segments))
        for one in segments:
            self._taken.add(one.start, one.end)
        waiting = sum(one.size_bytes for made in self._made for one in made.segments)
        if len(self._made) >= BATCH_FILES or waiting >= BATCH_BYTES:
            self._hand_over()

    def _hand_over(self) -> None:
        made, self._made = self._made, []
        files = [
            Adoptable(segment.name, f"{self._layout}:{one.file.named.key}")
            for one in made
            for segment in one.segments
        ]
        refused = self._at.adopter.adopt(self._target, files, ()) if files else {}
        for one in made:
            taken = [segment for segment in one.segments if segment.name not in refused]
            whys = [refused[segment.name] for segment in one.segments if segment.name in refused]
            if whys:
                self._skip(one.file, whys[0])
            if taken:
                self._book(one.file, [(segment.start, segment.end) for segment in taken])

    def _book(self, file: Foreign, segments: Sequence[Range]) -> None:
        camera = self._camera
        camera.files += 1
        camera.segments += 0 if self._wishes.dry else len(segments)
        camera.size_bytes += file.size_bytes
        for start, end in segments:
            camera.length_us += end - start
            camera.covers(start, end)
            self._taken.add(start, end)

    def _account(self) -> None:
        """What lies between the recordings, and behind them up to what is known, was not recorded by anybody."""
        camera, target = self._camera, self._target
        if self._wishes.dry or camera.first is None or camera.last is None:
            return
        known = accounted_until(self._at.volume, target.site, target.camera, self._now)
        until = self._now if known is None else WallUs(max(known, camera.last))
        more = Layers(footage=self._taken.all())
        ledger = self._at._index.ledger(target.camera, camera.first, until, more)
        holes = [(one.start, one.end) for one in ledger.stretches if one.state is LedgerState.UNKNOWN]
        for first in range(0, len(holes), HOLES_AT_ONCE):
            self._at.adopter.adopt(target, (), holes[first : first + HOLES_AT_ONCE])


def _must_be_mp4(file: Foreign) -> None:
    suffix = file.path.suffix.lower()
    if suffix != ".mp4":
        raise _refused(
            f"It is not MP4 but {suffix.lstrip('.').upper()}, which mostly holds Motion JPEG or MPEG-4 Part 2; the "
            "archive cannot hold it without encoding it anew. Convert it to an MP4 with H.264 of the same name first."
        )
    if file.size_bytes == 0:
        raise _refused("It is empty.")


def _is_complete(known: Range, start: int, length: int) -> bool:
    """Imported to its end, or with other times than now, as with another time zone; then it is not imported twice."""
    return known[1] >= start + length - _UNSURE_US or known[1] <= start


def _refused(why: str) -> WachtelError:
    return WachtelError(ErrorKind.CONFLICT, why)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // US_PER_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
