"""The questions, each one SQL statement or two."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, case, func, or_, select, tuple_

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.event import Event
from wachtel.model.footage import Gap, Hold, Segment
from wachtel.model.stream import StreamName
from wachtel.storage.api import CameraSize, EventPage, EventQuery, HourSummary, Ledger
from wachtel.storage.index.hours import hour_of
from wachtel.storage.index.ledger import SEAM_US, Layers, ledger
from wachtel.storage.index.rows import to_event, to_gap, to_hold, to_segment
from wachtel.storage.index.tables import deleted, event, gap, hold, hour_summary, segment
from wachtel.storage.index.writing import LONGEST_US


def segments(
    connection: Connection, camera: str, stream: StreamName, start: WallUs, end: WallUs
) -> list[Segment]:
    """The segments that overlap the range, by start."""
    s = segment.c
    question = (
        select(segment)
        .where(s.camera == camera, s.stream == stream.value)
        .where(s.start >= start - LONGEST_US, s.start < end, s.end > start)
        .order_by(s.start)
    )
    return [to_segment(row) for row in connection.execute(question)]


def segment_at(connection: Connection, path: str) -> Segment | None:
    """One segment by its path."""
    row = connection.execute(select(segment).where(segment.c.path == path)).first()
    return None if row is None else to_segment(row)


def segment_paths(connection: Connection, site: str, camera: str) -> set[str]:
    """The paths of all segments of a camera."""
    question = select(segment.c.path).where(segment.c.camera == camera, segment.c.site == site)
    return set(connection.execute(question).scalars())


def all_segments(connection: Connection, camera: str) -> Iterator[Segment]:
    """Every segment of a camera, by path."""
    question = select(segment).where(segment.c.camera == camera).order_by(segment.c.path)
    for row in connection.execute(question):
        yield to_segment(row)


def all_events(connection: Connection, camera: str) -> Iterator[Event]:
    """Every event of a camera, by id."""
    question = select(event).where(event.c.camera == camera).order_by(event.c.id)
    for row in connection.execute(question):
        yield to_event(row)


def gaps(connection: Connection, camera: str, start: WallUs, end: WallUs) -> list[Gap]:
    """The gaps that overlap the range, by start."""
    g = gap.c
    question = (
        select(gap)
        .where(g.camera == camera, g.start >= start - LONGEST_US, g.start < end, g.end > start)
        .order_by(g.start)
    )
    return [to_gap(row) for row in connection.execute(question)]


def holds(connection: Connection, camera: str | None) -> list[Hold]:
    """What is held of a camera, or of all, by start."""
    question = select(hold).order_by(hold.c.start, hold.c.camera)
    if camera is not None:
        question = question.where(hold.c.camera == camera)
    return [to_hold(row) for row in connection.execute(question)]


def oldest(
    connection: Connection, camera: str, stream: StreamName, after: tuple[int, str], limit: int
) -> list[Segment]:
    """The oldest segments behind this start and path."""
    s = segment.c
    question = (
        select(segment)
        .where(s.camera == camera, s.stream == stream.value, s.start >= after[0])
        .where(tuple_(s.start, s.path) > after)
        .order_by(s.start, s.path)
        .limit(limit)
    )
    return [to_segment(row) for row in connection.execute(question)]


def sizes(connection: Connection, since: WallUs) -> list[CameraSize]:
    """How much footage each camera has, and how much of it began after ``since`` (a full hour)."""
    h = hour_summary.c
    recent = func.sum(case((h.hour >= since, h.size_bytes), else_=0))
    question = select(
        h.camera, func.sum(h.size_bytes), recent, func.min(case((h.size_bytes > 0, h.hour)))
    ).group_by(h.camera)
    return [CameraSize(*row) for row in connection.execute(question)]


def events(connection: Connection, query: EventQuery) -> EventPage:
    """A page of events, newest first. Raises `WachtelError` (not_found) when ``before`` names no event."""
    e = event.c
    question = select(event).order_by(e.start.desc(), e.id.desc()).limit(query.limit + 1)
    if query.camera is not None:
        question = question.where(e.camera == query.camera)
    if query.sites is not None:
        question = question.where(e.site.in_(sorted(query.sites)))
    if query.kind is not None:
        question = question.where(e.kind == query.kind)
    if query.end is not None:
        question = question.where(e.start < query.end)
    if query.start is not None:
        question = question.where(or_(e.end > query.start, e.end.is_(None), e.start >= query.start))
    if query.before is not None:
        last = _must_exist(connection, query.before)
        question = question.where(tuple_(e.start, e.id) < (last.start, last.id))
    found = [to_event(row) for row in connection.execute(question)]
    page = tuple(found[: query.limit])
    return EventPage(page, page[-1].id if len(found) > query.limit and page else None)


def event_ranges(
    connection: Connection, camera: str, start: WallUs, end: WallUs
) -> list[tuple[WallUs, WallUs | None]]:
    """Start and end of the events that overlap the range, by start; no end while one runs."""
    e = event.c
    question = (
        select(e.start, e.end)
        .where(e.camera == camera, e.start >= start - LONGEST_US, e.start < end)
        .where(or_(e.end > start, e.end.is_(None), e.start >= start))
        .order_by(e.start)
    )
    return [(row.start, row.end) for row in connection.execute(question)]


def pictures_before(connection: Connection, camera: str, end: WallUs, limit: int) -> list[Event]:
    """Events that ended before this moment and still have their picture, the oldest first."""
    e = event.c
    question = (
        select(event).where(e.camera == camera, e.end < end, e.snapshot).order_by(e.start, e.id).limit(limit)
    )
    return [to_event(row) for row in connection.execute(question)]


def event_by_id(connection: Connection, wanted: str) -> Event | None:
    """One event."""
    row = connection.execute(select(event).where(event.c.id == wanted)).first()
    return None if row is None else to_event(row)


def open_events(connection: Connection) -> list[Event]:
    """Events without an end, by start."""
    question = select(event).where(event.c.end.is_(None)).order_by(event.c.start)
    return [to_event(row) for row in connection.execute(question)]


def timeline(connection: Connection, cameras: Sequence[str], start: WallUs, end: WallUs) -> list[HourSummary]:
    """The hours that overlap the range and hold anything, by hour and camera."""
    h = hour_summary.c
    question = (
        select(h.camera, h.hour, h.presence, h.events, h.size_bytes)
        .where(h.hour >= hour_of(start), h.hour < end, h.camera.in_(list(cameras)))
        .order_by(h.hour, h.camera)
    )
    rows = connection.execute(question).all()
    return [HourSummary(camera, hour, presence, bits, size) for camera, hour, presence, bits, size in rows]


def account(
    connection: Connection, camera: str, start: WallUs, end: WallUs, more: Layers | None = None
) -> Ledger:
    """What became of every moment of the range; looks a little further, so that seams at its ends close."""
    low, high = WallUs(start - SEAM_US), WallUs(end + SEAM_US)
    footage = [(one.start, one.end) for one in segments(connection, camera, StreamName.MAIN, low, high)]
    d = deleted.c
    question = select(d.start, d.end).where(
        d.camera == camera,
        d.stream == StreamName.MAIN.value,
        d.start >= low - LONGEST_US,
        d.start < high,
        d.end > low,
    )
    gone = [(row.start, row.end) for row in connection.execute(question)]
    since = account_begins(connection, camera)
    layers = Layers(footage, gone, gaps(connection, camera, start, end), since)
    return ledger(layers if more is None else layers.and_more(more), start, end)


def account_begins(connection: Connection, camera: str) -> WallUs | None:
    """The first moment of which anything is known."""
    main = StreamName.MAIN.value
    questions = (
        select(func.min(segment.c.start)).where(segment.c.camera == camera, segment.c.stream == main),
        select(func.min(deleted.c.start)).where(deleted.c.camera == camera, deleted.c.stream == main),
        select(func.min(gap.c.start)).where(gap.c.camera == camera),
    )
    found = [connection.execute(question).scalar() for question in questions]
    return min((WallUs(at) for at in found if at is not None), default=None)


def accounted_until(connection: Connection, camera: str) -> WallUs | None:
    """The last moment of which anything is known."""
    newest = select(gap.c.end).where(gap.c.camera == camera).order_by(gap.c.start.desc()).limit(1)
    found = (last_footage(connection, camera), connection.execute(newest).scalar())
    return max((WallUs(at) for at in found if at is not None), default=None)


def last_footage(connection: Connection, camera: str) -> WallUs | None:
    """The end of the newest segment of the main stream."""
    s = segment.c
    newest = select(func.max(s.start)).where(s.camera == camera, s.stream == StreamName.MAIN.value)
    question = select(func.max(s.end)).where(
        s.camera == camera, s.stream == StreamName.MAIN.value, s.start == newest.scalar_subquery()
    )
    found = connection.execute(question).scalar()
    return None if found is None else WallUs(found)


def is_deleted(connection: Connection, path: str) -> bool:
    """True for a file that the journal lists as deleted."""
    return connection.execute(select(deleted.c.path).where(deleted.c.path == path)).first() is not None


def counts(connection: Connection) -> tuple[int, int, int]:
    """How many segments, gaps and events there are."""
    found = [
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (segment, gap, event)
    ]
    return found[0], found[1], found[2]


def _must_exist(connection: Connection, wanted: str) -> Event:
    found = event_by_id(connection, wanted)
    if found is None:
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no event {wanted!r}.")
    return found
