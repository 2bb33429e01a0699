"""Puts a batch into the tables, inside one transaction of the caller."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from wachtel.base.units import HOUR_US
from wachtel.model.stream import StreamName
from wachtel.storage.index.batch import Batch
from wachtel.storage.index.hours import bitmap, hour_of, hours_of
from wachtel.storage.index.rows import event_values, gap_values, hold_values, segment_values
from wachtel.storage.index.tables import deleted, event, gap, hold, hour_summary, segment

LONGEST_US = 24 * HOUR_US
"""A segment ends at midnight at the latest, so nothing that reaches into a range begins more than a day
before it."""

_STREAMS = tuple(stream.value for stream in StreamName)


def write_batch(connection: Connection, batch: Batch) -> None:
    """Rows first, then the summaries of the hours they touch, made anew from the rows: always right, in any
    order."""
    _upsert(connection, segment, [segment_values(one) for one in batch.segments.values()])
    _delete_segments(connection, batch)
    _upsert(connection, gap, [gap_values(one) for one in batch.gaps.values()])
    _write_holds(connection, batch)
    _insert_new(connection, event, [event_values(one) for one in batch.begun.values()])
    _upsert(connection, event, [event_values(one) for one in batch.ended.values()])
    for name in batch.bare:
        connection.execute(update(event).where(event.c.id == name).values(snapshot=False))
    for camera, hours in batch.hours.items():
        for first, last in _runs(hours):
            _summarise(connection, camera, first, last)


def drop_segments(connection: Connection, camera: str, paths: Sequence[str]) -> None:
    """Removes rows whose files are gone, and makes their hours' summaries anew."""
    hours: set[int] = set()
    for path in paths:
        row = connection.execute(select(segment.c.start, segment.c.end).where(segment.c.path == path)).first()
        if row is not None:
            hours.update(hours_of(row.start, row.end))
            connection.execute(delete(segment).where(segment.c.path == path))
    for first, last in _runs(hours):
        _summarise(connection, camera, first, last)


def _upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(table)
    keys = [column.name for column in table.primary_key] or ["path"]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)


def _insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table).on_conflict_do_nothing(), rows)


def _write_holds(connection: Connection, batch: Batch) -> None:
    h = hold.c
    for (camera, start, end, name), one in batch.holds.items():
        if one is None:
            this = and_(h.camera == camera, h.start == start, h.end == end, h.event == name)
            connection.execute(delete(hold).where(this))
    _upsert(connection, hold, [hold_values(one) for one in batch.holds.values() if one is not None])


def _delete_segments(connection: Connection, batch: Batch) -> None:
    if not batch.deletions:
        return
    gone = [path for path in batch.deletions if path not in batch.segments]
    for path in gone:
        connection.execute(delete(segment).where(segment.c.path == path))
    rows = [
        {"path": d.path, "camera": d.camera, "stream": d.stream, "start": d.start, "end": d.end, "why": d.why}
        for d in batch.deletions.values()
    ]
    _upsert(connection, deleted, rows)


def _runs(hours: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring hours together: first and last of each run, a week at most."""
    first = last = None
    for hour in sorted(hours):
        if (
            first is not None
            and last is not None
            and (hour != last + HOUR_US or hour - first >= 7 * LONGEST_US)
        ):
            yield first, last
            first = None
        first, last = hour if first is None else first, hour
    if first is not None and last is not None:
        yield first, last


def _summarise(connection: Connection, camera: str, first: int, last: int) -> None:
    end = last + HOUR_US
    footage = _footage(connection, camera, first, end)
    events = _events(connection, camera, first, end)
    rows = []
    for hour in range(first, end, HOUR_US):
        until = hour + HOUR_US
        inside = [
            one for one in footage if (one.start < until and one.end > hour) or hour <= one.start < until
        ]
        main = [(one.start, one.end) for one in inside if one.stream == StreamName.MAIN]
        moving = [(start, stop) for start, stop in events if start < until and stop >= hour]
        if inside or moving:
            size = sum(one.size_bytes for one in inside if hour_of(one.start) == hour)
            rows.append(
                {
                    "hour": hour,
                    "camera": camera,
                    "presence": bitmap(hour, main),
                    "events": bitmap(hour, moving),
                    "size_bytes": size,
                }
            )
    within = and_(hour_summary.c.camera == camera, hour_summary.c.hour >= first, hour_summary.c.hour < end)
    connection.execute(delete(hour_summary).where(within))
    if rows:
        connection.execute(insert(hour_summary), rows)


def _footage(connection: Connection, camera: str, start: int, end: int) -> Sequence[Any]:
    s = segment.c
    question = select(s.stream, s.start, s.end, s.size_bytes).where(
        s.camera == camera,
        s.stream.in_(_STREAMS),
        s.start >= start - LONGEST_US,
        s.start < end,
        or_(s.end > start, s.start >= start),
    )
    return connection.execute(question).all()


def _events(connection: Connection, camera: str, start: int, end: int) -> list[tuple[int, int]]:
    e = event.c
    question = select(e.start, e.end, e.reported).where(
        e.camera == camera,
        e.start >= start - LONGEST_US,
        e.start < end,
        or_(e.end >= start, e.end.is_(None)),
    )
    rows = connection.execute(question).all()
    return [(row.start, row.end if row.end is not None else max(row.start, row.reported)) for row in rows]
