"""Between rows and the model."""

from typing import Any

import msgspec
from sqlalchemy import Row

from wachtel.base.units import WallUs
from wachtel.model.event import Event, EventKind, Why
from wachtel.model.footage import Gap, GapReason, Hold, Segment
from wachtel.model.stream import StreamName
from wachtel.model.zone import Box

_boxes = msgspec.json.Decoder(tuple[Box, ...])
_zones = msgspec.json.Decoder(tuple[str, ...])


def segment_values(segment: Segment) -> dict[str, Any]:
    """A row of `segment`."""
    return {
        "path": segment.path,
        "site": segment.site,
        "camera": segment.camera,
        "stream": segment.stream.value,
        "start": segment.start,
        "end": segment.end,
        "size_bytes": segment.size_bytes,
        "sha256": segment.sha256,
        "frames": segment.frames,
        "key_frames": segment.key_frames,
        "run": segment.run,
        "recovered": segment.recovered,
    }


def to_segment(row: Row[Any]) -> Segment:
    """From a row of `segment`."""
    return Segment(
        site=row.site,
        camera=row.camera,
        stream=StreamName(row.stream),
        path=row.path,
        start=WallUs(row.start),
        end=WallUs(row.end),
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        frames=row.frames,
        key_frames=row.key_frames,
        run=row.run,
        recovered=row.recovered,
    )


def gap_values(gap: Gap) -> dict[str, Any]:
    """A row of `gap`."""
    return {
        "camera": gap.camera,
        "start": gap.start,
        "end": gap.end,
        "reason": gap.reason.value,
        "site": gap.site,
    }


def to_gap(row: Row[Any]) -> Gap:
    """From a row of `gap`."""
    return Gap(row.site, row.camera, WallUs(row.start), WallUs(row.end), GapReason(row.reason))


def hold_values(hold: Hold) -> dict[str, Any]:
    """A row of `hold`."""
    return {
        "camera": hold.camera,
        "start": hold.start,
        "end": hold.end,
        "event": hold.event,
        "why": hold.why,
    }


def to_hold(row: Row[Any]) -> Hold:
    """From a row of `hold`."""
    return Hold(row.camera, WallUs(row.start), WallUs(row.end), row.event, row.why)


def event_values(event: Event) -> dict[str, Any]:
    """A row of `event`."""
    return {
        "id": event.id,
        "site": event.site,
        "camera": event.camera,
        "kind": event.kind.value,
        "start": event.start,
        "end": event.end,
        "reported": event.reported,
        "score": event.score,
        "zones": msgspec.json.encode(event.zones).decode(),
        "travel": event.why.travel,
        "within_s": event.why.within_s,
        "area": event.why.area,
        "line": event.why.line,
        "direction": event.why.direction,
        "boxes": msgspec.json.encode(event.boxes).decode(),
        "snapshot": event.snapshot,
        "recovered": event.recovered,
    }


def to_event(row: Row[Any]) -> Event:
    """From a row of `event`."""
    return Event(
        id=row.id,
        site=row.site,
        camera=row.camera,
        kind=EventKind(row.kind),
        start=WallUs(row.start),
        reported=WallUs(row.reported),
        end=None if row.end is None else WallUs(row.end),
        score=row.score,
        zones=_zones.decode(row.zones),
        boxes=_boxes.decode(row.boxes),
        why=Why(row.travel, row.within_s, row.area, row.line, row.direction),
        snapshot=row.snapshot,
        recovered=row.recovered,
    )
