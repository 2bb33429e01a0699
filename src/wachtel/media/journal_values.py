"""What journal lines say, as values of the model, and back."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import DAY_US, HOUR_US, WallUs
from wachtel.media.journal import _LONG_GAP_US, EventLine, GapLine, HoldLine, SegmentLine, SignalLine
from wachtel.model.event import Event, EventKind
from wachtel.model.footage import Gap, GapReason, Hold, Segment
from wachtel.model.stream import StreamName


def split_gap(start: WallUs, end: WallUs, reason: GapReason) -> list[GapLine]:
    """The lines for one gap, cut at full hours, so that a reader of a day need not look far back.

    One of many days, as when a clock was years behind, is cut at full days: nobody needs thousands of lines.
    """
    lines: list[GapLine] = []
    at: int = start
    piece = HOUR_US if end - start <= _LONG_GAP_US else DAY_US
    while at < end:
        until = min(end, (at // piece + 1) * piece)
        lines.append(GapLine(start=at, end=until, reason=reason.value))
        at = until
    return lines


def signal_line(event: Event) -> SignalLine:
    """The line that begins an event."""
    return SignalLine(
        kind=event.kind.value,
        on=True,
        event=event.id,
        start=event.start,
        reported=event.reported,
        score=event.score,
        zones=event.zones,
        why=event.why,
    )


def event_line(event: Event) -> EventLine:
    """The line of an event that has ended."""
    if event.end is None:
        raise ValueError("an event that still runs has no event line yet")
    return EventLine(
        id=event.id,
        kind=event.kind.value,
        start=event.start,
        end=event.end,
        reported=event.reported,
        score=event.score,
        zones=event.zones,
        why=event.why,
        snapshot=event.snapshot,
        recovered=event.recovered,
        boxes=event.boxes,
    )


def completed(signal: SignalLine, end: WallUs, *, snapshot: bool) -> EventLine:
    """The line for an event whose end a crash has swallowed."""
    return EventLine(
        id=signal.event,
        kind=signal.kind,
        start=signal.start,
        end=max(end, signal.start, signal.reported),
        reported=signal.reported,
        score=signal.score,
        zones=signal.zones,
        why=signal.why,
        snapshot=snapshot,
        recovered=True,
    )


def segment_of(site: str, camera: str, line: SegmentLine) -> Segment:
    """A segment's line as the model knows it. Raises `WachtelError` (bad_data) for an unknown stream."""
    return Segment(
        site=site,
        camera=camera,
        stream=stream_of(line.stream),
        path=line.file,
        start=WallUs(line.start),
        end=WallUs(line.end),
        size_bytes=line.bytes,
        sha256=line.sha256,
        frames=line.frames,
        key_frames=line.key_frames,
        run=line.run,
        recovered=line.recovered,
    )


def gap_of(site: str, camera: str, line: GapLine) -> Gap:
    """A gap's line as the model knows it; a reason of a later version becomes unknown."""
    try:
        reason = GapReason(line.reason)
    except ValueError:
        reason = GapReason.UNKNOWN
    return Gap(site, camera, WallUs(line.start), WallUs(line.end), reason)


def hold_of(camera: str, line: HoldLine) -> Hold:
    """A hold's line as the model knows it."""
    return Hold(camera, WallUs(line.start), WallUs(line.end), line.event, line.why)


def event_of(site: str, camera: str, line: EventLine | SignalLine) -> Event:
    """An event's line as the model knows it; still open when it comes from its signal."""
    ended = line if isinstance(line, EventLine) else None
    return Event(
        id=line.event if isinstance(line, SignalLine) else line.id,
        site=site,
        camera=camera,
        kind=kind_of(line.kind),
        start=WallUs(line.start),
        reported=WallUs(line.reported),
        end=None if ended is None else WallUs(ended.end),
        score=line.score,
        zones=line.zones,
        why=line.why,
        snapshot=ended is not None and ended.snapshot,
        recovered=ended is not None and ended.recovered,
        boxes=() if ended is None else ended.boxes,
    )


def stream_of(name: str) -> StreamName:
    """Raises `WachtelError` (bad_data) for a stream we do not know."""
    try:
        return StreamName(name)
    except ValueError as error:
        raise WachtelError(
            ErrorKind.BAD_DATA, f"The journal names a stream {name!r} this version does not know."
        ) from error


def kind_of(name: str) -> EventKind:
    """Raises `WachtelError` (bad_data) for a kind of event we do not know."""
    try:
        return EventKind(name)
    except ValueError as error:
        raise WachtelError(
            ErrorKind.BAD_DATA, f"The journal names an event of kind {name!r} this version does not know."
        ) from error
