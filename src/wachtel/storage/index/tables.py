"""The tables of index.sqlite. Times are microseconds UTC; nothing in here is a truth of its own."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

SCHEMA_VERSION = 3
"""Another number than the one in a file's `meta` means: build that file anew (see docs/adr/0004)."""

metadata = MetaData()

meta = Table(
    "meta", metadata, Column("name", String, primary_key=True), Column("value", String, nullable=False)
)

journal_mark = Table(
    "journal_mark",
    metadata,
    Column("path", String, primary_key=True),
    Column("bytes", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How much of each journal is in here."""

segment = Table(
    "segment",
    metadata,
    Column("path", String, nullable=False, unique=True),
    Column("site", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("stream", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("key_frames", Integer, nullable=False),
    Column("run", String, nullable=False),
    Column("recovered", Boolean, nullable=False),
    Index("segment_by_time", "camera", "stream", "start", "end"),
)

deleted = Table(
    "deleted",
    metadata,
    Column("path", String, primary_key=True),
    Column("camera", String, nullable=False),
    Column("stream", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("why", String, nullable=False),
    Index("deleted_by_time", "camera", "start", "end"),
)
"""Segments that the journal lists as deleted; the ledger shows them."""

gap = Table(
    "gap",
    metadata,
    Column("camera", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("site", String, nullable=False),
    PrimaryKeyConstraint("camera", "start", "end"),
    sqlite_with_rowid=False,
)

hold = Table(
    "hold",
    metadata,
    Column("camera", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("event", String, nullable=False),
    Column("why", String, nullable=False),
    PrimaryKeyConstraint("camera", "start", "end", "event"),
    sqlite_with_rowid=False,
)
"""What is held now; a hold that was given up has no row."""

event = Table(
    "event",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=True),
    Column("reported", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("zones", String, nullable=False),
    Column("travel", Float, nullable=False),
    Column("within_s", Float, nullable=False),
    Column("area", Float, nullable=False),
    Column("line", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("boxes", String, nullable=False),
    Column("snapshot", Boolean, nullable=False),
    Column("recovered", Boolean, nullable=False),
    Index("event_by_time", "start", "id"),
    Index("event_by_camera", "camera", "start", "id"),
)
"""``end`` is NULL while the event runs; ``zones`` and ``boxes`` are JSON lists."""

hour_summary = Table(
    "hour_summary",
    metadata,
    Column("hour", Integer, nullable=False),
    Column("camera", String, nullable=False),
    Column("presence", LargeBinary, nullable=False),
    Column("events", LargeBinary, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    PrimaryKeyConstraint("hour", "camera"),
    sqlite_with_rowid=False,
)
