"""Where things lie in the archive folder. All paths are relative to it and use ``/``; days are UTC."""

import re
from datetime import UTC, datetime, timedelta

from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.stream import StreamName

FORMAT_VERSION = 1
"""The version of the archive format, as written into VOLUME.json and every journal day."""

VOLUME_FILE = "VOLUME.json"
EXPORT_FILE = "EXPORT.json"
"""Beside an ``archive`` folder: it is an excerpt, whose journals need not begin at the beginning."""

SITE_FILE = "site.json"
CAMERA_FILE = "camera.json"
JOURNAL_FOLDER = "journal"
EVENTS_FOLDER = "events"
JOURNAL_LOCK = ".lock"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SEGMENT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6})\.(\d{3})Z(?:-\d+)?\.mp4")
_JOURNAL = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-(\d+))?\.jsonl")


def day_of(at: WallUs) -> str:
    """The UTC day of a moment: ``2026-11-21``."""
    return f"{_EPOCH + timedelta(seconds=at // US_PER_S):%Y-%m-%d}"


def camera_folder(site: str, camera: str) -> str:
    """Everything of one camera."""
    return f"{site}/{camera}"


def stream_folder(site: str, camera: str, stream: StreamName) -> str:
    """The day folders of one stream."""
    return f"{site}/{camera}/{stream.value}"


def segment_path(site: str, camera: str, stream: StreamName, start: WallUs, copy: int = 1) -> str:
    """The file for a segment that starts at ``start``; ``copy`` 2, 3 ... when the name is taken."""
    moment = _EPOCH + timedelta(seconds=start // US_PER_S)
    name = f"{moment:%Y-%m-%dT%H%M%S}.{start // 1000 % 1000:03d}Z"
    return f"{stream_folder(site, camera, stream)}/{day_of(start)}/{name}{_suffix(copy)}.mp4"


def segment_name_start(name: str) -> WallUs | None:
    """The start (to the millisecond) that a segment's file name tells; None for any other name."""
    match = _SEGMENT.fullmatch(name)
    if match is None:
        return None
    try:
        moment = datetime.strptime(match.group(1), "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return WallUs((moment - _EPOCH) // timedelta(seconds=1) * US_PER_S + int(match.group(2)) * 1000)


def journal_folder(site: str, camera: str) -> str:
    """The journals of one camera."""
    return f"{site}/{camera}/{JOURNAL_FOLDER}"


def journal_path(site: str, camera: str, day: str, copy: int = 1) -> str:
    """The journal of one day. ``copy`` 2, 3 ... after the clock stepped back into a day already closed."""
    return f"{journal_folder(site, camera)}/{day}{_suffix(copy)}.jsonl"


def journal_name(name: str) -> tuple[str, int] | None:
    """Day and copy that a journal's file name tells, in the order of writing; None for any other name."""
    match = _JOURNAL.fullmatch(name)
    return None if match is None else (match.group(1), int(match.group(2) or 1))


def snapshot_path(site: str, camera: str, event: str) -> str:
    """The still of an event; the day is the one in the event's id."""
    day = f"{event[:4]}-{event[4:6]}-{event[6:8]}"
    if not _DAY.fullmatch(day) or "/" in event:
        raise ValueError(f"not an event id: {event!r}")
    return f"{site}/{camera}/{EVENTS_FOLDER}/{day}/{event}.jpg"


def is_day(name: str) -> bool:
    """True for the name of a day folder."""
    return _DAY.fullmatch(name) is not None


def _suffix(copy: int) -> str:
    return "" if copy == 1 else f"-{copy}"
