"""What a batch of journal lines means for the tables. Pure: lines in, final rows out."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from wachtel.base.errors import WachtelError
from wachtel.media.archive_layout import EVENTS_FOLDER
from wachtel.media.journal import (
    DeletedLine,
    EventLine,
    GapLine,
    HoldLine,
    Journalled,
    SegmentLine,
    SignalLine,
)
from wachtel.media.journal_values import event_of, gap_of, hold_of, segment_of
from wachtel.model.event import Event
from wachtel.model.footage import Gap, Hold, Segment
from wachtel.storage.index.hours import hours_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A segment that the journal lists as deleted."""

    path: str
    camera: str
    stream: str
    start: int
    end: int
    why: str


HoldKey = tuple[str, int, int, str]
"""Camera, start, end and event of a hold."""


@dataclass(slots=True)
class Batch:
    """The last word of the lines on each thing, None for a hold given up; ``bare`` are events whose picture was
    deleted, ``hours`` are those (camera, hour) whose summary changes."""

    segments: dict[str, Segment] = field(default_factory=dict)
    deletions: dict[str, Deletion] = field(default_factory=dict)
    gaps: dict[tuple[str, int, int], Gap] = field(default_factory=dict)
    holds: dict[HoldKey, Hold | None] = field(default_factory=dict)
    begun: dict[str, Event] = field(default_factory=dict)
    ended: dict[str, Event] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    hours: dict[str, set[int]] = field(default_factory=dict)

    def add(self, line: Journalled) -> None:
        """Takes one line in; a kind or value this version does not know is left to a later one."""
        try:
            self._add(line)
        except WachtelError as error:
            _log.warning("a line of %s is not understood: %s", line.path, error)

    def add_segment(self, segment: Segment) -> None:
        """A finished file."""
        self.segments[segment.path] = segment
        self._touch(segment.camera, segment.start, segment.end)

    def followed_by(self, lines: Iterable[Journalled]) -> "Batch":
        """Another batch that holds this one and what the lines change in it."""
        both = Batch(
            dict(self.segments),
            dict(self.deletions),
            dict(self.gaps),
            dict(self.holds),
            dict(self.begun),
            dict(self.ended),
            set(self.bare),
        )
        both.hours = {camera: set(hours) for camera, hours in self.hours.items()}
        for line in lines:
            both.add(line)
        return both

    def _add(self, line: Journalled) -> None:
        site, camera = line.site, line.camera
        match line.line:
            case SegmentLine() as entry:
                self.add_segment(segment_of(site, camera, entry))
            case GapLine() as entry:
                self.gaps[camera, entry.start, entry.end] = gap_of(site, camera, entry)
            case DeletedLine() as entry:
                self._delete(camera, entry)
            case HoldLine() as entry:
                key = (camera, entry.start, entry.end, entry.event)
                self.holds[key] = hold_of(camera, entry) if entry.on else None
            case EventLine() as entry:
                self._end(event_of(site, camera, entry))
            case SignalLine(on=True) as entry if entry.event:
                event = event_of(site, camera, entry)
                self.begun[event.id] = event
                self._touch(camera, event.start, event.reported)
            case _:
                pass

    def _delete(self, camera: str, entry: DeletedLine) -> None:
        if entry.stream == EVENTS_FOLDER:
            self._delete_picture(entry.file.rpartition("/")[2].removesuffix(".jpg"))
            return
        self.segments.pop(entry.file, None)
        self.deletions[entry.file] = Deletion(
            entry.file, camera, entry.stream, entry.start, entry.end, entry.why
        )
        self._touch(camera, entry.start, entry.end)

    def _delete_picture(self, event: str) -> None:
        self.bare.add(event)
        if event in self.ended:
            self.ended[event] = replace(self.ended[event], snapshot=False)

    def _end(self, event: Event) -> None:
        self.begun.pop(event.id, None)
        self.ended[event.id] = event
        self._touch(event.camera, event.start, event.end or event.start)

    def _touch(self, camera: str, start: int, end: int) -> None:
        self.hours.setdefault(camera, set()).update(hours_of(start, end))


def batch_of(lines: Iterable[Journalled]) -> Batch:
    """All lines, in the order they were written."""
    batch = Batch()
    for line in lines:
        batch.add(line)
    return batch
