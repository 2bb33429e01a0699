"""The box with which a file says where it belongs."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from wachtel.base.units import WallUs
from wachtel.media.boxes import box
from wachtel.media.nal import bad_data
from wachtel.model.stream import StreamName

SEGMENT_UUID = UUID("3e9956b3-5e76-4c02-81cb-ac9a5694941c")
"""Type of the ``uuid`` box right after ``moov``; part of the archive format, never changes."""

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class SegmentIdentity:
    """Where a segment belongs: ``sequence`` counts the segments of a run from 0, ``start`` is its wall
    clock.
    """

    volume: str
    site: str
    camera: str
    stream: StreamName
    run: str
    sequence: int
    start: WallUs


class _Payload(msgspec.Struct, frozen=True):
    format: int
    volume: str
    site: str
    camera: str
    stream: StreamName
    run: str
    sequence: int
    start: int


def identity_box(identity: SegmentIdentity) -> bytes:
    """The ``uuid`` box: `SEGMENT_UUID`, then JSON in UTF-8."""
    payload = _Payload(
        FORMAT_VERSION,
        identity.volume,
        identity.site,
        identity.camera,
        identity.stream,
        identity.run,
        identity.sequence,
        identity.start,
    )
    return box(b"uuid", SEGMENT_UUID.bytes, msgspec.json.encode(payload))


def read_identity(content: bytes) -> SegmentIdentity | None:
    """The identity from the content of a ``uuid`` box; None if the box is somebody else's.

    Raises `WachtelError` (bad_data) if it is ours and damaged, or of a version to come.
    """
    if content[:16] != SEGMENT_UUID.bytes:
        return None
    try:
        found = msgspec.json.decode(content[16:], type=_Payload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise bad_data(f"The file's own description is damaged: {error}") from error
    if found.format != FORMAT_VERSION:
        raise bad_data(f"The file is of archive format {found.format}; this program reads {FORMAT_VERSION}.")
    return SegmentIdentity(
        found.volume, found.site, found.camera, found.stream, found.run, found.sequence, WallUs(found.start)
    )
